import QtQuick
import Legwork

// ExternalTask: work that the document does itself.
Case {
    id: externalCase

    // What the task under test told, in order.
    property var log: []

    name: "External"

    function init() {
        begin()
        log = []
    }

    Component {
        id: tasks

        ExternalTask {
            id: told

            property var journal: null
            // What it does as it is told to stop.
            property var stops: null

            onStarted: told.journal.log.push(["started"])
            onStopRequested: {
                told.journal.log.push(["stop"])
                if (told.stops)
                    told.stops()
            }
            onCompleted: result => told.journal.log.push(["completed", result])
            onFailed: error => told.journal.log.push(["failed", error.message])
            onCancelled: reason => told.journal.log.push(["cancelled", reason])
        }
    }

    function make(properties) {
        return createTemporaryObject(tasks, externalCase, Object.assign({ journal: externalCase }, properties))
    }

    function begun(properties) {
        const task = make(Object.assign({ running: true }, properties))
        waitFor(() => task.status === TaskManager.Running, "the start")
        return task
    }

    function test_b199_b267_it_is_a_task_that_the_document_ends() {
        const task = begun({ name: "Fetch" })
        compare(TaskManager.taskInfo(task.taskId).name, "Fetch")
        task.setProgress(0.5, "half")
        waitFor(() => task.progress === 0.5, "the progress")
        compare(task.message, "half")
        task.setProgress(0.75)
        waitFor(() => task.progress === 0.75, "the progress")
        task.setMessage("more")
        waitFor(() => task.indeterminate, "the message")
        task.setProgress(5, 20, "files")
        waitFor(() => task.progress === 0.25, "the amount")
        compare(TaskManager.taskInfo(task.taskId).amount, { done: 5, total: 20, unit: "files", speed: -1 })
        task.setProgress(5, 0, "files")
        waitFor(() => task.indeterminate, "that nobody knows of how many")
        compare(task.complete({ all: [1, "two"] }), true)
        compare(task.complete(2), false)
        compare(task.fail("late"), false)
        waitFor(() => !task.running, "the end")
        compare(log, [["started"], ["completed", { all: [1, "two"] }]])
        compare(task.result, { all: [1, "two"] })
        compare(task.status, TaskManager.Completed)
        // And anew.
        compare(task.start(), true)
        compare(task.complete(), true)
        waitFor(() => !task.running, "the end")
        compare(task.result, undefined)
    }

    function test_b199_it_fails_with_what_is_said() {
        for (const error of ["no route", new Error("no route"), { message: "no route" }]) {
            const task = begun({})
            compare(task.fail(error), true)
            waitFor(() => task.status === TaskManager.Failed, "the end")
            compare(task.error.message, "no route")
            compare(task.error.kind, "Failed")
        }
    }

    function test_b199_it_is_told_to_stop_and_may_end_in_that_call() {
        const task = begun({})
        task.stops = () => compare(task.fail("aborted"), false)
        compare(task.cancel(), true)
        waitFor(() => !task.running, "the end")
        compare(log, [["started"], ["stop"], ["cancelled", "User"]])
        compare(task.cancel(), false)
    }

    function test_b199_it_ends_when_the_document_ends_it() {
        const task = begun({ timeoutMs: 20 })
        waitFor(() => log.length === 2, "the end of its time")
        compare(log[1], ["stop"])
        compare(task.status, TaskManager.Running)
        compare(task.complete(1), false)
        waitFor(() => task.status === TaskManager.TimedOut, "the end")
    }

    function test_b199_one_that_was_not_started_is_not_told_to_stop() {
        const task = make({ running: true })
        compare(task.cancel(), true)
        waitFor(() => !task.running, "the end")
        compare(log, [["cancelled", "User"]])
        const later = make({ delayMs: 3600000, running: true })
        compare(later.cancel(), true)
        waitFor(() => !later.running, "the end")
        compare(log, [["cancelled", "User"], ["cancelled", "User"]])
    }

    function test_b199_they_wait_for_their_turn() {
        const first = begun({ key: "turn" })
        const second = make({ key: "turn", running: true })
        waitFor(() => TaskManager.taskStatus(second.taskId) === TaskManager.Blocked, "the line")
        compare(log, [["started"]])
        first.complete(1)
        waitFor(() => second.status === TaskManager.Running, "the turn")
        second.complete(2)
        waitFor(() => !second.running, "the end")
        compare(log.filter(entry => entry[0] === "started").length, 2)
    }

    function test_b199_a_restart_stops_what_runs() {
        const task = begun({})
        task.stops = () => task.fail("aborted")
        const last = task.taskId
        compare(task.restart(), true)
        verify(task.taskId !== last)
        compare(TaskManager.taskStatus(last), TaskManager.Cancelled)
        task.complete(7)
        waitFor(() => task.status === TaskManager.Completed, "the end")
        compare(task.result, 7)
    }

    function test_b199_it_goes_with_its_object() {
        const task = tasks.createObject(externalCase, { journal: externalCase, running: true })
        waitFor(() => task.status === TaskManager.Running, "the start")
        const id = task.taskId
        task.destroy()
        waitFor(() => TaskManager.taskStatus(id) === TaskManager.Cancelled, "the end")
    }

    function test_b199_what_cannot_be_is_refused() {
        const task = make({ options: { retry: 3 } })
        ignoreWarning(/retry is for work that can run again/)
        compare(task.start(), false)
        compare(task.status, TaskManager.Failed)
        compare(task.error.kind, "Refused")
        task.options = { periodic: true, intervalMs: 10 }
        ignoreWarning(/periodic/)
        compare(task.start(), false)
        for (const option of ["mayBlock", "pausable", "maxUndelivered", "whenFull"]) {
            task.options = { [option]: 1 }
            ignoreWarning(new RegExp(`options.${option} is for work that a worker runs, and this has no body`))
            compare(task.start(), false)
        }
        // What was left out is no option.
        task.options = { mayBlock: undefined, whenFull: undefined }
        verify(task.start())
        task.cancel()
        waitFor(() => task.status === TaskManager.Cancelled, "the end")
    }
}
