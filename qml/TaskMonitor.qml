pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Legwork
import "parts"

// A panel that shows the tasks: how far they are, what went wrong, and ways to cancel them.
Pane {
    id: monitor

    // A TaskModel; an own one unless said otherwise.
    property var model: TaskModel {
        filter: TaskModel.Active
        showDelayed: false
        lingerMs: 2000
        keepFailures: true
        owner: monitor.owner
        ticking: monitor.seen
        order: monitor.order
        byOwner: monitor.byOwner
    }
    // Only the tasks of the owner with this name, such as a plugin; empty for all. For the own model.
    property string owner: ""
    // In which order the rows are; for the own model.
    property int order: TaskModel.OldestFirst
    // Where there are several owners, each has a heading, and its rows below it; for the own model.
    property bool byOwner: true
    // What the application can do with a task: a component, made once for each row that is seen, at the end of its first
    // line. It has a `property var task`, with the roles of the model.
    property Component rowActions: null
    // A field for words that are searched for is shown; Ctrl+F in the list does that, and Escape ends it.
    property bool searching: false

    // Whether there is a menu for developers: the slowest jobs, and a trace. Users of an application rarely want it.
    property bool developer: false
    // Where "Start trace" writes: a path, or a file's URL. Empty for a new file in the folder for temporary ones.
    property string traceFile: ""

    // Whether nothing is to move by itself: what the user wants, where Qt can say so (from 6.12 on).
    property alias reducedMotion: shades.reducedMotion

    // Whether somebody can see it: what counts down stands still meanwhile.
    readonly property bool seen: visible && Window.window !== null && Window.window.visible
                                 && Window.visibility !== Window.Minimized
    // A row was clicked, or Enter pressed in it.
    signal activated(taskId: string)

    // How many run, and wait for a worker, for others or for their next attempt.
    readonly property int active: model.runningCount + model.queuedCount
    // Somebody is about to press something in the list: no row moves, and none leaves.
    readonly property bool holding: pointer.hovered || list.activeFocus || menu.visible
    // The owners have headings. Those would move what is held.
    property bool headed: false
    readonly property Component heading: Qt.createComponent("parts/TaskMonitorHeading.qml")
    // What the list stands on.
    readonly property color base: shades.under(palette.base)

    // When a row was last taken out by hand, in ms since 1970: the pointer is over another one then.
    property real removed: 0
    property bool gone: false
    // The model that has last held its rows, or let them go: another may be set meanwhile.
    property var heldModel: null

    // All that is known of an error, for the clipboard.
    function details(name: string, error: string, map: var): string {
        const lines = [qsTr("%1 failed: %2").arg(name).arg(error)]
        if (map) {
            if (map.kind)
                lines.push(qsTr("Kind: %1").arg(map.kind))
            if (map.reason)
                lines.push(qsTr("Reason: %1").arg(map.reason))
            if (map.attempt > 1)
                lines.push(qsTr("Attempt: %1").arg(map.attempt))
            if (map.origin)
                lines.push(qsTr("Origin: %1").arg(map.origin))
            if (map.stack)
                lines.push("", map.stack)
        }
        return lines.join("\n")
    }

    function time(date: var): string {
        return date ? date.toLocaleString(Qt.locale(), "yyyy-MM-dd hh:mm:ss") : ""
    }

    // All that a row knows of its task, for people and for the clipboard.
    function describe(task: TaskMonitorRow): string {
        const lines = [qsTr("Task: %1").arg(task.title)]
        const add = (text, value) => {
            if (value !== "" && value !== null && value !== undefined)
                lines.push(text.arg(value))
        }
        const priorities = [qsTr("High"), qsTr("Normal"), qsTr("Low")]
        add(qsTr("State: %1"), task.stateText())
        add(qsTr("Detail: %1"), task.running ? task.describe() : "")
        add(qsTr("Job: %1"), task.job)
        add(qsTr("Tasks: %1"), task.members > 0 ? task.number(task.members) : "")
        add(qsTr("Owner: %1"), task.owner)
        add(qsTr("Key: %1"), task.key)
        add(qsTr("Priority: %1"), priorities[task.priority])
        add(qsTr("Created: %1"), time(task.created))
        add(qsTr("Due: %1"), time(task.due))
        add(qsTr("Started: %1"), time(task.started))
        add(qsTr("Ended: %1"), time(task.finished))
        add(qsTr("Took: %1"), task.started ? task.duration(task.elapsed) : "")
        add(qsTr("Runs: %1"), task.periodic ? task.number(task.iteration) : "")
        add(qsTr("Attempt: %1"), task.attempts > 1 ? task.tryText(task.attempt) : "")
        add(qsTr("Submitted at: %1"), TaskManager.taskInfo(task.taskId)?.sourceLocation)
        add(qsTr("Id: %1"), task.taskId)
        if (task.faulty)
            lines.push("", details(task.name, task.error, task.errorDetails))
        return lines.join("\n")
    }

    // From a task to the row of the group that it stands in: it is the nearest above that has its id.
    function climb(row: TaskMonitorRow) {
        const group = row.group
        const from = list.currentIndex
        for (let at = from - 1; at >= 0; --at) {
            list.currentIndex = at
            if ((list.currentItem as TaskMonitorRow)?.taskId === group)
                return
        }
        list.currentIndex = from
    }

    // A key towards what stands in a group, or out of it; whether it means anything in this row.
    function step(row: TaskMonitorRow, inside: bool): bool {
        if (!row)
            return false
        if (row.unfold(inside))
            return true
        if (inside && row.open && list.currentIndex + 1 < list.count)
            list.currentIndex += 1
        else if (!inside && row.group !== "")
            climb(row)
        else
            return false
        return true
    }

    function search() {
        searching = true
        field.forceActiveFocus(Qt.ShortcutFocusReason)
    }

    function head() {
        if (!holding)
            headed = model !== null && model.byOwner && model.ownerCount > 1
    }

    function copy(text: string) {
        clipboard.text = text
        clipboard.selectAll()
        clipboard.copy()
        clipboard.clear()
    }

    function summary(): string {
        const failed = model.failedCount
        const parts = shades.list([tally.running > 0 ? qsTr("%Ln running", "", tally.running) : "",
                                   tally.queued > 0 ? qsTr("%Ln waiting", "", tally.queued) : "",
                                   failed > 0 ? qsTr("%Ln failed", "", failed) : ""])
        return parts !== "" ? parts : qsTr("Nothing is running")
    }

    // What "Cancel all" is about to do.
    function question(): string {
        const count = model.cancellableCount
        const asked = count === 1 ? qsTr("1 task will be cancelled.") : qsTr("%Ln tasks will be cancelled.", "", count)
        const later = model.showDelayed ? 0 : model.delayedCount
        if (later === 0)
            return asked
        return qsTr("%1 %2").arg(asked).arg(later === 1 ? qsTr("1 that is scheduled for later stays.")
                                                        : qsTr("%Ln that are scheduled for later stay.", "", later))
    }

    function hold() {
        if (heldModel && heldModel !== model)
            heldModel.hold = false
        heldModel = model
        if (model)
            model.hold = holding
        head()
    }

    function dismiss(taskId: string) {
        if (model.dismiss(taskId))
            removed = Date.now()
    }

    implicitWidth: 440
    implicitHeight: 360
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Tasks")
    onHoldingChanged: hold()
    onModelChanged: hold()
    onDeveloperChanged: if (developer) trace.check()
    onSearchingChanged: {
        if (searching)
            return
        field.clear()
        if (model)
            model.search = ""
    }
    Component.onCompleted: {
        head()
        if (developer)
            trace.check()
    }
    // Another monitor of this model that holds its rows says so again: see its `onHoldChanged`.
    Component.onDestruction: {
        gone = true
        if (heldModel)
            heldModel.hold = false
    }

    TaskMonitorLook {
        id: shades
        seen: monitor.seen
    }

    TaskMonitorPace {
        id: pace
        value: tally.busy ? monitor.model.progress : 0
        seen: monitor.seen
    }

    TaskMonitorTally {
        id: tally
        model: monitor.model
    }

    // Of several monitors of one model another one may have let go.
    Connections {
        target: monitor.model
        function onHoldChanged() {
            if (monitor.holding && !monitor.gone)
                monitor.model.hold = true
        }
        function onOwnerCountChanged() { monitor.head() }
        function onByOwnerChanged() { monitor.head() }
    }

    // The way to the clipboard that QML has.
    TextEdit {
        id: clipboard
        visible: false
        textFormat: TextEdit.PlainText
    }

    TaskMonitorMenu {
        id: menu
        objectName: "menu"
        onDetailsWanted: about.tell(row)
        onCopyWanted: monitor.copy(monitor.describe(row))
        onClosed: if (!about.visible) list.forceActiveFocus(Qt.PopupFocusReason)
    }

    TaskMonitorTools {
        id: tools
        objectName: "tools"
        tracing: trace.writing
        onSlowestWanted: slowest.open()
        onTraceWanted: start => {
            if (start)
                trace.start()
            else
                trace.stop()
        }
        onClosed: if (!slowest.opened) dots.forceActiveFocus(Qt.PopupFocusReason)
    }

    Dialog {
        id: about

        function tell(task: TaskMonitorRow) {
            told.text = monitor.describe(task)
            open()
        }

        objectName: "about"
        parent: Overlay.overlay
        anchors.centerIn: parent
        width: Math.min(480, parent ? parent.width - 16 : 480)
        height: Math.min(implicitHeight, parent ? parent.height - 16 : 400)
        modal: true
        title: qsTr("Task")
        standardButtons: Dialog.Close
        onOpened: told.forceActiveFocus(Qt.TabFocusReason)
        onClosed: list.forceActiveFocus(Qt.PopupFocusReason)

        ScrollView {
            anchors.fill: parent

            TextArea {
                id: told
                objectName: "told"
                readOnly: true
                selectByMouse: true
                textFormat: TextEdit.PlainText
                wrapMode: TextEdit.Wrap
                Accessible.name: qsTr("What is known of the task")
            }
        }
    }

    Dialog {
        id: question

        parent: Overlay.overlay
        anchors.centerIn: parent
        width: Math.min(340, parent ? parent.width - 16 : 340)
        modal: true
        title: qsTr("Cancel tasks?")
        closePolicy: Popup.CloseOnEscape
        onAccepted: monitor.model.cancelAll()
        onOpened: keep.forceActiveFocus(Qt.TabFocusReason)

        Label {
            objectName: "question"
            anchors.fill: parent
            // A text that changes while the dialog is not shown is a binding loop of Qt 6.8's, in the dialog's height.
            text: question.visible ? monitor.question() : ""
            textFormat: Text.PlainText
            wrapMode: Text.Wrap
            horizontalAlignment: Text.AlignLeft
        }

        footer: DialogButtonBox {
            Button {
                text: qsTr("Cancel tasks")
                Accessible.onPressAction: question.accept()
                DialogButtonBox.buttonRole: DialogButtonBox.AcceptRole // qmllint disable
            }

            Button {
                id: keep
                text: qsTr("Keep them")
                Accessible.onPressAction: question.reject()
                DialogButtonBox.buttonRole: DialogButtonBox.RejectRole // qmllint disable
            }
        }
    }

    TaskMonitorSlowest {
        id: slowest
        objectName: "slowestPage"
        anchors.fill: parent
        look: shades
        seen: monitor.seen
        base: monitor.base
        onClosed: list.forceActiveFocus(Qt.OtherFocusReason)
    }

    ColumnLayout {
        anchors.fill: parent
        spacing: 8
        visible: !slowest.opened

        RowLayout {
            spacing: 8

            Label {
                id: summaryLabel
                text: monitor.summary()
                textFormat: Text.PlainText
                font.bold: true
                elide: Text.ElideRight
                horizontalAlignment: Text.AlignLeft
                Layout.fillWidth: true
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }

            Label {
                visible: tally.busy && !total.busy
                text: shades.percent(total.value)
                textFormat: Text.PlainText
                color: shades.faint
                Accessible.ignored: true
            }

            TaskMonitorGlass {
                objectName: "search"
                ink: shades.ink
                label: qsTr("Search tasks")
                hint: qsTr("Search (Ctrl+F)")
                checked: monitor.searching
                // When a screen reader last pressed it, in ms since 1970: that is a click, too, in newer Qts.
                property real asked: 0

                function toggle() {
                    if (monitor.searching)
                        monitor.searching = false
                    else
                        monitor.search()
                }

                Accessible.onPressAction: {
                    toggle()
                    asked = Date.now()
                }
                onClicked: if (Date.now() - asked > 200) toggle()
            }

            ToolButton {
                objectName: "cancelAll"
                text: qsTr("Cancel all")
                enabled: monitor.model.cancellableCount > 0
                // Not every style shows it.
                opacity: enabled ? 1 : 0.4
                Accessible.name: qsTr("Cancel all tasks")
                // A button of Qt 6.4 does nothing when a screen reader presses it. That of a newer Qt is clicked, too, and
                // both handlers run: here and below each of the two may come second.
                Accessible.onPressAction: if (enabled) question.open()
                onClicked: question.open()
            }

            TaskMonitorMore {
                id: dots
                objectName: "developer"
                visible: monitor.developer
                ink: shades.ink
                label: qsTr("For developers")
                down: tools.visible || pressed

                // When a screen reader last pressed it, and when it was last clicked, in ms since 1970: in newer Qts the
                // first is the second, too, before or after.
                property real asked: 0
                property real clickedAt: 0

                function toggle() {
                    if (tools.visible) {
                        tools.close()
                    } else {
                        trace.check()
                        tools.popup(dots, 0, dots.height)
                    }
                }

                Accessible.onPressAction: {
                    if (Date.now() - clickedAt > 200)
                        toggle()
                    asked = Date.now()
                }
                onClicked: {
                    if (Date.now() - asked > 200)
                        toggle()
                    clickedAt = Date.now()
                }
            }
        }

        TaskMonitorTrace {
            id: trace
            objectName: "traceBar"
            look: shades
            target: monitor.traceFile
            onCopyWanted: text => monitor.copy(text)
            Layout.fillWidth: true
        }

        TaskMonitorBar {
            id: total
            objectName: "total"
            ink: monitor.palette.highlight
            track: shades.track
            label: qsTr("Progress of all tasks")
            busy: tally.busy && monitor.model.progress < 0
            value: Math.max(0, pace.shownValue)
            still: shades.resting
            Layout.fillWidth: true
            Layout.preferredHeight: 6
        }

        TextField {
            id: field
            objectName: "field"
            visible: monitor.searching
            placeholderText: qsTr("Words of a name, a job, an owner or a key")
            placeholderTextColor: shades.faint
            selectByMouse: true
            Layout.fillWidth: true
            Accessible.name: qsTr("Search tasks")
            Keys.onEscapePressed: {
                monitor.searching = false
                list.forceActiveFocus(Qt.OtherFocusReason)
            }
            Keys.onDownPressed: list.forceActiveFocus(Qt.TabFocusReason)
            onTextChanged: if (monitor.searching) monitor.model.search = text
        }

        Rectangle {
            color: monitor.base
            border.color: list.activeFocus && list.count === 0 ? monitor.palette.highlight : shades.line
            radius: 4
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.minimumHeight: 80

            HoverHandler {
                id: pointer
            }

            ListView {
                id: list

                objectName: "list"
                anchors { fill: parent; margins: 1; bottomMargin: more.visible ? more.height : 1 }
                clip: true
                model: monitor.model
                focus: true
                activeFocusOnTab: true
                boundsBehavior: Flickable.StopAtBounds
                keyNavigationEnabled: true
                reuseItems: true
                cacheBuffer: 120
                Accessible.role: Accessible.List
                Accessible.name: qsTr("Tasks, %1").arg(summaryLabel.text)

                // Ends are not among the keys that a ListView knows.
                Keys.onPressed: event => {
                    const row = list.currentItem as TaskMonitorRow
                    const page = Math.max(1, Math.floor(list.height / 60))
                    if (event.matches(StandardKey.Find)) {
                        monitor.search()
                    } else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter) {
                        row?.activated()
                    } else if (event.key === Qt.Key_Menu
                               || event.key === Qt.Key_F10 && event.modifiers & Qt.ShiftModifier) {
                        row?.showMenu(24, 24)
                    } else if (event.matches(StandardKey.Copy)) {
                        row?.copy()
                    } else if (event.key === Qt.Key_Delete || event.key === Qt.Key_Backspace) {
                        if (!event.isAutoRepeat)
                            row?.remove()
                    } else if (event.key === Qt.Key_Space) {
                        row?.unfold(!row.open)
                    } else if (event.key === Qt.Key_Right || event.key === Qt.Key_Left) {
                        if (!monitor.step(row, (event.key === Qt.Key_Right) !== monitor.mirrored))
                            return
                    } else if (event.key === Qt.Key_Home) {
                        list.currentIndex = Math.min(0, list.count - 1)
                    } else if (event.key === Qt.Key_End) {
                        list.currentIndex = list.count - 1
                    } else if (event.key === Qt.Key_PageUp) {
                        list.currentIndex = Math.max(Math.min(0, list.count - 1), list.currentIndex - page)
                    } else if (event.key === Qt.Key_PageDown) {
                        list.currentIndex = Math.min(list.count - 1, list.currentIndex + page)
                    } else {
                        return
                    }
                    event.accepted = true
                }

                section.property: "owner"
                section.delegate: monitor.headed ? monitor.heading : null

                delegate: TaskMonitorRow {
                    look: shades
                    actions: monitor.rowActions
                    held: monitor.holding
                    lingerMs: monitor.model.filter === TaskModel.Active ? monitor.model.lingerMs : 0
                    gutter: bar.visible ? bar.width : 0
                    othersRemoved: monitor.removed
                    onOpenWanted: wanted => monitor.model.setOpen(taskId, wanted)
                    onCancelClicked: monitor.model.cancel(taskId)
                    onDismissClicked: monitor.dismiss(taskId)
                    // Its owner may be gone by now.
                    onRetryClicked: if (TaskManager.taskInfo(taskId)?.canRetry) TaskManager.retryTask(taskId)
                    onPauseClicked: TaskManager.pauseTask(taskId)
                    onResumeClicked: TaskManager.resumeTask(taskId)
                    onActivated: monitor.activated(taskId)
                    onMenuWanted: (x, y) => menu.show(this, x, y)
                    onCopyClicked: monitor.copy(monitor.details(name, error, errorDetails))
                }

                ScrollBar.vertical: ScrollBar {
                    id: bar
                    visible: size < 1
                }
            }

            // Not the list's footer: in Qt 6.4 that cannot be made of a bound component.
            Label {
                id: more
                objectName: "more"

                readonly property int hidden: monitor.model.hiddenCount

                anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
                visible: hidden > 0
                padding: 6
                text: hidden === 1 ? qsTr("and 1 more that waits") : qsTr("and %Ln more that wait", "", hidden)
                textFormat: Text.PlainText
                horizontalAlignment: Text.AlignHCenter
                color: shades.faint
            }

            Label {
                objectName: "empty"
                anchors.centerIn: parent
                width: parent.width - 48
                visible: list.count === 0
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.Wrap
                color: shades.faint
                text: monitor.model.search !== "" ? qsTr("Nothing is found.")
                      : monitor.model.filter === TaskModel.Failed ? qsTr("No task has failed.")
                      : monitor.model.filter === TaskModel.All ? qsTr("There are no tasks yet.")
                      : qsTr("Tasks are shown here while they run.")
                textFormat: Text.PlainText
            }
        }

        GridLayout {
            id: foot

            // Beside the filters, or below them where there is no room.
            readonly property bool wide: monitor.availableWidth >= filters.implicitWidth + clear.implicitWidth + columnSpacing

            columns: wide ? 2 : 1
            columnSpacing: 8
            rowSpacing: 2

            Row {
                id: filters
                spacing: 2
                Layout.fillWidth: true

                Repeater {
                    model: [
                        { filter: TaskModel.All, text: qsTr("All"), name: qsTr("Show all tasks") },
                        { filter: TaskModel.Active, text: qsTr("Running"), name: qsTr("Show the tasks that run or wait") },
                        { filter: TaskModel.Failed, text: qsTr("Failed"), name: qsTr("Show the tasks that failed") }
                    ]

                    // Around the button, as that cannot be a radio button to a screen reader: see TaskMonitorRow.
                    Item {
                        id: choice

                        required property var modelData

                        readonly property bool checked: monitor.model.filter === modelData.filter
                        // It has the keyboard by a click, which is not shown.
                        property bool clicked: false

                        function choose() {
                            monitor.model.filter = modelData.filter
                        }

                        objectName: "filter" + modelData.filter
                        implicitWidth: face.implicitWidth
                        implicitHeight: face.implicitHeight
                        activeFocusOnTab: true
                        onActiveFocusChanged: if (!activeFocus) clicked = false
                        Keys.onSpacePressed: choose()
                        Keys.onReturnPressed: choose()
                        Keys.onEnterPressed: choose()
                        Accessible.role: Accessible.RadioButton
                        Accessible.name: modelData.name
                        Accessible.focusable: true
                        Accessible.checkable: true
                        Accessible.checked: checked
                        Accessible.onPressAction: choose()
                        Accessible.onToggleAction: choose()

                        ToolButton {
                            id: face
                            anchors.fill: parent
                            text: choice.modelData.text
                            checkable: true
                            autoExclusive: true
                            focusPolicy: Qt.NoFocus
                            Accessible.ignored: true
                            onClicked: {
                                choice.forceActiveFocus(Qt.MouseFocusReason)
                                choice.clicked = true
                                choice.choose()
                            }

                            // A click on the button would end a plain binding.
                            Binding {
                                face.checked: choice.checked
                            }
                        }

                        Rectangle {
                            anchors.fill: parent
                            visible: choice.activeFocus && !choice.clicked
                            color: "transparent"
                            radius: 3
                            border.width: 2
                            border.color: monitor.palette.highlight
                        }
                    }
                }
            }

            ToolButton {
                id: clear
                objectName: "clear"
                text: qsTr("Clear finished")
                enabled: monitor.model.finishedCount > 0
                opacity: enabled ? 1 : 0.4
                Accessible.name: qsTr("Take the tasks that ended out of the list")
                Layout.alignment: foot.wide ? Qt.AlignRight : Qt.AlignLeft
                Accessible.onPressAction: if (enabled) monitor.model.clearFinished()
                onClicked: monitor.model.clearFinished()
            }
        }
    }
}
