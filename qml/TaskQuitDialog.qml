pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Legwork
import "parts"

// Asks before the application quits while tasks run. In the window:
//
//     onClosing: close => quitDialog.confirm(close)
//
//     TaskQuitDialog { id: quitDialog }
Dialog {
    id: dialog

    // A TaskModel; an own one unless said otherwise.
    property var model: TaskModel {
        filter: TaskModel.Active
        showDelayed: false
    }
    // How long a task that was asked to stop may still take, in ms.
    property int timeoutMs: 10000
    // Whether the application ends with the window. Its tasks do in any case.
    property bool quitsApplication: true
    // It begins the shutdown of this; another one is for tests.
    property var manager: TaskManager

    readonly property int active: model.runningCount + model.queuedCount
    // The user chose to wait for the tasks, or the tasks are being ended.
    property bool waiting: false
    property bool ending: false
    // All is over, and the window may close.
    property bool over: false
    property var window: null
    // It only grows while it is open: its buttons stay where they are, whatever ends meanwhile.
    property real tallest: 0
    property int mostNames: 0
    property bool anyMore: false

    // For `onClosing`: lets the window close if nothing runs, else asks.
    function confirm(close: var) {
        if (over || active === 0)
            return
        close.accepted = false
        if (opened)
            return
        window = parent?.Window.window ?? null
        waiting = false
        tallest = asked.implicitHeight
        mostNames = 0
        anyMore = false
        notice()
        open()
    }

    function notice() {
        mostNames = Math.max(mostNames, Math.min(names.few, names.count))
        anyMore = anyMore || more.count > 0
    }

    // Ends all tasks, then the window and the application.
    function end() {
        if (ending)
            return
        ending = true
        manager.beginShutdown(timeoutMs)
    }

    function leave() {
        over = true
        close()
        window?.close()
        if (quitsApplication)
            Qt.quit()
    }

    function question(): string {
        if (ending)
            return qsTr("Ending the tasks…")
        if (!tally.busy)
            return qsTr("All tasks have ended. Quit now?")
        if (waiting)
            return tally.active === 1 ? qsTr("Quits as soon as 1 task has ended.")
                                      : qsTr("Quits as soon as %Ln tasks have ended.", "", tally.active)
        return qsTr("%1. Quit anyway?").arg(counted(tally.running, tally.queued))
    }

    function counted(running: int, queued: int): string {
        if (running === 0)
            return queued === 1 ? qsTr("1 task still waits") : qsTr("%Ln tasks still wait", "", queued)
        const run = running === 1 ? qsTr("1 task is still running") : qsTr("%Ln tasks are still running", "", running)
        if (queued === 0)
            return run
        return qsTr("%1, %2").arg(run).arg(queued === 1 ? qsTr("1 waits") : qsTr("%Ln wait", "", queued))
    }

    parent: Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(420, parent ? parent.width - 32 : 420)
    // A pane of several items has no height of its own.
    contentHeight: column.implicitHeight
    modal: true
    title: qsTr("Quit")
    closePolicy: ending ? Popup.NoAutoClose : Popup.CloseOnEscape
    onOpened: keep.forceActiveFocus(Qt.TabFocusReason)
    onClosed: waiting = false

    TaskMonitorLook {
        id: shades
    }

    TaskMonitorTally {
        id: tally
        model: dialog.model
        // One that waits for the tasks to end waits also for those that they have begun.
        onBusyChanged: if (dialog.visible && dialog.waiting && !busy) dialog.end()
    }

    Connections {
        target: dialog.manager
        function onShutdownFinished() {
            if (dialog.ending && !dialog.over)
                dialog.leave()
        }
    }

    ColumnLayout {
        id: column

        anchors.fill: parent
        spacing: 8

        Label {
            id: asked

            objectName: "question"
            text: dialog.question()
            textFormat: Text.PlainText
            font.bold: true
            wrapMode: Text.Wrap
            horizontalAlignment: Text.AlignLeft
            Layout.fillWidth: true
            Accessible.role: Accessible.AlertMessage
            Accessible.name: text
            Layout.minimumHeight: dialog.tallest
            onImplicitHeightChanged: dialog.tallest = Math.max(dialog.tallest, implicitHeight)
        }

        ListView {
            id: names

            // How many are named; the others are counted.
            readonly property int few: 4
            readonly property real line: metrics.height + 4

            objectName: "names"
            model: dialog.model
            interactive: false
            clip: true
            implicitHeight: dialog.mostNames * line
            Layout.fillWidth: true
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Tasks that run or wait")
            onCountChanged: dialog.notice()

            // Around the label, which is a text to a screen reader, whatever it declares.
            delegate: Item {
                id: entry

                required property string name

                width: ListView.view.width
                height: names.line
                Accessible.role: Accessible.ListItem
                Accessible.name: shades.oneLine(name)

                Label {
                    anchors.fill: parent
                    text: qsTr("• %1").arg(shades.oneLine(entry.name))
                    elide: Text.ElideMiddle
                    horizontalAlignment: Text.AlignLeft
                    textFormat: Text.PlainText
                    Accessible.ignored: true
                }
            }

            FontMetrics {
                id: metrics
                font: dialog.font
            }
        }

        Label {
            id: more

            readonly property int count: names.count - names.few + dialog.model.hiddenCount

            objectName: "more"
            visible: dialog.anyMore
            text: count > 0 ? qsTr("and %Ln more", "", count) : ""
            textFormat: Text.PlainText
            horizontalAlignment: Text.AlignLeft
            color: shades.faint
            Layout.fillWidth: true
            onCountChanged: dialog.notice()
        }

        TaskMonitorBar {
            opacity: dialog.waiting || dialog.ending ? 1 : 0
            ink: dialog.palette.highlight
            track: shades.track
            label: qsTr("Progress of the tasks")
            busy: opacity > 0 && (dialog.ending || dialog.model.progress < 0)
            value: dialog.model.progress
            Layout.fillWidth: true
            Layout.preferredHeight: 6
            Accessible.ignored: opacity === 0
        }
    }

    footer: DialogButtonBox {
        Button {
            objectName: "wait"
            text: qsTr("Wait")
            enabled: !dialog.waiting && !dialog.ending && tally.busy
            DialogButtonBox.buttonRole: DialogButtonBox.ActionRole // qmllint disable
            Accessible.onPressAction: if (enabled) dialog.waiting = true
            onClicked: dialog.waiting = true
        }

        Button {
            objectName: "end"
            // Not another one when all have ended: it would move the buttons beside it.
            text: qsTr("Cancel tasks and quit")
            enabled: !dialog.ending
            // With DestructiveRole a newer Qt (6.8, not 6.4) closes the dialog, which is to say that it waits.
            DialogButtonBox.buttonRole: DialogButtonBox.ActionRole // qmllint disable
            Accessible.onPressAction: dialog.end()
            onClicked: dialog.end()
        }

        Button {
            id: keep
            objectName: "keep"
            text: qsTr("Keep working")
            enabled: !dialog.ending
            Accessible.onPressAction: if (enabled) dialog.reject()
            DialogButtonBox.buttonRole: DialogButtonBox.RejectRole // qmllint disable
        }
    }
}
