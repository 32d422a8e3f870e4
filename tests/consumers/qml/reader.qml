import QtQuick
import QtQuick.Controls
import Legwork

// For screen_reader.py.
ApplicationWindow {
    visible: true; width: 460; height: 360
    TaskMonitor { anchors.fill: parent }
    Component.onCompleted: {
        const work = Qt.resolvedUrl("ready.mjs")
        const index = TaskManager.runScript(work, "stay", [0.42], { name: "Index" })
        TaskManager.runScript(work, "stay", [0.42], { name: "Save", after: [index] })
        const retry = { times: 3, delayMs: 3600000, maxDelayMs: 3600000, jitter: 0 }
        TaskManager.runScript(work, "refuse", [], { name: "Upload", retry: retry })
    }
}
