pragma ComponentBehavior: Bound

import QtQuick
import QtQml
import Legwork
import LegworkTests

// Tasks that stand for others, and tasks that take the results of others: all, any, resultOf, TaskGroup.
Case {
    id: groups

    // What the group under test told, in order.
    property var log: []
    // What tasks in a group are made of.
    property var numbers: [1, 2, 3]
    property bool dies: false

    name: "Groups"

    function init() {
        begin()
        log = []
        numbers = [1, 2, 3]
        dies = false
    }

    function refused(call, text) {
        let thrown = ""
        try {
            call()
        } catch (error) {
            thrown = error.message
        }
        compare(thrown, TaskManager.lastError)
        verify(text.test(thrown), thrown)
    }

    function resultOfTask(id) {
        return TaskManager.taskInfo(id).result
    }

    function end(group) {
        waitFor(() => !group.running, "the end of the group")
        flush()
    }

    // ---- all and any -----------------------------------------------------------------------------

    function test_b256_all_is_a_task_with_the_list_of_results() {
        const told = []
        const first = hold("a")
        const second = TaskManager.runInThread("echo", ["b"])
        const id = TaskManager.all([first, second], {
            name: "Both",
            onStarted: () => told.push("started"),
            onProgress: progress => told.push(progress),
            onComplete: results => told.push(results),
            onEnd: outcome => told.push(outcome.status)
        })
        waitForEnd(second)
        compare(TaskManager.taskStatus(id), TaskManager.Running)
        Rig.release("a")
        waitForEnd(id)
        compare(TaskManager.taskInfo(id).name, "Both")
        compare(resultOfTask(id), ["a", "b"])
        compare(told[0], "started")
        compare(told.slice(-2), [["a", "b"], TaskManager.Completed])
        verify(told.includes(1), told)
        // Of those that have ended, and of none.
        compare(resultOfTask(run2(TaskManager.all([second, first, second]))), ["b", "a", "b"])
        // What had ended before counts in the progress from the start.
        const steps = []
        const held = hold("a")
        const half = TaskManager.all([first, held], { onProgress: progress => steps.push(progress) })
        waitFor(() => steps.length > 0, "the progress")
        compare(steps, [0.5])
        Rig.release("a")
        waitForEnd(half)
        compare(resultOfTask(run2(TaskManager.all([]))), [])
    }

    function run2(id) {
        waitForEnd(id)
        return id
    }

    function test_b256_any_is_the_first_that_completes() {
        const slow = hold("slow")
        const failing = TaskManager.runInThread("fail", ["no"])
        const quick = TaskManager.runInThread("hold", ["quick"])
        const id = TaskManager.any([slow, failing, quick])
        waitForEnd(failing)
        compare(TaskManager.taskStatus(id), TaskManager.Running)
        waitFor(() => Rig.holds("quick"), "the job")
        Rig.release("quick")
        waitForEnd(quick)
        Rig.release("slow")
        waitForEnd(id)
        compare(resultOfTask(id), "quick")
        compare(TaskManager.taskInfo(slow).cancelReason, "NotNeeded")
    }

    function test_b256_the_policy_says_what_a_failure_does() {
        const ids = () => [TaskManager.runInThread("fail", ["no"], { name: "bad" }), TaskManager.runLater(3600000, "echo")]
        const stopped = ids()
        const first = run2(TaskManager.all(stopped))
        compare(TaskManager.taskInfo(first).error.message, "no")
        compare(TaskManager.taskInfo(stopped[1]).cancelReason, "NotNeeded")
        const going = ids()
        const second = TaskManager.all(going, { errorPolicy: TaskManager.ContinueOnError })
        waitForEnd(going[0])
        compare(TaskManager.taskStatus(going[1]), TaskManager.Delayed)
        verify(TaskManager.runNow(going[1]))
        waitForEnd(second)
        compare(TaskManager.taskInfo(second).error.message, "1 of 2 did not complete: \"bad\": no")
    }

    function test_b256_a_group_has_the_options_of_a_task() {
        const before = hold("before")
        const member = TaskManager.runInThread("obey")
        const waits = TaskManager.all([member], { after: [before], owner: groups })
        compare(TaskManager.taskStatus(waits), TaskManager.Blocked)
        const later = TaskManager.any([member], { delayMs: 3600000 })
        compare(TaskManager.taskStatus(later), TaskManager.Delayed)
        compare(TaskManager.tasksOf(groups).map(info => info.id), [waits])
        const timed = TaskManager.all([member], { timeoutMs: 1 })
        waitForEnd(timed)
        compare(TaskManager.taskStatus(timed), TaskManager.TimedOut)
        compare(TaskManager.taskStatus(member), TaskManager.Cancelled)
        Rig.release("before")
        waitForEnd(waits)
        compare(TaskManager.taskInfo(waits).error.kind, "Cancelled")
    }

    function test_b256_to_cancel_a_group_is_to_cancel_its_tasks() {
        const members = [TaskManager.runInThread("obey"), TaskManager.runLater(3600000, "echo")]
        const told = []
        const id = TaskManager.all(members, { onCancelled: reason => told.push(reason) })
        TaskManager.cancelTask(id)
        waitForEnd(id)
        members.forEach(waitForEnd)
        compare(members.map(member => TaskManager.taskStatus(member)), [TaskManager.Cancelled, TaskManager.Cancelled])
        compare(told, ["User"])
    }

    function test_b256_what_cannot_be_is_refused() {
        const id = run("echo")
        const forgotten = "01234567-89ab-8def-8123-456789abcdef"
        refused(() => TaskManager.all(id), /^ids is the text "[-0-9a-f]+"; expected a list of the ids of tasks$/)
        refused(() => TaskManager.all(undefined), /^ids is undefined; expected a list/)
        refused(() => TaskManager.all([id, 5]), /^ids\[1\] is the number 5; expected the id of a task$/)
        refused(() => TaskManager.all([forgotten]), /^all names 01234567-89ab-8def-8123-456789abcdef, and there is no such task/)
        refused(() => TaskManager.any([forgotten]), /^any names 01234567/)
        refused(() => TaskManager.any([]), /^any needs a task, and there is none; name one or more$/)
        refused(() => TaskManager.all([id], { retry: 3 }), /^options.retry is for work, and a group has none of its own; say it of its tasks$/)
        refused(() => TaskManager.all([id], { intervalMs: 5 }), /^options.intervalMs is for work, and a group has none of its own/)
        refused(() => TaskManager.all([id], { warnAfterMs: 5 }), /^options.warnAfterMs is for work/)
        refused(() => TaskManager.all([id], { maxRuns: 5 }), /^options.maxRuns is for work, and a group has none/)
        refused(() => TaskManager.all([id], { errorPolicy: TaskManager.StopOnSuccess }),
                /^options.errorPolicy is StopOnSuccess; expected StopOnError or ContinueOnError; any gives the first/)
        refused(() => TaskManager.all([id], { errorPolicy: "stop" }), /^options.errorPolicy is the text "stop"; expected TaskManager.StopOnError, /)
        refused(() => TaskManager.any([id], { errorPolicy: TaskManager.StopOnError }), /^options.errorPolicy is not for any/)
        refused(() => TaskManager.runInThread("echo", [], { errorPolicy: TaskManager.StopOnError }),
                /^options.errorPolicy is for a group; TaskManager.all and TaskGroup make one$/)
        refused(() => TaskManager.all([id], { names: "x" }), /^options.names is unknown; options are: name, .*, delayMs, errorPolicy, after, owner, .*onEnd$/)
        refused(() => TaskManager.all([id], { onComplete: 5 }), /^options.onComplete is 5; expected a function$/)
        compare(TaskManager.queuedCount, 0)
    }

    function test_b278_an_object_in_place_of_an_id_is_refused_with_its_type() {
        const task = make(anyTask, {})
        const id = run("echo")
        const given = "a Task; expected the id of a task, which its taskId has$"
        for (const call of ["all", "any"]) {
            refused(() => TaskManager[call]([task]), new RegExp("^ids\\[0\\] is " + given))
            refused(() => TaskManager[call]([id, task]), new RegExp("^ids\\[1\\] is " + given))
            refused(() => TaskManager[call]([id, groups]), /^ids\[1\] is a Case.*; expected the id of a task$/)
            refused(() => TaskManager[call](task), /^ids is a Task; expected a list of the ids of tasks$/)
            refused(() => TaskManager[call]([id, () => id]), /^ids\[1\] is a function; expected the id of a task$/)
            refused(() => TaskManager[call]([id], { after: [task] }), new RegExp("^options\\.after\\[0\\] is " + given))
        }
        refused(() => TaskManager.all([TaskManager.task(id)]), /^ids\[0\] is a TaskView; expected the id of a task, which its taskId has$/)
        refused(() => TaskManager.runInThread("echo", [], { after: [id, task] }), new RegExp("^options\\.after\\[1\\] is " + given))
        refused(() => TaskManager.runInThread("echo", [], { after: task }), /^options\.after is a Task; expected a list of the ids of tasks$/)
        refused(() => TaskManager.runPeriodic(5, "echo", [], { after: [task] }), new RegExp("^options\\.after\\[0\\] is " + given))
        refused(() => TaskManager.runScript(Qt.resolvedUrl("scripts/work.mjs"), "sum", [], { after: [task] }),
                new RegExp("^options\\.after\\[0\\] is " + given))
        refused(() => TaskManager.runInThread("echo", [TaskManager.resultOf(task)]),
                /^args\[0\]: resultOf names the text "legwork::TaskElement.*"; expected the id of a task, which the taskId of a Task has$/)
        refused(() => TaskManager.retryTask(task), /^"legwork::TaskElement.*" is not a task id; expected one that a call has given, or the taskId of a Task$/)
        refused(() => TaskManager.setInterval(task, 5), /^"legwork::TaskElement.*" is not a task id; expected one that a call has given, or the taskId of a Task$/)
        const other = make(anyTask, { options: { after: [task] } })
        ignoreWarning(new RegExp("options\\.after\\[0\\] is " + given))
        compare(other.start(), false)
        compare(Rig.noted(), "")
    }

    function test_b279_what_a_group_does_not_do_is_refused_and_not_offered() {
        const id = run("echo")
        const text = option => new RegExp(`^options.${option} is for work, and a group has none of its own; say it of its tasks$`)
        for (const call of ["all", "any"]) {
            for (const option of ["onRetry", "onSlow", "onValues"])
                refused(() => TaskManager[call]([id], { [option]: () => {} }), text(option))
            for (const option of ["retry", "warnAfterMs", "mayBlock", "pausable", "maxUndelivered", "whenFull"])
                refused(() => TaskManager[call]([id], { [option]: 5 }), text(option))
            let offered = ""
            try {
                TaskManager[call]([id], { names: "x" })
            } catch (error) {
                offered = error.message
            }
            verify(!/retry|onRetry|onSlow|onValues|warnAfterMs|mayBlock|pausable|maxUndelivered|whenFull/.test(offered), offered)
            // What was left out is no option.
            compare(resultOfTask(run2(TaskManager[call]([id], { onRetry: undefined, onSlow: undefined }))),
                    call === "all" ? [undefined] : undefined)
        }
    }

    // ---- results of others in the arguments ------------------------------------------------------

    function test_b257_a_result_stands_in_arguments_wherever_it_is_named() {
        const first = hold("one")
        const second = TaskManager.runLater(3600000, "echo", [{ two: [2] }])
        const one = TaskManager.resultOf(first)
        const id = TaskManager.runInThread("seen", [{ list: [one, [one, { two: TaskManager.resultOf(second) }]], plain: 5 }])
        compare(TaskManager.taskStatus(id), TaskManager.Blocked)
        compare(TaskManager.taskInfo(id).waitsFor.tasks, [first, second])
        verify(TaskManager.runNow(second))
        waitForEnd(second)
        compare(TaskManager.taskStatus(id), TaskManager.Blocked)
        Rig.release("one")
        waitForEnd(id)
        compare(resultOfTask(id), "{\"list\": [\"one\", [\"one\", {\"two\": {\"two\": [2.0]}}]], \"plain\": 5.0}")
        // It is used once more, also now.
        compare(resultOfTask(run("echo", [one])), "one")
        compare(resultOfTask(run("count", [one, one, 3])), 3)
    }

    function test_b257_it_stands_in_the_arguments_of_each_call() {
        const first = run("echo", [7])
        const seven = TaskManager.resultOf(first)
        compare(resultOfTask(run2(TaskManager.runLater(1, "echo", [seven]))), 7)
        compare(resultOfTask(run2(TaskManager.runScript(Qt.resolvedUrl("scripts/work.mjs"), "sum", [seven, seven, 1]))), 15)
        const told = []
        const periodic = TaskManager.runPeriodic(1, "echo", [[seven]], { maxRuns: 3 })
        waitForEnd(periodic)
        compare(eventsOf(periodic).filter(event => event[0] === "taskPeriodic").map(event => event[2]), [[7], [7], [7]])
        const tried = TaskManager.runScript(Qt.resolvedUrl("scripts/work.mjs"), "flaky",
                                            [TaskManager.resultOf(run("echo", ["plain"]))], { retry: { times: 2, delayMs: 1 } })
        waitForEnd(tried)
        compare(resultOfTask(tried), 3)
        // A group has a result, too.
        const both = TaskManager.all([first, first])
        compare(resultOfTask(run("echo", [TaskManager.resultOf(both)])), [7, 7])
    }

    Component {
        id: taking

        Task {
            job: "echo"
        }
    }

    function test_b257_a_declared_task_takes_a_result() {
        const id = hold("late")
        const task = createTemporaryObject(taking, groups, { args: [{ from: TaskManager.resultOf(id) }], running: true })
        compare(task.status, TaskManager.Blocked)
        Rig.release("late")
        end(task)
        compare(task.result, { from: "late" })
    }

    function test_b257_where_there_is_no_result_it_does_not_begin() {
        const failed = run("fail", ["no"])
        const id = run("note", [TaskManager.resultOf(failed)])
        compare(TaskManager.taskInfo(id).cancelReason, "DependencyFailed")
        const obeys = TaskManager.runInThread("obey")
        const waits = TaskManager.runInThread("note", [TaskManager.resultOf(obeys)])
        const next = TaskManager.runInThread("note", [[TaskManager.resultOf(waits)]])
        TaskManager.cancelTask(obeys)
        waitForEnd(next)
        compare(TaskManager.taskInfo(waits).cancelReason, "DependencyFailed")
        compare(TaskManager.taskInfo(next).cancelReason, "DependencyFailed")
        compare(Rig.noted(), "")
    }

    function test_b257_what_names_no_result_is_refused_with_its_id() {
        const forgotten = "01234567-89ab-8def-8123-456789abcdef"
        const place = TaskManager.resultOf(forgotten)
        refused(() => TaskManager.runInThread("echo", [place]),
                /^resultOf names 01234567-89ab-8def-8123-456789abcdef, and there is no such task: it never was one, or is forgotten$/)
        refused(() => TaskManager.runScript(Qt.resolvedUrl("scripts/work.mjs"), "sum", [place]), /^resultOf names 01234567/)
        refused(() => TaskManager.runInThread("echo", [1, { a: [TaskManager.resultOf("")] }]),
                /^args\[1\]\.a\[0\]: resultOf names the text ""; expected the id of a task, which the taskId of a Task has$/)
        refused(() => TaskManager.runInThread("echo", [TaskManager.resultOf(undefined)]), /^args\[0\]: resultOf names /)
        const id = run("echo", [1])
        const one = TaskManager.resultOf(id)
        refused(() => TaskManager.runInThread("echo", one), /^args is an opaque value; expected a list/)
        refused(() => TaskManager.runInThread("echo", [], { name: one }),
                /^options\.name: a result of a task \(resultOf\) stands in the args of another, and nowhere else$/)
        refused(() => TaskManager.all([one]), /^ids\[0\]: a result of a task/)
        refused(() => TaskManager.runInThread("echo", [one], { afterPolicy: TaskManager.Ended }),
                /^afterPolicy is Ended; expected Completed, as it takes a result$/)
        // What the history cannot count, it does not keep.
        const opaque = run("made", ["opaque"])
        compare(resultOfTask(run("seen", [TaskManager.resultOf(opaque)])), "Opaque")
        compare(TaskManager.clearHistory() > 0, true)
        refused(() => TaskManager.runInThread("echo", [one]), /^resultOf names [-0-9a-f]+, and there is no such task/)
    }

    function test_b257_results_that_nest_too_deep_fail_the_task() {
        let deep = 1
        for (let level = 0; level < 40; ++level)
            deep = [deep]
        let place = TaskManager.resultOf(run("echo", [deep]))
        for (let level = 0; level < 40; ++level)
            place = [place]
        const id = run("echo", [0, place], { retry: { times: 1, delayMs: 1 } })
        compare(TaskManager.taskInfo(id).error.message,
                "argument 1, with the results that stand in it, nests deeper than 64 lists and maps")
    }

    function test_b257_3000_results_in_a_row() {
        let id = run("count", [])
        for (let step = 0; step < 3000; ++step)
            id = TaskManager.runInThread("count", [TaskManager.resultOf(id), step])
        waitForEnd(id)
        compare(resultOfTask(id), 2)
        const ids = []
        for (let step = 0; step < 3000; ++step)
            ids.push(TaskManager.runInThread("echo", [step]))
        const all = run("echo", [ids.map(id => TaskManager.resultOf(id))])
        compare(resultOfTask(all), ids.map((_, step) => step))
    }

    // ---- TaskGroup -------------------------------------------------------------------------------

    Component {
        id: parallel

        TaskGroup {
            property alias first: first
            property alias second: second

            name: "Group"

            Task { id: first; job: "hold"; args: ["a"]; weight: 3 }
            Task { id: second; job: "echo"; args: ["b"] }
        }
    }

    function make(component, properties) {
        const group = createTemporaryObject(component, groups, properties)
        // None of these is told before the loop goes on, but for a refusal.
        group.started.connect(() => log.push("started"))
        group.completed.connect(result => log.push(["completed", result]))
        group.failed.connect(error => log.push(["failed", error.message]))
        group.cancelled.connect(reason => log.push(["cancelled", reason]))
        group.ended.connect(status => log.push(["ended", status]))
        return group
    }

    function test_b258_a_group_starts_its_tasks_and_has_their_results() {
        const group = make(parallel, {})
        compare(group.running, false)
        compare(group.first.running, false)
        verify(group.start())
        compare(group.start(), false)
        waitForEnd(group.second.taskId)
        waitFor(() => group.progress === 0.25, "the progress, by weight")
        compare(group.status, TaskManager.Running)
        compare(group.first.status, TaskManager.Running)
        compare(TaskManager.taskInfo(group.taskId).name, "Group")
        waitFor(() => Rig.holds("a"), "the job")
        Rig.release("a")
        end(group)
        compare(group.result, ["a", "b"])
        compare(group.progress, 1)
        compare(group.first.result, "a")
        compare(log, ["started", ["completed", ["a", "b"]], ["ended", TaskManager.Completed]])
        // And again.
        Rig.release("a")
        verify(group.start())
        end(group)
        compare(group.result, ["a", "b"])
    }

    function test_b258_running_starts_it_and_cancel_ends_all_of_it() {
        const group = make(obeying, { running: true })
        compare(group.running, true)
        waitFor(() => group.tasks[0].status === TaskManager.Running, "the job")
        group.running = false
        end(group)
        compare(group.status, TaskManager.Cancelled)
        compare(group.tasks[0].status, TaskManager.Cancelled)
        compare(group.tasks[1].status, TaskManager.Cancelled)
        compare(log.slice(-2), [["cancelled", "User"], ["ended", TaskManager.Cancelled]])
    }

    Component {
        id: obeying

        TaskGroup {
            Task { job: "obey" }
            Task { job: "echo"; delayMs: 3600000 }
        }
    }

    function test_b258_a_restart_replaces_all_of_it() {
        const group = make(parallel, { running: true })
        const last = group.first.taskId
        waitFor(() => Rig.holds("a"), "the job")
        verify(group.restart())
        verify(group.first.taskId !== last)
        compare(TaskManager.taskInfo(last).cancelReason, "Replaced")
        Rig.release("a")
        Rig.release("a")
        end(group)
        compare(group.result, ["a", "b"])
        waitForEnd(last)
        compare(log.filter(entry => entry !== "started"), [["completed", ["a", "b"]], ["ended", TaskManager.Completed]])
    }

    function test_b258_a_task_in_a_group_does_not_start_by_itself() {
        const group = make(parallel, {})
        const text = /a task in a TaskGroup starts with that, and not by itself; start the group/
        ignoreWarning(text)
        compare(group.first.start(), false)
        ignoreWarning(text)
        compare(group.first.restart(), false)
        ignoreWarning(text)
        group.second.running = true
        compare(group.second.running, false)
        compare(group.second.status, TaskManager.UnknownTask)
        ignoreWarning(text)
        const eager = make(eagerTask, {})
        compare(eager.status, TaskManager.UnknownTask)
        verify(eager.start())
        end(eager)
        compare(eager.result, [1])
        // To cancel one is to cancel it, and so is an end of the group.
        const other = make(obeying, { running: true })
        verify(other.tasks[1].cancel())
        end(other)
        compare(other.status, TaskManager.Failed)
        compare(other.error.kind, "Cancelled")
        compare(other.tasks[0].status, TaskManager.Cancelled)
    }

    Component { id: eagerTask; TaskGroup { Task { job: "echo"; args: [1]; running: true } } }

    Component {
        id: sequence

        TaskGroup {
            id: chain

            mode: TaskGroup.Sequential

            Task { job: "echo"; args: [[chain.previous, 1]] }
            Task { job: "echo"; args: [{ then: chain.previous }] }
            Task { script: Qt.resolvedUrl("scripts/work.mjs"); functionName: "echo"; args: [[chain.previous]] }
        }
    }

    function test_b259_a_sequence_hands_results_on() {
        const group = make(sequence, {})
        verify(group.start())
        end(group)
        compare(group.result, [[undefined, 1], { then: [undefined, 1] }, [{ then: [undefined, 1] }]])
    }

    Component {
        id: notes

        TaskGroup {
            mode: TaskGroup.Sequential

            Task { job: "note"; args: ["one"] }
            Task { job: groups.numbers.length > 0 ? "fail" : "note"; args: ["two"]; name: "Two" }
            Task { job: "note"; args: ["three"] }
        }
    }

    function test_b259_a_failure_ends_a_sequence_or_does_not() {
        const group = make(notes, { running: true })
        end(group)
        compare(Rig.noted(), "one")
        compare(group.error.message, "two")
        group.errorPolicy = TaskManager.ContinueOnError
        verify(group.start())
        end(group)
        compare(Rig.noted(), "one one three")
        compare(group.error.message, "1 of 3 did not complete: \"Two\": two")
        // The first that completes.
        group.errorPolicy = TaskManager.StopOnSuccess
        verify(group.start())
        end(group)
        compare(Rig.noted(), "one one three one")
        compare(group.status, TaskManager.Completed)
        compare(group.result, undefined)
    }

    Component {
        id: loose

        TaskGroup {
            id: looseChain

            mode: TaskGroup.Sequential
            errorPolicy: TaskManager.ContinueOnError

            Task { job: "fail"; args: ["no"] }
            Task { job: "echo"; args: [looseChain.previous]; name: "Taker" }
            Task { job: "note"; args: ["went on"] }
        }
    }

    function test_b259_what_takes_a_result_that_is_not_there_is_cancelled_and_the_sequence_goes_on() {
        const group = make(loose, { running: true })
        end(group)
        compare(Rig.noted(), "went on")
        verify(/^2 of 3 did not complete: .*no; "Taker" was cancelled: DependencyFailed$/.test(group.error.message), group.error.message)
    }

    function test_b259_previous_means_nothing_elsewhere() {
        const group = make(sequence, {})
        const text = /^args\[0\]: previous is the result of the task before, in the args of a task in a TaskGroup that is Sequential/
        refused(() => TaskManager.runInThread("echo", [group.previous]), text)
        group.mode = TaskGroup.Parallel
        ignoreWarning(/args\[0\]\[0\]: previous is the result of the task before/)
        compare(group.start(), false)
        verify(/^task 1 of 3 was refused: args\[0\]\[0\]: previous is/.test(group.error.message), group.error.message)
    }

    Component {
        id: nested

        TaskGroup {
            id: outer

            mode: TaskGroup.Sequential
            name: "Outer"

            Task { job: "echo"; args: [1] }
            TaskGroup {
                id: inner

                property var kept: outer.previous

                Task { job: "echo"; args: [[inner.kept, "a"]] }
                TaskGroup {
                    mode: TaskGroup.Sequential

                    Task { job: "hold"; args: ["b"] }
                    Task { job: "note"; args: ["b is over"] }
                }
            }
            Task { job: "echo"; args: [outer.previous] }
        }
    }

    function test_b260_groups_stand_in_groups() {
        const group = make(nested, { running: true })
        waitFor(() => Rig.holds("b"), "the job")
        compare(Rig.noted(), "")
        Rig.release("b")
        end(group)
        const inner = [[1, "a"], ["b", undefined]]
        compare(group.result, [1, inner, inner])
        compare(Rig.noted(), "b is over")
    }

    Component {
        id: empty

        TaskGroup { }
    }

    function test_b261_an_empty_group_completes_at_once() {
        for (const mode of [TaskGroup.Parallel, TaskGroup.Sequential]) {
            log = []
            const group = make(empty, { mode: mode, running: true })
            end(group)
            compare(log, ["started", ["completed", []], ["ended", TaskManager.Completed]])
        }
        const none = make(empty, { errorPolicy: TaskManager.StopOnSuccess })
        ignoreWarning(/any needs a task, and there is none; name one or more/)
        compare(none.start(), false)
        compare(none.error.kind, "Refused")
    }

    Component {
        id: refusing

        TaskGroup {
            Task { job: "obey" }
            Task { job: "echo"; args: [() => 1] }
            Task { job: "note"; args: ["not reached"] }
        }
    }

    function test_b261_where_a_task_is_refused_nothing_of_the_group_is_left() {
        ignoreWarning(/args\[0\]: a function cannot be passed to a task/)
        const group = make(refusing, {})
        compare(group.start(), false)
        compare(group.status, TaskManager.Failed)
        compare(group.error.kind, "Refused")
        verify(/^task 2 of 3 was refused: args\[0\]: a function/.test(group.error.message), group.error.message)
        compare(log, [["failed", group.error.message], ["ended", TaskManager.Failed]])
        compare(group.tasks[1].error.kind, "Refused")
        waitFor(() => group.tasks[0].status === TaskManager.Cancelled, "the end of the first")
        compare(group.tasks[2].status, TaskManager.UnknownTask)
        compare(Rig.noted(), "")
        for (const [properties, text] of [[{ limit: -1 }, /^limit is -1; expected a whole number from 1/],
                                          [{ limit: 1.5 }, /^limit is the number 1.5; expected a whole number from 1/],
                                          [{ limit: "3" }, /^limit is the text "3"; expected a whole number/],
                                          [{ limit: 2, mode: TaskGroup.Sequential }, /^limit is for a group that is Parallel/],
                                          [{ mode: 5 }, /^mode is 5; expected TaskGroup.Parallel \(\d\) or TaskGroup.Sequential \(\d\)/],
                                          [{ errorPolicy: 5 }, /^errorPolicy is the number 5; expected TaskManager.StopOnError/],
                                          [{ delayMs: "soon" }, /^delayMs is the text "soon"/],
                                          [{ key: "k", keyPolicy: TaskManager.Keep }, /^keyPolicy is Keep; expected another/],
                                          [{ options: { retry: 2 } }, /^options.retry is for work, and a group has none/]]) {
            const wrong = make(parallel, properties)
            ignoreWarning(new RegExp(text.source.slice(1)))
            compare(wrong.start(), false)
            verify(text.test(wrong.error.message), wrong.error.message)
            waitFor(() => wrong.tasks.length === 2 && !wrong.first.running && !wrong.second.running, "nothing runs")
        }
    }

    Component {
        id: twofold

        TaskGroup {
            property alias inner: inner

            Task { id: held; job: "hold"; args: ["a"]; name: "Held" }
            Task { id: nameless; job: "note"; args: ["began"] }
            TaskGroup {
                id: inner

                name: "Inner"

                Task { job: "note"; args: ["began"] }
            }
        }
    }

    Component {
        id: anyTask

        Task { job: "note"; args: ["began"] }
    }

    function test_b277_a_member_that_stands_twice_is_refused_before_anything_starts_data() {
        return [
            { tag: "one of a name", add: group => group.tasks.push(group.tasks[0]),
              text: /^task 4 of 4, "Held", is task 1, too; a task stands in a group once$/ },
            { tag: "one without", add: group => group.tasks.push(group.tasks[1]),
              text: /^task 4 of 4 is task 2, too; a task stands in a group once$/ },
            { tag: "in a group in it", add: group => group.inner.tasks.push(group.tasks[0]),
              text: /^task 2 of 2 in "Inner", "Held", is task 1, too; a task stands in a group once$/ },
            { tag: "before that group", add: group => group.tasks.push(group.inner.tasks[0]),
              text: /^task 4 of 4 is task 1 in "Inner", too; a task stands in a group once$/ },
            { tag: "a group", add: group => group.tasks.push(group.inner),
              text: /^task 4 of 4, "Inner", is task 3, too; a task stands in a group once$/ },
            { tag: "itself", add: group => group.tasks.push(group),
              text: /^task 4 of 4 is the group itself; a group cannot stand in itself$/ },
            { tag: "through another", add: group => group.inner.tasks.push(group),
              text: /^task 2 of 2 in "Inner" is the group itself; a group cannot stand in itself$/ },
            { tag: "one in it in itself", add: group => group.inner.tasks.push(group.inner),
              text: /^task 2 of 2 in "Inner", "Inner", is the group that it stands in; a group cannot stand in itself$/ }
        ]
    }

    function test_b277_a_member_that_stands_twice_is_refused_before_anything_starts(data) {
        for (const mode of [TaskGroup.Parallel, TaskGroup.Sequential]) {
            log = []
            const group = make(twofold, { mode })
            data.add(group)
            ignoreWarning(new RegExp(data.text.source.slice(1)))
            compare(group.start(), false)
            verify(data.text.test(group.error.message), group.error.message)
            compare(group.error.kind, "Refused")
            compare(log, [["failed", group.error.message], ["ended", TaskManager.Failed]])
            compare([group.tasks[0].status, group.tasks[1].status, group.inner.status],
                    [TaskManager.UnknownTask, TaskManager.UnknownTask, TaskManager.UnknownTask])
            verify(Rig.idle())
            compare(Rig.noted(), "")
            Rig.destroyNow(group)
        }
    }

    Component {
        id: failing

        TaskGroup {
            Task { job: "fail"; args: ["no"] }
        }
    }

    function test_b280_a_group_is_not_retried_and_says_what_would_be_right() {
        const text = /^the task [-0-9a-f]+ is a group, which has no work of its own; retry those of its tasks that did not complete, or start the group anew$/
        const group = make(failing, { running: true })
        end(group)
        compare([group.status, group.canRetry], [TaskManager.Failed, false])
        ignoreWarning(new RegExp(text.source.slice(1)))
        compare(group.retry(), false)
        refused(() => TaskManager.retryTask(group.taskId), text)
        const all = run2(TaskManager.all([run("fail", ["no"])]))
        refused(() => TaskManager.retryTask(all), text)
    }

    Component {
        id: limited

        TaskGroup {
            limit: 2

            Task { job: "hold"; args: ["a"] }
            Task { job: "hold"; args: ["b"] }
            TaskGroup {
                Task { job: "hold"; args: ["c"] }
                Task { job: "hold"; args: ["d"]; key: "its own" }
            }
            Task { job: "hold"; args: ["e"] }
        }
    }

    function test_b262_a_limit_holds_for_all_of_the_group() {
        const group = make(limited, { running: true })
        waitFor(() => ["a", "b", "d"].every(name => Rig.holds(name)), "two, and one with a key of its own")
        compare(TaskManager.activeCount >= 3, true)
        compare([Rig.holds("c"), Rig.holds("e")], [false, false])
        Rig.release("b")
        waitFor(() => Rig.holds("c"), "the next")
        compare(Rig.holds("e"), false)
        Rig.release("c")
        waitFor(() => Rig.holds("e"), "the last")
        for (const name of ["a", "d", "e"])
            Rig.release(name)
        end(group)
        compare(group.result, ["a", "b", ["c", "d"], "e"])
        compare(TaskManager.tasksOfKey("its own"), [])
    }

    Component {
        id: options

        TaskGroup {
            options: ({ priority: TaskManager.Low, after: [] })
            delayMs: 3600000

            Task { job: "echo"; args: [1]; delayMs: 1 }
            Task { job: "echo"; args: [2]; priority: TaskManager.High }
        }
    }

    function test_b262_its_tasks_wait_as_it_does() {
        const group = make(options, { running: true })
        compare(group.status, TaskManager.Delayed)
        const tasks = [group.tasks[0], group.tasks[1]]
        compare(tasks.map(task => task.status), [TaskManager.Delayed, TaskManager.Delayed])
        compare(tasks.map(task => TaskManager.taskInfo(task.taskId).priority), [TaskManager.Low, TaskManager.High])
        group.cancel()
        end(group)
        waitFor(() => tasks.every(task => task.status === TaskManager.Cancelled), "the ends")
        const before = TaskManager.runInThread("obey")
        group.delayMs = 0
        group.options = { after: [before] }
        verify(group.start())
        compare(group.status, TaskManager.Blocked)
        compare(tasks.map(task => task.status), [TaskManager.Blocked, TaskManager.Blocked])
        compare(tasks.map(task => TaskManager.taskInfo(task.taskId).waitsFor.tasks), [[before], [before]])
        TaskManager.cancelTask(before)
        end(group)
        compare(log.filter(entry => entry[0] === "cancelled"), [["cancelled", "User"], ["cancelled", "DependencyFailed"]])
    }

    Component {
        id: many

        TaskGroup {
            id: manyGroup

            Task { job: "echo"; args: ["first"] }
            Instantiator {
                id: maker

                model: groups.numbers

                Task {
                    required property int modelData

                    job: "echo"
                    args: [manyGroup.mode === TaskGroup.Sequential ? [manyGroup.previous, modelData] : modelData]
                }
            }
            QtObject { objectName: "nothing" }
            Task { job: groups.dies ? "hold" : "echo"; args: ["last"] }
        }
    }

    function test_b263_tasks_come_from_an_instantiator_too() {
        const group = make(many, { running: true })
        end(group)
        compare(group.result, ["first", 1, 2, 3, "last"])
        numbers = [5]
        verify(group.start())
        // What comes now is for the next time, and what goes is cancelled.
        end(group)
        compare(group.result, ["first", 5, "last"])
        group.mode = TaskGroup.Sequential
        verify(group.start())
        end(group)
        compare(group.result, ["first", ["first", 5], "last"])
    }

    function test_b263_one_that_goes_while_the_group_runs_is_cancelled() {
        dies = true
        const group = make(many, { running: true, errorPolicy: TaskManager.ContinueOnError })
        waitFor(() => Rig.holds("last"), "the last")
        numbers = [1, 2, 3, 4]
        Rig.release("last")
        end(group)
        // They had ended.
        compare(group.result, ["first", 1, 2, 3, "last"])
        const gate = make(waiting, { running: true })
        waitFor(() => Rig.holds("gate"), "the job")
        Rig.destroyNow(gate.tasks[1])
        Rig.release("gate")
        end(gate)
        compare(gate.status, TaskManager.Failed)
        verify(/was cancelled: OwnerGone$/.test(gate.error.message), gate.error.message)
        compare(gate.start(), true)
        Rig.release("gate")
        end(gate)
        compare(gate.result, ["gate"])
    }

    Component {
        id: waiting

        TaskGroup {
            Task { job: "hold"; args: ["gate"] }
            Task { job: "echo"; delayMs: 3600000 }
        }
    }

    function test_b263_it_goes_with_its_object() {
        for (const component of [parallel, nested, limited, sequence, many]) {
            const group = component.createObject(groups, { running: true })
            const ids = Array.from(group.tasks).filter(task => task.taskId).map(task => task.taskId).concat(group.taskId)
            Rig.destroyNow(group)
            for (const name of ["a", "b", "c", "d", "e"])
                Rig.release(name)
            waitFor(() => ids.every(id => TaskManager.taskStatus(id) >= TaskManager.Completed
                                       && TaskManager.taskStatus(id) !== TaskManager.Blocked), "the ends")
        }
        waitFor(() => Rig.idle(), "nothing is left")
    }

    Component {
        id: dying

        TaskGroup {
            property var victim: null

            Task { job: "echo"; args: [1] }
            Task { job: "echo"; args: [{ get now() { groups.dies = true; Rig.destroyNow(groups.victim); return 1 } }] }
            Task { job: "echo"; args: [3] }
        }
    }

    property var victim: null

    function test_b263_it_may_be_destroyed_while_it_starts() {
        for (const which of ["group", "first", "itself", "next"]) {
            dies = false
            const group = dying.createObject(groups)
            const tasks = [group.tasks[0], group.tasks[1], group.tasks[2]]
            victim = which === "group" ? group : tasks[["first", "itself", "next"].indexOf(which)]
            if (which === "itself")
                ignoreWarning(/task 2 of 3 was refused: it was destroyed as it was started/)
            const started = group.start()
            verify(dies)
            if (which === "group")
                continue
            compare(started, which !== "itself", which)
            waitFor(() => !group.running, "the end")
            Rig.destroyNow(group)
        }
        victim = null
        waitFor(() => Rig.idle(), "nothing is left")
    }

    Component {
        id: starter

        TaskGroup {
            Task { job: "echo"; args: [1] }
            Task { job: "echo"; args: [2] }
        }
    }

    function test_b264_3000_times_in_a_row() {
        const group = make(starter, {})
        for (let time = 0; time < 3000; ++time)
            verify(time % 2 ? group.restart() : group.start() || group.restart())
        end(group)
        compare(group.result, [1, 2])
        waitFor(() => Rig.idle(), "nothing is left")
        log = []
        let times = 0
        const again = () => { if (++times < 300) group.start() }
        group.ended.connect(again)
        group.start()
        waitFor(() => times === 300, "300 times")
        group.ended.disconnect(again)
        compare(log.filter(entry => entry[0] === "completed").length, 300)
    }

    Component {
        id: lengthy

        TaskGroup {
            id: longChain

            mode: TaskGroup.Sequential

            Instantiator {
                model: 3000

                Task {
                    required property int index

                    job: "count"
                    args: [longChain.previous, index]
                }
            }
        }
    }

    function test_b264_a_sequence_of_3000() {
        const group = make(lengthy, { running: true })
        end(group)
        compare(group.result.length, 3000)
        compare(group.result[2999], 2)
        group.delayMs = 3600000
        verify(group.start())
        group.cancel()
        end(group)
        compare(group.status, TaskManager.Cancelled)
    }

    Component {
        id: detached

        TaskGroup {
            detached: true

            Task { job: "hold"; args: ["gate"] }
        }
    }

    function test_b263_one_that_is_detached_goes_on_with_its_tasks() {
        const group = detached.createObject(groups, { running: true }) as TaskGroup
        const task = group.tasks[0] as Task
        const ids = [group.taskId, task.taskId]
        Rig.destroyNow(group)
        waitFor(() => Rig.holds("gate"), "the job")
        Rig.release("gate")
        waitFor(() => ids.every(id => TaskManager.taskStatus(id) === TaskManager.Completed), "the ends")
    }

    Component {
        id: external

        TaskGroup {
            mode: TaskGroup.Sequential

            ExternalTask { onStarted: complete(7) }
            Task { job: "note"; args: ["after"] }
        }
    }

    function test_b260_an_external_task_stands_in_a_group() {
        const group = make(external, { running: true })
        end(group)
        compare(group.result, [7, undefined])
        compare(Rig.noted(), "after")
    }
}
