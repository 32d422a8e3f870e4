import QtQuick
import QtTest
import Legwork
import LegworkTests

// The signals: their arguments and types, their order, and what else is true when they come.
Case {
    id: signals
    name: "Signals"

    // What is done when a signal comes; emptied after each test.
    property var startedSlot: null
    property var completedSlot: null

    Connections {
        target: TaskManager

        function onTaskStarted(id) { if (signals.startedSlot) signals.startedSlot.call(null, id) }
        function onTaskCompleted(id, result) { if (signals.completedSlot) signals.completedSlot.call(null, id, result) }
    }

    function cleanup() {
        signals.startedSlot = null
        signals.completedSlot = null
        endAll()
    }

    SignalSpy { id: started; target: TaskManager; signalName: "taskStarted" }
    SignalSpy { id: completed; target: TaskManager; signalName: "taskCompleted" }
    SignalSpy { id: failed; target: TaskManager; signalName: "taskFailed" }
    SignalSpy { id: cancelled; target: TaskManager; signalName: "taskCancelled" }
    SignalSpy { id: periodic; target: TaskManager; signalName: "taskPeriodic" }
    SignalSpy { id: progress; target: TaskManager; signalName: "taskProgress" }
    SignalSpy { id: allFinished; target: TaskManager; signalName: "allTasksFinished" }
    SignalSpy { id: active; target: TaskManager; signalName: "activeCountChanged" }
    SignalSpy { id: queued; target: TaskManager; signalName: "queuedCountChanged" }
    SignalSpy { id: workers; target: TaskManager; signalName: "maxWorkersChanged" }
    SignalSpy { id: errors; target: TaskManager; signalName: "lastErrorChanged" }

    function init() {
        begin()
        for (const spy of [started, completed, failed, cancelled, periodic, progress, allFinished, active, queued,
                           workers, errors])
            spy.clear()
    }

    function argumentsOf(spy, id) {
        return spy.signalArguments.filter(list => list[0] === id).map(list => Array.from(list))
    }

    function test_b69_started_and_completed_have_an_id_and_a_result() {
        const id = run("echo", [5])
        compare(typeof id, "string")
        verify(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id), id)
        compare(argumentsOf(started, id), [[id]])
        compare(argumentsOf(completed, id), [[id, 5]])
        compare(argumentsOf(failed, id), [])
        compare(argumentsOf(cancelled, id), [])
    }

    function test_b69_the_types_of_all_arguments() {
        const types = {}
        const note = (name, ...values) => types[name] = values.map(value => typeof value).join(" ")
        const connections = [
            [TaskManager.taskStarted, (...values) => note("started", ...values)],
            [TaskManager.taskProgress, (...values) => note("progress", ...values)],
            [TaskManager.taskCompleted, (...values) => note("completed", ...values)],
            [TaskManager.taskPeriodic, (...values) => note("periodic", ...values)],
            [TaskManager.taskFailed, (...values) => note("failed", ...values)],
            [TaskManager.taskCancelled, (...values) => note("cancelled", ...values)],
            [TaskManager.allTasksFinished, (...values) => note("all", ...values)],
        ]
        for (const [signal, slot] of connections)
            signal.connect(slot)
        run("progress", [[[0.5, "half"]]])
        run("fail", ["no"])
        waitForEnd(TaskManager.runPeriodic(1, "iteration", [], { maxRuns: 2 }))
        const held = hold("x")
        const id = TaskManager.runLater(1e9, "echo")
        TaskManager.cancelTask(id)
        waitForEnd(id)
        run("made", ["i64"])
        Rig.release("x")
        waitForEnd(held)
        run("echo", [1.5])
        waitFor(() => types.all !== undefined)
        for (const [signal, slot] of connections)
            signal.disconnect(slot)
        compare(types, {
            started: "string", progress: "string number string", completed: "string number",
            periodic: "string number number", failed: "string string", cancelled: "string", all: "",
        })
    }

    function test_b213_an_accepted_task_is_told_of_first() {
        const queuedIds = []
        let first = ""
        const note = id => {
            queuedIds.push(id)
            first = first || namesOf(id)
        }
        run("echo", [0])
        TaskManager.taskQueued.connect(note)
        const later = TaskManager.runLater(1e9, "echo")
        const now = run("echo", [1])
        compare(queuedIds, [later, now])
        compare(first, "")
        const view = TaskManager.task(later)
        compare(view.status, TaskManager.Delayed)
        TaskManager.cancelTask(later)
        waitForEnd(later)
        TaskManager.taskQueued.disconnect(note)
        run("echo", [2])
        run("echo", [3])
        compare(queuedIds, [later, now])
    }

    function test_b69_a_result_keeps_its_type() {
        const results = [["true", "boolean"], ["float", "number"], ["i64", "number"], ["text", "string"],
                         ["list", "object"], ["map", "object"], ["undefined", "undefined"]]
        for (const [kind, type] of results) {
            const id = run("made", [kind])
            compare(typeof eventsOf(id)[1][1], type, kind)
        }
    }

    function test_b69_failed_has_the_message() {
        const id = run("fail", ["the disk is full"])
        compare(argumentsOf(failed, id), [[id, "the disk is full"]])
        compare(eventsOf(id), [["taskStarted"], ["taskFailed", "the disk is full"]])
    }

    function test_b47_cancelled_before_its_start_has_no_started() {
        const id = TaskManager.runLater(60000, "echo")
        TaskManager.cancelTask(id)
        waitForEnd(id)
        compare(eventsOf(id), [["taskCancelled"]])
        compare(argumentsOf(cancelled, id), [[id]])
    }

    function test_b70_iterations_count_from_one_after_one_started() {
        const id = TaskManager.runPeriodic(1, "iteration", [], { maxRuns: 3 })
        waitForEnd(id)
        compare(eventsOf(id), [["taskStarted"], ["taskPeriodic", 1, 1], ["taskPeriodic", 2, 2], ["taskPeriodic", 3, 3],
                               ["taskCompleted", 3]])
        compare(argumentsOf(periodic, id)[0], [id, 1, 1])
        compare(typeof argumentsOf(periodic, id)[0][1], "number")
    }

    function test_b70_progress_lies_between_started_and_the_end() {
        const id = run("progress", [[[0.25, "a"], [0.5, "b"], [1, "done"]]])
        const all = eventsOf(id)
        compare(all[0], ["taskStarted"])
        compare(all[all.length - 1], ["taskCompleted", undefined])
        // The last is always told; those before it, if a frame went by.
        compare(all[all.length - 2], ["taskProgress", 1, "done"])
        for (const event of all.slice(1, -1))
            compare(event[0], "taskProgress")
    }

    function test_b74_progress_values_and_messages() {
        const steps = [[0, "begun"], [0.5, "half"], [0.75], [undefined, "who knows"], [1, ""]]
        const id = TaskManager.runInThread("progress", [steps, "step"])
        const told = () => eventsOf(id).filter(event => event[0] === "taskProgress").map(event => event.slice(1))
        for (let step = 1; step <= steps.length; ++step) {
            waitFor(() => told().length === step, "progress " + step)
            Rig.release("step")
        }
        waitForEnd(id)
        compare(told(), [[0, "begun"], [0.5, "half"], [0.75, "half"], [-1, "who knows"], [1, ""]])
    }

    function test_b74_the_last_progress_stays_in_the_info() {
        const id = run("progress", [[[0.5, "half way"]]])
        compare(TaskManager.taskInfo(id).progress, 0.5)
        compare(TaskManager.taskInfo(id).message, "half way")
    }

    function test_b72_no_signal_comes_before_the_id() {
        const order = []
        for (let count = 0; count < 200; ++count) {
            let known = ""
            signals.startedSlot = id => order.push(id === known || known !== "")
            known = TaskManager.runInThread("echo")
            // The call returned, and nothing was told yet of this task.
            compare(eventsOf(known), [])
            waitForEnd(known)
        }
        compare(order.length, 200)
        verify(order.every(fine => fine))
    }

    function test_b70_signals_come_before_callbacks() {
        const log = []
        signals.startedSlot = id => log.push("started")
        signals.completedSlot = id => log.push("completed")
        const id = TaskManager.runInThread("progress", [[[1, "x"]]], {
            onProgress: () => log.push("onProgress after " + namesOf(id)),
            onComplete: () => log.push("onComplete after " + namesOf(id)),
        })
        waitForEnd(id)
        compare(log, ["started", "onProgress after taskStarted taskProgress", "completed",
                      "onComplete after taskStarted taskProgress taskCompleted"])
    }

    function test_b75_the_status_in_a_slot_is_what_the_slot_tells() {
        const seen = []
        signals.startedSlot = id => seen.push(["started", TaskManager.taskStatus(id) >= TaskManager.Running])
        signals.completedSlot = (id, result) => seen.push(["completed", TaskManager.taskStatus(id), TaskManager.taskInfo(id).result])
        run("echo", ["x"])
        compare(seen, [["started", true], ["completed", TaskManager.Completed, "x"]])

        signals.startedSlot = null
        signals.completedSlot = null
        const statuses = []
        const onFailed = id => statuses.push(TaskManager.taskStatus(id))
        TaskManager.taskFailed.connect(onFailed)
        TaskManager.taskCancelled.connect(onFailed)
        run("fail", ["x"])
        const id = TaskManager.runLater(60000, "echo")
        TaskManager.cancelTask(id)
        waitForEnd(id)
        run("obey", [], { timeoutMs: 1 })
        TaskManager.taskFailed.disconnect(onFailed)
        TaskManager.taskCancelled.disconnect(onFailed)
        compare(statuses, [TaskManager.Failed, TaskManager.Cancelled, TaskManager.TimedOut])
    }

    function test_b75_the_status_in_a_callback_is_the_end() {
        let status = -1
        let id = ""
        id = TaskManager.runInThread("echo", [], { onComplete: () => status = TaskManager.taskStatus(id) })
        waitForEnd(id)
        compare(status, TaskManager.Completed)
    }

    function test_b76_all_tasks_finished_comes_once_and_last() {
        const first = hold("first")
        const second = hold("second")
        Rig.release("first")
        waitForEnd(first)
        flush()
        compare(allFinished.count, 0)
        Rig.release("second")
        waitForEnd(second)
        allFinished.wait()
        flush()
        const own = events.filter(event => [first, second, ""].includes(event[1])).map(event => event[0])
        compare(own, ["taskStarted", "taskStarted", "taskCompleted", "taskCompleted", "allTasksFinished"].concat(
                    own.slice(5)))
        verify(own.slice(5).every(name => name === "allTasksFinished"))
    }

    function test_b76_delayed_tasks_do_not_hold_it_up() {
        const delayed = TaskManager.runLater(60000, "echo")
        run("echo")
        waitFor(() => allFinished.count > 0, "allTasksFinished")
        compare(TaskManager.taskStatus(delayed), TaskManager.Delayed)
    }

    function test_b76_counts_follow() {
        TaskManager.maxWorkers = 1
        const first = hold("first")
        const second = TaskManager.runInThread("echo")
        const third = TaskManager.runLater(60000, "echo")
        compare(TaskManager.activeCount, 1)
        compare(TaskManager.queuedCount, 1)
        waitFor(() => active.count > 0, "activeCountChanged")
        Rig.release("first")
        waitForEnd(second)
        waitFor(() => TaskManager.activeCount === 0 && queued.count > 0, "the counts")
        compare(TaskManager.queuedCount, 0)
        compare(TaskManager.taskStatus(first), TaskManager.Completed)
        compare(TaskManager.taskStatus(third), TaskManager.Delayed)
    }

    function test_b76_a_binding_to_the_counts_is_told() {
        const id = hold("x")
        waitFor(() => bound.busy, "the binding")
        Rig.release("x")
        waitForEnd(id)
        waitFor(() => !bound.busy, "the binding")
        verify(bound.changes >= 2)
    }

    QtObject {
        id: bound
        property int changes: 0
        property bool busy: TaskManager.activeCount > 0
        onBusyChanged: ++changes
    }

    function test_b108_max_workers_is_told_once_a_change() {
        TaskManager.maxWorkers = 2
        TaskManager.maxWorkers = 2
        compare(TaskManager.maxWorkers, 2)
        compare(workers.count, 1)
    }

    function test_b77_a_hundred_tasks_lose_no_signal() {
        const ids = []
        for (let number = 0; number < 100; ++number)
            ids.push(TaskManager.runInThread("echo", [number]))
        ids.forEach(waitForEnd)
        ids.forEach((id, number) => compare(eventsOf(id), [["taskStarted"], ["taskCompleted", number]]))
        compare(new Set(ids).size, 100)
    }

    function test_b76_task_info_of_a_completed_task() {
        const before = Date.now()
        const id = run("echo", ["x"], { name: "Say x", priority: TaskManager.High })
        const info = TaskManager.taskInfo(id)
        // <vocabulary: shown keys>
        const shown = ["key", "mayBlock"]
        // </vocabulary>
        compare(Object.keys(info).sort(), [...shown, "amount", "attempt", "attempts", "canRetry", "cancelReason", "cancelRequested", "created",
                "due", "error", "finished", "id", "iteration", "job", "members", "message", "name", "owner", "pauseReason",
                "periodic", "priority", "progress", "result", "retryOf", "sourceLocation",
                "started", "status", "statusName", "waitsFor"].sort())
        compare(info.id, id)
        compare(info.status, TaskManager.Completed)
        compare(info.statusName, "Completed")
        compare(info.priority, TaskManager.High)
        compare(info.name, "Say x")
        compare(info.job, "echo")
        compare(info.owner, "")
        compare(info.message, "")
        compare(info.periodic, false)
        compare(info.cancelRequested, false)
        compare(info.cancelReason, "")
        compare(info.result, "x")
        compare(info.error, null)
        // That counts the runs of a periodic task.
        compare(info.iteration, 0)
        for (const key of ["created", "started", "finished"])
            verify(info[key] instanceof Date, key)
        verify(info.created.getTime() >= before - 1)
        verify(info.created <= info.started && info.started <= info.finished)
        verify(info.finished.getTime() <= Date.now() + 1)
    }

    function test_b76_task_info_of_a_failed_task() {
        const id = run("fail", ["no"])
        const info = TaskManager.taskInfo(id)
        compare(info.status, TaskManager.Failed)
        compare(info.statusName, "Failed")
        compare(info.result, undefined)
        compare(info.error, { kind: "Failed", message: "no", origin: "jobs.rs", attempt: 1, attempts: 1, reason: "" })
        compare(info.name, "fail")
    }

    function test_b90_a_panic_is_a_failure() {
        const id = run("panic", ["expected"])
        compare(eventsOf(id), [["taskStarted"], ["taskFailed", "expected"]])
        const error = TaskManager.taskInfo(id).error
        compare(error.kind, "Panic")
        compare(error.message, "expected")
        compare(error.attempt, 1)
        // The worker goes on.
        compare(eventsOf(run("echo", [1]))[1], ["taskCompleted", 1])
    }

    function test_b76_task_info_of_tasks_that_have_not_ended() {
        TaskManager.maxWorkers = 1
        const running = hold("x")
        const queuedId = TaskManager.runInThread("echo")
        const delayed = TaskManager.runLater(60000, "echo")
        const every = TaskManager.runPeriodic(60000, "echo", [], { firstRun: TaskManager.AfterInterval })
        const infos = []
        for (const id of [running, queuedId, delayed, every])
            infos.push(TaskManager.taskInfo(id))
        compare(infos.map(info => info.statusName), ["Running", "Queued", "Delayed", "Delayed"])
        compare(infos.map(info => info.status),
                [TaskManager.Running, TaskManager.Queued, TaskManager.Delayed, TaskManager.Delayed])
        compare(infos.map(info => info.periodic), [false, false, false, true])
        compare(infos.map(info => info.started instanceof Date), [true, false, false, false])
        compare(infos[1].started, null)
        compare(infos.map(info => info.finished), [null, null, null, null])
        compare(infos.map(info => info.result), [undefined, undefined, undefined, undefined])
    }

    function test_b88_the_started_slot_may_cancel_and_submit() {
        let second = ""
        let answer = -1
        signals.startedSlot = id => {
            signals.startedSlot = null
            answer = TaskManager.cancelTask(id)
            second = TaskManager.runInThread("echo", ["second"])
        }
        const first = TaskManager.runInThread("obey")
        waitForEnd(first)
        waitForEnd(second)
        compare(answer, TaskManager.CancelRequested)
        compare(namesOf(first), "taskStarted taskCancelled")
        compare(eventsOf(second), [["taskStarted"], ["taskCompleted", "second"]])
    }

    function test_b91_a_slot_that_throws_disturbs_nobody() {
        signals.completedSlot = () => { throw new Error("from a slot") }
        ignoreWarning(/Error: from a slot/)
        const first = run("echo", [1])
        signals.completedSlot = null
        const second = run("echo", [2])
        compare(eventsOf(first)[1], ["taskCompleted", 1])
        compare(eventsOf(second)[1], ["taskCompleted", 2])
    }
}
