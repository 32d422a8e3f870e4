import QtQuick
import QtQuick.Controls
import Legwork

// For screen_reader.py.
ApplicationWindow {
    visible: true; width: 460; height: 360
    TaskMonitor { anchors.fill: parent }
    Component.onCompleted: TaskManager.runScript(Qt.resolvedUrl("ready.mjs"), "stay", [0.42], { name: "Index" })
}
