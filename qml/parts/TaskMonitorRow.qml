import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Legwork

// A task in a TaskMonitor's list.
Control {
    id: row

    required property int index
    required property string taskId
    required property string name
    required property int status
    required property real progress
    required property string message
    required property real elapsed
    required property string error
    required property real iteration
    required property bool periodic
    required property bool cancelRequested
    required property bool canCancel
    required property var finished
    required property var due
    required property real dueIn

    // How long the row of a task that ended well stays, in ms; 0 where it stays.
    property real lingerMs: 0
    // What the scroll bar covers, at the end of the line.
    property real gutter: 0

    readonly property bool running: status === TaskManager.Running
    readonly property bool active: running || status === TaskManager.Queued || status === TaskManager.Delayed
    readonly property bool failed: status === TaskManager.Failed || status === TaskManager.TimedOut
                                   || status === TaskManager.Abandoned
    readonly property bool current: ListView.isCurrentItem && ListView.view.activeFocus
    readonly property bool leaving: lingerMs > 0 && !active && !failed
    readonly property color faint: Qt.alpha(palette.text, 0.65)
    readonly property string detail: failed ? error : describe()
    // How long it still takes, in words; empty as long as nobody knows.
    property string remaining: ""

    // The estimate behind `remaining`, when it was made, and what `remaining` says; ms, -1 for none.
    property real estimate: -1
    property real estimatedAt: 0
    property real said: -1
    // How much of its time a row that leaves has stayed.
    property real age: 0
    property bool copied: false

    signal cancelClicked()
    signal dismissClicked()
    signal copyClicked()

    // What the Delete key does.
    function remove() {
        if (canCancel)
            cancelClicked()
        else if (!active)
            dismissClicked()
    }

    function copy() {
        if (!failed)
            return
        copyClicked()
        copied = true
        forget.restart()
    }

    function number(value: real): string {
        return value.toLocaleString(Qt.locale(), "f", 0)
    }

    function describe(): string {
        if (active && cancelRequested)
            return qsTr("Cancelling…")
        switch (status) {
        case TaskManager.Queued:
            return qsTr("Waiting")
        case TaskManager.Delayed:
            return due ? startText() : iteration > 0 ? qsTr("Waits after run %1").arg(number(iteration)) : qsTr("Scheduled")
        case TaskManager.Completed:
            return elapsed >= 1000 ? qsTr("Finished after %1").arg(duration(elapsed)) : qsTr("Finished")
        case TaskManager.Cancelled:
            return qsTr("Cancelled")
        }
        if (!periodic || iteration < 1)
            return message
        return message ? qsTr("Run %1: %2").arg(number(iteration)).arg(message) : qsTr("Run %1").arg(number(iteration))
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

    // A row that was out of sight for a while goes on where it would be.
    function grow() {
        ageing.stop()
        age = 0
        if (!leaving)
            return
        const gone = finished ? Math.max(0, Date.now() - finished.getTime()) : 0
        age = Math.min(1, gone / lingerMs)
        ageing.duration = Math.max(1, lingerMs * (1 - age))
        ageing.start()
    }

    width: ListView.view ? ListView.view.width : implicitWidth
    // At the end of its time it closes the gap that it would leave.
    height: age > 0.9 ? implicitHeight * (1 - age) * 10 : implicitHeight
    opacity: age > 0.5 ? 2 * (1 - age) : 1
    clip: age > 0.9
    topPadding: 8
    bottomPadding: 9
    leftPadding: mirrored ? 4 + gutter : 12
    rightPadding: mirrored ? 12 : 4 + gutter
    Accessible.role: Accessible.ListItem
    Accessible.name: name
    Accessible.description: failed ? qsTr("Failed: %1").arg(error) : remaining ? qsTr("%1, %2").arg(detail).arg(remaining) : detail
    Accessible.focusable: true
    Accessible.focused: current
    Accessible.onPressAction: row.remove()

    onElapsedChanged: estimateAnew()
    onRunningChanged: if (!running) forgetEstimate()
    onCancelRequestedChanged: if (cancelRequested) forgetEstimate()
    onLeavingChanged: grow()
    Component.onCompleted: {
        estimateAnew()
        grow()
    }

    ListView.onPooled: {
        ageing.stop()
        copied = false
    }
    ListView.onReused: {
        forgetEstimate()
        estimateAnew()
        grow()
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
        onTapped: {
            row.ListView.view.currentIndex = row.index
            row.ListView.view.forceActiveFocus(Qt.MouseFocusReason)
        }
    }

    background: Item {
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
            color: Qt.alpha(row.palette.text, 0.1)
        }
    }

    contentItem: RowLayout {
        spacing: 8

        TaskMonitorMark {
            visible: row.failed
            ink: row.palette.text
            paper: row.palette.base
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: 2
        }

        ColumnLayout {
            spacing: 4
            Layout.fillWidth: true

            RowLayout {
                spacing: 12

                Label {
                    text: row.name
                    elide: Text.ElideMiddle
                    horizontalAlignment: Text.AlignLeft
                    textFormat: Text.PlainText
                    color: row.palette.text
                    Layout.fillWidth: true
                    Accessible.ignored: true
                }

                Label {
                    visible: row.running && row.elapsed >= 1000
                    text: row.duration(row.elapsed)
                    color: row.faint
                    Accessible.ignored: true
                }
            }

            TaskMonitorBar {
                visible: row.running
                ink: row.palette.highlight
                track: Qt.alpha(row.palette.text, 0.15)
                label: qsTr("Progress of %1").arg(row.name)
                busy: row.running && row.progress < 0
                value: row.progress
                Layout.fillWidth: true
            }

            RowLayout {
                spacing: 12
                visible: row.detail !== "" || row.remaining !== ""

                Label {
                    text: row.detail
                    elide: row.failed ? Text.ElideRight : Text.ElideMiddle
                    wrapMode: row.failed ? Text.Wrap : Text.NoWrap
                    maximumLineCount: !row.failed ? 1 : row.current ? 12 : 3
                    horizontalAlignment: Text.AlignLeft
                    textFormat: Text.PlainText
                    color: row.faint
                    Layout.fillWidth: true
                    Accessible.ignored: true
                }

                Label {
                    visible: row.remaining !== ""
                    text: row.remaining
                    color: row.faint
                    Accessible.ignored: true
                }
            }
        }

        ToolButton {
            visible: row.failed
            text: row.copied ? qsTr("Copied") : qsTr("Copy")
            focusPolicy: Qt.NoFocus
            Accessible.name: qsTr("Copy the error of %1").arg(row.name)
            ToolTip.text: qsTr("Copy all that is known of the error (Ctrl+C)")
            ToolTip.visible: hovered
            ToolTip.delay: 500
            Layout.preferredHeight: 26
            Layout.topMargin: -4
            Layout.alignment: Qt.AlignTop
            onClicked: row.copy()
        }

        ToolButton {
            visible: row.failed
            text: qsTr("Dismiss")
            focusPolicy: Qt.NoFocus
            Accessible.name: qsTr("Dismiss %1").arg(row.name)
            ToolTip.text: qsTr("Take it out of the list (Del)")
            ToolTip.visible: hovered
            ToolTip.delay: 500
            Layout.preferredHeight: 26
            Layout.topMargin: -4
            Layout.alignment: Qt.AlignTop
            onClicked: row.dismissClicked()
        }

        TaskMonitorCross {
            visible: !row.failed
            enabled: row.canCancel || !row.active
            label: row.active ? qsTr("Cancel %1").arg(row.name) : qsTr("Dismiss %1").arg(row.name)
            hint: row.active ? qsTr("Cancel this task (Del)") : qsTr("Take it out of the list (Del)")
            onClicked: row.remove()
        }
    }
}
