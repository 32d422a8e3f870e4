pragma ComponentBehavior: Bound

import QtQuick
import Legwork
import Legwork.Testing
import LegworkTests

// What waits for a time, by the virtual clock: each moment to the millisecond, after hours.
Case {
    id: timeCase

    readonly property int minute: 60000
    readonly property int hour: 60 * minute

    property VirtualClock clock: null

    // What a Task of the test told.
    property var log: []

    name: "Time"

    function init() {
        waitFor(() => Rig.idle(), "the tests before")
        begin()
        log = []
        clock = createTemporaryObject(clocks, timeCase)
        verify(clock.active)
    }

    function cleanup() {
        Rig.endFunction()
        clock.runUntilIdle()
        compare(clock.pendingTasks(), [])
        clock.active = false
    }

    Component { id: clocks; VirtualClock { } }

    Component {
        id: tasks

        Task {
            onStarted: timeCase.note("started")
            onRetrying: (attempt, error, delayMs) => timeCase.note("retrying", attempt, error.message, delayMs)
            onSlow: ms => timeCase.note("slow", ms)
            onPeriodic: (iteration, result) => timeCase.note("periodic", iteration, result)
            onCompleted: result => timeCase.note("completed", result)
            onFailed: error => timeCase.note("failed", error.kind)
            onCancelled: reason => timeCase.note("cancelled", reason)
        }
    }

    function note(...what) {
        log.push([clock.now].concat(what))
    }

    function make(properties) {
        return createTemporaryObject(tasks, timeCase, properties)
    }

    // What is told of a task by its callbacks, each with its moment.
    function noted(options) {
        return Object.assign({
            onStarted: () => note("started"),
            onComplete: result => note("completed", result),
            onError: error => note("failed", error.message),
            onCancelled: reason => note("cancelled", reason)
        }, options)
    }

    // When the runs of a periodic task were.
    function runsOf(what, options) {
        const times = []
        const id = TaskManager.runPeriodic(minute, what, [], Object.assign({ onComplete: () => times.push(clock.now / minute) }, options))
        return { id, times }
    }

    // ---- once ------------------------------------------------------------------------------------

    function test_b23_run_later_in_all_forms() {
        const ids = [TaskManager.runLater(0, "count"), TaskManager.runLater(minute, "count", [1, 2]),
                     TaskManager.runLater(1.5, "count", [1, 2, 3], { name: "three" })]
        for (const id of ids)
            compare(eventsOf(id), [])
        clock.fastForwardBy(minute)
        ids.forEach((id, number) => compare(eventsOf(id), [["taskStarted"], ["taskCompleted", [0, 2, 3][number]]]))
    }

    function test_b24_nothing_is_early_nor_late() {
        for (const delay of [1, 999, hour, 24 * hour]) {
            const id = TaskManager.runLater(delay, "echo")
            compare(TaskManager.taskStatus(id), TaskManager.Delayed)
            clock.fastForwardBy(delay - 1)
            compare(TaskManager.taskStatus(id), TaskManager.Delayed, delay)
            clock.fastForwardBy(1)
            compare(TaskManager.taskStatus(id), TaskManager.Completed, delay)
        }
    }

    function test_b26_equal_times_are_in_the_order_of_submission() {
        TaskManager.maxWorkers = 1
        const ids = []
        for (let number = 0; number < 20; ++number)
            ids.push(TaskManager.runLater(hour, "echo", [number]))
        clock.fastForwardBy(hour)
        compare(events.filter(event => event[0] === "taskCompleted").map(event => event[2]), ids.map((_, number) => number))
    }

    function test_b60_a_wait_for_what_is_delayed() {
        const id = TaskManager.runLater(hour, "echo", [1])
        compare(TaskManager.waitForTask(id, minute), TaskManager.WaitTimeout)
        compare(clock.now, minute)
        compare(TaskManager.waitForTask(id, hour), TaskManager.Done)
        compare(clock.now, hour)
    }

    function test_b48_a_time_out() {
        const id = TaskManager.runInThread("obey", [], noted({ timeoutMs: 5000 }))
        clock.fastForwardBy(minute)
        // A body that sleeps moves the time, and what is told of it comes after it.
        compare(log.map(entry => [entry[0], entry[1]]), [[5000, "started"], [5000, "failed"]])
        compare(TaskManager.taskStatus(id), TaskManager.TimedOut)
    }

    function test_b186_what_has_not_begun_in_time_never_does() {
        TaskManager.maxWorkers = 1
        TaskManager.runInThread("obey", [], { warnAfterMs: 0 })
        TaskManager.runInThread("note", ["ran"], noted({ priority: TaskManager.Low, startTimeoutMs: minute }))
        clock.fastForwardBy(hour)
        compare(Rig.noted(), "")
        compare(log.map(entry => entry[1]), ["failed"])
        compare(log[0][2], "it had not begun within its start time-out of 60s")
    }

    function test_b187_a_run_that_takes_long_is_told_once() {
        ignoreWarning(/the sleeper/)
        const task = make({ job: "obey", name: "the sleeper", options: { warnAfterMs: 10000 }, running: true })
        clock.fastForwardBy(hour)
        compare(log.map(entry => entry.slice(1, 3)), [["started"], ["slow", 10000], ["completed", undefined]])
        compare(task.status, TaskManager.Completed)
    }

    function test_b181_the_waits_between_attempts_grow() {
        const retry = { times: 5, delayMs: 1000, maxDelayMs: 5000, jitter: 0 }
        const id = TaskManager.runInThread("fail", ["no"], noted({ retry, onRetry: (attempt, error, delayMs) => note(attempt, delayMs, error.message) }))
        clock.fastForwardBy(minute)
        compare(log, [[0, "started"], [0, 2, 1000, "no"], [1000, 3, 2000, "no"], [3000, 4, 4000, "no"],
                      [7000, 5, 5000, "no"], [12000, 6, 5000, "no"],
                      [17000, "failed", "no"]])
        compare(TaskManager.taskInfo(id).error.attempts, 6)
    }

    function test_b189_b190_b191_verbs_for_what_waits() {
        const later = TaskManager.runLater(hour, "echo", [1])
        verify(TaskManager.runNow(later))
        clock.runUntilIdle()
        compare(TaskManager.taskInfo(later).result, 1)
        verify(!TaskManager.runNow(later))
        verify(!TaskManager.cancelIfQueued(later))
        const back = TaskManager.runLater(hour, "echo", [1])
        verify(TaskManager.cancelIfQueued(back))
        compare(TaskManager.taskStatus(back), TaskManager.Cancelled)
        const periodic = TaskManager.runPeriodic(hour, "iteration", [], { maxRuns: 2 })
        clock.runUntilIdle()
        verify(TaskManager.setInterval(periodic, minute))
        clock.fastForwardBy(minute - 1)
        compare(TaskManager.taskStatus(periodic), TaskManager.Delayed)
        clock.fastForwardBy(1)
        compare(TaskManager.taskInfo(periodic).result, 2)
    }

    // ---- again and again -------------------------------------------------------------------------

    function test_b33_run_periodic_in_all_forms() {
        const ids = [TaskManager.runPeriodic(minute, "count"), TaskManager.runPeriodic(minute, "count", [1, 2]),
                     TaskManager.runPeriodic(minute, "count", [1, 2, 3], { name: "three" })]
        clock.fastForwardBy(2 * minute)
        for (const [index, count] of [[0, 0], [1, 2], [2, 3]]) {
            compare(eventsOf(ids[index]), [["taskStarted"], ["taskPeriodic", 1, count], ["taskPeriodic", 2, count],
                                           ["taskPeriodic", 3, count]])
        }
        compare(TaskManager.taskInfo(ids[2]).name, "three")
    }

    function test_b36_the_first_run_is_at_once_or_after_an_interval() {
        const atOnce = runsOf("iteration")
        const later = runsOf("iteration", { firstRun: TaskManager.AfterInterval })
        const delayed = runsOf("iteration", { delayMs: 30 * minute })
        clock.runUntilIdle()
        compare([atOnce.times, later.times, delayed.times], [[0], [], []])
        clock.fastForwardBy(31 * minute)
        compare(atOnce.times.length, 32)
        compare(later.times[0], 1)
        compare(delayed.times, [30, 31])
    }

    // A machine that was suspended: what was due meanwhile is one run, and where the next is says the rate.
    function test_b37_b38_after_a_long_stall_one_run_comes_data() {
        return [
            { tag: "fixed delay", options: { rate: TaskManager.FixedDelay }, times: [0, 10.5, 11.5, 12.5] },
            { tag: "fixed rate, skip", options: { rate: TaskManager.FixedRate, misfire: TaskManager.Skip }, times: [0, 10.5, 11, 12, 13] },
            { tag: "fixed rate, once", options: { rate: TaskManager.FixedRate, misfire: TaskManager.RunOnce }, times: [0, 10.5, 11, 12, 13] },
        ]
    }

    function test_b37_b38_after_a_long_stall_one_run_comes(data) {
        const { times } = runsOf("iteration", data.options)
        clock.runUntilIdle()
        clock.advanceClock(10.5 * minute)
        clock.fastForwardBy(2.6 * minute)
        compare(times, data.times)
    }

    function test_b45_a_limit_of_runs_ends_it_with_the_last_result() {
        const id = TaskManager.runPeriodic(hour, "iteration", [], noted({ maxRuns: 3 }))
        clock.fastForwardBy(2 * hour)
        // After each run, and at the end.
        compare(log, [[0, "started"], [0, "completed", 1], [hour, "completed", 2], [2 * hour, "completed", 3], [2 * hour, "completed", 3]])
        compare(eventsOf(id).pop(), ["taskCompleted", 3])
        compare([TaskManager.taskInfo(id).iteration, TaskManager.taskInfo(id).result], [3, 3])
    }

    function test_b40_a_failing_run_does_not_end_the_schedule() {
        const errors = []
        const id = TaskManager.runPeriodic(hour, "failIn", [[1, 3]], { maxRuns: 4, onError: error => errors.push(error) })
        clock.fastForwardBy(3 * hour)
        compare(eventsOf(id), [["taskStarted"], ["taskFailed", "run 1"], ["taskPeriodic", 2, 2], ["taskFailed", "run 3"],
                               ["taskPeriodic", 4, 4], ["taskCompleted", 4]])
        compare(errors.map(error => [error.kind, error.message, error.attempt]), [["Failed", "run 1", 1], ["Failed", "run 3", 3]])
    }

    function test_b40_max_failures_in_a_row_end_it() {
        const errors = []
        const id = TaskManager.runPeriodic(hour, "failIn", [[1, 3, 4]], { maxFailures: 2, onError: error => errors.push(error) })
        clock.fastForwardBy(3 * hour)
        compare(namesOf(id), "taskStarted taskFailed taskPeriodic taskFailed taskFailed taskFailed")
        const info = TaskManager.taskInfo(id)
        compare([info.statusName, info.error.kind, info.error.attempt], ["Failed", "TooManyFailures", 4])
        compare(errors.length, 4)
        compare(errors[3], info.error)
    }

    function test_b188_a_schedule_ends_at_its_date() {
        const info = TaskManager.taskInfo(TaskManager.runInThread("echo"))
        const { id, times } = runsOf("iteration", { until: new Date(info.created.getTime() + 3.5 * minute) })
        clock.fastForwardBy(10 * minute)
        // After each run, and at the end.
        compare(times, [0, 1, 2, 3, 3])
        compare(TaskManager.taskStatus(id), TaskManager.Completed)
        compare(TaskManager.taskInfo(id).iteration, 4)
    }

    function test_b188_chance_spreads_the_runs_and_leaves_the_grid() {
        const { id, times } = runsOf("iteration", { rate: TaskManager.FixedRate, jitterMs: 30000 })
        clock.fastForwardBy(100 * minute)
        verify(times.length >= 100)
        times.forEach((time, run) => verify(time >= run && time <= run + 0.5, `run ${run + 1} at ${time}`))
        verify(times.some(time => time % 1 !== 0))
        TaskManager.cancelTask(id)
    }

    function test_b41_a_cancel_between_two_runs() {
        const { id, times } = runsOf("iteration")
        clock.fastForwardBy(1.5 * minute)
        verify(TaskManager.cancelTask(id))
        clock.fastForwardBy(hour)
        compare(times, [0, 1])
        compare(eventsOf(id).pop(), ["taskCancelled"])
    }

    // ---- as an element ---------------------------------------------------------------------------

    function test_a_task_with_a_delay() {
        const task = make({ job: "echo", args: [1], delayMs: hour, running: true })
        compare([task.status, task.running], [TaskManager.Delayed, true])
        clock.fastForwardBy(minute)
        task.running = false
        clock.runUntilIdle()
        compare(task.status, TaskManager.Cancelled)
        task.start()
        clock.fastForwardBy(hour)
        compare(log, [[minute, "cancelled", "User"], [minute + hour, "started"], [minute + hour, "completed", 1]])
        compare(task.result, 1)
    }

    function test_a_task_with_an_interval() {
        const task = make({ job: "iteration", intervalMs: hour, options: { maxRuns: 3 }, running: true })
        clock.fastForwardBy(1.5 * hour)
        compare([task.running, task.result], [true, 2])
        clock.fastForwardBy(hour)
        compare(log, [[0, "started"], [0, "periodic", 1, 1], [hour, "periodic", 2, 2], [2 * hour, "periodic", 3, 3], [2 * hour, "completed", 3]])
        compare([task.running, task.result], [false, 3])
    }

    function test_a_periodic_task_between_runs() {
        const task = make({ job: "iteration", intervalMs: hour, running: true })
        clock.fastForwardBy(minute)
        compare(TaskManager.taskStatus(task.taskId), TaskManager.Delayed)
        compare([task.running, task.result], [true, 1])
        task.cancel()
        clock.runUntilIdle()
        compare(log, [[0, "started"], [0, "periodic", 1, 1], [minute, "cancelled", "User"]])
    }

    function test_a_failed_run_is_not_the_end() {
        const task = make({ job: "fail", args: ["no"], intervalMs: hour, running: true })
        clock.fastForwardBy(minute)
        compare(log, [[0, "started"], [0, "failed", "Failed"]])
        compare([task.running, task.error.message], [true, "no"])
    }

    // Each is the last run's: of a run that failed there is no result, of one that did not no error.
    function test_b155_result_and_error_are_the_last_runs() {
        const task = make({ job: "failIn", args: [[2, 4]], intervalMs: minute, options: { maxRuns: 4 } })
        const seen = []
        const see = () => seen.push([task.result, task.error ? task.error.message : null])
        task.periodic.connect(see)
        task.failed.connect(see)
        task.start()
        clock.fastForwardBy(hour)
        compare(seen, [[1, null], [undefined, "run 2"], [3, null], [undefined, "run 4"]])
    }

    function test_b48_a_task_with_a_time_out() {
        const task = make({ job: "obey", timeoutMs: minute, options: { warnAfterMs: 0 }, running: true })
        clock.fastForwardBy(hour)
        compare([task.status, task.error.kind], [TaskManager.TimedOut, "TimedOut"])
        compare(log, [[minute, "started"], [minute, "failed", "TimedOut"]])
    }

    function test_b181_a_task_that_is_tried_again() {
        make({ job: "fail", args: ["no"], options: { retry: { times: 1, delayMs: hour, maxDelayMs: hour, jitter: 0 } }, running: true })
        clock.fastForwardBy(24 * hour)
        compare(log, [[0, "started"], [0, "retrying", 2, "no", hour], [hour, "failed", "Failed"]])
    }
}
