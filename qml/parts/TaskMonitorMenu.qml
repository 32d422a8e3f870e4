import QtQuick
import QtQuick.Controls
import Legwork

// What can be done with a task, beside what its row has buttons for.
Menu {
    id: menu

    // The row that it is about; another task may have it by the time that something is chosen.
    property TaskMonitorRow row: null
    property string taskId: ""

    readonly property bool known: row !== null && row.taskId === taskId
    // Of what is paused, unless it is its body that has stopped.
    readonly property bool waits: known && row.active && !row.running && !row.cancelRequested
                                  && (!row.paused || !row.started || row.periodic || row.retrying)

    signal detailsWanted()
    signal copyWanted()

    function show(row: TaskMonitorRow, x: real, y: real) {
        menu.row = row
        taskId = row.taskId
        popup(row, x, y)
    }

    component Choice: MenuItem {
        required property int priority

        checkable: true
    }

    MenuItem {
        objectName: "runNow"
        text: qsTr("Run now")
        enabled: menu.waits && menu.row.status === TaskManager.Delayed
        onTriggered: TaskManager.runNow(menu.taskId)
    }

    MenuItem {
        objectName: "pause"
        text: menu.known && menu.row.canResume ? qsTr("Resume") : qsTr("Pause")
        enabled: menu.known && (menu.row.canPause || menu.row.canResume)
        onTriggered: {
            if (!menu.known)
                return
            if (menu.row.canResume)
                menu.row.resumeClicked()
            else
                menu.row.pauseClicked()
        }
    }

    MenuItem {
        objectName: "retry"
        text: qsTr("Retry")
        enabled: menu.known && menu.row.canRetry
        onTriggered: if (menu.known) menu.row.retryClicked()
    }

    Menu {
        objectName: "priorities"
        title: qsTr("Priority")
        enabled: menu.waits

        Choice {
            objectName: "high"
            text: qsTr("High")
            priority: TaskManager.High
            checked: menu.known && menu.row.priority === priority
            onTriggered: TaskManager.setTaskPriority(menu.taskId, priority)
        }

        Choice {
            objectName: "normal"
            text: qsTr("Normal")
            priority: TaskManager.Normal
            checked: menu.known && menu.row.priority === priority
            onTriggered: TaskManager.setTaskPriority(menu.taskId, priority)
        }

        Choice {
            objectName: "low"
            text: qsTr("Low")
            priority: TaskManager.Low
            checked: menu.known && menu.row.priority === priority
            onTriggered: TaskManager.setTaskPriority(menu.taskId, priority)
        }
    }

    MenuSeparator {}

    MenuItem {
        objectName: "details"
        text: qsTr("Details…")
        onTriggered: menu.detailsWanted()
    }

    MenuItem {
        objectName: "copyDetails"
        text: qsTr("Copy details")
        onTriggered: menu.copyWanted()
    }

    MenuSeparator {}

    MenuItem {
        objectName: "remove"
        text: menu.known && menu.row.active ? qsTr("Cancel") : qsTr("Dismiss")
        enabled: menu.known && (menu.row.canCancel || !menu.row.active)
        onTriggered: if (menu.known) menu.row.remove()
    }
}
