import QtQuick
import QtTest
import Legwork
import Legwork.Testing
import LegworkTests

// `import Legwork.Testing`. Each function makes its clock, as the tests before and after have threads.
TestCase {
    id: testCase
    name: "Testing"

    property var told: []

    Component { id: clocks; VirtualClock { } }
    Component { id: spies; TaskSpy { } }

    Connections {
        target: TaskManager
        function onTaskCompleted(id, result) { testCase.told.push(result) }
        function onTaskPeriodic(id, iteration, result) { testCase.told.push("run " + iteration) }
    }

    function init() {
        // Of the tests before.
        tryVerify(() => Rig.idle(), 60000)
        Rig.beginFunction()
        failOnWarning(/.?/)
        told = []
    }

    function cleanup() {
        Rig.endFunction()
    }

    function clockOf(properties) {
        const clock = createTemporaryObject(clocks, testCase, properties ?? {})
        verify(clock.active)
        return clock
    }

    function thrown(call) {
        try {
            call()
        } catch (error) {
            return error.message
        }
        return "nothing"
    }

    function test_b385_an_hour_takes_no_time() {
        const clock = clockOf({ seed: 5 })
        compare(clock.seed, 5)
        TaskManager.runPeriodic(20 * 60000, "iteration", [], { name: "Sync" })
        TaskManager.runLater(30 * 60000, "echo", ["late"])
        clock.runUntilIdle()
        compare(told, ["run 1"])
        clock.fastForwardBy(60 * 60000)
        compare(told, ["run 1", "run 2", "late", "run 3", "run 4"])
        compare(clock.now, 60 * 60000)
        const pending = clock.pendingTasks()
        compare(pending.map(task => [task.name, task.status, task.dueInMs]), [["Sync", TaskManager.Delayed, 20 * 60000]])
        TaskManager.cancelTask(pending[0].id)
        TaskManager.runLater(60000, "echo", ["later"])
        clock.advanceClock(5 * 60000)
        compare(told.length, 5)
        clock.runUntilIdle()
        compare(told[5], "later")
        compare(clock.pendingTasks(), [])
        clock.active = false
    }

    function test_b385_what_cannot_be_done_is_an_exception() {
        const clock = clockOf()
        compare(thrown(() => clock.fastForwardBy(-5)), "VirtualClock: fastForwardBy: the time is -5 ms; expected 0 or more")
        verify(thrown(() => { clock.seed = 3 }).startsWith("VirtualClock: seed: the clock is active"))
        const second = createTemporaryObject(clocks, testCase)
        verify(!second.active)
        verify(thrown(() => second.runUntilIdle()).startsWith("VirtualClock: a virtual clock is there already"))
        TaskManager.runLater(1000, "echo", [1], { name: "Late" })
        clock.active = false
        compare(thrown(() => clock.runUntilIdle()), "VirtualClock: it is not active; set active to true")
        verify(thrown(() => { clock.active = true }).includes("\"Late\" (Delayed, due in"))
    }

    function test_b386_a_spy_keeps_what_is_told() {
        const clock = clockOf()
        const id = TaskManager.runLater(20 * 60000, "echo", [7])
        const spy = createTemporaryObject(spies, testCase, { taskId: id })
        verify(!spy.wait(19 * 60000))
        verify(!spy.ended)
        verify(spy.wait(60 * 60000))
        compare(clock.now, 20 * 60000)
        compare(spy.result, 7)
        compare(spy.events, [["taskStarted", id], ["taskCompleted", id, 7]])
        compare(spy.count, 2)
        spy.clear()
        const periodic = TaskManager.runPeriodic(60000, "failIn", [[1]])
        spy.taskId = periodic
        verify(spy.waitFor("taskPeriodic", 2, 10 * 60000))
        compare(spy.error, "run 1")
        verify(!spy.ended)
        TaskManager.cancelTask(periodic)
        verify(spy.wait())
        compare(spy.times("taskCancelled"), 1)
        clock.active = false
    }

    function test_b386_without_a_clock_it_waits_in_an_event_loop() {
        const spy = createTemporaryObject(spies, testCase, { taskId: TaskManager.runInThread("echo", [8]) })
        verify(spy.wait(60000))
        compare(spy.result, 8)
    }

    function test_b385_models_show_what_the_clock_has_done() {
        const clock = clockOf()
        const model = createTemporaryObject(models, testCase)
        TaskManager.runLater(60000, "echo", [1], { name: "A" })
        clock.runUntilIdle()
        const before = model.finishedCount
        compare(model.delayedCount, 1)
        clock.fastForwardBy(60000)
        compare([model.delayedCount, model.finishedCount], [0, before + 1])
        clock.active = false
    }

    Component { id: models; TaskModel { } }
}
