import QtQuick
import QtTest
import Legwork
import LegworkTests

// cancelTask: what it answers, and what comes of it.
Case {
    name: "Cancel"

    function test_b47_a_queued_task() {
        TaskManager.maxWorkers = 1
        hold("gate")
        const log = []
        const id = TaskManager.runInThread("note", ["ran"], { onComplete: () => log.push("complete"),
                                                              onCancelled: reason => log.push(reason) })
        compare(TaskManager.taskStatus(id), TaskManager.Queued)
        compare(TaskManager.cancelTask(id), TaskManager.CancelledBeforeStart)
        compare(TaskManager.taskStatus(id), TaskManager.Cancelled)
        compare(TaskManager.queuedCount, 0)
        // Nothing is told inside the call.
        compare(log, [])
        waitForEnd(id)
        compare(log, ["User"])
        Rig.release("gate")
        flush()
        compare(eventsOf(id), [["taskCancelled"]])
        compare(Rig.noted(), "")
        compare(TaskManager.taskInfo(id).cancelReason, "User")
        compare(TaskManager.taskInfo(id).started, null)
    }

    function test_b29_a_delayed_task() {
        const id = TaskManager.runLater(60000, "note", ["ran"])
        compare(TaskManager.cancelTask(id), TaskManager.CancelledBeforeStart)
        waitForEnd(id)
        compare(eventsOf(id), [["taskCancelled"]])
        compare(Rig.noted(), "")
    }

    Component {
        id: page
        QtObject {
            objectName: "page"
        }
    }

    function test_b146_all_tasks_of_an_owner() {
        const mine = page.createObject(null), other = page.createObject(null)
        compare(TaskManager.waitForAll(mine, 1000), TaskManager.Done)
        verify(TaskManager.cancelAll(mine))
        const ids = [1, 2, 3].map(() => TaskManager.runInThread("obey", [], { owner: mine }))
        const detached = TaskManager.runLater(60000, "note", ["ran"], { owner: mine, detached: true })
        const others = TaskManager.runLater(60000, "note", ["ran"], { owner: other })
        compare(TaskManager.waitForAll(mine, 1), TaskManager.WaitTimeout)
        verify(TaskManager.cancelAll(mine))
        compare(TaskManager.waitForAll(mine, 10000), TaskManager.Done)
        for (const id of ids) {
            compare(TaskManager.taskStatus(id), TaskManager.Cancelled)
            compare(TaskManager.waitForBody(id, 1000), TaskManager.Done)
        }
        compare(TaskManager.taskStatus(detached), TaskManager.Delayed)
        compare(TaskManager.taskStatus(others), TaskManager.Delayed)
        TaskManager.cancelTask(detached)
        mine.destroy()
        other.destroy()
        waitForEnd(others)
        compare(TaskManager.waitForBody("no id", 1000), TaskManager.UnknownTask)
    }

    SignalSpy {
        id: limitReached
        target: TaskManager
        signalName: "limitReached"
    }

    function test_b214_b215_limits_of_an_owner() {
        const mine = page.createObject(null), other = page.createObject(null)
        compare(TaskManager.tasksOf(mine), [])
        compare(TaskManager.limitsOf(mine), {})
        verify(TaskManager.setLimits(mine, { maxRunning: 1, maxQueued: 2, maxDelayed: 1 }))
        compare(TaskManager.limitsOf(mine), { maxRunning: 1, maxQueued: 2, maxDelayed: 1 })
        const obey = () => TaskManager.runInThread("obey", [], { owner: mine })
        const first = obey()
        waitForEvent(first, "taskStarted")
        const ids = [first, obey(), obey()]
        limitReached.clear()
        try {
            TaskManager.runInThread("obey", [], { owner: mine })
            fail("it is refused")
        } catch (error) {
            compare(error.message, 'the limit of the owner "page" is reached: maxQueued is 2, and it has 2 such tasks; ' +
                    'submit again when there are fewer')
        }
        compare(TaskManager.tasksOf(mine).map(info => info.id), ids)
        limitReached.wait(10000)
        compare(Array.from(limitReached.signalArguments[0]), ["page", "maxQueued"])
        // Nobody else is held up; and it may have one that is delayed.
        const others = TaskManager.runInThread("echo", [1], { owner: other })
        waitForEnd(others)
        compare(TaskManager.taskStatus(others), TaskManager.Completed)
        ids.push(TaskManager.runLater(60000, "obey", [], { owner: mine }))
        compare(TaskManager.taskStatus(ids[1]), TaskManager.Queued)
        verify(TaskManager.setLimits(mine, {}))
        compare(TaskManager.limitsOf(mine), {})
        waitForEvent(ids[1], "taskStarted")
        verify(TaskManager.cancelAll(mine))
        compare(TaskManager.waitForAll(mine, 10000), TaskManager.Done)
        mine.destroy()
        other.destroy()
    }

    function test_b48_a_running_task_that_obeys() {
        const log = []
        const id = TaskManager.runInThread("obey", [], { onCancelled: reason => log.push(reason), onError: () => log.push("error") })
        waitForEvent(id, "taskStarted")
        compare(TaskManager.cancelTask(id), TaskManager.CancelRequested)
        waitForEnd(id)
        compare(eventsOf(id), [["taskStarted"], ["taskCancelled"]])
        compare(log, ["User"])
        const info = TaskManager.taskInfo(id)
        compare(info.statusName, "Cancelled")
        compare(info.cancelRequested, true)
        compare(info.cancelReason, "User")
        compare(info.error, null)
    }

    function test_b48_a_running_task_that_does_not_obey_keeps_its_result() {
        const id = hold("gate")
        compare(TaskManager.cancelTask(id), TaskManager.CancelRequested)
        compare(TaskManager.taskStatus(id), TaskManager.Running)
        compare(TaskManager.taskInfo(id).cancelRequested, true)
        flush()
        compare(namesOf(id), "taskStarted")
        Rig.release("gate")
        waitForEnd(id)
        compare(eventsOf(id), [["taskStarted"], ["taskCompleted", "gate"]])
        compare(TaskManager.taskStatus(id), TaskManager.Completed)
        compare(TaskManager.taskInfo(id).cancelRequested, true)
    }

    function test_b49_a_finished_task() {
        for (const id of [run("echo", [1]), run("fail", ["no"])]) {
            const before = TaskManager.taskInfo(id)
            compare(TaskManager.cancelTask(id), TaskManager.AlreadyFinished)
            flush()
            compare(eventsOf(id).length, 2)
            compare(TaskManager.taskInfo(id), before)
        }
    }

    function test_b50_twice() {
        const id = TaskManager.runLater(60000, "echo")
        compare(TaskManager.cancelTask(id), TaskManager.CancelledBeforeStart)
        compare(TaskManager.cancelTask(id), TaskManager.AlreadyFinished)
        waitForEnd(id)
        flush()
        compare(eventsOf(id), [["taskCancelled"]])

        const running = hold("gate")
        compare(TaskManager.cancelTask(running), TaskManager.CancelRequested)
        compare(TaskManager.cancelTask(running), TaskManager.CancelRequested)
        Rig.release("gate")
        waitForEnd(running)
        flush()
        compare(namesOf(running), "taskStarted taskCompleted")
    }

    function test_b41_a_periodic_task_between_runs() {
        const id = TaskManager.runPeriodic(60000, "iteration")
        waitForEvent(id, "taskPeriodic")
        compare(TaskManager.taskStatus(id), TaskManager.Delayed)
        TaskManager.cancelTask(id)
        waitForEnd(id)
        compare(eventsOf(id), [["taskStarted"], ["taskPeriodic", 1, 1], ["taskCancelled"]])
        compare(TaskManager.taskInfo(id).iteration, 1)
    }

    function test_b41_a_periodic_task_during_a_run() {
        const log = []
        const id = TaskManager.runPeriodic(1, "hold", ["gate"], { onComplete: result => log.push(result),
                                                                  onCancelled: reason => log.push(reason) })
        waitFor(() => Rig.holds("gate"), "the first run")
        compare(TaskManager.cancelTask(id), TaskManager.CancelRequested)
        Rig.release("gate")
        waitForEnd(id)
        flush()
        compare(eventsOf(id), [["taskStarted"], ["taskPeriodic", 1, "gate"], ["taskCancelled"]])
        compare(log, ["gate", "User"])
    }

    function test_b42_never_again_after_cancel_and_wait() {
        for (let round = 0; round < 20; ++round) {
            const id = TaskManager.runPeriodic(1, "note", ["run"])
            waitForEvent(id, "taskStarted")
            TaskManager.cancelTask(id)
            compare(TaskManager.waitForTask(id, 10000), TaskManager.Done)
            const noted = Rig.noted()
            flush()
            compare(Rig.noted(), noted)
            compare(eventsOf(id).filter(event => event[0] === "taskCancelled").length, 1)
        }
    }

    function test_b52_many_while_many_are_submitted() {
        const ids = []
        for (let number = 0; number < 500; ++number) {
            ids.push(TaskManager.runInThread("echo", [number]))
            if (number % 2)
                TaskManager.cancelTask(ids[number - 1])
        }
        ids.forEach(waitForEnd)
        flush()
        for (const id of ids) {
            const names = namesOf(id)
            verify(["taskStarted taskCompleted", "taskCancelled"].includes(names), names)
        }
    }

    function test_b15_an_unknown_task() {
        compare(TaskManager.cancelTask("0b16ba6e-3c1e-4d0a-9d6e-0f8a3e0d9f10"), TaskManager.UnknownTask)
    }
}
