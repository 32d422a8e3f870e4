import QtQuick
import QtTest
import Legwork
import LegworkTests

// Pause and resume: of a task, a key, an owner, all; by TaskManager, by a Task and by what shows one.
Case {
    id: pauseCase

    property var log: []

    name: "Pause"

    function init() {
        begin()
        log = []
        changes.clear()
    }

    Component {
        id: pages
        QtObject {
            objectName: "page"
        }
    }

    Component {
        id: tasks

        Task {
            id: told

            property var journal: null
            property int starts: 0

            job: "obey"
            onStarted: {
                ++starts
                journal.log.push(["started", told.status])
            }
            onTaskPaused: reason => journal.log.push(["paused", reason, told.paused, told.pauseReason])
            onTaskResumed: journal.log.push(["resumed", told.paused])
            onCancelled: reason => journal.log.push(["cancelled", reason, told.paused])
        }
    }

    SignalSpy {
        id: changes
        target: TaskManager
        signalName: "pausesChanged"
    }

    function make(properties) {
        return createTemporaryObject(tasks, pauseCase, Object.assign({ journal: pauseCase }, properties))
    }

    function refused(call, text) {
        let message = ""
        try {
            call()
        } catch (error) {
            message = error.message
        }
        verify(message.startsWith(text), message)
        compare(TaskManager.lastError, message)
    }

    // ---- by TaskManager --------------------------------------------------------------------------

    function test_b332_a_task_by_its_id() {
        const heard = []
        const id = TaskManager.runLater(3600000, "echo", [1], { onPaused: reason => heard.push("paused " + reason),
                                                                onResumed: () => heard.push("resumed") })
        compare(TaskManager.pauseTask(id, "on battery"), TaskManager.Paused)
        compare(TaskManager.pauseTask(id), TaskManager.Paused)
        compare([TaskManager.taskStatus(id), TaskManager.taskInfo(id).pauseReason], [TaskManager.Paused, "on battery"])
        verify(!TaskManager.runNow(id))
        verify(TaskManager.resumeTask(id))
        verify(!TaskManager.resumeTask(id))
        compare([TaskManager.taskStatus(id), TaskManager.taskInfo(id).pauseReason], [TaskManager.Delayed, ""])
        verify(TaskManager.runNow(id))
        waitForEnd(id)
        compare(eventsOf(id), [["taskPaused", "on battery"], ["taskResumed"], ["taskStarted"], ["taskCompleted", 1]])
        compare(heard, ["paused on battery", "resumed"])
        compare(TaskManager.pauseTask(id, "late"), TaskManager.AlreadyFinished)
        compare(TaskManager.pauseTask("no id"), TaskManager.UnknownTask)
        verify(!TaskManager.resumeTask("no id"))
    }

    function test_b332_what_runs_stops_if_it_may() {
        const plain = hold("gate")
        compare(TaskManager.pauseTask(plain, "now"), TaskManager.PauseNotPossible)
        compare(TaskManager.taskStatus(plain), TaskManager.Running)
        const id = TaskManager.runInThread("obey", [], { pausable: true })
        waitForEvent(id, "taskStarted")
        compare(TaskManager.pauseTask(id, "now"), TaskManager.PauseRequested)
        waitForEvent(id, "taskPaused")
        compare(TaskManager.taskStatus(id), TaskManager.Paused)
        verify(TaskManager.resumeTask(id))
        waitForEvent(id, "taskResumed")
        compare(TaskManager.taskStatus(id), TaskManager.Running)
        TaskManager.pauseTask(id)
        compare(TaskManager.cancelTask(id), TaskManager.CancelRequested)
        waitForEnd(id)
        Rig.release("gate")
        waitForEnd(plain)
    }

    function test_b332_pauses_count() {
        const mine = pages.createObject(null)
        const owned = { owner: mine, key: "disk" }
        verify(TaskManager.pauseKey("disk", "full", mine))
        verify(!TaskManager.pauseKey("disk", "full", mine))
        verify(TaskManager.pauseOwner(mine, "hidden"))
        verify(!TaskManager.pauseOwner(mine))
        compare([TaskManager.paused, TaskManager.isOwnerPaused(mine)], [false, true])
        verify(TaskManager.pauseAll("on battery"))
        verify(!TaskManager.pauseAll())
        verify(TaskManager.paused)
        const id = TaskManager.runInThread("echo", [1], owned)
        const reason = () => TaskManager.taskInfo(id).pauseReason
        compare(TaskManager.taskStatus(id), TaskManager.Paused)
        compare(reason(), "full")
        // The application's key is another.
        verify(!TaskManager.resumeKey("disk"))
        verify(TaskManager.resumeKey("disk", mine))
        compare(reason(), "hidden")
        verify(TaskManager.resumeOwner(mine))
        compare(reason(), "on battery")
        compare(TaskManager.taskStatus(id), TaskManager.Paused)
        verify(TaskManager.resumeAll())
        verify(!TaskManager.resumeAll())
        waitForEnd(id)
        compare(eventsOf(id), [["taskStarted"], ["taskCompleted", 1]])
        verify(changes.count > 0)
        // A key of the application's; and its name alone.
        verify(TaskManager.pauseKey("disk"))
        const other = TaskManager.runInThread("echo", [2], { key: "disk" })
        compare(TaskManager.taskStatus(other), TaskManager.Paused)
        verify(TaskManager.resumeKey("disk"))
        waitForEnd(other)
        // With an owner its pauses end.
        verify(TaskManager.pauseOwner(mine))
        const last = TaskManager.runInThread("echo", [3], owned)
        mine.destroy()
        waitForEnd(last)
        compare(namesOf(last), "taskCancelled")
    }

    function test_b332_what_is_wrong_is_said_and_changes_nothing() {
        for (const bad of [null, 5, "page"]) {
            refused(() => TaskManager.pauseOwner(bad), "the owner is no object")
            refused(() => TaskManager.resumeOwner(bad), "the owner is no object")
            refused(() => TaskManager.isOwnerPaused(bad), "the owner is no object")
            refused(() => TaskManager.pauseKey("disk", "full", bad), "the owner is no object")
            refused(() => TaskManager.resumeKey("disk", bad), "the owner is no object")
        }
        const id = TaskManager.runLater(3600000, "echo", [1])
        // The owner in the place of the reason.
        refused(() => TaskManager.pauseKey("disk", pauseCase), "reason")
        for (const bad of [5, true, {}, []]) {
            refused(() => TaskManager.pauseTask(id, bad), "reason is ")
            refused(() => TaskManager.pauseAll(bad), "reason is ")
            refused(() => TaskManager.pauseOwner(pauseCase, bad), "reason is ")
        }
        compare([TaskManager.taskStatus(id), TaskManager.paused, TaskManager.isOwnerPaused(pauseCase)],
                [TaskManager.Delayed, false, false])
        verify(!TaskManager.resumeKey("disk"))
        verify(!TaskManager.resumeOwner(pauseCase))
    }

    // ---- by a Task, and by what shows one ----------------------------------------------------------

    function test_b333_a_task_pauses_and_goes_on() {
        const task = make({ options: { pausable: true } })
        compare([task.paused, task.pauseReason, task.pause("early"), task.resume()], [false, "", TaskManager.UnknownTask, false])
        verify(task.start())
        const shown = TaskManager.task(task.taskId)
        tryCompare(task, "starts", 1)
        verify(task.pause("on battery") !== TaskManager.PauseNotPossible)
        tryCompare(task, "paused", true)
        compare([task.status, task.running, task.pauseReason], [TaskManager.Paused, true, "on battery"])
        compare([shown.paused, shown.pauseReason], [true, "on battery"])
        verify(!task.start(), "it runs")
        verify(shown.resume())
        tryCompare(task, "paused", false)
        compare([task.status, shown.paused, task.pauseReason], [TaskManager.Running, false, ""])
        task.pause()
        tryCompare(task, "paused", true)
        task.running = false
        tryCompare(task, "running", false)
        compare(log, [["started", TaskManager.Running], ["paused", "on battery", true, "on battery"], ["resumed", false],
                      ["paused", "", true, ""], ["cancelled", "User", false]])
    }

    function test_b333_it_shows_that_its_owner_its_key_or_all_are_paused() {
        const mine = createTemporaryObject(pages, pauseCase)
        const task = make({ owner: mine, key: "disk", delayMs: 3600000 })
        task.start()
        let told = 0
        task.pausedChanged.connect(() => ++told)
        const pauses = [[() => TaskManager.pauseOwner(mine, "hidden"), () => TaskManager.resumeOwner(mine), "hidden"],
                        [() => TaskManager.pauseKey("disk", "full", mine), () => TaskManager.resumeKey("disk", mine), "full"],
                        [() => TaskManager.pauseAll("on battery"), () => TaskManager.resumeAll(), "on battery"]]
        for (const [pause, resume, reason] of pauses) {
            verify(pause())
            tryCompare(task, "paused", true)
            compare([task.status, task.pauseReason, task.running], [TaskManager.Paused, reason, true])
            verify(resume())
            tryCompare(task, "paused", false)
            compare([task.status, task.pauseReason], [TaskManager.Delayed, ""])
        }
        compare(told, 6)
        // Two of them: the nearest is told, and then the other.
        TaskManager.pauseAll("on battery")
        tryCompare(task, "pauseReason", "on battery")
        TaskManager.pauseOwner(mine, "hidden")
        tryCompare(task, "pauseReason", "hidden")
        TaskManager.resumeOwner(mine)
        tryCompare(task, "pauseReason", "on battery")
        // What comes is paused from the start.
        const other = make({ owner: mine, job: "echo", args: [1] })
        other.start()
        compare([other.status, other.paused, other.pauseReason], [TaskManager.Paused, true, "on battery"])
        TaskManager.resumeAll()
        tryCompare(other, "status", TaskManager.Completed)
        compare(log.filter(line => line[0] !== "started"), [], "nothing was told of a task")
        // It was Queued until it was told to have begun, and not before that.
        compare(log, [["started", TaskManager.Running]])
    }

    Component {
        id: groups

        TaskGroup {
            id: group

            property var journal: null

            onTaskPaused: reason => journal.log.push(["group paused", reason])
            onTaskResumed: journal.log.push(["group resumed"])

            Task {
                job: "obey"
                options: ({ pausable: true })
            }

            Task {
                job: "echo"
                args: [1]
                delayMs: 3600000
            }

            ExternalTask {
                delayMs: 3600000
            }
        }
    }

    function test_b333_a_group_and_what_stands_in_it() {
        const group = createTemporaryObject(groups, pauseCase, { journal: pauseCase })
        verify(group.start())
        const members = [0, 1, 2].map(at => group.tasks[at])
        tryCompare(members[0], "status", TaskManager.Running)
        compare(group.pause("on battery"), TaskManager.Paused)
        for (const member of [group, ...members]) {
            tryCompare(member, "paused", true)
            compare(member.pauseReason, "on battery")
        }
        // One by itself, too: both have to be taken back.
        compare(members[1].pause("by itself"), TaskManager.Paused)
        verify(group.resume())
        tryCompare(members[0], "status", TaskManager.Running)
        tryCompare(members[2], "paused", false)
        compare(members[1].paused, true)
        verify(members[1].resume())
        tryCompare(members[1], "paused", false)
        compare(log, [["group paused", "on battery"], ["group resumed"]])
        group.cancel()
        tryCompare(group, "running", false)
    }

    Component {
        id: outside

        ExternalTask {
            id: work

            property var journal: null

            onStarted: journal.log.push("begin")
            onTaskPaused: reason => journal.log.push("paused " + reason)
            onTaskResumed: journal.log.push("resumed")
        }
    }

    function test_b333_external_work_begins_later_and_cannot_stop() {
        const work = createTemporaryObject(outside, pauseCase, { journal: pauseCase, key: "host" })
        // Its owner is the object that it stands in, and so is its key's.
        TaskManager.pauseKey("host", "", pauseCase)
        work.start()
        compare(work.paused, true)
        compare(work.pause("offline"), TaskManager.Paused)
        TaskManager.resumeKey("host", pauseCase)
        tryCompare(work, "pauseReason", "offline")
        flush()
        compare(log, ["paused offline"])
        verify(work.resume())
        tryCompare(work, "status", TaskManager.Running)
        compare(work.pause(), TaskManager.PauseNotPossible)
        verify(work.complete(1))
        tryCompare(work, "status", TaskManager.Completed)
        compare(log, ["paused offline", "resumed", "begin"])
    }

    function test_b333_a_periodic_task_rests_after_its_run() {
        const task = make({ job: "hold", args: ["run"], intervalMs: 1 })
        task.start()
        waitFor(() => Rig.holds("run"), "its run")
        compare(task.pause("later"), TaskManager.PauseRequested)
        Rig.release("run")
        tryCompare(task, "paused", true)
        compare([task.result, task.pauseReason], ["run", "later"])
        flush()
        verify(!Rig.holds("run"))
        verify(task.resume())
        waitFor(() => Rig.holds("run"), "its next run")
        tryCompare(task, "paused", false)
        task.cancel()
        Rig.release("run")
        tryCompare(task, "running", false)
    }

    function test_b333_progress_that_is_told_late_does_not_hide_a_pause() {
        const task = make({ job: "primes", args: [1e9], options: { pausable: true } })
        task.start()
        for (let round = 0; round < 50; ++round) {
            const before = task.progress
            waitFor(() => task.progress > before, "a report")
            task.pause("on battery")
            tryCompare(task, "paused", true)
            // It reports at most once a frame: the last report may come now.
            waitFor(() => task.progress === TaskManager.taskInfo(task.taskId).progress, "the last report")
            compare([task.paused, task.pauseReason], [true, "on battery"])
            task.resume()
        }
        task.cancel()
        tryCompare(task, "running", false)
    }

    // ---- as its users do ---------------------------------------------------------------------------

    Component {
        id: exporters

        // A page of ten lines.
        Item {
            property alias task: exported

            Task {
                id: exported
                job: "obey"
                options: ({ pausable: true })
                running: true
            }

            Text {
                id: label
                text: exported.paused ? "Paused: " + exported.pauseReason : exported.running ? "Running" : "Ended"
            }

            MouseArea {
                anchors.fill: label
                onClicked: exported.paused ? exported.resume() : exported.pause("by you")
            }
        }
    }

    function test_b334_three_thousand_pauses_in_a_row() {
        const page = createTemporaryObject(exporters, pauseCase)
        const waits = make({ delayMs: 3600000 })
        waits.start()
        let told = 0
        page.task.taskPaused.connect(() => ++told)
        page.task.taskResumed.connect(() => ++told)
        tryCompare(page.task, "status", TaskManager.Running)
        for (let round = 0; round < 3000; ++round) {
            verify(page.task.pause("round " + round) !== TaskManager.PauseNotPossible)
            compare(waits.pause("round " + round), TaskManager.Paused)
            if (round % 2 === 0)
                TaskManager.pauseAll("round " + round)
            if (round % 10 === 0)
                Rig.processEvents()
            TaskManager.resumeAll()
            verify(waits.resume())
            verify(page.task.resume())
        }
        flush()
        tryCompare(page.task, "status", TaskManager.Running)
        tryCompare(waits, "status", TaskManager.Delayed)
        compare([page.task.paused, waits.paused, page.task.pauseReason], [false, false, ""])
        compare(told % 2, 0, "each pause that was told was told to be over")
        compare(log.filter(line => line[0] === "paused").length, log.filter(line => line[0] === "resumed").length)
        // Gone in the middle, while it is paused.
        const id = page.task.taskId
        page.task.pause("for good")
        tryCompare(page.task, "paused", true)
        page.destroy()
        waitForEnd(id)
        compare(TaskManager.taskInfo(id).cancelReason, "OwnerGone")
    }

    function test_b334_a_slot_destroys_what_is_told() {
        const task = tasks.createObject(pauseCase, { journal: pauseCase, delayMs: 3600000 })
        const id = start(task)
        const other = TaskManager.task(id)
        task.pausedChanged.connect(() => task.destroy())
        TaskManager.pauseAll()
        waitForEnd(id)
        TaskManager.resumeAll()
        flush()
        compare([TaskManager.taskStatus(id), other.status, other.paused], [TaskManager.Cancelled, TaskManager.Cancelled, false])
    }

    function start(task) {
        task.start()
        return task.taskId
    }
}
