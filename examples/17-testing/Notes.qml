// Notes that are saved half a minute after the last change, and sent to a server every quarter of an hour.
import QtQml
import Legwork

QtObject {
    id: notes

    property int saved: 0
    property int sent: 0
    property var reminders: []
    property var trouble: []

    property Task sending: Task {
        name: qsTr("Send")
        job: "send"
        intervalMs: 15 * 60000
        timeoutMs: 2 * 60000
        options: ({ firstRun: TaskManager.AfterInterval, retry: { times: 2, delayMs: 30000, jitter: 0 } })
        running: true
        onPeriodic: ++notes.sent
        onFailed: error => notes.trouble.push(error.message)
    }

    function type(text) {
        TaskManager.runLater(30000, "save", [text], {
            name: qsTr("Save"),
            owner: notes,
            key: "notes",
            keyPolicy: TaskManager.Replace,
            onComplete: () => ++notes.saved
        })
    }

    //! [timer]
    // Goes by the tasks' clock, which a Timer would not.
    function remind(minutes, what) {
        return TaskManager.runLater(minutes * 60000, "nothing", [], {
            name: qsTr("Reminder"),
            owner: notes,
            onComplete: () => notes.reminders.push(what)
        })
    }
    //! [timer]
}
