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
    // Whose shutdown it begins; another one is for tests.
    property var manager: TaskManager

    readonly property int active: model.runningCount + model.queuedCount
    // The user chose to wait for the tasks, or the tasks are being ended.
    property bool waiting: false
    property bool ending: false
    // All is over, and the window may close.
    property bool over: false
    property var window: null

    // For `onClosing`: lets the window close if nothing runs, else asks.
    function confirm(close: var) {
        if (over || active === 0)
            return
        close.accepted = false
        if (opened)
            return
        window = parent?.Window.window ?? null
        waiting = false
        open()
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
        if (active === 0)
            return qsTr("All tasks have ended. Quit now?")
        if (waiting)
            return active === 1 ? qsTr("Quits as soon as 1 task has ended.")
                                : qsTr("Quits as soon as %Ln tasks have ended.", "", active)
        return active === 1 ? qsTr("1 task is still running. Quit anyway?")
                            : qsTr("%Ln tasks are still running. Quit anyway?", "", active)
    }

    parent: Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(420, parent ? parent.width - 32 : 420)
    modal: true
    title: qsTr("Quit")
    closePolicy: ending ? Popup.NoAutoClose : Popup.CloseOnEscape
    onOpened: keep.forceActiveFocus(Qt.TabFocusReason)
    onClosed: waiting = false
    onActiveChanged: if (visible && waiting && active === 0) end()

    Connections {
        target: dialog.manager
        function onShutdownFinished() {
            if (dialog.ending && !dialog.over)
                dialog.leave()
        }
    }

    ColumnLayout {
        anchors.fill: parent
        spacing: 8

        Label {
            objectName: "question"
            text: dialog.question()
            font.bold: true
            wrapMode: Text.Wrap
            horizontalAlignment: Text.AlignLeft
            Layout.fillWidth: true
            Accessible.role: Accessible.AlertMessage
            Accessible.name: text
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
            implicitHeight: Math.min(few, count) * line
            Layout.fillWidth: true
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Tasks that run")

            delegate: Label {
                required property string name

                width: ListView.view.width
                height: names.line
                text: qsTr("• %1").arg(name)
                elide: Text.ElideMiddle
                horizontalAlignment: Text.AlignLeft
                textFormat: Text.PlainText
                Accessible.role: Accessible.ListItem
                Accessible.name: name
            }

            FontMetrics {
                id: metrics
                font: dialog.font
            }
        }

        Label {
            readonly property int more: names.count - names.few + dialog.model.hiddenCount

            visible: more > 0
            text: qsTr("and %Ln more", "", more)
            horizontalAlignment: Text.AlignLeft
            color: Qt.alpha(palette.windowText, 0.65)
            Layout.fillWidth: true
        }

        TaskMonitorBar {
            visible: dialog.waiting || dialog.ending
            ink: dialog.palette.highlight
            track: Qt.alpha(dialog.palette.windowText, 0.15)
            label: qsTr("Progress of the tasks")
            busy: visible && (dialog.ending || dialog.model.progress < 0)
            value: dialog.model.progress
            Layout.fillWidth: true
            Layout.preferredHeight: 6
        }
    }

    footer: DialogButtonBox {
        Button {
            objectName: "wait"
            text: qsTr("Wait")
            visible: !dialog.waiting && dialog.active > 0
            enabled: !dialog.ending
            DialogButtonBox.buttonRole: DialogButtonBox.ActionRole // qmllint disable
            onClicked: dialog.waiting = true
        }

        Button {
            objectName: "end"
            text: dialog.active > 0 ? qsTr("Cancel tasks and quit") : qsTr("Quit")
            enabled: !dialog.ending
            // With DestructiveRole a newer Qt (6.8, not 6.4) closes the dialog, which is to say that it waits.
            DialogButtonBox.buttonRole: DialogButtonBox.ActionRole // qmllint disable
            onClicked: dialog.end()
        }

        Button {
            id: keep
            objectName: "keep"
            text: qsTr("Keep working")
            enabled: !dialog.ending
            DialogButtonBox.buttonRole: DialogButtonBox.RejectRole // qmllint disable
        }
    }
}
