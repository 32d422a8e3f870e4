import QtQuick
import QtQml.Models
import Legwork
import LegworkTests

// TaskModel: each property, method and role, as a view uses them.
Case {
    id: test
    name: "Model"

    Component {
        id: modelComponent

        TaskModel {
            property var rows: []
        }
    }

    // What it has of QAbstractListModel; qmllint has to know it, too.
    Component {
        id: listComponent

        TaskModel {
            id: listModel

            property var inserted: []

            function ends(): string {
                return rowCount() + "," + data(index(0, 0), Qt.DisplayRole)
            }

            filter: TaskModel.Active
            onRowsInserted: (parent, first, last) => listModel.inserted.push([first, last])
        }
    }

    // A delegate that requires every role.
    Component {
        id: viewComponent

        Instantiator {
            delegate: QtObject {
                required property string taskId
                required property string name
                required property string job
                required property string owner
                required property int status
                required property int priority
                required property double progress
                required property string message
                required property date created
                required property var started
                required property var finished
                required property double elapsed
                required property string error
                required property var errorDetails
                required property double iteration
                required property bool periodic
                required property bool cancelRequested
                required property bool canCancel
                required property var due
                required property double dueIn
                required property string key
                required property string waitsFor
                required property double attempt
                required property double attempts
                required property bool retrying
                required property bool slow
                required property var amount
                required property string group
                required property int members
                required property int depth
                required property bool open
                required property string pauseReason
                required property bool canPause
                required property bool canResume
            }
        }
    }

    Task {
        id: element
        job: "hold"
        args: ["element"]
        weight: 4
    }

    QtObject {
        id: owner
        objectName: "the owner"
    }

    // Only the tasks that a test makes: the others are dismissed.
    function make(properties) {
        const model = createTemporaryObject(modelComponent, test, properties)
        model.clearFinished()
        compare(model.count, 0)
        return model
    }

    function view(model) {
        return createTemporaryObject(viewComponent, test, { model: model })
    }

    function names(view) {
        const names = []
        for (let row = 0; row < view.count; ++row)
            names.push(view.objectAt(row).name)
        return names
    }

    function shows(view, expected) {
        waitFor(() => names(view).join() === expected, "the rows " + expected + ", there are " + names(view))
    }

    function test_defaults() {
        const model = createTemporaryObject(modelComponent, test)
        compare(model.filter, TaskModel.All)
        compare(model.owner, "")
        compare(model.showDelayed, true)
        compare(model.lingerMs, 0)
        compare(model.keepFailures, false)
        compare(model.limit, 1000)
        compare(model.hold, false)
        compare([model.order, model.byOwner, model.search, model.ticking], [TaskModel.OldestFirst, false, "", true])
        compare([model.finishedCount === model.count, model.cancellableCount], [true, 0])
        compare(model.hiddenCount + model.runningCount + model.queuedCount + model.delayedCount, 0)
        compare(model.progress, -1)
        compare([TaskModel.All, TaskModel.Active, TaskModel.Finished, TaskModel.Failed], [96, 97, 98, 99])
    }

    Component {
        id: groupComponent

        TaskGroup {
            id: told
            name: "group"
            mode: TaskGroup.Sequential

            Task { job: "hold"; args: ["inside"]; name: "one"; weight: 3 }
            TaskGroup {
                name: "inner"

                Task { job: "echo"; name: "two"; args: [told.previous] }
            }
        }
    }

    function test_b265_a_group_is_a_row_that_opens() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        const group = createTemporaryObject(groupComponent, test, { running: true })
        shows(list, "group")
        waitFor(() => Rig.holds("inside"), "the job")
        waitFor(() => model.runningCount === 1, "the counts")
        compare([model.queuedCount, model.cancellableCount, model.progress], [1, 2, 0])
        let row = list.objectAt(0)
        compare([row.taskId, row.members, row.open, row.depth, row.group], [group.taskId, 2, false, 0, ""])
        compare([model.setOpen("no id", true), model.setOpen(group.tasks[0].taskId, true)], [false, false])
        compare(model.setOpen(group.taskId, true), true)
        compare(names(list), ["group", "one", "inner"])
        compare(list.objectAt(0).open, true)
        row = list.objectAt(1)
        compare([row.members, row.open, row.depth, row.group], [0, false, 1, group.taskId])
        // Also where rows are held.
        model.hold = true
        compare(model.setOpen(group.tasks[1].taskId, true), true)
        compare(names(list), ["group", "one", "inner", "two"])
        row = list.objectAt(3)
        compare([row.depth, row.group], [2, group.tasks[1].taskId])
        compare(model.setOpen(group.taskId, false), true)
        compare(names(list), ["group"])
        compare(model.setOpen(group.taskId, true), true)
        compare(names(list), ["group", "one", "inner", "two"])
        model.hold = false
        Rig.release("inside")
        shows(list, "")
        compare(group.result, ["inside", ["inside"]])
    }

    Component {
        id: limitedComponent

        TaskGroup {
            limit: 1

            Task { job: "hold"; args: ["turn"]; name: "one" }
            Task { job: "echo"; name: "two" }
        }
    }

    function test_b262_the_key_of_a_limit_is_shown_to_nobody() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        const group = createTemporaryObject(limitedComponent, test, { running: true })
        waitFor(() => Rig.holds("turn") && list.count === 1, "the job")
        verify(model.setOpen(group.taskId, true))
        waitFor(() => list.objectAt(2)?.status === TaskManager.Blocked, "the line")
        compare([list.objectAt(2).waitsFor, list.objectAt(2).key], ["Waiting for its turn", ""])
        Rig.release("turn")
        waitFor(() => !group.running, "the end")
    }

    function test_b265_cancel_all_cancels_groups_and_counts_their_tasks() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        const group = createTemporaryObject(groupComponent, test, {})
        group.tasks[0].delayMs = 3600000
        verify(group.start())
        shows(list, "group")
        waitFor(() => model.cancellableCount === 2, "the counts")
        compare(model.cancelAll(), 2)
        waitFor(() => !group.running, "the end")
        compare(group.status, TaskManager.Cancelled)
    }

    function test_b265_tasks_that_a_group_is_made_of_later_go_into_it() {
        const model = make({})
        const list = view(model)
        const ids = [TaskManager.runLater(3600000, "echo", [1], { name: "a" }), TaskManager.runLater(3600000, "echo", [2], { name: "b" })]
        shows(list, "a,b")
        const all = TaskManager.all(ids, { name: "all" })
        shows(list, "all")
        verify(model.setOpen(all, true))
        compare(names(list), ["all", "a", "b"])
        ids.forEach(id => TaskManager.runNow(id))
        waitForEnd(all)
        waitFor(() => list.objectAt(2)?.status === TaskManager.Completed, "the ends")
        compare(model.finishedCount, 3)
        compare(model.dismiss(all), true)
        shows(list, "")
    }

    function test_the_rows_are_there_at_once() {
        const id = run("echo", [1], { name: "before" })
        const model = createTemporaryObject(modelComponent, test, { filter: TaskModel.Finished })
        verify(model.count > 0)
        compare(model.data(model.index(model.count - 1, 0), Qt.DisplayRole).length > 0, true)
        compare(model.dismiss(id), true)
        compare(model.dismiss(id), false)
    }

    function test_every_role_of_a_task_that_runs_and_ends() {
        const model = make()
        const list = view(model)
        const before = Date.now()
        const id = TaskManager.runInThread("progress", [[[0.25, "a quarter"], [0.75, "nearly"]], "gate"],
                                           { name: "shown", priority: TaskManager.High })
        waitFor(() => Rig.holds("gate"), "the first report")
        waitFor(() => list.count === 1 && list.objectAt(0).progress === 0.25, "its row")
        const row = list.objectAt(0)
        compare(row.taskId, id)
        compare(row.name, "shown")
        compare(row.job, "progress")
        compare(row.owner, "")
        compare(row.status, TaskManager.Running)
        compare(row.priority, TaskManager.High)
        compare(row.message, "a quarter")
        verify(row.created.getTime() >= before - 1 && row.created.getTime() <= Date.now() + 1)
        verify(row.started.getTime() >= row.created.getTime())
        compare(row.finished, null)
        verify(row.elapsed >= 0)
        compare([row.error, row.errorDetails, row.iteration, row.periodic], ["", null, 0, false])
        compare([row.cancelRequested, row.canCancel], [false, true])
        compare([row.due, row.dueIn], [null, 0])
        compare([row.key, row.waitsFor, row.attempt, row.attempts, row.retrying, row.slow], ["", "", 1, 1, false, false])
        compare(row.amount, null)
        compare([model.runningCount, model.count, model.progress], [1, 1, 0.25])

        compare(model.cancel(id), true)
        waitFor(() => row.cancelRequested, "that it was asked")
        compare(row.canCancel, false)
        Rig.release("gate")
        waitFor(() => row.progress === 0.75, "the second report")
        compare(row.message, "nearly")
        Rig.release("gate")
        waitFor(() => row.status === TaskManager.Completed, "its end")
        verify(row.finished.getTime() >= row.started.getTime())
        compare(model.data(model.index(0, 0), Qt.DisplayRole), "shown")
        compare([model.runningCount, model.count, model.progress], [0, 1, -1])
        compare(model.cancel(id), false)
    }

    function test_an_error_has_its_details() {
        const model = make({ filter: TaskModel.Failed })
        const list = view(model)
        const id = run("fail", ["no luck"], { name: "bad" })
        run("echo", [1], { name: "good" })
        shows(list, "bad")
        compare(list.objectAt(0).error, "no luck")
        compare(list.objectAt(0).errorDetails, TaskManager.taskInfo(id).error)
        compare(list.objectAt(0).errorDetails.origin, "jobs.rs")
        compare(list.objectAt(0).started !== null, true)
        compare(model.failedCount, 1)
        compare(model.dismiss(id), true)
        compare([model.count, model.failedCount, list.count], [0, 0, 0])
        compare(model.dismiss(id), false)
        model.filter = TaskModel.All
        compare(model.data(model.index(model.count - 1, 0), Qt.DisplayRole), "good")
        verify(!names(list).includes("bad"), "it stays away with another filter")
    }

    function test_a_task_that_waits_has_no_start() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        const before = Date.now()
        const id = TaskManager.runLater(3600000, "echo", [1], { name: "later" })
        shows(list, "later")
        // The calendar's clock is read once, and may have been set a little since.
        const until = list.objectAt(0).due.getTime() - before
        verify(until > 3590000 && until < 3610000, until + " ms")
        verify(list.objectAt(0).dueIn > 3500000 && list.objectAt(0).dueIn <= 3600000, list.objectAt(0).dueIn + " ms")
        compare([list.objectAt(0).started, list.objectAt(0).finished, list.objectAt(0).elapsed], [null, null, 0])
        compare([list.objectAt(0).status, model.delayedCount, model.progress], [TaskManager.Delayed, 1, -1])
        model.showDelayed = false
        compare([model.count, model.delayedCount, model.hiddenCount], [0, 1, 0])
        model.showDelayed = true
        compare(model.count, 1)
        TaskManager.setTaskPriority(id, TaskManager.Low)
        waitFor(() => list.objectAt(0).priority === TaskManager.Low, "its priority")
        compare(model.dismiss(id), false)
        compare(model.cancel(id), true)
        shows(list, "")
    }

    function test_a_periodic_task() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        const id = TaskManager.runPeriodic(3600000, "iteration", [], { name: "tick" })
        waitForEvent(id, "taskPeriodic")
        waitFor(() => list.count === 1 && list.objectAt(0).iteration === 1, "its first run")
        compare([list.objectAt(0).periodic, list.objectAt(0).status], [true, TaskManager.Delayed])
        compare(model.progress, -1)
        const row = list.objectAt(0)
        verify(row.due.getTime() >= row.started.getTime() + 3600000)
        verify(row.dueIn > 3500000 && row.dueIn <= 3600000, row.dueIn + " ms")
        model.filter = TaskModel.All
        TaskManager.cancelTask(id)
        waitFor(() => list.objectAt(list.count - 1).status === TaskManager.Cancelled, "its end")
        compare([list.objectAt(list.count - 1).due, list.objectAt(list.count - 1).dueIn], [null, 0])
    }

    function test_it_is_a_list_model() {
        const model = createTemporaryObject(listComponent, test)
        compare(model.rowCount(), 0)
        TaskManager.runLater(3600000, "echo", [1], { name: "first" })
        TaskManager.runLater(3600000, "echo", [2], { name: "second" })
        waitFor(() => model.count === 2, "both rows")
        compare(model.inserted.map(rows => rows[1] - rows[0] + 1).reduce((sum, rows) => sum + rows), 2)
        compare(model.ends(), "2,first")
    }

    function test_filters_are_all_active_finished_failed() {
        TaskManager.maxWorkers = 1
        const model = make()
        const list = view(model)
        hold("gate", { name: "running" })
        TaskManager.runInThread("fail", ["no luck"], { name: "failing" })
        TaskManager.runInThread("echo", [1], { name: "good" })
        shows(list, "running,failing,good")
        compare([model.runningCount, model.queuedCount], [1, 2])
        model.filter = TaskModel.Finished
        compare(list.count, 0)
        compare([model.runningCount, model.queuedCount], [1, 2])
        model.filter = TaskModel.Active
        compare(names(list), ["running", "failing", "good"])
        Rig.release("gate")
        shows(list, "")
        model.filter = TaskModel.Failed
        compare(names(list), ["failing"])
        model.filter = TaskModel.Finished
        compare(names(list), ["running", "failing", "good"])
        compare(model.clearFinished(), 3)
        compare(model.clearFinished(), 0)
        model.filter = TaskModel.All
        compare(list.count, 0)
    }

    function test_failures_stay_with_active_until_they_are_dismissed() {
        const model = make({ filter: TaskModel.Active, keepFailures: true })
        const list = view(model)
        const id = run("fail", ["no luck"], { name: "bad" })
        run("echo", [1], { name: "good" })
        // Rows follow a frame later.
        waitFor(() => model.failedCount === 1, "the failure")
        shows(list, "bad")
        model.keepFailures = false
        compare(model.count, 0)
        model.keepFailures = true
        compare(model.count, 1)
        compare(model.dismiss(id), true)
        compare(model.count, 0)
    }

    function test_a_row_lingers() {
        const model = make({ filter: TaskModel.Active })
        model.lingerMs = 3600000
        model.clearFinished()
        const list = view(model)
        run("echo", [1], { name: "lingers" })
        shows(list, "lingers")
        waitFor(() => list.objectAt(0).status === TaskManager.Completed, "its end")
        model.lingerMs = 0
        compare(model.count, 0)
        model.lingerMs = 20
        run("echo", [1], { name: "goes" })
        waitFor(() => model.count === 0, "the end of its time")
    }

    function test_b200_what_waits_for_others_or_for_its_next_attempt_is_at_work() {
        const model = make({ filter: TaskModel.Active, showDelayed: false })
        const list = view(model)
        hold("gate", { name: "first", key: "disk" })
        const blocked = TaskManager.runInThread("echo", [1], { name: "blocked", key: "disk" })
        const failing = TaskManager.runInThread("fail", ["no luck"], { name: "failing", retry: { times: 3, delayMs: 3600000, maxDelayMs: 3600000 } })
        waitForEvent(failing, "taskRetrying")
        shows(list, "first,blocked,failing")
        waitFor(() => list.objectAt(2).retrying && model.runningCount === 1, "that it waits")
        compare([model.queuedCount, model.delayedCount, model.cancellableCount, model.progress], [2, 0, 3, 0])
        compare([list.objectAt(1).status, list.objectAt(2).status], [TaskManager.Blocked, TaskManager.Delayed])
        Rig.release("gate")
        waitForEnd(blocked)
        shows(list, "failing")
        compare([model.queuedCount, model.cancelAll()], [1, 1])
        shows(list, "")
    }

    function test_b201_a_task_says_what_it_waits_for() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        const first = hold("a", { name: "Save notes", key: "downloads" })
        const second = hold("b")
        const both = TaskManager.runInThread("echo", [1], { after: [first, second], key: "downloads" })
        TaskManager.runInThread("echo", [1], { key: "downloads" })
        TaskManager.runInThread("echo", [1], { after: [second] })
        waitFor(() => list.count === 5, "all rows")
        const texts = () => [2, 3, 4].map(row => list.objectAt(row).waitsFor).join("; ")
        const says = text => waitFor(() => texts() === text, text + ", not " + texts())
        says("Waiting for 2 tasks; Waiting for its turn (downloads); Waiting for \"hold\"")
        compare(list.objectAt(2).key, "downloads")
        TaskManager.runInThread("hold", ["c"], { key: "downloads" })
        Rig.release("b")
        waitFor(() => list.objectAt(1).waitsFor === 'Waiting for "Save notes"', "that it waits for one")
        TaskManager.cancelTask(both)
        Rig.release("a")
        waitFor(() => Rig.holds("c") && list.count === 1, "the last")
        waitFor(() => list.objectAt(0).waitsFor === "", "that it waits for none")
        Rig.release("c")
    }

    function test_b201_a_task_says_which_attempt_it_is_and_that_it_is_slow() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        const id = TaskManager.runInThread("fail", ["no luck"], { name: "failing", retry: { times: 3, delayMs: 3600000, maxDelayMs: 3600000, jitter: 0 } })
        waitForEvent(id, "taskRetrying")
        waitFor(() => list.count === 1 && list.objectAt(0).retrying, "that it waits")
        const row = list.objectAt(0)
        compare([row.attempt, row.attempts, row.status, row.slow], [1, 4, TaskManager.Delayed, false])
        verify(row.due.getTime() > Date.now() + 3500000)
        verify(row.dueIn > 3500000 && row.dueIn <= 3600000, row.dueIn + " ms")
        TaskManager.runNow(id)
        waitFor(() => row.attempt === 2 && row.retrying, "the second")
        model.cancel(id)
        shows(list, "")
        ignoreWarning(/has been running for .*logged once a run/)
        hold("slow", { warnAfterMs: 1 })
        waitFor(() => list.count === 1 && list.objectAt(0).slow, "that it is slow")
        Rig.release("slow")
    }

    function test_b205_the_order_is_the_models() {
        TaskManager.maxWorkers = 1
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        compare([TaskModel.OldestFirst, TaskModel.NewestFirst, TaskModel.RunningFirst], [100, 101, 102])
        compare([model.order, model.byOwner, model.ownerCount], [TaskModel.OldestFirst, false, 0])
        hold("gate")
        // One of Low would have a place beside it before long.
        TaskManager.runInThread("hold", ["low"], { name: "low", owner: owner })
        TaskManager.runInThread("hold", ["high"], { name: "high", priority: TaskManager.High })
        shows(list, "hold,low,high")
        model.order = TaskModel.NewestFirst
        compare(names(list), ["high", "low", "hold"])
        model.order = TaskModel.RunningFirst
        compare(names(list), ["hold", "low", "high"])
        Rig.release("gate")
        waitFor(() => Rig.holds("high"), "the urgent one")
        shows(list, "high,low")
        model.order = TaskModel.OldestFirst
        shows(list, "low,high")
        model.byOwner = true
        compare([names(list), model.ownerCount], [["high", "low"], 2])
        ignoreWarning("TaskModel.order is the number 99; expected TaskModel.OldestFirst, TaskModel.NewestFirst or TaskModel.RunningFirst")
        model.order = TaskModel.Failed
        compare(model.order, TaskModel.OldestFirst)
        Rig.release("high")
        Rig.release("low")
        shows(list, "")
        compare(model.ownerCount, 0)
    }

    function test_b206_a_search_narrows_the_rows() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        hold("a", { name: "Hash of pears" })
        hold("b", { name: "Upload", key: "pears" })
        hold("c", { name: "Upload" })
        shows(list, "Hash of pears,Upload,Upload")
        model.search = "PEARS"
        compare([names(list), model.runningCount, model.cancellableCount], [["Hash of pears", "Upload"], 3, 3])
        model.search = "pears upload"
        compare(names(list), ["Upload"])
        model.search = ""
        compare(model.count, 3)
    }

    function test_b209_what_is_shown_briefly_or_not_at_all() {
        const model = make({ lingerMs: 3600000 })
        const list = view(model)
        hold("system", { name: "system", system: true })
        const id = hold("transient", { name: "transient", transient: true })
        shows(list, "transient")
        waitFor(() => model.runningCount === 1, "that it runs")
        compare([model.queuedCount, model.cancellableCount], [0, 1])
        Rig.release("transient")
        waitForEnd(id)
        shows(list, "")
        compare(model.cancelAll(), 0)
        compare(TaskManager.activeCount, 1)
        const failed = run("fail", ["no luck"], { name: "failed", transient: true })
        shows(list, "failed")
        model.dismiss(failed)
        Rig.release("system")
    }

    function test_the_times_that_go_on_stand_still_where_nobody_looks() {
        const model = make({ filter: TaskModel.Active, ticking: false })
        const list = view(model)
        let changed = 0
        let told = 0
        model.tickingChanged.connect(() => ++told)
        TaskManager.runLater(3600000, "echo", [1])
        waitFor(() => list.count === 1, "its row")
        model.dataChanged.connect(() => ++changed)
        model.ticking = false
        compare([told, changed], [0, 0])
        model.ticking = true
        waitFor(() => changed === 1, "what it has become meanwhile")
        compare([told, model.ticking], [1, true])
    }

    function test_an_owners_tasks_only() {
        const model = make({ owner: "the owner" })
        const list = view(model)
        const gate = hold("gate", { name: "others" })
        TaskManager.runLater(3600000, "echo", [1], { name: "owned", owner: owner })
        shows(list, "owned")
        compare(list.objectAt(0).owner, "the owner")
        compare([model.runningCount, model.delayedCount], [0, 1])
        compare(model.cancelAll(), 1)
        compare(model.cancelAll(), 0)
        waitFor(() => model.delayedCount === 0, "its end")
        compare(TaskManager.taskStatus(gate), TaskManager.Running)
        model.owner = ""
        verify(names(list).includes("others"))
        compare(model.cancelAll(), 1)
        compare(model.cancelAll(), 0)
        Rig.release("gate")
    }

    function test_b150_rows_that_are_held_neither_leave_nor_move() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        let told = 0
        model.holdChanged.connect(() => ++told)
        hold("a", { name: "a" })
        const id = hold("b", { name: "b" })
        shows(list, "a,b")
        model.hold = true
        Rig.release("a")
        waitFor(() => list.objectAt(0).status === TaskManager.Completed, "its end")
        compare([names(list), model.count, model.finishedCount, model.runningCount], [["a", "b"], 2, 1, 1])
        hold("c", { name: "c" })
        shows(list, "a,b,c")
        Rig.release("b")
        waitFor(() => model.finishedCount === 2, "its end")
        compare(model.dismiss(id), true)
        compare(names(list), ["a", "c"])
        model.hold = false
        compare(names(list), ["c"])
        compare(told, 2)
        Rig.release("c")
        shows(list, "")
    }

    function test_b335_what_is_paused() {
        const model = make({ filter: TaskModel.Active })
        const list = view(model)
        const export_ = TaskManager.runInThread("obey", [], { name: "export", pausable: true })
        waitForEvent(export_, "taskStarted")
        const plain = hold("gate", { name: "plain" })
        const later = TaskManager.runLater(3600000, "echo", [1], { name: "later" })
        shows(list, "export,plain,later")
        const of = at => {
            const row = list.objectAt(at)
            return [row.status, row.pauseReason, row.canPause, row.canResume]
        }
        tryVerify(() => model.runningCount === 2 && list.objectAt(1).status === TaskManager.Running)
        compare([0, 1, 2].map(of), [[TaskManager.Running, "", true, false], [TaskManager.Running, "", false, false],
                                    [TaskManager.Delayed, "", true, false]])
        TaskManager.pauseTask(export_, "on battery")
        TaskManager.pauseTask(later)
        tryVerify(() => list.objectAt(0).status === TaskManager.Paused && list.objectAt(2).status === TaskManager.Paused)
        compare([0, 2].map(of), [[TaskManager.Paused, "on battery", false, true], [TaskManager.Paused, "", false, true]])
        compare([model.runningCount, model.queuedCount, model.delayedCount, model.cancellableCount], [1, 1, 1, 3])
        TaskManager.resumeTask(later)
        TaskManager.pauseAll("all")
        tryVerify(() => list.objectAt(2).pauseReason === "all")
        compare([0, 1, 2].map(of), [[TaskManager.Paused, "on battery", false, true], [TaskManager.Running, "", false, false],
                                    [TaskManager.Paused, "all", true, false]])
        TaskManager.resumeAll()
        tryVerify(() => list.objectAt(2).status === TaskManager.Delayed)
        verify(TaskManager.resumeTask(export_))
        tryVerify(() => list.objectAt(0).status === TaskManager.Running)
        compare([of(0)[1], of(2)[1], model.runningCount], ["", "", 2])
        Rig.release("gate")
    }

    function test_b151_cancelAll_is_about_what_is_counted() {
        const model = make({ filter: TaskModel.Active, showDelayed: false })
        const delayed = TaskManager.runLater(3600000, "echo", [1])
        const periodic = TaskManager.runPeriodic(3600000, "iteration", [])
        waitForEvent(periodic, "taskPeriodic")
        const running = TaskManager.runInThread("obey")
        waitFor(() => model.runningCount === 1 && model.delayedCount === 2, "all of them")
        compare([model.cancellableCount, model.cancelAll()], [1, 1])
        waitForEnd(running)
        compare([delayed, periodic].map(id => TaskManager.taskStatus(id)), [TaskManager.Delayed, TaskManager.Delayed])
        model.showDelayed = true
        compare([model.cancellableCount, model.cancelAll()], [2, 2])
        waitFor(() => model.cancellableCount === 0, "their ends")
    }

    function test_b154_a_run_that_failed_is_told() {
        const model = make({ filter: TaskModel.Active, showDelayed: false, keepFailures: true })
        const list = view(model)
        const id = TaskManager.runPeriodic(3600000, "failIn", [[1]], { name: "poll" })
        waitForEvent(id, "taskFailed")
        waitFor(() => model.failedCount === 1, "that it failed")
        const row = list.objectAt(0)
        compare([row.name, row.status, row.error, row.errorDetails.attempt], ["poll", TaskManager.Delayed, "run 1", 1])
        verify(row.elapsed < 10000, "of the run, " + row.elapsed)
        model.filter = TaskModel.Failed
        compare(model.count, 1)
        compare(model.dismiss(id), false)
        model.cancel(id)
        waitFor(() => model.count === 0, "its end")
    }

    // Each is submitted by the end of the one before: for a model there is always one.
    function test_b153_tasks_that_follow_each_other_are_one_time_of_work() {
        const model = make({ filter: TaskModel.Active })
        let left = 300
        const seen = []
        const next = () => {
            if (left-- > 0)
                TaskManager.runInThread("echo", [left], { onComplete: next })
        }
        next()
        waitFor(() => model.runningCount + model.queuedCount === 1, "the first")
        model.runningCountChanged.connect(() => seen.push(model.runningCount + model.queuedCount))
        model.queuedCountChanged.connect(() => seen.push(model.runningCount + model.queuedCount))
        waitFor(() => left < 0 && model.runningCount + model.queuedCount === 0, "the last")
        compare(seen.filter(count => count === 0).length, 1, seen.join(" "))
    }

    function test_b160_a_task_counts_by_its_weight() {
        const model = make({ filter: TaskModel.Active })
        hold("large", { weight: 3 })
        const small = hold("small")
        waitFor(() => model.runningCount === 2, "both")
        compare(model.progress, 0)
        Rig.release("small")
        waitForEnd(small)
        waitFor(() => model.progress === 0.25, "one of four")
        compare(element.start(), true)
        waitFor(() => Rig.holds("element") && model.runningCount === 2, "the element")
        compare(model.progress, 0.125)
        Rig.release("large")
        Rig.release("element")
        waitFor(() => model.progress === -1, "the end")
        ignoreWarning(/weight is the number 0; expected a number above 0, up to 1000000/)
        element.weight = 0
        compare(element.start(), false)
        compare(element.error.message, "weight is the number 0; expected a number above 0, up to 1000000")
        element.weight = 4
    }

    function test_b160_a_second_start_begins_at_nothing() {
        const model = make({ filter: TaskModel.Active })
        let at = 0
        const next = () => {
            if (++at < 4)
                TaskManager.runInThread("echo", [at], { onComplete: next })
            else
                TaskManager.runInThread("hold", ["again"])
        }
        next()
        waitFor(() => Rig.holds("again") && model.runningCount === 1 && model.queuedCount === 0, "the second start")
        TaskManager.runInThread("hold", ["beside"])
        waitFor(() => model.runningCount === 2, "one beside it")
        compare(model.progress, 0)
        Rig.release("again")
        Rig.release("beside")
    }

    function test_waiting_rows_are_limited_and_come_in() {
        TaskManager.maxWorkers = 1
        const model = make({ filter: TaskModel.Active, limit: 2 })
        const list = view(model)
        hold("gate", { name: "running" })
        const ids = []
        for (const name of ["a", "b", "c", "d"])
            ids.push(TaskManager.runInThread("hold", [name], { name: name }))
        shows(list, "running,a,b")
        compare([model.hiddenCount, model.queuedCount, model.count], [2, 4, 3])
        model.cancel(ids[0])
        shows(list, "running,b,c")
        compare(model.hiddenCount, 1)
        TaskManager.setTaskPriority(ids[3], TaskManager.High)
        Rig.release("gate")
        shows(list, "b,c,d")
        compare(model.hiddenCount, 0)
        model.limit = 1
        shows(list, "b,d")
        compare(model.hiddenCount, 1)
        model.limit = 1000000
        shows(list, "b,c,d")
        compare(model.cancelAll(), 3)
    }

    function test_progress_of_all() {
        TaskManager.maxWorkers = 1
        const model = make({ filter: TaskModel.Active })
        compare(model.progress, -1)
        hold("first")
        TaskManager.runInThread("hold", ["second"])
        waitFor(() => model.queuedCount === 1 && model.runningCount === 1, "both")
        compare(model.progress, 0)
        Rig.release("first")
        waitFor(() => model.progress === 0.5, "the second")
        Rig.release("second")
        waitFor(() => model.progress === -1, "the end")
    }

    function test_signals_come_on_changes_only() {
        const model = make({ filter: TaskModel.Active })
        const log = []
        for (const name of ["filter", "order", "byOwner", "search", "owner", "showDelayed", "ticking", "lingerMs", "keepFailures", "limit", "count",
                            "hiddenCount", "runningCount", "queuedCount", "delayedCount", "failedCount", "progress"])
            model[name + "Changed"].connect(() => log.push(name + " " + model[name]))
        model.filter = TaskModel.Active
        model.owner = ""
        model.showDelayed = true
        model.lingerMs = 0
        model.keepFailures = false
        model.limit = 1000
        compare(log, [])
        model.owner = "nobody"
        model.filter = TaskModel.Failed
        model.showDelayed = false
        model.lingerMs = 5
        model.keepFailures = true
        model.limit = 7
        compare(log, ["owner nobody", "filter 99", "showDelayed false", "lingerMs 5", "keepFailures true", "limit 7"])
        model.filter = TaskModel.Active
        model.keepFailures = false
        model.owner = ""
        // What other tests have left behind may have ended a moment ago, and leave only now.
        model.lingerMs = 0
        waitFor(() => model.count === 0, "nothing is active")
        log.length = 0
        const id = TaskManager.runLater(3600000, "echo", [1])
        waitFor(() => model.delayedCount === 1, "the task")
        compare(log, ["delayedCount 1"])
        model.cancel(id)
        waitFor(() => model.delayedCount === 0, "its end")
        compare(log, ["delayedCount 1", "delayedCount 0"])
    }

    function test_bad_values_data() {
        const filters = "expected TaskModel.All, TaskModel.Active, TaskModel.Finished or TaskModel.Failed"
        const linger = "expected milliseconds, a whole number from 0 to 2147483647"
        const limit = "expected a whole number from 1 to 1000000"
        return [
            { tag: "filter 7", name: "filter", value: 7, expected: "TaskModel.filter is the number 7; " + filters },
            { tag: "filter NaN", name: "filter", value: NaN, expected: "TaskModel.filter is the number NaN; " + filters },
            { tag: "filter text", name: "filter", value: "Active",
              expected: "TaskModel.filter is the text \"Active\"; " + filters },
            { tag: "filter null", name: "filter", value: null, expected: /TaskModel.filter is null; / },
            { tag: "linger -1", name: "lingerMs", value: -1, expected: "TaskModel.lingerMs is the number -1; " + linger },
            { tag: "linger NaN", name: "lingerMs", value: NaN, expected: "TaskModel.lingerMs is the number NaN; " + linger },
            { tag: "linger huge", name: "lingerMs", value: 1e300, expected: /^TaskModel.lingerMs is the number 1/ },
            { tag: "linger bool", name: "lingerMs", value: true, expected: /^TaskModel.lingerMs is / },
            { tag: "limit 0", name: "limit", value: 0, expected: "TaskModel.limit is the number 0; " + limit },
            { tag: "limit 0.5", name: "limit", value: 0.5, expected: "TaskModel.limit is the number 0.5; " + limit },
            { tag: "limit huge", name: "limit", value: 1000001, expected: "TaskModel.limit is the number 1000001; " + limit },
            { tag: "limit infinite", name: "limit", value: Infinity, expected: /^TaskModel.limit is the number inf/ },
        ]
    }

    function test_bad_values(data) {
        const model = make()
        const before = model[data.name]
        ignoreWarning(data.expected)
        model[data.name] = data.value
        compare(model[data.name], before)
    }

    function test_unknown_ids() {
        const model = make()
        for (const id of ["", "nothing", "0b16ba6e-3c1e-4d0a-9d6e-0f8a3e0d9f10"]) {
            compare(model.cancel(id), false)
            compare(model.dismiss(id), false)
        }
    }

    function test_an_index_that_is_none() {
        const model = make()
        compare(model.data(model.index(0, 0), Qt.UserRole + 1), undefined)
        compare(model.data(model.index(-1, 0), Qt.DisplayRole), undefined)
        compare(model.rowCount(), 0)
    }
}
