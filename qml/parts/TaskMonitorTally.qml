import QtQuick

// How many tasks run and wait, for texts that people read: what was most within the last moment. An application
// with short tasks that come one after the other is at work, though there may be none at the very
// moment in which the user looks; and a text that changes with each frame cannot be read.
Item {
    id: tally

    // A TaskModel.
    required property var model
    // How long that moment is, in ms: after it, what is not there any more is not told any more.
    property int spanMs: 500

    readonly property int running: shown.running
    readonly property int queued: shown.queued
    readonly property int active: running + queued
    readonly property bool busy: active > 0

    function look() {
        if (!model)
            return
        most.running = Math.max(most.running, model.runningCount)
        most.queued = Math.max(most.queued, model.queuedCount)
        // An application that was idle is at work at once.
        if (!busy)
            tell()
        if (!moment.running && (shown.running !== model.runningCount || shown.queued !== model.queuedCount))
            begin()
    }

    function tell() {
        shown.running = most.running
        shown.queued = most.queued
    }

    function begin() {
        most.running = model.runningCount
        most.queued = model.queuedCount
        moment.restart()
    }

    visible: false
    onModelChanged: look()
    Component.onCompleted: look()

    QtObject {
        id: shown
        property int running: 0
        property int queued: 0
    }

    QtObject {
        id: most
        property int running: 0
        property int queued: 0
    }

    Connections {
        target: tally.model
        function onRunningCountChanged() { tally.look() }
        function onQueuedCountChanged() { tally.look() }
    }

    // Runs only while what is told is not what is.
    Timer {
        id: moment
        interval: tally.spanMs
        onTriggered: {
            tally.tell()
            if (tally.model.runningCount !== shown.running || tally.model.queuedCount !== shown.queued)
                tally.begin()
        }
    }
}
