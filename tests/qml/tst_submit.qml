import QtQuick
import Legwork
import LegworkTests

// Submitting: the forms of the calls, the options, the callbacks.
Case {
    id: submit
    name: "Submit"

    Component {
        id: objects
        QtObject {
            property var gone: null
            Component.onDestruction: if (gone) gone.call(null)
        }
    }
    Component { id: named; QtObject { objectName: "the page" } }

    function test_b01_run_in_thread_in_all_forms() {
        const ids = [run("count"), run("count", [1, 2]), run("count", [1, 2, 3], { name: "three" })]
        for (const [index, expected] of [[0, 0], [1, 2], [2, 3]])
            compare(eventsOf(ids[index]), [["taskStarted"], ["taskCompleted", expected]])
        compare(TaskManager.taskInfo(ids[0]).name, "count")
        compare(TaskManager.taskInfo(ids[2]).name, "three")
    }

    function test_b15_ids_are_never_the_same() {
        const ids = new Set()
        for (let number = 0; number < 500; ++number)
            ids.add(TaskManager.runInThread("echo"))
        compare(ids.size, 500)
        ids.forEach(waitForEnd)
    }

    function test_b02_a_burst_runs_completely() {
        let completed = 0
        for (let number = 0; number < 2000; ++number)
            TaskManager.runInThread("echo", [number], { onComplete: () => ++completed })
        waitFor(() => completed === 2000, "2000 callbacks")
        compare(TaskManager.queuedCount, 0)
    }

    function test_b01_args_may_be_undefined_or_null() {
        compare(eventsOf(run("count", undefined))[1][1], 0)
        compare(eventsOf(run("count", null, null))[1][1], 0)
        compare(eventsOf(run("count", [], undefined))[1][1], 0)
    }

    function test_b20_an_option_that_is_undefined_is_left_out() {
        const id = run("echo", [1], {
            // <vocabulary: undefined options>
            name: undefined, priority: undefined, timeoutMs: undefined, detached: undefined,
            mustRun: undefined, weight: undefined, key: undefined, keyPolicy: undefined, keyLimit: undefined,
            afterPolicy: undefined, retry: undefined, startTimeoutMs: undefined, warnAfterMs: undefined,
            transient: undefined, system: undefined, keepResult: undefined, mayBlock: undefined,
            pausable: undefined, maxUndelivered: undefined, whenFull: undefined,
            // </vocabulary>
            owner: undefined, onComplete: undefined, onError: undefined, onCancelled: undefined, onProgress: undefined,
            onStarted: undefined, onRetry: undefined, onSlow: undefined, onValues: undefined, onEnd: undefined,
        })
        compare(eventsOf(id), [["taskStarted"], ["taskCompleted", 1]])
        compare(TaskManager.taskInfo(id).priority, TaskManager.Normal)
    }

    function test_b20_a_text_that_is_empty_is_left_out() {
        compare(TaskManager.taskInfo(run("echo", [1], { name: "" })).name, "echo")
    }

    function test_b16_priorities_start_in_order() {
        TaskManager.maxWorkers = 1
        hold("gate")
        const ids = []
        for (const [name, priority] of [["low", TaskManager.Low], ["normal1", TaskManager.Normal], ["high1", TaskManager.High],
                                        ["normal2", undefined], ["high2", TaskManager.High]])
            ids.push(TaskManager.runInThread("note", [name], { priority: priority }))
        Rig.release("gate")
        ids.forEach(waitForEnd)
        compare(Rig.noted(), "high1 high2 normal1 normal2 low")
    }

    function test_b21_a_queued_task_can_be_moved() {
        TaskManager.maxWorkers = 1
        const gate = hold("gate")
        const first = TaskManager.runInThread("note", ["first"])
        const second = TaskManager.runInThread("note", ["second"])
        compare(TaskManager.setTaskPriority(second, TaskManager.High), true)
        compare(TaskManager.taskInfo(second).priority, TaskManager.High)
        compare(TaskManager.setTaskPriority(gate, TaskManager.High), false)
        Rig.release("gate")
        waitForEnd(first)
        waitForEnd(second)
        compare(Rig.noted(), "second first")
        compare(TaskManager.setTaskPriority(second, TaskManager.Low), false)
    }

    function test_b48_a_run_over_its_time_is_timed_out() {
        const errors = []
        const id = run("obey", [], { timeoutMs: 1, onError: error => errors.push(error) })
        compare(TaskManager.taskStatus(id), TaskManager.TimedOut)
        compare(namesOf(id), "taskStarted taskFailed")
        const info = TaskManager.taskInfo(id)
        compare(info.statusName, "TimedOut")
        compare(info.error.kind, "TimedOut")
        compare(info.error.reason, "Timeout")
        compare(errors, [info.error])
        compare(eventsOf(id)[1][1], info.error.message)
    }

    function test_b48_a_run_within_its_time_is_not() {
        compare(eventsOf(run("echo", [1], { timeoutMs: 60000 })), [["taskStarted"], ["taskCompleted", 1]])
    }

    function test_b80_an_owner_that_goes_cancels_and_silences() {
        TaskManager.maxWorkers = 1
        const owner = named.createObject(submit)
        let calls = 0
        const options = { owner: owner, onComplete: () => ++calls, onError: () => ++calls, onCancelled: () => ++calls }
        const running = hold("gate", options)
        const queued = TaskManager.runInThread("echo", [], options)
        const delayed = TaskManager.runLater(60000, "echo", [], options)
        const every = TaskManager.runPeriodic(60000, "echo", [], Object.assign({ firstRun: TaskManager.AfterInterval }, options))
        const other = TaskManager.runLater(60000, "echo")
        compare(TaskManager.taskInfo(running).owner, "the page")
        owner.destroy()
        waitForEnd(queued)
        waitForEnd(delayed)
        waitForEnd(every)
        compare(TaskManager.taskInfo(running).cancelReason, "OwnerGone")
        Rig.release("gate")
        waitForEnd(running)
        flush()
        compare(calls, 0)
        compare(eventsOf(queued), [["taskCancelled"]])
        compare(eventsOf(delayed), [["taskCancelled"]])
        compare(eventsOf(every), [["taskCancelled"]])
        compare(TaskManager.taskInfo(queued).cancelReason, "OwnerGone")
        // It ignored the request: its result counts, and the signal comes.
        compare(eventsOf(running), [["taskStarted"], ["taskCompleted", "gate"]])
        compare(TaskManager.taskStatus(other), TaskManager.Delayed)
    }

    function test_b80_a_detached_task_survives_its_owner_without_callbacks() {
        const owner = objects.createObject(submit)
        let calls = 0
        const id = hold("gate", { owner: owner, detached: true, onComplete: () => ++calls })
        let gone = false
        owner.gone = () => gone = true
        owner.destroy()
        waitFor(() => gone, "the destruction")
        compare(TaskManager.taskInfo(id).cancelRequested, false)
        Rig.release("gate")
        waitForEnd(id)
        flush()
        compare(eventsOf(id), [["taskStarted"], ["taskCompleted", "gate"]])
        compare(calls, 0)
    }

    function test_b80_an_owner_without_a_name_is_called_by_its_class() {
        const owner = objects.createObject(submit)
        compare(TaskManager.taskInfo(run("echo", [], { owner: owner })).owner, "QObject")
        owner.destroy()
    }

    function test_b80_the_callbacks_of_a_living_owner_come() {
        const owner = objects.createObject(submit)
        const log = []
        run("echo", [7], { owner: owner, onComplete: result => log.push(result) })
        compare(log, [7])
        owner.destroy()
    }

    function test_b101_must_run_is_accepted() {
        compare(eventsOf(run("echo", [1], { mustRun: true })), [["taskStarted"], ["taskCompleted", 1]])
        compare(eventsOf(run("echo", [1], { mustRun: false })), [["taskStarted"], ["taskCompleted", 1]])
    }

    function test_b80_each_callback_gets_what_happened() {
        const log = []
        const all = {
            onComplete: (...values) => log.push(["complete"].concat(values)),
            onError: (...values) => log.push(["error", values.length, values[0].message]),
            onCancelled: (...values) => log.push(["cancelled"].concat(values)),
            onProgress: (...values) => log.push(["progress"].concat(values)),
        }
        run("echo", ["x"], all)
        run("fail", ["no"], all)
        run("progress", [[[0.5, "half"]]], all)
        const id = TaskManager.runLater(60000, "echo", [], all)
        TaskManager.cancelTask(id)
        waitForEnd(id)
        const running = TaskManager.runInThread("obey", [], all)
        waitForEvent(running, "taskStarted")
        TaskManager.cancelTask(running)
        waitForEnd(running)
        compare(log, [["complete", "x"], ["error", 1, "no"], ["progress", 0.5, "half"], ["complete", undefined],
                      ["cancelled", "User"], ["cancelled", "User"]])
    }

    function test_b80_b192_the_start_and_any_end() {
        const log = []
        const both = name => ({ onStarted: (...values) => log.push([name, "started", values.length]),
                                onEnd: (...values) => log.push([name, values.length, values[0]]) })
        run("echo", ["x"], both("good"))
        run("fail", ["no"], both("bad"))
        const late = run("obey", [], Object.assign({ timeoutMs: 1 }, both("late")))
        const id = TaskManager.runLater(60000, "echo", [], both("never"))
        TaskManager.cancelTask(id)
        waitForEnd(id)
        // Of runs it is not the end.
        const periodic = TaskManager.runPeriodic(1, "echo", ["run"], Object.assign({ maxRuns: 2 }, both("periodic")))
        waitForEnd(periodic)
        compare(log, [["good", "started", 0], ["good", 1, { status: TaskManager.Completed, result: "x", error: null, cancelReason: "" }],
                      ["bad", "started", 0], ["bad", 1, { status: TaskManager.Failed, result: undefined, error: errorOf("no"), cancelReason: "" }],
                      ["late", "started", 0], ["late", 1, { status: TaskManager.TimedOut, result: undefined,
                                                            error: TaskManager.taskInfo(late).error, cancelReason: "" }],
                      ["never", 1, { status: TaskManager.Cancelled, result: undefined, error: null, cancelReason: "User" }],
                      ["periodic", "started", 0],
                      ["periodic", 1, { status: TaskManager.Completed, result: "run", error: null, cancelReason: "" }]])
    }

    function errorOf(message) {
        return { kind: "Failed", message: message, origin: "jobs.rs", attempt: 1, attempts: 1, reason: "" }
    }

    function test_b210_a_start_that_was_before_is_told_with_the_id_of_the_task() {
        const log = []
        const options = name => ({ key: "kept", keyPolicy: TaskManager.Keep, onStarted: () => log.push(name) })
        const id = TaskManager.runInThread("hold", ["gate"], options("first"))
        waitFor(() => log.length === 1, "the start")
        compare(TaskManager.runInThread("hold", ["gate"], options("second")), id)
        waitFor(() => log.length === 2, "the start for the second")
        Rig.release("gate")
        waitForEnd(id)
        compare(log, ["first", "second"])
        compare(eventsOf(id), [["taskStarted"], ["taskCompleted", "gate"]])
    }

    function test_b80_an_error_is_a_plain_object() {
        let error = null
        const id = run("fail", ["no"], { onError: given => error = given })
        compare(error, { kind: "Failed", message: "no", origin: "jobs.rs", attempt: 1, attempts: 1, reason: "" })
        compare(TaskManager.taskInfo(id).error, error)
    }

    function test_b88_a_callback_may_submit() {
        const log = []
        let last = ""
        run("echo", [1], {
            onComplete: first => {
                log.push(first)
                last = TaskManager.runInThread("echo", [first + 1], { onComplete: second => log.push(second) })
                // Many more, so that the table of callbacks grows under our feet.
                for (let number = 0; number < 100; ++number)
                    TaskManager.runInThread("echo", [], { onComplete: () => { } })
                log.push("submitted")
            },
        })
        waitFor(() => last !== "", "the callback")
        waitForEnd(last)
        compare(log, [1, "submitted", 2])
    }

    function test_b88_a_callback_may_cancel_wait_and_ask() {
        const other = TaskManager.runInThread("obey")
        const log = []
        run("echo", [], {
            onComplete: () => {
                log.push(TaskManager.cancelTask(other))
                log.push(TaskManager.waitForTask(other, 10000))
                log.push(TaskManager.taskStatus(other))
                TaskManager.maxWorkers = 3
                log.push(TaskManager.maxWorkers)
            },
        })
        waitForEnd(other)
        compare(log, [TaskManager.CancelRequested, TaskManager.Done, TaskManager.Cancelled, 3])
    }

    function test_b81_a_callback_may_destroy_its_owner() {
        const owner = objects.createObject(submit)
        const log = []
        const options = { owner: owner, onComplete: () => { log.push("called"); owner.destroy() },
                          onCancelled: () => log.push("cancelled") }
        const later = TaskManager.runLater(60000, "echo", [], options)
        run("echo", [], options)
        waitForEnd(later)
        flush()
        compare(log, ["called"])
        compare(TaskManager.taskInfo(later).cancelReason, "OwnerGone")
    }

    function test_b41_a_callback_may_cancel_its_own_periodic_task() {
        const log = []
        let id = ""
        id = TaskManager.runPeriodic(1, "iteration", [], {
            onComplete: result => { log.push(result); if (result === 2) TaskManager.cancelTask(id) },
            onCancelled: reason => log.push(reason),
        })
        waitForEnd(id)
        // What had ended before the cancel is told, and a run that was under way may still end; none begins
        // after that.
        compare(log.slice(0, 2), [1, 2])
        compare(log[log.length - 1], "User")
        const length = log.length
        flush()
        compare(log.length, length)
    }

    function test_b91_a_callback_that_throws_is_reported_and_disturbs_nobody() {
        ignoreWarning(/tst_submit\.qml:[0-9]+: Error: from a callback \(in a task's callback\)/)
        const log = []
        run("echo", [1], { onComplete: () => { throw new Error("from a callback") } })
        run("echo", [2], { onComplete: result => log.push(result) })
        compare(log, [2])
    }

    function test_b88_a_callback_may_make_a_call_that_is_refused() {
        const log = []
        run("echo", [], {
            onComplete: () => {
                try { TaskManager.runInThread("no such job") } catch (error) { log.push(error instanceof Error) }
            },
        })
        compare(log, [true])
    }

    function test_b84_a_callback_is_called_for_its_own_task_only() {
        const log = []
        const ids = []
        for (let number = 0; number < 50; ++number)
            ids.push(TaskManager.runInThread("echo", [number], { onComplete: result => log.push([number, result]) }))
        ids.forEach(waitForEnd)
        compare(log.length, 50)
        verify(log.every(pair => pair[0] === pair[1]))
    }

    // An object with a getter that does something before it gives `value`.
    function gets(value, doing) {
        const object = {}
        Object.defineProperty(object, "x", { enumerable: true, get: () => { doing(); return value } })
        return object
    }

    function test_b88_a_getter_in_the_arguments_may_submit() {
        const log = []
        const inner = []
        const submits = gets(5, () => inner.push(TaskManager.runInThread("echo", ["inner"], {
            name: "inner", onComplete: result => log.push("inner " + result) })))
        const outer = TaskManager.runInThread("echo", [[submits, 1]], {
            name: "outer", onComplete: result => log.push("outer " + JSON.stringify(result)) })
        compare(inner.length, 1)
        waitForEnd(inner[0])
        waitForEnd(outer)
        // Each has its own callbacks and options, once.
        compare(log.sort(), ["inner inner", 'outer [{"x":5},1]'])
        compare([TaskManager.taskInfo(inner[0]).name, TaskManager.taskInfo(outer).name], ["inner", "outer"])
    }

    function test_b88_a_getter_among_the_options_may_submit() {
        const log = []
        let inner = ""
        const owner = named.createObject(submit)
        const options = { onComplete: result => log.push("outer " + result), owner: owner }
        // Read before and after the getter, in the order of the names.
        Object.defineProperty(options, "name", { enumerable: true, get: () => {
            inner = TaskManager.runInThread("echo", ["inner"], { onComplete: result => log.push("inner " + result) })
            return "outer"
        } })
        const outer = TaskManager.runInThread("echo", ["outer"], options)
        waitForEnd(inner)
        waitForEnd(outer)
        compare(log.sort(), ["inner inner", "outer outer"])
        const infos = [TaskManager.taskInfo(inner), TaskManager.taskInfo(outer)]
        compare(infos.map(info => info.name), ["echo", "outer"])
        compare(infos.map(info => info.owner), ["", "the page"])
        owner.destroy()
    }

    function test_b88_a_refused_call_inside_of_a_getter_leaves_the_outer_one_alone() {
        const log = []
        let inner = ""
        const fails = gets(5, () => {
            try {
                TaskManager.runInThread("no such job", [], { onComplete: () => log.push("never") })
            } catch (error) {
                inner = error.message
            }
        })
        const outer = run("echo", [fails], { onComplete: result => log.push(result.x) })
        verify(inner.startsWith("no job is named"), inner)
        compare(log, [5])
        compare(eventsOf(outer).length, 2)
    }

    function test_b88_a_refused_outer_call_leaves_the_one_inside_of_its_getter_alone() {
        const log = []
        let inner = ""
        const submits = gets(5, () => inner = TaskManager.runInThread("echo", ["inner"], {
            onComplete: result => log.push(result) }))
        // Refused by its arguments, before and after the getter; by its delay; by an option.
        const calls = [() => TaskManager.runInThread("echo", [submits, submit], { onComplete: () => log.push("never") }),
                       () => TaskManager.runLater(submits, "echo", [], { onComplete: () => log.push("never") }),
                       () => TaskManager.runInThread("echo", [], { name: submits, onComplete: () => log.push("never") }),
                       () => TaskManager.runInThread("no such job", [submits], { onComplete: () => log.push("never") })]
        calls.forEach((call, index) => {
            let thrown = false
            inner = ""
            try {
                call()
            } catch (error) {
                thrown = true
            }
            verify(thrown)
            verify(inner !== "", "call " + index)
            waitForEnd(inner)
            compare(log.length, index + 1)
        })
        flush()
        compare(log, ["inner", "inner", "inner", "inner"])
    }

    function test_b88_a_getter_in_the_arguments_may_cancel() {
        TaskManager.maxWorkers = 1
        const gate = hold("gate")
        const victim = TaskManager.runInThread("note", ["ran"])
        let answer = -1
        const outer = TaskManager.runInThread("echo", [gets(5, () => answer = TaskManager.cancelTask(victim))])
        compare(answer, TaskManager.CancelledBeforeStart)
        // In the order in which it happened; not inside of the call.
        compare(eventsOf(victim), [])
        compare(TaskManager.taskStatus(outer), TaskManager.Queued)
        Rig.release("gate")
        waitForEnd(victim)
        waitForEnd(outer)
        compare(eventsOf(victim), [["taskCancelled"]])
        compare(eventsOf(outer), [["taskStarted"], ["taskCompleted", { x: 5 }]])
        compare(Rig.noted(), "")
        compare(TaskManager.taskStatus(gate), TaskManager.Completed)
    }

    function test_b88_a_getter_in_the_arguments_may_wait_and_resize() {
        const other = TaskManager.runInThread("echo", ["other"])
        let answer = -1
        const outer = run("echo", [gets(5, () => {
            answer = TaskManager.waitForTask(other, 10000)
            TaskManager.maxWorkers = 2
        })])
        compare(answer, TaskManager.Done)
        compare(TaskManager.maxWorkers, 2)
        compare(eventsOf(outer)[1], ["taskCompleted", { x: 5 }])
        waitForEnd(other)
    }

    function test_b233_b234_a_task_that_failed_is_retried() {
        const id = run("online", ["net"], { name: "Load" })
        const failed = TaskManager.taskInfo(id)
        compare([failed.canRetry, failed.retryOf], [true, ""])
        Rig.release("net")
        const again = TaskManager.retryTask(id)
        verify(again !== "" && again !== id)
        waitForEnd(again)
        const info = TaskManager.taskInfo(again)
        compare([info.result, info.name, info.canRetry, info.retryOf], ["net", "Load", false, id])
        compare(eventsOf(id), [["taskStarted"], ["taskFailed", "offline"], ["taskRetried", again]])
        compare(eventsOf(again), [["taskStarted"], ["taskCompleted", "net"]])
        compare(TaskManager.taskStatus(id), TaskManager.UnknownTask)
        const waits = TaskManager.runLater(3600000, "echo", [1])
        const wrong = [[id, "there is no task " + id], [again, "has completed"], [waits, "has not ended"], ["no id", "not a task id"]]
        for (const [task, why] of wrong) {
            let refused = null
            try {
                TaskManager.retryTask(task)
            } catch (error) {
                refused = error.message
            }
            verify(refused?.includes(why), refused)
            compare(TaskManager.lastError, refused)
        }
        TaskManager.cancelTask(waits)
        verify(TaskManager.taskInfo(waits).canRetry)
        const now = TaskManager.retryTask(waits)
        waitForEnd(now)
        compare(TaskManager.taskInfo(now).result, 1)
    }

    function test_b280_a_task_that_cannot_be_retried_says_why() {
        const refused = (id, text) => {
            let thrown = ""
            try {
                TaskManager.retryTask(id)
            } catch (error) {
                thrown = error.message
            }
            verify(thrown !== "" && text.test(thrown), thrown)
            compare(TaskManager.lastError, thrown)
        }
        const done = run("echo", [1])
        refused(done, new RegExp(`^the task ${done} has completed; submit its work anew to do it once more$`))
        const held = hold("gate")
        refused(held, new RegExp(`^the task ${held} is Running and has not ended; retry it once it has failed, or was cancelled$`))
        Rig.release("gate")
        waitForEnd(held)
        refused("nonsense", /^"nonsense" is not a task id; expected one that a call has given, or the taskId of a Task$/)
        refused("", /^"" is not a task id; expected/)
        refused("x".repeat(1000), /^"x{60}…" is not a task id; expected/)
        refused("01234567-89ab-8def-8123-456789abcdef", /^there is no task 01234567-89ab-8def-8123-456789abcdef: it never was one, /)
        // It never got what it was to take, and that is not kept for it.
        const failed = run("fail", ["no"])
        const takes = run("echo", [TaskManager.resultOf(failed)])
        const text = new RegExp(`^the task ${takes} takes the result of another, and never got it; submit it anew, with the result of a task that completes$`)
        verify(!TaskManager.taskInfo(takes).canRetry)
        refused(takes, text)
        TaskManager.setHistoryLimits({ tasks: 1 })
        TaskManager.setHistoryLimits({ tasks: 1000 })
        compare(TaskManager.taskStatus(failed), TaskManager.UnknownTask)
        refused(takes, text)
    }

    function test_b281_an_unknown_option_is_named_also_if_it_is_a_function_data() {
        const run = options => TaskManager.runInThread("echo", [], options)
        return [
            { tag: "run", call: run, key: "onFinish", known: "onEnd" },
            { tag: "a key of any form", call: run, key: "finish", known: "onEnd" },
            { tag: "later", call: options => TaskManager.runLater(5, "echo", [], options), key: "onSuccess", known: "onEnd" },
            { tag: "periodic", call: options => TaskManager.runPeriodic(5, "echo", [], options), key: "onRun", known: "maxRuns" },
            { tag: "script", call: options => TaskManager.runScript(Qt.resolvedUrl("scripts/work.mjs"), "sum", [], options),
              key: "onFinish", known: "periodic" },
            { tag: "all", call: options => TaskManager.all([], options), key: "onFinish", known: "errorPolicy" },
            { tag: "any", call: options => TaskManager.any([], options), key: "onFinish", known: "onEnd" },
        ]
    }

    function test_b281_an_unknown_option_is_named_also_if_it_is_a_function(data) {
        for (const value of [() => 1, submit, /x/, 5]) {
            let thrown = ""
            try {
                data.call({ name: "x", [data.key]: value })
            } catch (error) {
                thrown = error.message
            }
            verify(new RegExp(`^options\\.${data.key} is unknown; options are: name, .*\\b${data.known}\\b`).test(thrown), thrown)
            compare(TaskManager.lastError, thrown)
        }
        // A known one still says what it wants.
        let thrown = ""
        try {
            data.call({ name: () => 1 })
        } catch (error) {
            thrown = error.message
        }
        verify(/^options\.name: a function cannot be passed/.test(thrown), thrown)
    }

    function test_b172_tasks_of_a_key() {
        const ids = []
        for (const value of [1, 2])
            ids.push(TaskManager.runLater(3600000, "echo", [value], { key: "disk" }))
        compare(TaskManager.tasksOfKey("disk").map(info => info.id), ids)
        verify(TaskManager.cancelKey("disk"))
        ids.forEach(id => waitForEnd(id))
        compare(TaskManager.taskStatus(ids[0]), TaskManager.Cancelled)
        compare(TaskManager.tasksOfKey("disk").length, 0)
        // An object that never had a task has no key either.
        compare(TaskManager.tasksOfKey("disk", testCaseOwner).length, 0)
        verify(TaskManager.cancelKey("disk", testCaseOwner))
    }

    QtObject { id: testCaseOwner }
}
