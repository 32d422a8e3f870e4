pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls
import Legwork
import LegworkTests

// TaskStats.
Case {
    id: testCase

    property var changes: []

    function cleanup() {
        endAll()
        TaskManager.collectStats(false)
        TaskManager.resetStats()
        changes = []
    }

    function make(properties) {
        return createTemporaryObject(elements, testCase, properties ?? {})
    }

    function cell(stats, row, role) {
        const roles = { name: 1, runs: 2, waiting: 3, running: 4, delivery: 5 }
        return stats.data(stats.index(row, 0), Qt.UserRole + roles[role])
    }

    function names(stats) {
        return Array.from({ length: stats.count }, (_, row) => cell(stats, row, "name"))
    }

    function test_b387_figuresAreTakenWhileAnElementIsActive() {
        verify(!TaskManager.collectsStats())
        const idle = make({ active: false })
        verify(!TaskManager.collectsStats())
        compare([idle.count, idle.since, idle.interval, idle.by], [0, null, 1000, TaskStats.Jobs])
        const one = make()
        const other = make({ ticking: false })
        verify(TaskManager.collectsStats())
        one.active = false
        verify(TaskManager.collectsStats(), "for the other one")
        one.active = true
        Rig.destroyNow(other)
        verify(TaskManager.collectsStats(), "for this one")
        Rig.destroyNow(one)
        verify(!TaskManager.collectsStats())
    }

    function test_b387_whatTheApplicationWantsIsItsOwn() {
        TaskManager.collectStats(true)
        const one = make()
        Rig.destroyNow(one)
        verify(TaskManager.collectsStats(), "the application goes on")
        const other = make()
        TaskManager.collectStats(false)
        verify(TaskManager.collectsStats(), "the element goes on")
        other.active = false
        verify(!TaskManager.collectsStats())
        other.active = true
        TaskManager.collectStats(true)
        other.active = false
        verify(TaskManager.collectsStats())
    }

    function test_b388_rowsAreRenewedWhereTheyAre() {
        const stats = make({ ticking: false })
        run("echo", [1])
        flush()
        stats.refresh()
        compare(changes, ["insert 0"])
        compare([names(stats), cell(stats, 0, "runs")], [["echo"], 2])
        compare(stats.data(stats.index(0, 0)), "echo")
        const running = cell(stats, 0, "running")
        compare([running.count, running.p50Ms <= running.p95Ms, running.p95Ms <= running.maxMs, running.maxMs > 0],
                [2, true, true, true])
        compare([cell(stats, 0, "waiting").count, cell(stats, 0, "delivery").count > 0], [2, true])
        verify(Math.abs(stats.since - new Date()) < 60000, stats.since)

        changes = []
        stats.refresh()
        compare(changes, [], "nothing is new")
        const held = hold("a", { name: "A task that holds" })
        run("echo", [1])
        stats.refresh()
        compare(changes, ["change 0", "insert 1"])
        compare([names(stats), cell(stats, 1, "runs"), cell(stats, 1, "waiting").count], [["echo", "hold"], 0, 1])

        // It has run for longer than all that has run meanwhile.
        changes = []
        Rig.release("a")
        waitForEnd(held)
        stats.refresh()
        compare([names(stats)[0], changes.includes("reset")], ["hold", false])
        compare(changes.filter(change => change.startsWith("move")), ["move 1 to 0"])

        changes = []
        stats.reset()
        compare([changes, stats.count], [["remove 0 to 1"], 0])
        flush()
        stats.refresh()
        compare(names(stats), ["echo"])
    }

    function test_b388_byLaneAndByOwner() {
        const stats = make({ ticking: false, by: TaskStats.Lanes })
        compare(names(stats), ["High", "Normal", "Low"])
        run("echo", [1], { priority: TaskManager.High })
        stats.refresh()
        compare([0, 1, 2].map(row => cell(stats, row, "runs")), [1, 0, 0])
        changes = []
        stats.by = TaskStats.Owners
        compare([names(stats), cell(stats, 0, "runs")], [[""], 1])
        verify(!changes.includes("reset"))
        stats.active = false
        stats.by = TaskStats.Jobs
        compare(names(stats), ["echo"], "also where it is not active")
    }

    function test_b389_nothingIsReadWhereNobodyLooks() {
        const still = make({ ticking: false, interval: 100 })
        const off = make({ active: false, interval: 100 })
        // This one tells that their time has come more than once.
        const clock = createTemporaryObject(elements, testCase, { interval: 100 })
        for (let at = 1; at <= 3; ++at) {
            run("count", [])
            waitFor(() => clock.count > 0 && cell(clock, 0, "runs") === at, "the figures are read")
        }
        compare([still.count, off.count], [0, 0])
        still.ticking = true
        compare([still.count, off.count], [1, 0])
        clock.active = false
        still.active = false
        run("count", [])
        verify(!TaskManager.collectsStats())
        compare([cell(clock, 0, "runs"), cell(still, 0, "runs")], [3, 3], "the rows stay")
        off.refresh()
        compare([off.count, cell(off, 0, "runs")], [1, 3])
    }

    function test_b389_whatIsNotPossibleIsLogged() {
        const stats = make({ active: false })
        for (const bad of [99, 86400001, -1]) {
            ignoreWarning(new RegExp("interval is " + bad + "; expected from 100 to 86400000 ms"))
            stats.interval = bad
            compare(stats.interval, 1000)
        }
        ignoreWarning(/by is 7; expected TaskStats.Jobs, TaskStats.Lanes or TaskStats.Owners/)
        stats.by = 7
        compare(stats.by, TaskStats.Jobs)
        stats.interval = 86400000
        compare(stats.interval, 86400000)
    }

    function test_b389_itGoesWhileFiguresArrive() {
        const doomed = make({ interval: 100 })
        const slot = () => Rig.destroyNow(doomed)
        doomed.rowsInserted.connect(slot)
        const clock = createTemporaryObject(elements, testCase, { interval: 100 })
        run("count", [])
        run("echo", [1])
        waitFor(() => clock.count === 2, "the other one has them")
        verify(!isThere(doomed))
        // What a slot asks for while rows come is done later.
        let again = 0
        clock.dataChanged.connect(() => {
            if (++again === 1)
                clock.reset()
        })
        run("count", [])
        waitFor(() => again > 0 && clock.count === 0, "the reset is seen")
    }

    function isThere(object) {
        try {
            return object.count >= 0
        } catch (error) {
            return false
        }
    }

    // The guide's.
    function test_b388_theGuidesOwn() {
        const guide = createTemporaryObject(guides, testCase)
        run("count", [])
        guide.model.refresh()
        tryVerify(() => guide.itemAtIndex(0) !== null)
        verify(guide.itemAtIndex(0).text.startsWith("count: 1 runs, 95 of 100 within "), guide.itemAtIndex(0).text)
    }

    name: "Stats"
    when: windowShown
    visible: true
    width: 460
    height: 420

    Component {
        id: elements

        TaskStats {
            onDataChanged: topLeft => testCase.changes.push("change " + topLeft.row)
            onRowsInserted: (parent, first) => testCase.changes.push("insert " + first)
            onRowsMoved: (parent, first, last, where, row) => testCase.changes.push("move " + first + " to " + row)
            onRowsRemoved: (parent, first, last) => testCase.changes.push("remove " + first + " to " + last)
            onModelReset: testCase.changes.push("reset")
        }
    }

    Component {
        id: guides

        //! [stats]
        ListView {
            id: view

            model: TaskStats { active: view.visible }
            delegate: Label {
                required property string name
                required property real runs
                required property var running

                text: name + ": " + runs + " runs, 95 of 100 within " + running.p95Ms.toFixed(1) + " ms"
                textFormat: Text.PlainText
            }
        }
        //! [stats]
    }
}
