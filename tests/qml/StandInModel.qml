import QtQml
import QtQml.Models
import Legwork

// In the place of a TaskModel: the same face, over tasks that a test makes up.
ListModel {
    id: standIn

    enum Filter { All = 96, Active, Finished, Failed }

    property int filter: 96
    enum Order { OldestFirst = 100, NewestFirst, RunningFirst }

    property string owner: ""
    property int order: 100
    property bool byOwner: false
    property string search: ""
    property int ownerCount: 0
    property bool showDelayed: true
    property int lingerMs: 0
    property bool keepFailures: false
    property int limit: 1000
    property bool hold: false
    property bool ticking: true
    property int hiddenCount: 0
    property int runningCount: 0
    property int queuedCount: 0
    property int delayedCount: 0
    property int failedCount: 0
    property int finishedCount: 0
    property int cancellableCount: 0
    property real progress: -1

    // All tasks, by id, in the order of their creation; those that were dismissed are gone.
    property var tasks: []
    // What was asked for, in order: "cancel 3", "cancelAll", …
    property var calls: []

    function active(task: var): bool {
        return task.status <= TaskManager.Running || task.status === TaskManager.Blocked || task.status === TaskManager.Paused
    }

    function failed(task: var): bool {
        return task.status === TaskManager.Failed || task.status === TaskManager.TimedOut
            || task.status === TaskManager.Abandoned || active(task) && task.error !== ""
    }

    function cancellable(task: var): bool {
        return active(task) && !task.cancelRequested && (showDelayed || !planned(task))
    }

    function planned(task: var): bool {
        return task.status === TaskManager.Delayed && !task.retrying
    }

    function matches(task: var): bool {
        if (!task.name.includes(search))
            return false
        switch (filter) {
        case 97: return active(task) ? !planned(task) || showDelayed || keepFailures && failed(task)
                                     : task.lingers || keepFailures && failed(task)
        case 98: return !active(task)
        case 99: return failed(task)
        }
        return true
    }

    function where(id: string): int {
        for (let row = 0; row < count; ++row) {
            if (get(row).taskId === id)
                return row
        }
        return -1
    }

    // A task with what is given, the rest as that of one that waits. Its id.
    function add(values: var): string {
        const task = makeTask(values)
        tasks.push(task)
        if (matches(task))
            append(visibleOf(task))
        tally()
        return task.taskId
    }

    function makeTask(values: var): var {
        const task = Object.assign({
            taskId: String(tasks.length + 1), name: "Task", job: "", owner: "", status: TaskManager.Queued,
            priority: 1, progress: -1, message: "", created: new Date(0), started: null, finished: null,
            elapsed: 0, error: "", errorDetails: null, iteration: 0, periodic: false, cancelRequested: false,
            canCancel: true, due: null, dueIn: 0, key: "", waitsFor: "", attempt: 0, attempts: 1, retrying: false,
            slow: false, amount: null, group: "", members: 0, depth: 0, open: false, canRetry: false,
            pauseReason: "", canPause: false, canResume: false
        }, values)
        if (!active(task))
            task.canCancel = false
        return task
    }

    // So many tasks: four run, the others wait.
    function fill(number: int) {
        for (let at = 0; at < number; ++at)
            tasks.push(makeTask({ taskId: String(at + 1), name: "Task " + at,
                                  status: at < 4 ? TaskManager.Running : TaskManager.Queued }))
        rebuild()
        tally()
    }

    function change(id: string, values: var) {
        const task = tasks.find(task => task.taskId === id)
        Object.assign(task, values)
        if (!active(task)) {
            task.canCancel = false
            if (values.status !== undefined)
                task.lingers = lingerMs > 0
        }
        const row = where(id)
        if (!matches(task) && !(hold && row >= 0)) {
            if (row >= 0)
                remove(row)
        } else if (row >= 0) {
            for (const role in values)
                setProperty(row, role, visibleOf(task)[role])
            setProperty(row, "canCancel", task.canCancel)
        }
        tally()
    }

    // The time that an ended row stays is over.
    function leave(id: string) {
        change(id, { lingers: false })
    }

    function visibleOf(task: var): var {
        const shown = Object.assign({}, task)
        delete shown.lingers
        return shown
    }

    function tally() {
        const of = status => tasks.filter(task => task.status === status).length
        runningCount = of(TaskManager.Running)
        delayedCount = tasks.filter(planned).length
        queuedCount = tasks.filter(active).length - runningCount - delayedCount
        failedCount = tasks.filter(failed).length
        ownerCount = new Set(tasks.filter(matches).map(task => task.owner)).size
        finishedCount = tasks.filter(task => !active(task) && matches(task)).length
        cancellableCount = tasks.filter(cancellable).length
    }

    function rebuild() {
        clear()
        const shown = tasks.filter(matches)
        if (byOwner)
            shown.sort((one, other) => one.owner < other.owner ? -1 : one.owner > other.owner ? 1 : 0)
        for (const task of shown)
            append(visibleOf(task))
    }

    function setOpen(taskId: string, open: bool): bool {
        calls = calls.concat((open ? "open " : "close ") + taskId)
        change(taskId, { open: open })
        return true
    }

    function cancel(taskId: string): bool {
        calls = calls.concat("cancel " + taskId)
        change(taskId, { cancelRequested: true, canCancel: false })
        return true
    }

    function cancelAll(): int {
        calls = calls.concat("cancelAll")
        const asked = tasks.filter(cancellable)
        for (const task of asked)
            change(task.taskId, { cancelRequested: true, canCancel: false })
        return asked.length
    }

    function dismiss(taskId: string): bool {
        calls = calls.concat("dismiss " + taskId)
        tasks = tasks.filter(task => task.taskId !== taskId)
        const row = where(taskId)
        if (row >= 0)
            remove(row)
        tally()
        return row >= 0
    }

    function clearFinished(): int {
        calls = calls.concat("clearFinished")
        const ended = tasks.filter(task => !active(task))
        tasks = tasks.filter(active)
        rebuild()
        tally()
        return ended.length
    }

    dynamicRoles: true
    onHoldChanged: if (!hold) rebuild()
    onSearchChanged: {
        rebuild()
        tally()
    }
    onFilterChanged: {
        rebuild()
        tally()
    }
}
