import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Legwork

// A task in a TaskMonitor's list. Not a Control: to a screen reader those of Qt 6.4 are what their class is,
// whatever they declare.
Item {
    id: row

    required property int index
    required property string taskId
    required property string name
    required property string job
    required property string owner
    required property int status
    required property int priority
    required property real progress
    required property string message
    required property real elapsed
    required property string error
    required property real iteration
    required property bool periodic
    required property bool cancelRequested
    required property bool canCancel
    required property var created
    required property var started
    required property var finished
    required property var due
    required property real dueIn
    required property var errorDetails
    required property string key
    required property string waitsFor
    required property real attempt
    required property real attempts
    required property bool retrying
    required property bool slow
    required property var amount
    required property string group
    required property int members
    required property int depth
    required property bool open
    required property bool canRetry
    required property string pauseReason
    required property bool canPause
    required property bool canResume

    // A TaskMonitorLook.
    required property var look
    // What the application has in each row; null for nothing.
    property Component actions: null
    // Whether it is to stay as it is: somebody is about to press something in it, or below it.
    property bool held: false
    // When another row was last taken out, in ms since 1970.
    property real othersRemoved: 0
    readonly property var hints: Qt.styleHints
    // How long the row of a task that ended well stays, in ms; 0 where it stays.
    property real lingerMs: 0
    // What the scroll bar covers, at the end of the line.
    property real gutter: 0

    readonly property bool running: status === TaskManager.Running
    readonly property bool paused: status === TaskManager.Paused
    readonly property bool active: running || status === TaskManager.Queued || status === TaskManager.Delayed
        || status === TaskManager.Blocked || paused
    // It was asked to, and is still on its way to where it stops.
    readonly property bool pausing: running && canResume && !cancelRequested
    readonly property bool failed: status === TaskManager.Failed || status === TaskManager.TimedOut
                                   || status === TaskManager.Abandoned
    // A periodic task: its last run failed.
    readonly property bool failing: active && error !== ""
    readonly property bool faulty: failed || failing
    readonly property bool current: ListView.isCurrentItem && ListView.view.activeFocus
    readonly property bool leaving: lingerMs > 0 && !active && !failed
    // Below the group that it stands in; deep ones keep some room for themselves.
    readonly property real indent: Math.min(24 * depth, width / 3)
    // Where not all has room.
    readonly property bool narrow: width < 340
    readonly property string title: look.oneLine(name)
    readonly property string detail: failed ? error : describe()
    // What stands beside the detail.
    readonly property string aside: pausing ? qsTr("Pausing…") : !failing ? remaining : paused ? pauseText() : retrying ? retryText() : status === TaskManager.Delayed && due ? startText() : ""
    readonly property string sign: faulty ? "fault" : active && cancelRequested ? "stop" : signOf(status)
    // How long it still takes, in words; empty as long as nobody knows.
    property string remaining: ""

    // The estimate behind `remaining`, when it was made, and what `remaining` says; ms, -1 for none.
    property real estimate: -1
    property real estimatedAt: 0
    property real said: -1
    // How much of its time a row that leaves has stayed.
    property real age: 0
    property bool copied: false
    // When it was last clicked, in ms since 1970.
    property real clicked: 0
    // How high it is, but while it goes; and when it was last told to change that, in ms since 1970.
    property real room: implicitHeight
    property real asked: 0
    // How many lines an error may take.
    property int lines: 1

    signal activated()
    signal menuWanted(x: real, y: real)
    signal cancelClicked()
    signal dismissClicked()
    signal copyClicked()
    signal openWanted(wanted: bool)
    signal retryClicked()
    signal pauseClicked()
    signal resumeClicked()

    // What the Delete key does.
    function remove() {
        if (canCancel)
            cancelClicked()
        else if (!active)
            dismissClicked()
    }

    // What a key or a button says; whether it means anything here.
    function unfold(wanted: bool): bool {
        if (members === 0 || open === wanted)
            return false
        openWanted(wanted)
        return true
    }

    function choose() {
        ListView.view.currentIndex = index
        ListView.view.forceActiveFocus(Qt.MouseFocusReason)
    }

    function activate() {
        choose()
        activated()
    }

    // Of two clicks that come together the second means nothing of its own.
    function click() {
        const first = Date.now() - clicked > hints.mouseDoubleClickInterval
        clicked = Date.now()
        if (first)
            activate()
    }

    function showMenu(x: real, y: real) {
        choose()
        menuWanted(x, y)
    }

    function copy() {
        if (!faulty)
            return
        copyClicked()
        copied = true
        forget.restart()
    }

    // One form for each state: see TaskMonitorSign.
    function signOf(status: int): string {
        switch (status) {
        case TaskManager.Running:
            return "run"
        case TaskManager.Queued:
            return "wait"
        case TaskManager.Blocked:
            return "turn"
        case TaskManager.Delayed:
            return "clock"
        case TaskManager.Paused:
            return "hold"
        case TaskManager.Completed:
            return "done"
        case TaskManager.Cancelled:
            return "stop"
        }
        return ""
    }

    function stateText(): string {
        switch (status) {
        case TaskManager.Running:
            return cancelRequested ? qsTr("Cancelling…") : pausing ? qsTr("Pausing…")
                 : slow ? qsTr("Running, takes long") : qsTr("Running")
        case TaskManager.Failed:
            return qsTr("Failed")
        case TaskManager.TimedOut:
            return qsTr("Timed out")
        case TaskManager.Abandoned:
            return qsTr("Abandoned")
        }
        return paused && !cancelRequested ? pauseText() : failing ? aside : describe()
    }

    function pauseText(): string {
        return pauseReason !== "" ? qsTr("Paused: %1").arg(look.oneLine(pauseReason)) : qsTr("Paused")
    }

    function number(value: real): string {
        return value.toLocaleString(Qt.locale(), "f", 0)
    }

    function describe(): string {
        if (active && cancelRequested)
            return qsTr("Cancelling…")
        if (failing)
            return qsTr("Run %1 failed: %2").arg(number(running ? iteration - 1 : iteration)).arg(error)
        switch (status) {
        case TaskManager.UnknownTask:
            return qsTr("Ended")
        case TaskManager.Queued:
            return qsTr("Waiting")
        case TaskManager.Paused:
            return pauseText()
        case TaskManager.Blocked:
            return look.oneLine(waitsFor) || qsTr("Waiting for others")
        case TaskManager.Delayed:
            if (retrying)
                return retryText()
            return due ? startText() : iteration > 0 ? qsTr("Waits after run %1").arg(number(iteration)) : qsTr("Scheduled")
        case TaskManager.Completed:
            return elapsed >= 1000 ? qsTr("Finished after %1").arg(duration(elapsed)) : qsTr("Finished")
        case TaskManager.Cancelled:
            return qsTr("Cancelled")
        }
        const said = look.oneLine(pace.shownText) || membersText()
        if (attempt > 1)
            return said ? qsTr("%1: %2").arg(tryText(attempt)).arg(said) : tryText(attempt)
        if (!periodic || iteration < 1)
            return said
        return said ? qsTr("Run %1: %2").arg(number(iteration)).arg(said) : qsTr("Run %1").arg(number(iteration))
    }

    // What a group stands for; empty of a task.
    function membersText(): string {
        return members === 0 ? "" : members === 1 ? qsTr("1 task") : qsTr("%Ln tasks", "", members)
    }

    function duration(ms: real): string {
        const seconds = Math.floor(ms / 1000)
        const minutes = Math.floor(seconds / 60)
        if (minutes < 1)
            return qsTr("%1 s").arg(number(seconds))
        if (minutes < 60)
            return qsTr("%1 min %2 s").arg(number(minutes)).arg(number(seconds % 60))
        return qsTr("%1 h %2 min").arg(number(Math.floor(minutes / 60))).arg(number(minutes % 60))
    }

    function startText(): string {
        const time = roughly(Math.round(dueIn / step(dueIn)) * step(dueIn))
        return iteration > 0 ? qsTr("Run %1 starts in %2").arg(number(iteration + 1)).arg(time) : qsTr("Starts in %1").arg(time)
    }

    // Which attempt; of how many, where somebody has thought of a number.
    function tryText(attempt: real): string {
        return attempts <= 1000 ? qsTr("Try %1 of %2").arg(number(attempt)).arg(number(attempts))
                                : qsTr("Try %1").arg(number(attempt))
    }

    // By the second, as it is waited for; beyond a minute nobody counts.
    function retryText(): string {
        const what = tryText(attempt + 1)
        if (!due)
            return what
        if (dueIn >= 59500)
            return qsTr("%1 in %2").arg(what).arg(roughly(Math.round(dueIn / step(dueIn)) * step(dueIn)))
        return qsTr("%1 in %2").arg(what).arg(qsTr("%1 s").arg(number(Math.ceil(dueIn / 1000))))
    }

    // What times of about this length are rounded to.
    function step(ms: real): real {
        return ms < 10000 ? 5000 : ms < 55000 ? 10000 : ms < 3300000 ? 60000 : ms < 172800000 ? 600000 : 86400000
    }

    function roughly(ms: real): string {
        if (ms < 10000)
            return qsTr("a few seconds")
        if (ms < 60000)
            return qsTr("%1 s").arg(number(ms / 1000))
        const minutes = Math.round(ms / 60000)
        if (minutes < 60)
            return qsTr("%1 min").arg(number(minutes))
        const hours = Math.floor(minutes / 60)
        if (hours >= 48)
            return qsTr("%Ln days", "", Math.round(hours / 24))
        return minutes % 60 === 0 ? qsTr("%1 h").arg(number(hours))
                                  : qsTr("%1 h %2 min").arg(number(hours)).arg(number(minutes % 60))
    }

    function leftText(ms: real): string {
        if (ms < 10000)
            return qsTr("a few seconds left")
        if (ms < 60000)
            return qsTr("about %1 s left").arg(number(ms / 1000))
        const minutes = Math.round(ms / 60000)
        if (minutes < 60)
            return qsTr("about %1 min left").arg(number(minutes))
        if (minutes % 60 === 0)
            return qsTr("about %1 h left").arg(number(minutes / 60))
        return qsTr("about %1 h %2 min left").arg(number(Math.floor(minutes / 60))).arg(number(minutes % 60))
    }

    // Once a second, as `elapsed` changes. The first seconds and percents say too little. After that a
    // new figure counts for a quarter, and what is shown stays until the estimate is well away from it.
    function estimateAnew() {
        if (!running || periodic || cancelRequested || elapsed < 5000 || progress < 0.03 || progress >= 1) {
            forgetEstimate()
            return
        }
        const plain = elapsed * (1 - progress) / progress
        const expected = Math.max(0, estimate - (elapsed - estimatedAt))
        estimate = estimate < 0 ? plain : expected + (plain - expected) * 0.25
        estimatedAt = elapsed
        const unit = Math.min(step(estimate), 600000)
        if (said >= 0 && Math.abs(estimate - said) < 0.75 * unit)
            return
        said = Math.round(estimate / unit) * unit
        remaining = leftText(said)
    }

    function forgetEstimate() {
        estimate = -1
        said = -1
        remaining = ""
    }

    function settle() {
        lines = !faulty ? 1 : current ? 12 : 3
        room = implicitHeight
    }

    // What the user did may change how high it is.
    function ask() {
        asked = Date.now()
        settle()
    }

    // For a screen reader.
    function explain(): string {
        const percent = running && progress >= 0 && pace.shownValue >= 0 ? look.percent(pace.shownValue) : ""
        const takesLong = running && slow ? qsTr("takes long") : ""
        const unfolded = members === 0 ? "" : open ? qsTr("open") : qsTr("closed")
        return look.list([failed ? qsTr("Failed: %1").arg(error) : detail, percent, takesLong, aside, unfolded])
    }

    // A row that was out of sight for a while goes on where it would be.
    function grow() {
        ageing.stop()
        if (held)
            return
        age = 0
        if (!leaving || look.resting)
            return
        const gone = finished ? Math.max(0, Date.now() - finished.getTime()) : 0
        age = Math.min(1, gone / lingerMs)
        ageing.duration = Math.max(1, lingerMs * (1 - age))
        ageing.start()
    }

    implicitHeight: content.implicitHeight + 17
    width: ListView.view ? ListView.view.width : implicitWidth
    // At the end of its time it closes the gap that it would leave.
    height: age > 0.9 ? room * (1 - age) * 10 : room
    opacity: age > 0.5 ? 2 * (1 - age) : 1
    clip: height < implicitHeight
    Accessible.role: Accessible.ListItem
    Accessible.name: title
    Accessible.description: explain()
    Accessible.focusable: true
    Accessible.focused: current
    // To be told of a task must not end it: its button does that, and the Delete key.
    Accessible.onPressAction: activate()

    onImplicitHeightChanged: {
        // A layout knows it only some time after it was asked.
        if (!held || Date.now() - asked < 300)
            settle()
    }
    onHeldChanged: {
        grow()
        if (!held)
            settle()
    }
    onFaultyChanged: if (!held) settle()
    onCurrentChanged: ask()
    onElapsedChanged: estimateAnew()
    onCancelRequestedChanged: if (cancelRequested) forgetEstimate()
    onLeavingChanged: grow()
    onRunningChanged: {
        pace.tell()
        if (!running)
            forgetEstimate()
    }
    Component.onCompleted: {
        ask()
        estimateAnew()
        grow()
    }

    ListView.onPooled: {
        ageing.stop()
        pace.stop()
        copied = false
    }
    ListView.onReused: {
        age = 0
        clicked = 0
        pace.tell()
        ask()
        forgetEstimate()
        estimateAnew()
        grow()
    }

    TaskMonitorPace {
        id: pace
        text: row.look.list([row.message, row.look.amountText(row.amount)])
        value: row.progress
        seen: row.look.seen
    }

    NumberAnimation {
        id: ageing
        target: row
        property: "age"
        to: 1
    }

    Timer {
        id: forget
        interval: 1500
        onTriggered: row.copied = false
    }

    TapHandler {
        onTapped: row.click()
    }

    TapHandler {
        acceptedDevices: PointerDevice.TouchScreen
        onLongPressed: row.showMenu(point.position.x, point.position.y)
    }

    TapHandler {
        acceptedButtons: Qt.RightButton
        acceptedDevices: PointerDevice.Mouse | PointerDevice.TouchPad | PointerDevice.Stylus
        onTapped: row.showMenu(point.position.x, point.position.y)
    }

    Rectangle {
        anchors.fill: parent
        anchors.margins: 2
        radius: 3
        visible: row.current
        color: Qt.alpha(row.palette.highlight, 0.12)
        border.width: 2
        border.color: row.palette.highlight
    }

    Rectangle {
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        height: 1
        color: Qt.alpha(row.look.ink, 0.1)
    }

    RowLayout {
        id: content
        anchors { left: parent.left; right: parent.right; leftMargin: 12 + row.indent; rightMargin: 4 + row.gutter }
        y: 8
        spacing: 8

        TaskMonitorArrow {
            objectName: "arrow"
            visible: row.members > 0
            label: qsTr("Tasks of %1").arg(row.title)
            ink: row.look.ink
            open: row.open
            Layout.leftMargin: -6
            Layout.rightMargin: -6
            Layout.topMargin: -4
            Layout.alignment: Qt.AlignTop
            // A press of a screen reader is a click, too, in newer Qts, before or after.
            property real acted: 0

            function toggle() {
                if (Date.now() - acted < 100)
                    return
                acted = Date.now()
                row.unfold(!row.open)
            }

            Accessible.onPressAction: toggle()
            onClicked: toggle()
        }

        TaskMonitorSign {
            objectName: "sign"
            kind: row.sign
            ink: row.look.ink
            paper: row.look.paper
            size: row.look.signSize
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: 2
        }

        ColumnLayout {
            spacing: 4
            Layout.fillWidth: true

            RowLayout {
                spacing: 12

                Label {
                    text: row.title
                    elide: Text.ElideMiddle
                    horizontalAlignment: Text.AlignLeft
                    textFormat: Text.PlainText
                    color: row.look.ink
                    Layout.fillWidth: true
                    Accessible.ignored: true
                }

                TaskMonitorSign {
                    objectName: "slow"
                    visible: row.running && row.slow
                    kind: "clock"
                    ink: row.look.ink
                    paper: row.look.paper
                    size: 0.8 * row.look.signSize
                    Layout.rightMargin: -8
                }

                Label {
                    visible: row.running && row.elapsed >= 1000
                    text: row.duration(row.elapsed)
                    textFormat: Text.PlainText
                    font.bold: row.slow
                    color: row.slow ? row.look.ink : row.look.faint
                    Accessible.ignored: true
                }
            }

            TaskMonitorBar {
                // How far it is is seen of what has stopped, too.
                readonly property bool shown: row.running || row.paused && row.progress >= 0

                // Its place is kept: a row that begins or ends to run moves nothing.
                opacity: !shown ? 0 : row.paused ? 0.5 : 1
                ink: row.palette.highlight
                track: row.look.track
                label: qsTr("Progress of %1").arg(row.title)
                Accessible.ignored: !shown
                busy: row.running && row.progress < 0
                value: Math.max(0, pace.shownValue)
                still: row.look.resting
                Layout.fillWidth: true
            }

            Item {
                implicitHeight: Math.max(detailLabel.implicitHeight, asideLabel.implicitHeight)
                Layout.fillWidth: true

                Label {
                    id: detailLabel
                    objectName: "detail"
                    anchors { left: parent.left; right: asideLabel.left; rightMargin: asideLabel.text ? 12 : 0 }
                    text: row.detail
                    elide: row.faulty ? Text.ElideRight : Text.ElideMiddle
                    wrapMode: row.faulty ? Text.Wrap : Text.NoWrap
                    maximumLineCount: row.lines
                    horizontalAlignment: Text.AlignLeft
                    textFormat: Text.PlainText
                    color: row.look.faint
                    Accessible.ignored: true
                }

                Label {
                    id: asideLabel
                    anchors.right: parent.right
                    text: row.aside
                    textFormat: Text.PlainText
                    color: row.look.faint
                    Accessible.ignored: true
                }
            }
        }

        // Made once, and as `task` follows the row: one that is used again is that of another task.
        RowLayout {
            id: own

            property var made: null

            function make() {
                made?.destroy()
                made = row.actions?.createObject(own, { task: row }) ?? null
            }

            visible: made !== null
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: -4
            Component.onCompleted: make()

            Connections {
                target: row
                function onActionsChanged() { own.make() }
            }
        }

        ToolButton {
            objectName: "retry"
            visible: row.canRetry && !row.narrow
            text: qsTr("Retry")
            focusPolicy: Qt.NoFocus
            Accessible.name: qsTr("Retry %1").arg(row.title)
            ToolTip.text: qsTr("Do it again; this failure goes")
            ToolTip.visible: hovered
            ToolTip.delay: 500
            Layout.preferredHeight: 26
            Layout.topMargin: -4
            Layout.alignment: Qt.AlignTop
            Accessible.onPressAction: row.retryClicked()
            onClicked: row.retryClicked()
        }

        ToolButton {
            visible: row.faulty
            text: row.copied ? qsTr("Copied") : qsTr("Copy")
            focusPolicy: Qt.NoFocus
            Accessible.name: qsTr("Copy the error of %1").arg(row.title)
            ToolTip.text: qsTr("Copy all that is known of the error (Ctrl+C)")
            ToolTip.visible: hovered
            ToolTip.delay: 500
            Layout.preferredHeight: 26
            Layout.topMargin: -4
            Layout.alignment: Qt.AlignTop
            Accessible.onPressAction: row.copy()
            onClicked: row.copy()
        }

        ToolButton {
            visible: row.failed && !row.narrow
            text: qsTr("Dismiss")
            focusPolicy: Qt.NoFocus
            Accessible.name: qsTr("Dismiss %1").arg(row.title)
            ToolTip.text: qsTr("Take it out of the list (Del)")
            ToolTip.visible: hovered
            ToolTip.delay: 500
            Layout.preferredHeight: 26
            Layout.topMargin: -4
            Layout.alignment: Qt.AlignTop
            Accessible.onPressAction: row.dismissClicked()
            onClicked: row.dismissClicked()
        }

        // Of most tasks that run there is nothing to be said but to cancel them; of those that wait, the menu says it.
        TaskMonitorHold {
            objectName: "hold"
            visible: !row.narrow && (row.canResume || row.running && row.canPause)
            ink: row.look.ink
            resumes: row.canResume
            label: resumes ? qsTr("Resume %1").arg(row.title) : qsTr("Pause %1").arg(row.title)
            hint: resumes ? qsTr("Have it go on") : qsTr("Have it rest for a while")
            // A press of a screen reader is a click, too, in newer Qts, before or after.
            property real acted: 0

            function toggle() {
                if (Date.now() - acted < 100)
                    return
                acted = Date.now()
                if (row.canResume)
                    row.resumeClicked()
                else
                    row.pauseClicked()
            }

            Accessible.onPressAction: toggle()
            onClicked: toggle()
        }

        TaskMonitorCross {
            visible: !row.failed || row.narrow
            ink: row.look.ink
            enabled: row.canCancel || !row.active
            label: row.active ? qsTr("Cancel %1").arg(row.title) : qsTr("Dismiss %1").arg(row.title)
            hint: row.active ? qsTr("Cancel this task (Del)") : qsTr("Take it out of the list (Del)")
            Accessible.onPressAction: if (enabled) row.remove()
            onClicked: {
                // The second click of two on a row that was above was not meant for this task.
                if (!row.active || Date.now() - row.othersRemoved > row.hints.mouseDoubleClickInterval)
                    row.remove()
            }
        }
    }
}
