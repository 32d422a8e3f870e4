import QtQuick
import QtTest
import Legwork
import LegworkTests

// The root of each tst_*.qml: notes every signal of the TaskManager, waits for events, and ends what
// a test has begun. A warning that the test did not announce with ignoreWarning fails it.
TestCase {
    id: testCase

    // What came, in order: [signal, id, ...its arguments].
    property var events: []

    function initTestCase() {
        Rig.watchWarnings()
    }

    function init() {
        begin()
    }

    function cleanup() {
        endAll()
    }

    function begin() {
        failOnWarning(/.?/)
        Rig.beginFunction()
        TaskManager.maxWorkers = 4
        events = []
    }

    function endAll() {
        Rig.endFunction()
        waitFor(() => Rig.idle(), "all tasks end")
        flush()
    }

    // Delivers events until `done`. There is no time to pass here, only things to happen; a test that
    // hangs fails after a while.
    function waitFor(done, what) {
        const start = Date.now()
        while (!done()) {
            if (Date.now() - start > 10000)
                fail("did not come: " + (what ?? done))
            Rig.processEvents()
        }
    }

    // Waits until all that happened until now was delivered: events come in order.
    function flush() {
        const id = TaskManager.runInThread("echo", ["flush"])
        waitForEnd(id)
        events = events.filter(event => event[1] !== id)
    }

    // The events of one task, without its id: "taskStarted", ["taskCompleted", 5] ...
    function eventsOf(id) {
        return events.filter(event => event[1] === id).map(event => [event[0]].concat(event.slice(2)))
    }

    function namesOf(id) {
        return eventsOf(id).map(event => event[0]).join(" ")
    }

    function waitForEnd(id) {
        const ended = () => TaskManager.taskStatus(id) >= TaskManager.Completed
                          && /taskCompleted|taskFailed|taskCancelled/.test(namesOf(id))
        waitFor(ended, "the end of " + id)
    }

    function waitForEvent(id, signal) {
        waitFor(() => eventsOf(id).some(event => event[0] === signal), signal)
    }

    // Submits the job "hold", and waits until a worker is in it.
    function hold(name, options) {
        const id = TaskManager.runInThread("hold", [name], options)
        waitFor(() => Rig.holds(name), "a held worker")
        return id
    }

    // Runs a job to its end.
    function run(job, args, options) {
        const id = TaskManager.runInThread(job, args, options)
        waitForEnd(id)
        return id
    }

    Connections {
        target: TaskManager

        function onTaskStarted(id) { testCase.events.push(["taskStarted", id]) }
        function onTaskProgress(id, progress, message) { testCase.events.push(["taskProgress", id, progress, message]) }
        function onTaskRetrying(id, attempt, error, delayMs) { testCase.events.push(["taskRetrying", id, attempt, error, delayMs]) }
        function onTaskRetried(id, newId) { testCase.events.push(["taskRetried", id, newId]) }
        function onTaskValues(id, values) { testCase.events.push(["taskValues", id, values]) }
        function onTaskPaused(id, reason) { testCase.events.push(["taskPaused", id, reason]) }
        function onTaskResumed(id) { testCase.events.push(["taskResumed", id]) }
        function onTaskSlow(id, ms) { testCase.events.push(["taskSlow", id, ms]) }
        function onTaskCompleted(id, result) { testCase.events.push(["taskCompleted", id, result]) }
        function onTaskPeriodic(id, iteration, result) { testCase.events.push(["taskPeriodic", id, iteration, result]) }
        function onTaskFailed(id, error) { testCase.events.push(["taskFailed", id, error]) }
        function onTaskCancelled(id) { testCase.events.push(["taskCancelled", id]) }
        function onAllTasksFinished() { testCase.events.push(["allTasksFinished", ""]) }
    }
}
