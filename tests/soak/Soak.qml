import QtQml
import Legwork

// Calls of the QML face, by chance: the functions of TaskManager, and elements that come and go.
QtObject {
    id: soak

    // Where calls are entered: accepted(id), refused(text).
    required property var books
    required property int seed

    property int dice: seed
    property var ids: []
    property var owners: []
    property var elements: []
    property int heard: 0

    readonly property url work: Qt.resolvedUrl("work.mjs")

    // ---- views ----------------------------------------------------------------------------------

    property TaskModel active: TaskModel {
        filter: TaskModel.Active
        keepFailures: true
        order: TaskModel.RunningFirst
        lingerMs: 20
        limit: 50
    }
    property Instantiator rows: Instantiator {
        model: soak.active
        delegate: QtObject {
            required property string taskId
            required property string name
            required property double progress
            required property string waitsFor
        }
    }
    property TaskModel all: TaskModel { byOwner: true; search: "soak"; limit: 100 }
    property TaskStats figures: TaskStats { interval: 200 }
    property Connections signals: Connections {
        target: TaskManager
        function onTaskProgress(id, progress, message) { ++soak.heard }
        function onTaskValues(id, values) { soak.heard += values.length }
        function onTaskRetried(id, newId) { ++soak.heard }
    }

    // ---- elements -------------------------------------------------------------------------------

    property Component single: Component {
        Task { job: "soak.work" }
    }
    property Component scripted: Component {
        Task { script: Qt.resolvedUrl("work.mjs"); functionName: "sum"; args: [[1, 2, 3]] }
    }
    property Component group: Component {
        TaskGroup {
            id: made
            property int chosen: 0
            property list<QtObject> parts: [
                Task { job: "soak.work"; args: [made.chosen] },
                Task { job: "soak.echo"; args: [made.mode === TaskGroup.Sequential ? made.previous : 1] },
                Task { script: Qt.resolvedUrl("work.mjs"); functionName: "echo"; args: [1] }
            ]
            tasks: parts
        }
    }
    property Component external: Component {
        ExternalTask {
            id: elsewhere
            property bool fails: false
            property Timer timer: Timer {
                onTriggered: elsewhere.fails ? elsewhere.fail("it failed elsewhere") : elsewhere.complete(1)
            }
            onStarted: timer.start()
            onStopRequested: {
                timer.stop()
                elsewhere.fail("it was stopped")
            }
        }
    }
    property Component plain: Component { QtObject { } }

    // ---- chance ---------------------------------------------------------------------------------

    function chance() {
        dice = (dice + 0x6D2B79F5) | 0
        let it = Math.imul(dice ^ (dice >>> 15), 1 | dice)
        it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it
        return ((it ^ (it >>> 14)) >>> 0) / 4294967296
    }

    function below(count) {
        return Math.floor(chance() * count)
    }

    function once(times) {
        return below(times) === 0
    }

    function of(list) {
        return list[below(list.length)]
    }

    // ---- calls ----------------------------------------------------------------------------------

    function id() {
        return ids.length > 0 ? of(ids) : "none"
    }

    // What a call gave is entered, and so is that it was refused.
    function enter(call) {
        try {
            const id = call()
            books.accepted(id)
            ids.push(id)
            if (ids.length > 40)
                ids.shift()
            return id
        } catch (error) {
            books.refused(error.message ?? "")
            return ""
        }
    }

    // An element's: it has another id than before if it has started.
    function entered(element, before) {
        if (element.taskId !== "" && element.taskId !== before)
            books.accepted(element.taskId)
    }

    function retried(element) {
        const before = element.taskId
        if (element.canRetry && element.retry())
            entered(element, before)
    }

    function options() {
        const made = {}
        if (once(2))
            made.onComplete = result => { ++heard }
        if (once(4))
            made.onError = error => { throw new Error("out of a callback") }
        if (once(4))
            made.onEnd = outcome => { heard += outcome.status }
        if (once(6))
            made.onValues = values => { heard += values.length }
        if (once(4))
            made.priority = of([TaskManager.High, TaskManager.Low])
        if (once(4) && owners.length > 0)
            made.owner = of(owners)
        if (once(8))
            made.timeoutMs = 1 + below(20)
        if (once(6)) {
            made.key = of(["disk", "net", "page"])
            made.keyPolicy = of([TaskManager.Append, TaskManager.Replace, TaskManager.KeepLatest, TaskManager.Keep])
        }
        if (once(6))
            made.retry = of([1, { times: 2, delayMs: 1 + below(5), jitter: 0 }])
        if (once(10))
            made.after = [id()]
        for (const flag of ["detached", "mustRun", "transient", "system", "mayBlock", "pausable"]) {
            if (once(12))
                made[flag] = true
        }
        if (once(40))
            made.none = 1
        made.name = "soak " + below(4)
        return made
    }

    function job() {
        return of(["soak.work", "soak.work", "soak.echo", "soak.fail", "soak.large"])
    }

    function args() {
        return [once(10) && ids.length > 0 ? TaskManager.resultOf(id()) : below(100)]
    }

    function submit() {
        switch (below(8)) {
        case 0: return enter(() => TaskManager.runLater(below(50), job(), args(), options()))
        case 1: {
            const made = options()
            delete made.mustRun
            made.maxRuns = 1 + below(10)
            // A run that fails is told as taskFailed, as an end is.
            return once(4) ? enter(() => TaskManager.runPeriodic(1 + below(20), "soak.work", [below(1e6)], made)) : ""
        }
        case 2: return enter(() => TaskManager.runScript(work, of(["sum", "sends", "sleeps", "later", "fails", "missing"]),
                                                         [once(2) ? [1, 2] : below(30)], options()))
        case 3: return enter(() => TaskManager.all([id(), id()], { name: "soak all" }))
        case 4: return enter(() => TaskManager.any([id()], { name: "soak any" }))
        case 5: return enter(() => TaskManager.runInThread(once(10) ? "no such job" : "soak.echo", [{ deep: [1, "two", null] }]))
        default: return enter(() => TaskManager.runInThread(job(), args(), options()))
        }
    }

    function start() {
        const made = of([single, single, scripted, group, external]).createObject(soak, { name: "soak element" })
        made.completed.connect(result => { ++heard })
        if (made instanceof Task && made.job !== "") {
            made.args = [below(1e6)]
            made.failed.connect(error => { if (once(3)) retried(made) })
        }
        if (made instanceof ExternalTask) {
            made.timer.interval = below(20)
            made.fails = once(4)
        }
        if (made instanceof TaskGroup) {
            made.chosen = below(1e6)
            made.mode = of([TaskGroup.Parallel, TaskGroup.Sequential])
            made.limit = made.mode === TaskGroup.Parallel || once(10) ? below(3) : 0
            made.errorPolicy = of([TaskManager.StopOnError, TaskManager.ContinueOnError, TaskManager.StopOnSuccess])
        }
        if (once(4) && owners.length > 0)
            made.owner = of(owners)
        if (once(3))
            made.delayMs = below(20)
        made.start()
        entered(made, "")
        for (let at = 0; made instanceof TaskGroup && at < made.parts.length; ++at)
            entered(made.parts[at], "")
        // One of those that fail goes in its own handler.
        if (once(6))
            made.ended.connect(() => { made.destroy() })
        else
            elements.push(made)
        if (elements.length > 30)
            elements.shift().destroy()
    }

    function control() {
        const made = elements.length > 0 ? of(elements) : null
        switch (below(16)) {
        case 0: return TaskManager.cancelTask(id())
        case 1: return TaskManager.cancelIfQueued(id())
        case 2: return TaskManager.runNow(id())
        case 3: return TaskManager.pauseTask(id(), "by chance")
        case 4: return TaskManager.resumeTask(id())
        case 5: return TaskManager.setTaskPriority(id(), of([TaskManager.High, TaskManager.Normal]))
        case 6: return enter(() => TaskManager.retryTask(id()))
        case 7: return TaskManager.promise(id()).then(result => { ++heard }, error => { ++heard })
        case 8: return TaskManager.waitForTask(id(), 1)
        case 9: {
            const view = TaskManager.task(id())
            return view.status
        }
        case 10: {
            try {
                made?.cancel()
            } catch (error) {
                books.refused(error.message)
            }
            return 0
        }
        case 11: {
            // A group's parts have other ids then, too.
            if (made !== null && !(made instanceof TaskGroup)) {
                const before = made.taskId
                made.restart()
                entered(made, before)
            }
            return 0
        }
        case 12: return made?.pause("an element")
        case 13: return made?.resume()
        case 14: {
            active.hold = !active.hold
            active.filter = of([TaskModel.Active, TaskModel.All, TaskModel.Failed])
            all.order = of([TaskModel.OldestFirst, TaskModel.NewestFirst])
            all.clearFinished()
            return all.count
        }
        default: {
            if (owners.length > 4)
                owners.shift().destroy()
            owners.push(plain.createObject(soak, { objectName: "page" }))
            return TaskManager.tasksOf(of(owners)).length
        }
        }
    }

    function step() {
        switch (below(6)) {
        case 0: return start()
        case 1: case 2: return control()
        default: return submit()
        }
    }

    // What keeps tasks from their ends.
    function settle() {
        for (const key of ["disk", "net", "page"])
            TaskManager.resumeKey(key)
        active.hold = false
    }
}
