import QtQuick
import Legwork
import LegworkTests

// Task: work that is declared. And TaskView, which TaskManager.task(id) gives, and promises.
Case {
    id: taskCase

    // What the Task under test told, in order.
    property var log: []
    property Item page: null

    name: "Task"

    function init() {
        begin()
        log = []
    }

    Component {
        id: tasks

        Task {
            id: told

            property var journal: null

            onStarted: told.journal.log.push(["started"])
            onCompleted: result => told.journal.log.push(["completed", result])
            onFailed: error => told.journal.log.push(["failed", error.message])
            onCancelled: reason => told.journal.log.push(["cancelled", reason])
            onPeriodic: (iteration, result) => told.journal.log.push(["periodic", iteration, result])
        }
    }

    // One whose other signals are told, too.
    Component {
        id: moreTold

        Task {
            id: more

            property var journal: null

            onStarted: more.journal.log.push(["started", more.status])
            onCompleted: result => more.journal.log.push(["completed", result])
            onFailed: error => more.journal.log.push(["failed", error.attempts])
            onCancelled: reason => more.journal.log.push(["cancelled", reason])
            onEnded: status => more.journal.log.push(["ended", status, more.running])
        }
    }

    function test_b238_a_task_is_retried() {
        const task = make({ job: "online", args: ["net"] })
        verify(!task.canRetry)
        task.start()
        tryCompare(task, "status", TaskManager.Failed)
        verify(task.canRetry)
        const id = task.taskId
        Rig.release("net")
        verify(task.retry())
        verify(task.taskId !== id && task.running && !task.canRetry)
        tryCompare(task, "result", "net")
        compare(log, [["started"], ["failed", "offline"], ["started"], ["completed", "net"]])
        compare([task.error, task.canRetry], [null, false])
        ignoreWarning(/has completed/)
        verify(!task.retry())
        const other = make({ job: "online" })
        ignoreWarning(/there is no task to retry/)
        verify(!other.retry())
    }

    function test_b238_it_follows_a_retry_that_it_did_not_ask_for() {
        const task = make({ job: "online", args: ["net"] })
        const shown = TaskManager.task(start(task))
        tryCompare(task, "status", TaskManager.Failed)
        const other = make({ job: "online", args: ["other"] })
        start(other)
        tryCompare(other, "status", TaskManager.Failed)
        const id = task.taskId
        Rig.release("net")
        const again = TaskManager.retryTask(id)
        tryCompare(task, "taskId", again)
        tryCompare(task, "status", TaskManager.Completed)
        tryCompare(shown, "result", "net")
        compare([shown.taskId, other.status], [again, TaskManager.Failed])
        compare(log.filter(line => line[1] !== "offline"), [["started"], ["started"], ["started"], ["completed", "net"]])
        // One that has gone on to something else stays with that.
        const id2 = other.taskId
        other.start()
        tryCompare(other, "status", TaskManager.Failed)
        const now = other.taskId
        waitForEnd(TaskManager.retryTask(id2))
        compare(other.taskId, now)
    }

    function start(task) {
        task.start()
        return task.taskId
    }

    function make(properties) {
        return createTemporaryObject(tasks, taskCase, Object.assign({ journal: taskCase }, properties))
    }

    // One that the test destroys.
    function create(properties) {
        return tasks.createObject(taskCase, Object.assign({ journal: taskCase }, properties))
    }

    function end(task) {
        waitFor(() => !task.running, "the end of the task")
        flush()
    }

    // ---- a run -----------------------------------------------------------------------------------

    function test_it_does_nothing_by_itself() {
        const task = make({ job: "echo", args: [1] })
        compare(task.running, false)
        compare(task.status, TaskManager.UnknownTask)
        compare(task.taskId, "")
        compare(task.progress, 0)
        compare(task.indeterminate, true)
        compare(task.message, "")
        compare(task.result, undefined)
        compare(task.error, null)
        compare(task.cancel(), false)
        flush()
        compare(log, [])
    }

    function test_running_starts_it() {
        const task = make({ job: "hold", args: ["gate"], running: true })
        compare(task.running, true)
        verify(task.taskId.length === 36, task.taskId)
        // Whatever the worker does meanwhile: nothing was delivered yet.
        compare(task.status, TaskManager.Queued)
        waitFor(() => Rig.holds("gate"), "the job")
        waitFor(() => task.status === TaskManager.Running, "the start")
        compare(log, [["started"]])
        Rig.release("gate")
        end(task)
        compare(log, [["started"], ["completed", "gate"]])
        compare(task.status, TaskManager.Completed)
        compare(task.result, "gate")
        compare(task.error, null)
        compare(TaskManager.taskInfo(task.taskId).name, "hold")
    }

    function test_start_and_start_again() {
        const task = make({ job: "echo", args: [1] })
        verify(task.start())
        // It runs already.
        compare(task.start(), false)
        const first = task.taskId
        end(task)
        task.args = [2]
        verify(task.start())
        verify(task.taskId !== first)
        // What the last run left is not this one's.
        compare(task.result, undefined)
        end(task)
        compare(log, [["started"], ["completed", 1], ["started"], ["completed", 2]])
    }

    function test_restart_replaces_it() {
        const task = make({ job: "hold", args: ["gate"], running: true })
        const first = task.taskId
        waitFor(() => Rig.holds("gate"), "the first")
        task.job = "echo"
        task.args = [2]
        verify(task.restart())
        const second = task.taskId
        verify(second !== first)
        compare(TaskManager.taskInfo(first).cancelReason, "Replaced")
        end(task)
        Rig.release("gate")
        waitForEnd(first)
        // It shows the second only.
        compare(task.taskId, second)
        compare(task.result, 2)
        compare(log.filter(entry => entry[0] === "completed"), [["completed", 2]])
    }

    function test_a_script() {
        const task = make({ script: Qt.resolvedUrl("scripts/work.mjs"), functionName: "sum", args: [1, 2], running: true })
        end(task)
        compare(task.result, 3)
        compare(TaskManager.taskInfo(task.taskId).name, "sum (work.mjs)")
    }

    function test_b285_a_script_beside_its_document() {
        const task = make({ script: "scripts/work.mjs", functionName: "sum", args: [1, 2], running: true })
        end(task)
        compare(task.result, 3)
        compare(task.error, null)
    }

    function test_an_error_of_a_script_has_its_place() {
        const task = make({ script: Qt.resolvedUrl("scripts/work.mjs"), functionName: "fails", running: true })
        end(task)
        compare(task.status, TaskManager.Failed)
        compare(task.error.kind, "Script")
        compare(task.error.file, String(task.script))
        verify(task.error.line > 0)
        compare(log, [["started"], ["failed", "RangeError: no such price"]])
    }

    function test_a_failure() {
        const task = make({ job: "fail", args: ["no"], running: true })
        end(task)
        compare(task.status, TaskManager.Failed)
        compare(task.running, false)
        compare(task.error.message, "no")
        compare(task.result, undefined)
        compare(log, [["started"], ["failed", "no"]])
    }

    function test_progress() {
        const task = make({ script: Qt.resolvedUrl("scripts/work.mjs"), functionName: "report", args: [4], running: true })
        compare(task.indeterminate, true)
        const seen = []
        task.progressChanged.connect(() => seen.push([task.progress, task.indeterminate, task.message]))
        end(task)
        compare(seen[seen.length - 1], [1, false, "step 4"])
        const busy = make({ script: Qt.resolvedUrl("scripts/work.mjs"), functionName: "say", running: true })
        end(busy)
        compare([busy.progress, busy.indeterminate, busy.message], [0, true, "looking"])
    }

    // ---- options ---------------------------------------------------------------------------------

    function test_name_and_priority() {
        const task = make({ job: "echo", name: "Hash", priority: TaskManager.High, running: true })
        const info = TaskManager.taskInfo(task.taskId)
        compare(info.name, "Hash")
        compare(info.priority, TaskManager.High)
        end(task)
    }

    function makeMore(properties) {
        return createTemporaryObject(moreTold, taskCase, Object.assign({ journal: taskCase }, properties))
    }

    function test_b192_any_end() {
        const good = makeMore({ job: "echo", args: [1], running: true })
        end(good)
        compare(log, [["started", TaskManager.Running], ["completed", 1], ["ended", TaskManager.Completed, false]])
        log = []
        const never = makeMore({ job: "echo", delayMs: 60000, running: true })
        never.cancel()
        end(never)
        compare(log, [["cancelled", "User"], ["ended", TaskManager.Cancelled, false]])
    }

    function test_b212_a_task_that_waits_for_others_is_blocked() {
        const first = make({ job: "hold", args: ["gate"], key: "serial", running: true })
        const second = make({ job: "echo", args: [2], key: "serial", running: true })
        compare(second.status, TaskManager.Blocked)
        compare(second.running, true)
        waitFor(() => Rig.holds("gate"), "the job")
        flush()
        compare(second.status, TaskManager.Blocked)
        Rig.release("gate")
        end(first)
        end(second)
        compare(second.result, 2)
    }

    function test_b212_a_task_that_was_kept_shows_how_it_is() {
        const first = make({ job: "hold", args: ["gate"], key: "kept", running: true })
        waitFor(() => first.status === TaskManager.Running, "the start")
        const second = make({ job: "hold", args: ["gate"], key: "kept", keyPolicy: TaskManager.Keep, running: true })
        compare(second.taskId, first.taskId)
        compare(second.status, TaskManager.Running)
        Rig.release("gate")
        end(first)
        compare(second.running, false)
        compare(second.status, TaskManager.Completed)
    }

    function test_b211_a_task_is_used_3000_times() {
        const task = make({ job: "count" })
        let completed = 0
        const again = () => {
            if (++completed < 3000)
                task.start()
        }
        task.completed.connect(again)
        task.start()
        for (let some = 500; some <= 3000; some += 500)
            waitFor(() => completed >= some, some + " ends")
        flush()
        compare(task.running, false)
        compare(task.status, TaskManager.Completed)
        compare(TaskManager.activeCount, 0)
        // Each was told, in its order, and nothing else.
        compare(log.length, 6000)
        verify(log.every((entry, at) => entry[0] === (at % 2 ? "completed" : "started")))
    }

    // ---- running as a property -------------------------------------------------------------------

    Component {
        id: bound

        Item {
            id: boundItem

            property bool wanted: false
            property alias task: boundTask
            readonly property bool shown: boundTask.running
            readonly property string state_: boundTask.running ? "busy" : "idle"

            Task {
                id: boundTask
                job: "hold"
                args: ["gate"]
                running: boundItem.wanted
            }
        }
    }

    function test_running_is_bindable() {
        const item = createTemporaryObject(bound, taskCase)
        compare(item.state_, "idle")
        item.wanted = true
        compare(item.state_, "busy")
        waitFor(() => Rig.holds("gate"), "the job")
        Rig.release("gate")
        waitFor(() => item.state_ === "idle", "the end")
        // The binding is still there.
        item.wanted = false
        item.wanted = true
        compare(item.state_, "busy")
        item.wanted = false
        Rig.release("gate")
        waitFor(() => item.state_ === "idle", "the end")
        verify([TaskManager.Completed, TaskManager.Cancelled].includes(item.task.status))
    }

    function test_running_again_while_the_last_one_stops() {
        const item = createTemporaryObject(bound, taskCase)
        item.wanted = true
        const first = item.task.taskId
        waitFor(() => Rig.holds("gate"), "the job")
        item.wanted = false
        // It was asked to stop, and has not.
        compare(item.task.running, true)
        item.wanted = true
        verify(item.task.taskId !== first)
        Rig.release("gate")
        Rig.release("gate")
        waitForEnd(first)
        waitFor(() => !item.task.running, "the second")
    }

    // ---- an end that was not told yet ------------------------------------------------------------

    // A task that has ended, while the loop was busy: it reads as running.
    function makeEnded() {
        const task = make({ job: "echo", args: ["old"], running: true })
        const start = Date.now()
        while (TaskManager.taskStatus(task.taskId) < TaskManager.Completed)
            verify(Date.now() - start < 10000, "the end")
        compare(task.running, true)
        task.args = ["new"]
        return task
    }

    function test_b137_the_next_start_does_not_wait_for_the_last_end_data() {
        return [
            { tag: "cancel and start", again: task => { task.cancel(); return task.start() } },
            { tag: "running", again: task => { task.running = false; task.running = true; return true } },
            { tag: "restart", again: task => task.restart() },
        ]
    }

    function test_b137_the_next_start_does_not_wait_for_the_last_end(data) {
        const task = makeEnded()
        const first = task.taskId
        verify(data.again(task))
        verify(task.taskId !== first)
        compare(task.running, true)
        end(task)
        compare(log, [["started"], ["completed", "new"]])
        compare(task.result, "new")
    }

    function test_b137_what_was_not_cancelled_is_told() {
        const task = makeEnded()
        compare(task.start(), false)
        end(task)
        compare(log, [["started"], ["completed", "old"]])
    }

    function test_b137_a_cancel_that_came_too_late_changes_nothing() {
        const task = makeEnded()
        compare(task.cancel(), false)
        end(task)
        compare(log, [["started"], ["completed", "old"]])
    }

    // By a handler that runs before `completed` is told.
    function test_b132_an_end_is_told_though_the_next_run_was_started_data() {
        return [{ tag: "runningChanged" }, { tag: "statusChanged" }, { tag: "resultChanged" }]
    }

    function test_b132_an_end_is_told_though_the_next_run_was_started(data) {
        const task = make({ job: "echo", args: [1] })
        task[data.tag].connect(() => {
            if (task.status === TaskManager.Completed && task.args[0] === 1) {
                task.args = [2]
                verify(task.restart())
            }
        })
        task.start()
        waitFor(() => log.length === 4, "both ends")
        compare(log, [["started"], ["completed", 1], ["started"], ["completed", 2]])
        compare(task.result, 2)
        compare(task.running, false)
    }

    function test_it_starts_after_all_properties_are_there() {
        const task = Qt.createQmlObject('import Legwork; Task { running: true; job: "echo"; args: [name]; name: "late" }', taskCase)
        waitFor(() => !task.running, "the end")
        compare(task.result, "late")
        task.destroy()
    }

    function test_false_before_it_is_complete() {
        const task = make({ job: "echo", running: false })
        compare(task.running, false)
    }

    // ---- the end of the object -------------------------------------------------------------------

    function test_b86_destroyed_with_its_page() {
        const task = create({ job: "obey", running: true })
        const id = task.taskId
        waitForEvent(id, "taskStarted")
        task.destroy()
        waitForEnd(id)
        compare(TaskManager.taskInfo(id).cancelReason, "OwnerGone")
        compare(namesOf(id), "taskStarted taskCancelled")
        compare(log, [["started"]])
    }

    function test_detached_goes_on() {
        const task = create({ job: "hold", args: ["gate"], detached: true, running: true })
        const id = task.taskId
        waitFor(() => Rig.holds("gate"), "the job")
        task.destroy()
        Rig.processEvents()
        Rig.release("gate")
        waitForEnd(id)
        compare(namesOf(id), "taskStarted taskCompleted")
        compare(TaskManager.taskInfo(id).cancelRequested, false)
    }

    function test_b81_destroyed_in_its_own_handlers_data() {
        return [{ tag: "started" }, { tag: "completed" }, { tag: "statusChanged" }, { tag: "runningChanged" },
                { tag: "taskIdChanged" }, { tag: "resultChanged" }]
    }

    function test_b81_destroyed_in_its_own_handlers(data) {
        // Without handlers of its own: QML forbids it there.
        const task = Qt.createQmlObject('import Legwork; Task { job: "echo"; args: [1] }', taskCase)
        let gone = false
        task[data.tag].connect(() => {
            if (!gone) {
                gone = true
                Rig.destroyNow(task)
            }
        })
        task.start()
        waitFor(() => gone, "the end of the object")
        waitFor(() => Rig.idle(), "the end of the task")
        flush()
    }

    Loader {
        id: loader
        active: false
        sourceComponent: Component {
            Item {
                Repeater {
                    model: 20
                    Item {
                        id: row
                        required property int index
                        Task { job: "obey"; running: true; name: "row " + row.index }
                        Task { job: "echo"; args: [row.index]; running: true }
                        Task { job: "iteration"; intervalMs: 1; running: true }
                    }
                }
            }
        }
    }

    function test_b86_a_loader_that_unloads_a_page_of_running_tasks() {
        for (let round = 0; round < 100; ++round) {
            loader.active = true
            if (round % 3 === 0)
                waitFor(() => TaskManager.activeCount > 0, "some to run")
            loader.active = false
            waitFor(() => Rig.idle(), "all of them to end")
        }
        flush()
        compare(TaskManager.activeCount + TaskManager.queuedCount, 0)
    }

    function test_b86_an_engine_that_is_deleted_while_its_tasks_run() {
        for (let round = 0; round < 100; ++round) {
            compare(Rig.openEngine(`import QtQml; import Legwork; QtObject {
                property var tasks: [running, script, again]
                property Task running: Task { id: running; job: "obey"; running: true; onCancelled: missing() }
                property Task script: Task { id: script; script: "${Qt.resolvedUrl("scripts/work.mjs")}"; functionName: "endless"; running: true }
                property Task again: Task { id: again; job: "iteration"; intervalMs: 1; running: true }
                property var promise: TaskManager.promise(TaskManager.runInThread("obey"))
            }`), "")
            if (round % 2)
                waitFor(() => TaskManager.activeCount > 0, "some to run")
            Rig.closeEngine()
        }
        // That one had no owner.
        TaskManager.maxWorkers = 4
        Rig.endFunction()
        waitFor(() => Rig.idle(), "all of them to end")
    }

    // ---- whose task it is ------------------------------------------------------------------------

    Component {
        id: pages

        Item {
            id: page
            property alias placed: byPlace
            property QtObject other: QtObject { objectName: "other" }

            Task { id: byPlace; job: "obey" }
        }
    }

    function newPage(properties) {
        return pages.createObject(taskCase, properties)
    }

    function ownerOf(task) {
        verify(task.start())
        return TaskManager.taskInfo(task.taskId).owner
    }

    function test_b156_the_owner_is_what_it_stands_in() {
        const page = newPage({ objectName: "page" })
        compare(page.placed.owner, page)
        compare(ownerOf(page.placed), "page")
        // Another task of that object's has the same owner.
        const other = TaskManager.runInThread("obey", [], { owner: page })
        compare(TaskManager.taskInfo(other).owner, "page")
        page.destroy()
        waitForEnd(page.placed.taskId)
        waitForEnd(other)
    }

    TaskModel {
        id: tasksOfPage
        owner: "page of tasks"
    }

    function test_b156_a_model_shows_the_tasks_of_a_page() {
        const page = createTemporaryObject(pages, taskCase, { objectName: "page of tasks" })
        page.placed.start()
        TaskManager.runInThread("obey", [], { owner: page })
        waitFor(() => tasksOfPage.count === 2, "the rows")
    }

    function test_b156_a_set_owner_beats_the_place_data() {
        return [
            { tag: "property", properties: page => ({ owner: page.other }), owner: "other" },
            { tag: "options", properties: page => ({ options: { owner: page.other } }), owner: "other" },
            { tag: "both", properties: page => ({ owner: page.other, options: { owner: page } }), owner: "other" },
            { tag: "undefined", properties: page => ({ options: { owner: undefined } }), owner: "page" },
            { tag: "none", properties: () => ({ owner: null }), owner: "" },
        ]
    }

    function test_b156_a_set_owner_beats_the_place(data) {
        const page = createTemporaryObject(pages, taskCase, { objectName: "page" })
        Object.assign(page.placed, data.properties(page))
        compare(ownerOf(page.placed), data.owner)
        if (data.owner === "other") {
            const id = page.placed.taskId
            Rig.destroyNow(page.other)
            waitForEnd(id)
            compare(TaskManager.taskInfo(id).cancelReason, "OwnerGone")
            // Its own object hears of it.
            compare(page.placed.status, TaskManager.Cancelled)
        }
        page.placed.owner = undefined
        compare(page.placed.owner, page)
    }

    function test_b156_the_owner_that_goes_takes_it_along_data() {
        return [
            { tag: "by its place", properties: {}, status: "Cancelled" },
            { tag: "detached", properties: { detached: true }, status: "Completed" },
            { tag: "detached by options", properties: { options: { detached: true } }, status: "Completed" },
        ]
    }

    function test_b156_the_owner_that_goes_takes_it_along(data) {
        const page = newPage({})
        Object.assign(page.placed, { job: "hold", args: ["gate"] }, data.properties)
        page.placed.start()
        const id = page.placed.taskId
        waitFor(() => Rig.holds("gate"), "the job")
        page.destroy()
        Rig.processEvents()
        compare(TaskManager.taskInfo(id).cancelReason, data.status === "Cancelled" ? "OwnerGone" : "")
        Rig.release("gate")
        waitForEnd(id)
    }

    // ---- what is wrong ---------------------------------------------------------------------------

    function test_b08_what_is_wrong_goes_to_failed_data() {
        return [
            { tag: "no job", properties: {}, message: "neither job nor script is set" },
            { tag: "both", properties: { job: "echo", script: "qrc:/work.mjs" }, message: "both job and script are set; expected one of them" },
            { tag: "unknown job", properties: { job: "nosuch" }, message: "no job is named \"nosuch\"" },
            { tag: "priority", properties: { job: "echo", priority: "High" }, message: "priority is the text \"High\"; expected TaskManager.High" },
            { tag: "delay", properties: { job: "echo", delayMs: -1 }, message: "delayMs is the number -1; expected milliseconds" },
            { tag: "NaN", properties: { job: "echo", delayMs: NaN }, message: "delayMs is the number NaN" },
            { tag: "interval", properties: { job: "echo", intervalMs: "often" }, message: "intervalMs is the text \"often\"" },
            { tag: "time-out", properties: { job: "echo", timeoutMs: true }, message: "timeoutMs is true; expected milliseconds" },
            { tag: "args", properties: { job: "echo", args: [() => 1] }, message: "args[0]: a function cannot be passed" },
            { tag: "args no list", properties: { job: "echo", args: 5 }, message: "args is the number 5; expected a list" },
            { tag: "option", properties: { job: "echo", options: { retries: 2 } }, message: "options.retries is unknown" },
            { tag: "function", properties: { job: "echo", options: { onFinish: () => 1 } }, message: "options.onFinish is unknown; options are: name, " },
            { tag: "callback", properties: { job: "echo", options: { onError: () => 1 } },
              message: "options.onError is for the calls of TaskManager and PluginApi; this has the signal failed" },
            { tag: "owner", properties: { job: "echo", options: { owner: 5 } }, message: "options.owner is no object; expected the QObject" },
            { tag: "relative", properties: { script: "http://example.org/x.mjs", functionName: "f" }, message: "cannot be loaded from \"http:\"" },
            { tag: "no function", properties: { script: "qrc:/x.mjs" }, message: "the function's name is empty" },
        ]
    }

    function test_b08_what_is_wrong_goes_to_failed(data) {
        const message = data.message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
        // The warning has file and line.
        ignoreWarning(new RegExp("tst_task\\.qml:\\d+:\\d+: QML Task: .*" + message))
        const task = make(Object.assign({ running: true }, data.properties))
        compare(task.status, TaskManager.Failed)
        compare(task.running, false)
        compare(task.taskId, "")
        compare(task.error.kind, "Refused")
        verify(task.error.message.includes(data.message), task.error.message)
        compare(log, [["failed", task.error.message]])
        // Nothing was thrown into the engine, where the next binding would find it.
        compare(Qt.createQmlObject("import QtQml; QtObject { property int sum: 1 + 1 }", taskCase).sum, 2)
        // Put right, it starts.
        Object.assign(task, { job: "echo", script: "", args: [7], priority: TaskManager.Low, delayMs: 0, intervalMs: 0,
                              timeoutMs: 0, options: undefined })
        verify(task.start())
        end(task)
        compare(task.result, 7)
        compare(task.error, null)
    }

    function test_undefined_is_the_default() {
        const task = make({ job: "echo", args: undefined, priority: undefined, delayMs: undefined,
                            intervalMs: undefined, timeoutMs: undefined, options: undefined, running: true })
        end(task)
        compare(task.status, TaskManager.Completed)
    }

    // ---- TaskManager.task ------------------------------------------------------------------------

    function test_view_of_a_task_that_runs() {
        const id = hold("gate", { name: "Hold" })
        const view = TaskManager.task(id)
        compare([view.taskId, view.status, view.running], [id, TaskManager.Running, true])
        const heard = []
        view.completed.connect(result => heard.push(result))
        Rig.release("gate")
        waitForEnd(id)
        compare(heard, ["gate"])
        compare([view.status, view.result, view.running], [TaskManager.Completed, "gate", false])
    }

    function test_view_of_a_task_that_has_ended() {
        const id = run("fail", ["no"])
        const view = TaskManager.task(id)
        compare([view.status, view.error.message], [TaskManager.Failed, "no"])
        compare(view.cancel(), false)
    }

    function test_view_of_none() {
        const view = TaskManager.task("no such task")
        compare([view.status, view.running, view.result, view.error], [TaskManager.UnknownTask, false, undefined, null])
    }

    function test_view_cancels_and_leaves_the_task_alone() {
        const id = TaskManager.runInThread("obey")
        waitForEvent(id, "taskStarted")
        let view = TaskManager.task(id)
        view = null
        gc()
        Rig.processEvents()
        compare(TaskManager.taskStatus(id), TaskManager.Running)
        view = TaskManager.task(id)
        verify(view.cancel())
        waitForEnd(id)
        compare(view.status, TaskManager.Cancelled)
    }

    function test_view_cannot_be_started() {
        const view = TaskManager.task(run("echo"))
        ignoreWarning(/a task that somebody else submitted cannot be started again/)
        view.running = true
        compare(view.running, false)
    }

    function test_b75_a_slot_finds_the_views_up_to_date() {
        const task = make({ job: "echo", args: [1] })
        const seen = []
        const note = id => { if (id === task.taskId) seen.push(task.status) }
        TaskManager.taskStarted.connect(note)
        TaskManager.taskCompleted.connect(note)
        task.start()
        end(task)
        TaskManager.taskStarted.disconnect(note)
        TaskManager.taskCompleted.disconnect(note)
        compare(seen, [TaskManager.Running, TaskManager.Completed])
    }

    // ---- promises --------------------------------------------------------------------------------

    function settled(promise) {
        const seen = []
        promise.then(value => seen.push("resolved", value), error => seen.push("rejected", error))
        waitFor(() => seen.length > 0, "the promise")
        return seen
    }

    function test_promise_of_a_result() {
        const id = TaskManager.runInThread("hold", ["gate"])
        const promise = TaskManager.promise(id)
        const other = TaskManager.promise(id)
        Rig.release("gate")
        compare(settled(promise), ["resolved", "gate"])
        compare(settled(other), ["resolved", "gate"])
        // Also afterwards.
        compare(settled(TaskManager.promise(id)), ["resolved", "gate"])
    }

    function test_promise_of_a_failure() {
        const promise = TaskManager.promise(TaskManager.runInThread("fail", ["no"]))
        const [how, error] = settled(promise)
        compare(how, "rejected")
        verify(error instanceof Error)
        compare([error.message, error.kind, error.origin], ["no", "Failed", "jobs.rs"])
        const late = settled(TaskManager.promise(run("fail", ["no"])))
        compare([late[0], late[1].message], ["rejected", "no"])
    }

    function test_promise_of_a_cancel() {
        const id = TaskManager.runLater(60000, "echo")
        const promise = TaskManager.promise(id)
        TaskManager.cancelTask(id)
        const [how, error] = settled(promise)
        compare([how, error.kind, error.reason, error.message], ["rejected", "Cancelled", "User", "the task was cancelled: User"])
        compare(settled(TaskManager.promise(id))[1].kind, "Cancelled")
    }

    function test_promise_of_an_unknown_task() {
        const [how, error] = settled(TaskManager.promise("no such task"))
        compare([how, error.kind], ["rejected", "UnknownTask"])
    }

    function test_promise_of_a_periodic_task() {
        const id = TaskManager.runPeriodic(1, "iteration", [], { maxRuns: 3 })
        compare(settled(TaskManager.promise(id)), ["resolved", 3])
    }

    function test_promises_chain() {
        const sums = []
        TaskManager.promise(TaskManager.runInThread("echo", [1]))
            .then(one => TaskManager.promise(TaskManager.runInThread("echo", [one + 1])))
            .then(two => sums.push(two))
        waitFor(() => sums.length > 0, "the chain")
        compare(sums, [2])
    }
}
