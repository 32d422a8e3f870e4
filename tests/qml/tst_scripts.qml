import QtQuick
import Legwork
import LegworkTests

// runScript: JavaScript on the workers.
Case {
    id: scripts

    readonly property url work: Qt.resolvedUrl("scripts/work.mjs")

    name: "Scripts"

    // Calls a function to its end; what is known of the task then.
    function called(functionName, args, options, module) {
        const id = TaskManager.runScript(module ?? work, functionName, args, options)
        waitForEnd(id)
        return TaskManager.taskInfo(id)
    }

    // What a call throws.
    function thrownBy(call) {
        try {
            call()
        } catch (error) {
            return error.message
        }
        fail("nothing was thrown")
    }

    // ---- values ----------------------------------------------------------------------------------

    function test_result() {
        const id = TaskManager.runScript(work, "sum", [1, 2, 3])
        waitForEnd(id)
        compare(eventsOf(id), [["taskStarted"], ["taskCompleted", 6]])
        compare(TaskManager.taskInfo(id).name, "sum (work.mjs)")
        compare(called("nothing").result, undefined)
        // After the arguments comes the context.
        compare(called("argumentsOf").result, 1)
        compare(called("argumentsOf", [1, 2]).result, 3)
    }

    function test_values_are_copied_there_and_back_data() {
        return [
            { tag: "true", value: true },
            { tag: "null", value: null },
            { tag: "undefined", value: undefined },
            { tag: "2^53 - 1", value: 9007199254740991 },
            { tag: "a fraction", value: -0.25 },
            { tag: "text", value: "Zeile \u00fc \ud83d\ude00" },
            { tag: "nested", value: { list: [1, [2, { deep: "x" }]], empty: {} } },
            { tag: "date", value: new Date(86400000) },
        ]
    }

    function test_values_are_copied_there_and_back(data) {
        compare(called("echo", [data.value]).result, data.value)
    }

    function test_bytes() {
        const result = called("echo", [new Uint8Array([1, 2, 255]).buffer]).result
        compare(Array.from(new Uint8Array(result)), [1, 2, 255])
    }

    function test_b293_a_part_of_a_script_may_block() {
        compare(called("blocks").result, "21 the disk is gone")
        TaskManager.maxWorkers = 1
        const id = TaskManager.runScript(work, "blocksUntilCancelled")
        tryVerify(() => TaskManager.taskStatus(id) === TaskManager.Running)
        compare(called("sum", [1, 2]).result, 3)
        TaskManager.cancelTask(id)
        waitForEnd(id)
        compare(TaskManager.taskStatus(id), TaskManager.Cancelled)
        compare(called("sum", [1, 2]).result, 3)
        TaskManager.maxWorkers = 4
    }

    function test_the_url_is_one_or_a_text() {
        compare(called("sum", [1], {}, String(work)).result, 1)
        compare(called("sum", [1], {}, String(work).replace("file://", "")).result, 1)
    }

    function test_a_module_imports_others() {
        compare(called("scaled", [2]).result, 6)
    }

    function test_what_cannot_leave_a_script_data() {
        return [
            { tag: "returnsFunction", message: "the result.inside[0]: a function cannot leave a script" },
            { tag: "returnsError", message: "the result: an Error cannot leave a script" },
            { tag: "returnsItself", message: "nest deeper than 64, or contain themselves" },
        ]
    }

    function test_what_cannot_leave_a_script(data) {
        const error = called(data.tag).error
        compare(error.kind, "Script")
        verify(error.message.includes(data.message), error.message)
    }

    // ---- the context -----------------------------------------------------------------------------

    function test_context() {
        const id = TaskManager.runScript(work, "about")
        waitForEnd(id)
        compare(TaskManager.taskInfo(id).result,
                { keys: ["cancelled", "taskId", "iteration", "attempt", "progress", "send", "sleep", "blocking"],
                  cancelled: false, taskId: id, iteration: 1, attempt: 1, frozen: true })
    }

    function test_b181_b182_a_script_is_tried_again_unless_it_says_that_it_is_in_vain() {
        const retry = { times: 5, delayMs: 1, backoff: TaskManager.Fixed }
        const plain = TaskManager.runScript(work, "flaky", ["plain"], { retry })
        waitForEnd(plain)
        compare(TaskManager.taskInfo(plain).result, 3)
        compare(TaskManager.taskInfo(plain).attempt, 3)
        // Not in the hour that the options say.
        const hour = { times: 5, delayMs: 3600000, maxDelayMs: 3600000 }
        const later = TaskManager.runScript(work, "flaky", ["later"], { retry: hour })
        waitForEnd(later)
        compare(TaskManager.taskInfo(later).result, 3)
        const permanent = TaskManager.runScript(work, "flaky", ["permanent"], { retry })
        waitForEnd(permanent)
        compare(TaskManager.taskInfo(permanent).error.message, "attempt 1")
    }

    function test_progress() {
        const id = TaskManager.runScript(work, "report", [4])
        waitForEnd(id)
        const reports = eventsOf(id).filter(event => event[0] === "taskProgress")
        compare(reports[reports.length - 1], ["taskProgress", 1, "step 4"])
        const said = TaskManager.runScript(work, "say")
        waitForEnd(said)
        const last = eventsOf(said).filter(event => event[0] === "taskProgress").pop()
        compare(last, ["taskProgress", -1, "looking"])
    }

    function test_b267_it_may_count_what_it_does() {
        const id = TaskManager.runScript(work, "copyFiles", [3])
        waitForEnd(id)
        const info = TaskManager.taskInfo(id)
        compare([info.progress, info.message], [0.75, "looking"])
        compare([info.amount.done, info.amount.total, info.amount.unit], [3, 4, "files"])
        const reports = eventsOf(id).filter(event => event[0] === "taskProgress")
        compare(reports[reports.length - 1], ["taskProgress", 0.75, "looking"])
        ignoreWarning(/progress -1 was ignored; an amount is at least 0/)
        const wrong = TaskManager.runScript(work, "copyFiles", [-1])
        waitForEnd(wrong)
        compare(TaskManager.taskInfo(wrong).amount, null)
    }

    function test_progress_that_is_none_is_ignored() {
        ignoreWarning(/progress 7 was ignored; it goes from 0 to 1/)
        compare(called("wrongProgress").result, "went on")
    }

    function test_sleep() {
        compare(called("sleeps", [1]).result, "slept")
        const error = called("sleeps", ["long"]).error
        verify(error.message.startsWith("RangeError: sleep(long): expected milliseconds"), error.message)
        // It is the caller's line that is named.
        compare(error.file, String(work))
    }

    // ---- errors ----------------------------------------------------------------------------------

    function test_b89_an_error_has_message_file_line_and_stack() {
        const id = TaskManager.runScript(work, "failsDeep")
        waitForEnd(id)
        compare(eventsOf(id), [["taskStarted"], ["taskFailed", "RangeError: no such price"]])
        const error = TaskManager.taskInfo(id).error
        compare(error.kind, "Script")
        compare(error.file, String(work))
        verify(error.line > 0)
        compare(error.origin, error.file + ":" + error.line)
        const frames = error.stack.split("\n")
        verify(frames[0].startsWith("fails@"), error.stack)
        verify(frames[1].startsWith("failsDeep@"), error.stack)
    }

    function test_b89_whatever_is_thrown_data() {
        return [
            { tag: "an Error", call: "failsPlainly", args: [], message: "no such price" },
            { tag: "a text", call: "failsWith", args: ["just this"], message: "just this" },
            { tag: "a number", call: "failsWith", args: [5], message: "5" },
            { tag: "undefined", call: "failsWith", args: [undefined], message: "undefined" },
            { tag: "null", call: "failsWith", args: [null], message: "null" },
            { tag: "b162 an object", call: "failsWith", args: [{ code: 7, at: [1] }], message: "{\"at\":[1],\"code\":7}" },
            { tag: "b162 with a message", call: "failsWith", args: [{ code: 7, message: "no" }], message: "no" },
            { tag: "b162 a list", call: "failsWith", args: [[1, { a: 2 }]], message: "[1,{\"a\":2}]" },
            { tag: "b162 with a text of its own", call: "failsWithText", args: [], message: "as it says" },
            { tag: "b162 itself", call: "failsWithItself", args: [], message: "an object that JSON cannot show" },
            { tag: "b162 rejected", call: "rejects", args: [{ code: 7 }], message: "{\"code\":7}" },
            { tag: "b162 a long one", call: "failsWith", args: [{ text: "x".repeat(1000) }],
              message: "{\"text\":\"" + "x".repeat(291) + "\u2026" },
        ]
    }

    function test_b89_whatever_is_thrown(data) {
        const info = called(data.call, data.args)
        compare(info.statusName, "Failed")
        compare(info.error.message, data.message)
    }

    function test_modules_that_are_none_data() {
        return [
            { tag: "broken.mjs", message: "SyntaxError: ", line: 6 },
            { tag: "throws.mjs", message: "not today", line: 1 },
            { tag: "absent.mjs", message: "there is no module \"", line: 0 },
        ]
    }

    function test_modules_that_are_none(data) {
        const url = Qt.resolvedUrl("scripts/" + data.tag)
        // Again and again, also where the engine has met the module before.
        for (let round = 0; round < 6; ++round) {
            const error = called("fine", [], {}, url).error
            verify(error.message.startsWith(data.message), error.message)
            compare(error.file, String(url))
            compare(error.line, data.line)
        }
    }

    function test_a_function_that_is_not_exported() {
        const message = called("calls").error.message
        verify(/exports no function "calls"; it exports: about, argumentsOf, /.test(message), message)
    }

    function test_b08_what_is_refused_at_once_data() {
        return [
            { tag: "relative", call: () => TaskManager.runScript("work.mjs", "sum"),
              message: "the module \"work.mjs\" is relative" },
            { tag: "http", call: () => TaskManager.runScript("http://example.org/work.mjs", "sum"),
              message: "cannot be loaded from \"http:\"" },
            { tag: "number", call: () => TaskManager.runScript(5, "sum"), message: "url is the number 5" },
            { tag: "no function", call: () => TaskManager.runScript(scripts.work, ""),
              message: "the function's name is empty" },
            { tag: "args", call: () => TaskManager.runScript(scripts.work, "sum", [() => 1]),
              message: "args[0]: a function cannot be passed" },
            { tag: "option", call: () => TaskManager.runScript(scripts.work, "sum", [], { retries: 1 }),
              message: "options.retries is unknown" },
            { tag: "option of a periodic one",
              call: () => TaskManager.runScript(scripts.work, "sum", [], { maxRuns: 1 }),
              message: "options.maxRuns is for a periodic task; set options.periodic, too" },
        ]
    }

    // The hint has each option there is, and each that it has is one.
    function test_b20_an_unknown_option_names_those_there_are() {
        const message = thrownBy(() => TaskManager.runScript(work, "sum", [], { retries: 1 }))
        const hint = message.replace(/^.*options are: /, "").replace("; of a periodic task also:", ",").split(", ")
        const possible = {
            // <vocabulary: possible options>
            name: "Add", priority: TaskManager.High, delayMs: 3600000, timeoutMs: 3600000, detached: false,
            mustRun: false, firstRun: TaskManager.AfterInterval, rate: TaskManager.FixedRate,
            misfire: TaskManager.RunOnce, maxRuns: 1, maxFailures: 1, weight: 1000000, key: "Add",
            keyPolicy: TaskManager.Replace, keyLimit: 2, afterPolicy: TaskManager.Ended, retry: {times: 1},
            startTimeoutMs: 0, warnAfterMs: 3600000, jitterMs: 3600000, until: new Date(Date.now() + 1e10),
            transient: false, system: false, keepResult: true, mayBlock: false, pausable: false,
            maxUndelivered: 2, whenFull: TaskManager.DropOldest,
            // </vocabulary>
            after: [], owner: scripts, onComplete: () => {}, onError: () => {}, onCancelled: () => {}, onProgress: () => {},
            onStarted: () => {}, onRetry: () => {}, onSlow: () => {}, onValues: () => {}, onPaused: () => {}, onResumed: () => {}, onEnd: () => {},
            periodic: true, intervalMs: 3600000
        }
        compare(hint.sort(), Object.keys(possible).sort())
        TaskManager.cancelTask(TaskManager.runScript(work, "sum", [], possible))
    }

    function test_b08_what_is_refused_at_once(data) {
        const message = thrownBy(data.call)
        verify(message.includes(data.message), message)
        compare(TaskManager.lastError, message)
        compare(TaskManager.queuedCount + TaskManager.activeCount, 0)
    }

    // ---- time ------------------------------------------------------------------------------------

    // The longest time between two ticks of a timer of 10 ms.
    Timer {
        id: ticker

        property real last: 0
        property real longest: 0
        property int ticks: 0

        interval: 10
        repeat: true
        onTriggered: {
            longest = Math.max(longest, Date.now() - last)
            last = Date.now()
            ticks += 1
        }
    }

    function test_b73_ten_seconds_leave_the_timer_ticking() {
        ticker.last = Date.now()
        ticker.start()
        const id = TaskManager.runScript(work, "busy", [10000])
        const start = Date.now()
        while (TaskManager.taskStatus(id) < TaskManager.Completed && Date.now() - start < 30000)
            Rig.processEvents()
        waitForEnd(id)
        ticker.stop()
        verify(Date.now() - start >= 9900)
        compare(TaskManager.taskInfo(id).result, 10000)
        // It ticks a thousand times on a quiet machine; where it stood still, never.
        verify(ticker.ticks > 300, ticker.ticks + " ticks")
        verify(ticker.longest < 1000, ticker.longest + " ms without a tick")
    }

    function test_four_run_at_once() {
        const run = () => TaskManager.runScript(work, "untilCancelled")
        const ids = [run(), run(), run(), run()]
        // Each of them can only be running if the others don't hold it up.
        ids.forEach(id => waitForEvent(id, "taskStarted"))
        compare(TaskManager.activeCount, 4)
        compare(ids.map(id => TaskManager.taskStatus(id)), [2, 2, 2, 2])
        ids.forEach(id => TaskManager.cancelTask(id))
        ids.forEach(waitForEnd)
    }

    // ---- interruption ----------------------------------------------------------------------------

    function test_b48_a_cancel_ends_it_within_100_ms_data() {
        return [
            { tag: "endless" }, { tag: "endlessGetter" }, { tag: "stubborn" }, { tag: "untilCancelled" },
            { tag: "sleeps", args: [600000] },
            { tag: "a module", call: "fine", module: "scripts/endless.mjs" },
        ]
    }

    function test_b48_a_cancel_ends_it_within_100_ms(data) {
        const module = data.module ? Qt.resolvedUrl(data.module) : work
        // The best of some, as the machine may be busy with something else.
        let best = Infinity
        for (let round = 0; round < 5 && best > 100; ++round) {
            const id = TaskManager.runScript(module, data.call ?? data.tag, data.args ?? [])
            waitForEvent(id, "taskStarted")
            const start = Date.now()
            compare(TaskManager.cancelTask(id), TaskManager.CancelRequested)
            waitForEnd(id)
            best = Math.min(best, Date.now() - start)
            compare(eventsOf(id), [["taskStarted"], ["taskCancelled"]])
        }
        verify(best <= 100, best + " ms")
        // The worker goes on with a new engine.
        compare(called("sum", [1, 2]).result, 3)
    }

    readonly property url loops: Qt.resolvedUrl("scripts/loops.mjs")

    // Each export of loops.mjs.
    function test_b131_a_cancel_ends_any_loop_data() {
        const shapes = ["whileDate", "doWhile", "forCount", "forEver", "forOf", "forIn", "nested", "labelled", "calls", "recursion",
                "forEach", "map", "filter", "some", "reduce", "sort", "from", "typed", "each", "replace", "reviver",
                "toJson", "getter", "converted", "proxy", "classes", "generator", "iterator", "swallows", "atLast",
                "matches", "evaluated", "asks", "reports", "sleeps", "promised", "chained", "leaves"]
        return Array.from(shapes, tag => ({ tag }))
    }

    // Qt compiles a function that was called some times, and what such code gives when it is interrupted is
    // no value, at which the process crashed.
    function test_b131_a_cancel_ends_any_loop(data) {
        TaskManager.maxWorkers = 1
        let seed = 20011
        for (let round = 0; round < 6; ++round) {
            for (let warm = 0; warm < 5; ++warm)
                compare(called(data.tag, [1], {}, loops).statusName, "Completed")
            const id = TaskManager.runScript(loops, data.tag, [600000])
            waitForEvent(id, "taskStarted")
            seed = seed * 16807 % 2147483647
            for (const until = Date.now() + seed % 10; Date.now() < until;)
                ;
            TaskManager.cancelTask(id)
            waitForEnd(id)
            compare(TaskManager.taskInfo(id).statusName, "Cancelled")
        }
        TaskManager.maxWorkers = 4
    }

    // A worker has an engine for each module, with a state of its own.
    function test_a_worker_keeps_its_modules() {
        TaskManager.maxWorkers = 1
        // Those that are too many end one after the other, and until then each may be the next.
        let first = called("count").result
        tryVerify(() => {
            let same = 0
            for (; same < 10 && called("count").result === first + 1; ++same)
                ++first
            if (same < 10)
                first = called("count").result
            return same === 10
        })
        compare(called("seen", [1], {}, Qt.resolvedUrl("scripts/values.mjs")).result, "number 1")
        compare(called("calls", [0], {}, loops).statusName, "Completed")
        compare(called("count").result, first + 1)
        TaskManager.maxWorkers = 4
    }

    function test_b48_a_time_out_ends_it() {
        const info = called("endless", [], { timeoutMs: 50 })
        compare(info.statusName, "TimedOut")
        compare(info.error.kind, "TimedOut")
        compare(info.error.reason, "Timeout")
    }

    function test_an_owner_that_goes_ends_it() {
        const owner = Qt.createQmlObject("import QtQml; QtObject { }", scripts)
        const id = TaskManager.runScript(work, "endless", [], { owner: owner })
        waitForEvent(id, "taskStarted")
        owner.destroy()
        waitForEnd(id)
        compare(TaskManager.taskInfo(id).cancelReason, "OwnerGone")
    }

    function test_one_that_is_cancelled_before_it_runs() {
        TaskManager.maxWorkers = 1
        hold("gate")
        const id = TaskManager.runScript(work, "sum", [1])
        compare(TaskManager.cancelTask(id), TaskManager.CancelledBeforeStart)
        Rig.release("gate")
        waitForEnd(id)
        compare(eventsOf(id), [["taskCancelled"]])
    }

    // ---- promises --------------------------------------------------------------------------------

    function test_a_promise_gives_what_it_is_settled_with() {
        compare(called("later", [1]).result, 3)
        compare(called("manySteps", [500]).result, 500)
        compare(called("laterFails").error.message, "TypeError: too late")
        const message = called("never").error.message
        verify(message.includes("a promise that nothing settles"), message)
    }

    // ---- the engine ------------------------------------------------------------------------------

    function test_nothing_of_the_ui_is_reachable() {
        compare(called("globals").result, [])
    }

    function test_nothing_is_left_in_the_global_object() {
        verify(called("leaves").error.message.startsWith("TypeError"))
        verify(called("undeclared").error.message.startsWith("ReferenceError"))
    }

    function test_a_module_is_loaded_once_a_worker() {
        // From here on there is one worker, with its one engine.
        TaskManager.maxWorkers = 1
        const first = called("count").result
        compare(called("count").result, first + 1)
        compare(called("count").result, first + 2)
    }

    function test_console() {
        ignoreWarning(/from a worker/)
        compare(called("logs").statusName, "Completed")
    }

    // ---- options ---------------------------------------------------------------------------------

    function test_options() {
        const log = []
        const id = TaskManager.runScript(work, "sum", [2, 3], { name: "Add", priority: TaskManager.High,
                                                                delayMs: 1, onComplete: result => log.push(result) })
        waitForEnd(id)
        compare(log, [5])
        const info = TaskManager.taskInfo(id)
        compare(info.name, "Add")
        compare(info.priority, TaskManager.High)
        const failed = TaskManager.runScript(work, "fails", [], { onError: error => log.push(error.line > 0) })
        waitForEnd(failed)
        compare(log, [5, true])
    }

    function test_periodic() {
        const id = TaskManager.runScript(work, "sum", [1], { periodic: true, intervalMs: 1, maxRuns: 3 })
        waitForEnd(id)
        compare(namesOf(id), "taskStarted taskPeriodic taskPeriodic taskPeriodic taskCompleted")
    }
}
