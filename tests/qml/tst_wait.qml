import QtQuick
import Legwork
import LegworkTests

// waitForTask on the UI thread: what it answers, and that nothing is delivered meanwhile.
Case {
    name: "Wait"

    function test_b58_a_task_that_is_not_yet_started() {
        const id = TaskManager.runInThread("echo", [5])
        compare(TaskManager.waitForTask(id), TaskManager.Done)
        compare(TaskManager.taskStatus(id), TaskManager.Completed)
        compare(TaskManager.taskInfo(id).result, 5)
        // Nothing was delivered in the call.
        compare(eventsOf(id), [])
        waitForEnd(id)
        compare(eventsOf(id), [["taskStarted"], ["taskCompleted", 5]])
    }

    function test_b66_nothing_is_delivered_meanwhile() {
        let calls = 0
        const first = TaskManager.runInThread("progress", [[[0.5, "half"], [1, "all"]]],
                                              { onComplete: () => ++calls, onProgress: () => ++calls })
        const second = TaskManager.runInThread("echo", [], { onComplete: () => ++calls })
        const timer = Qt.createQmlObject("import QtQml; Timer { interval: 0; running: true }", this)
        let ticks = 0
        timer.triggered.connect(() => ++ticks)
        compare(TaskManager.waitForTask(first, 10000), TaskManager.Done)
        compare(TaskManager.waitForTask(second, 10000), TaskManager.Done)
        compare(calls, 0)
        compare(ticks, 0)
        compare(events.filter(event => event[1] !== ""), [])
        waitForEnd(first)
        waitForEnd(second)
        compare(calls >= 3, true)
        timer.destroy()
    }

    function test_b59_a_second_wait_returns_at_once() {
        const id = run("echo")
        for (let count = 0; count < 3; ++count)
            compare(TaskManager.waitForTask(id, 0), TaskManager.Done)
    }

    function test_b60_a_time_out_leaves_the_task_alone() {
        const id = hold("gate")
        compare(TaskManager.waitForTask(id, 0), TaskManager.WaitTimeout)
        compare(TaskManager.waitForTask(id, 1), TaskManager.WaitTimeout)
        compare(TaskManager.waitForTask(id, 0.5), TaskManager.WaitTimeout)
        compare(TaskManager.taskStatus(id), TaskManager.Running)
        compare(TaskManager.taskInfo(id).cancelRequested, false)
        Rig.release("gate")
        compare(TaskManager.waitForTask(id, 3153600000000), TaskManager.Done)
    }

    function test_b60_a_queued_task_does_not_run_here() {
        TaskManager.maxWorkers = 1
        hold("gate")
        const id = TaskManager.runInThread("note", ["ran"])
        compare(TaskManager.waitForTask(id, 1), TaskManager.WaitTimeout)
        compare(Rig.noted(), "")
        compare(TaskManager.taskStatus(id), TaskManager.Queued)
    }

    function test_b68_every_kind_of_end_is_done() {
        const failing = TaskManager.runInThread("fail", ["no"])
        compare(TaskManager.waitForTask(failing, 10000), TaskManager.Done)
        compare(TaskManager.taskStatus(failing), TaskManager.Failed)
        const cancelled = TaskManager.runLater(60000, "echo")
        TaskManager.cancelTask(cancelled)
        compare(TaskManager.waitForTask(cancelled, 10000), TaskManager.Done)
        const obeying = TaskManager.runInThread("obey")
        TaskManager.cancelTask(obeying)
        compare(TaskManager.waitForTask(obeying, 10000), TaskManager.Done)
        compare(TaskManager.taskStatus(obeying), TaskManager.Cancelled)
        const late = TaskManager.runInThread("obey", [], { timeoutMs: 1 })
        compare(TaskManager.waitForTask(late, 10000), TaskManager.Done)
        compare(TaskManager.taskStatus(late), TaskManager.TimedOut)
    }

    function test_b41_a_periodic_task_ends_with_its_limit() {
        const id = TaskManager.runPeriodic(1, "iteration", [], { maxRuns: 3 })
        compare(TaskManager.waitForTask(id, 10000), TaskManager.Done)
        compare(TaskManager.taskInfo(id).result, 3)
    }

    function test_b15_an_unknown_task() {
        compare(TaskManager.waitForTask("0b16ba6e-3c1e-4d0a-9d6e-0f8a3e0d9f10", 60000), TaskManager.UnknownTask)
        compare(TaskManager.waitForTask("0b16ba6e-3c1e-4d0a-9d6e-0f8a3e0d9f10"), TaskManager.UnknownTask)
    }

    function test_b88_a_slot_may_wait() {
        const other = TaskManager.runInThread("echo", ["other"])
        let answer = -1
        const slot = () => {
            TaskManager.taskStarted.disconnect(slot)
            answer = TaskManager.waitForTask(other, 10000)
        }
        TaskManager.taskStarted.connect(slot)
        run("echo")
        waitForEnd(other)
        compare(answer, TaskManager.Done)
        compare(namesOf(other), "taskStarted taskCompleted")
    }
}
