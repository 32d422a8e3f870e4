import QtQml
import QtQuick.Controls
import Legwork

ApplicationWindow {
    visible: true; width: 460; height: 360
    TaskMonitor { anchors.fill: parent }
    Component.onCompleted: TaskManager.runScript(Qt.resolvedUrl("work.mjs"), "sum", [[1, 2, 3]], {
        onComplete: result => console.log(result)
    })
}
