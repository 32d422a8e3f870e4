import QtQuick
import Legwork
import LegworkTests

// Calls of TaskManager with arguments that chance makes, for LEGWORK_FUZZ_SECONDS (2): each is done, or refused by an
// Error with a text, and whatever was accepted ends once. The calls are those that the meta-object has, the options
// those that a refusal lists. LEGWORK_FUZZ_SEED plays a run again.
Case {
    id: fuzz
    name: "Fuzz"

    property QtObject manager: TaskManager
    property int dice: 0
    // Of the tasks that are told of now, and some of those before.
    property var accepted: []
    property var old: []
    property var told: new Set()
    property int total: 0
    property var owners: []
    property var optionNames: []

    // What would end the service, or write files.
    readonly property var leftOut: ["shutdown", "beginShutdown", "startTrace", "objectNameChanged"]
    readonly property url work: Qt.resolvedUrl("scripts/work.mjs")

    Connections {
        target: TaskManager
        function onTaskQueued(id) { fuzz.told.add(id) }
    }

    Component { id: objects; QtObject { } }

    // Warnings are many here, and none of them is a fault.
    function init() {
        Rig.beginFunction()
        TaskManager.maxWorkers = 2
        events = []
        told = new Set()
        total = 0
        accepted = []
        owners = []
    }

    function chance() {
        dice = (dice + 0x6D2B79F5) | 0
        let it = Math.imul(dice ^ (dice >>> 15), 1 | dice)
        it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it
        return ((it ^ (it >>> 14)) >>> 0) / 4294967296
    }

    function below(count) {
        return Math.floor(chance() * count)
    }

    function of(list) {
        return list[below(list.length)]
    }

    function id() {
        const known = old.concat(accepted.slice(-50))
        return known.length > 0 ? of(known) : "none"
    }

    function owner() {
        if (owners.length === 0 || below(20) === 0) {
            if (owners.length > 5)
                owners.shift().destroy()
            owners.push(objects.createObject(fuzz))
        }
        return of(owners)
    }

    function deep() {
        let value = 1
        for (let level = 0; level < 3000; ++level)
            value = level % 2 ? [value] : { value: value }
        return value
    }

    function circle() {
        const value = { list: [] }
        value.list.push(value)
        return value
    }

    // Anything that JavaScript has.
    function anything(level) {
        const nested = () => level > 3 ? 0 : anything(level + 1)
        const makers = [
            () => undefined, () => null, () => true, () => false, () => "", () => "0", () => "soon", () => "a\0b", () => "\uD800",
            () => "x".repeat(10000), () => of([0, -0, 1, 2, 3, -1, 0.5, 1.5, 1e9, -1e9, 2 ** 31, 2 ** 53, 1e308]),
            () => of([NaN, Infinity, -Infinity]), () => id(), () => [id(), id()], () => [], () => ({}),
            () => [nested(), nested()], () => ({ name: nested(), "": nested() }), () => () => 1,
            () => () => { throw new Error("thrown by a callback") }, () => new Date(), () => new Date(NaN), () => /x/,
            () => new Error("an error"), () => owner(), () => TaskManager, () => work, () => new Uint8Array([1, 2, 3]),
            () => new ArrayBuffer(8), () => Symbol("s"), () => new Map([[1, 2]]), () => Qt.point(1, 2), () => fuzz, deep, circle,
            () => ({ get name() { throw new Error("thrown by a getter") } }),
            () => new Proxy({}, { get: () => { throw new Error("thrown by a proxy") } }),
        ]
        return of(makers)()
    }

    // What an option takes.
    function fitting(name) {
        if (/^on/.test(name))
            return result => log(result)
        if (/Ms$/.test(name))
            return of([0, 1, 2, 5])
        const known = {
            name: "n", priority: below(3), weight: 1 + below(5), key: of(["disk", "net"]), keyPolicy: below(4), keyLimit: 1 + below(2),
            afterPolicy: below(2), errorPolicy: below(3), retry: of([1, { times: 2, delayMs: 1, jitter: 0 }]), after: [id()],
            maxUndelivered: 1 + below(5), whenFull: below(3), firstRun: below(2), rate: below(2), misfire: below(2),
            maxRuns: 1 + below(3), maxFailures: 1 + below(2), until: new Date(Date.now() + 5), owner: owner(),
        }
        return name in known ? known[name] : of([true, false])
    }

    function log(result) {
    }

    function options() {
        const made = {}
        for (let count = below(5); count > 0; --count) {
            const name = of(optionNames)
            made[name] = below(6) === 0 ? anything(0) : fitting(name)
        }
        if (below(30) === 0)
            made["nothing"] = anything(0)
        return made
    }

    function job() {
        return of(["echo", "echo", "count", "fail", "iteration", "failIn", "obey", "made", "no such job"])
    }

    // Arguments that may do, of a call by its name.
    function fittingArguments(name) {
        const end = () => below(2) ? [options()] : []
        switch (name) {
        case "runInThread": return [job(), [anything(0)]].concat(end())
        case "runLater": return [of([0, 1, 3]), job(), [anything(0)]].concat(end())
        case "runPeriodic": return [of([1, 2, 1e6]), job(), [[1, 2]]].concat(end())
        case "runScript": return [work, of(["sum", "echo", "fails", "sleeps", "about", "none"]), [anything(0)]].concat(end())
        case "all": case "any": return [[id(), id()]].concat(end())
        case "setInterval": return [id(), of([1, 5, 1000])]
        case "setTaskPriority": return [id(), below(3)]
        case "cancelKey": case "tasksOfKey": case "pauseKey": case "resumeKey": return [of(["disk", "net"])].concat(below(2) ? [owner()] : [])
        case "cancelAll": case "tasksOf": case "limitsOf": case "pauseOwner": case "resumeOwner": case "isOwnerPaused": return [owner()]
        case "setLimits": return [owner(), { maxRunning: below(3), maxQueued: 1 + below(50) }]
        case "waitForAll": return [owner(), below(3)]
        case "waitForTask": case "waitForBody": return [id(), below(3)]
        case "pauseTask": return [id(), "why"]
        case "setHistoryLimits": return [{ tasks: below(100) }]
        case "collectStats": return [true]
        case "pauseAll": case "resumeAll": case "clearHistory": case "historyLimits": case "stopTrace": case "tracePath":
        case "collectsStats": case "stats": case "resetStats": return []
        default: return [id()]
        }
    }

    function call(name) {
        const args = fittingArguments(name)
        if (below(3) === 0 && args.length > 0)
            args[below(args.length)] = anything(0)
        if (below(20) === 0)
            args.pop()
        // A wait for what does not end is what was asked for.
        if (/^waitFor/.test(name))
            args[1] = of([0, 1, 2, -1, NaN, "soon"])
        try {
            return manager[name](...args)
        } catch (error) {
            verify(error instanceof Error, `${name} throws ${error}`)
            verify(error.message.length > 0, `${name} throws an Error without a text`)
            return null
        }
    }

    // All pauses are taken back, and all that goes on is cancelled.
    function settle() {
        // That a task is queued may be told only later.
        const open = () => accepted.concat(Array.from(told)).filter(it => {
            const status = TaskManager.taskStatus(it)
            return status < TaskManager.Completed || status === TaskManager.Blocked || status === TaskManager.Paused
        })
        for (const key of ["disk", "net"]) {
            TaskManager.resumeKey(key)
            owners.forEach(owner => TaskManager.resumeKey(key, owner))
        }
        owners.forEach(owner => TaskManager.resumeOwner(owner))
        waitFor(() => {
            TaskManager.resumeAll()
            Rig.endFunction()
            return open().length === 0
        }, "all ends")
        flush()
        const fromFlush = [...told].pop()
        told.delete(fromFlush)
        const ends = new Map()
        for (const [signal, id] of events) {
            const end = signal === "taskCompleted" || signal === "taskCancelled"
            // Of a periodic task runs that fail are no ends, but the last.
            if (end || signal === "taskFailed")
                ends.set(id, (ends.get(id) ?? 0) + (end ? 1 : 0))
        }
        const made = new Set(accepted)
        for (const id of told)
            verify(made.has(id), `the task ${id} was made by a call that was refused`)
        for (const id of made)
            verify(ends.has(id) && ends.get(id) <= 1, `the task ${id} was told ${ends.get(id) ?? "no end, 0"} ends`)
        total += made.size
        old = accepted.slice(-50)
        accepted = []
        events = []
        told = new Set()
    }

    function test_b398_calls_by_chance_are_done_or_refused_and_all_that_was_accepted_ends_once() {
        const known = Rig.environment("LEGWORK_FUZZ_SEED")
        const seed = known === "" ? Date.now() % 2147483647 : Number(known)
        const until = Date.now() + 1000 * (Number(Rig.environment("LEGWORK_FUZZ_SECONDS")) || 2)
        const history = TaskManager.historyLimits()
        dice = seed
        const names = []
        for (const name in manager) {
            if (typeof manager[name] === "function" && !/^(task[A-Z]\w+ed|taskPeriodic|taskProgress|taskRetrying|taskValues|taskSlow)$/.test(name)
                && !/(Changed|Finished|limitReached)$/.test(name) && !leftOut.includes(name))
                names.push(name)
        }
        verify(names.length > 35, names.join())
        try {
            TaskManager.runInThread("echo", [], { none: 1 })
        } catch (error) {
            optionNames = error.message.replace(/.*options are: /, "").split(", ")
        }
        verify(optionNames.includes("keyPolicy") && optionNames.length > 30, optionNames.join())
        console.log(`LEGWORK_FUZZ_SEED=${seed}`)
        let calls = 0
        let refused = 0
        try {
            while (Date.now() < until) {
                const name = below(3) ? of(["runInThread", "runLater", "runPeriodic", "runScript", "all", "any"]) : of(names)
                const answer = call(name)
                ++calls
                refused += answer === null
                if (typeof answer === "string" && /^(run|all|any|retryTask)/.test(name) && answer !== "")
                    accepted.push(answer)
                if (calls % 50 === 0)
                    Rig.processEvents()
                if (calls % 500 === 0)
                    settle()
            }
            settle()
        } finally {
            TaskManager.setHistoryLimits(history)
            TaskManager.collectStats(false)
            TaskManager.resetStats()
        }
        console.log(`${calls} calls, ${refused} refused, ${total} tasks`)
        verify(total > 100 && refused > 100)
    }
}
