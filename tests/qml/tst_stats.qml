pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls
import Legwork
import LegworkTests

// TaskStats, and what a TaskMonitor has for developers: the slowest jobs, and a trace.
Case {
    id: testCase

    property TaskMonitor monitor: null
    property var changes: []

    function cleanup() {
        endAll()
        if (TaskManager.tracePath() !== "")
            TaskManager.stopTrace()
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

    // A monitor as a developer has it, with its menu open.
    function openMenu(properties) {
        monitor = createTemporaryObject(monitors, testCase, Object.assign({ developer: true }, properties))
        waitForRendering(monitor)
        mouseClick(findChild(monitor, "developer"))
        const menu = findChild(monitor, "tools")
        tryVerify(() => menu.opened)
        return menu
    }

    // The page of the slowest jobs, as the menu opens it.
    function openPage() {
        const menu = openMenu()
        mouseClick(menu.itemAt(0))
        const page = findChild(monitor, "slowestPage")
        tryVerify(() => page.visible && !menu.visible)
        return page
    }

    function rowOf(page, name) {
        const list = findChild(page, "slowest")
        let found = null
        tryVerify(() => {
            list.forceLayout()
            found = list.itemAtIndex(names(page.stats).indexOf(name))
            return found !== null
        }, 5000, "the row of " + name)
        return found
    }

    function pasted() {
        paper.clear()
        paper.paste()
        return paper.text
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
        compare([running.count, running.p50Ms <= running.p95Ms, running.p95Ms <= running.maxMs, running.maxMs > 0,
                 running.totalMs >= running.maxMs, running.totalMs <= 2 * running.maxMs],
                [2, true, true, true, true, true])
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

    function test_b388_threeThousandTasks() {
        const page = openPage()
        const list = findChild(page, "slowest")
        const view = make({ interval: 100 })
        changes = []
        let ended = 0
        for (let at = 0; at < 3000; ++at)
            TaskManager.runInThread("echo", [at], { name: "Task " + at % 200, transient: true, onEnd: () => ++ended })
        waitFor(() => ended === 3000, "all of them end")
        waitFor(() => cell(view, 0, "runs") === 3000, "they are counted")
        verify(changes.includes("change 0") || changes.includes("insert 0"), changes)
        verify(!changes.some(change => /reset|remove/.test(change)), changes)
        page.stats.refresh()
        compare([page.stats.count, rowOf(page, "echo").runs], [1, 3000])
        verify(/^3,?000 runs, [\d.]+ m?s in all, median /.test(rowOf(page, "echo").Accessible.description))
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

    function test_b390_thePageOfTheSlowestJobs() {
        const page = openPage()
        const list = findChild(page, "slowest")
        tryVerify(() => list.activeFocus)
        verify(TaskManager.collectsStats())
        verify(!findChild(monitor, "list").visible)
        verify(findChild(page, "noFigures").visible)
        compare(findChild(page, "noFigures").text, "Nothing has run yet. While this page is open, each run is measured.")
        compare([page.Accessible.role, page.Accessible.name], [Accessible.Pane, "Slowest jobs"])

        run("count", [])
        run("fail", ["<b>no</b>"])
        page.stats.refresh()
        verify(!findChild(page, "noFigures").visible)
        const row = rowOf(page, "count")
        compare([row.Accessible.role, row.Accessible.name], [Accessible.ListItem, "count"])
        verify(/^1 run, .* ms in all, median .* ms, 95 of 100 within .* ms, the longest .* ms; waits, 95 of 100 within .* ms$/
               .test(row.Accessible.description), row.Accessible.description)
        compare([rowOf(page, "count").current || rowOf(page, "fail").current], [true])
        keyClick(Qt.Key_Down)
        compare([list.currentIndex, list.currentItem.current], [1, true])

        mouseClick(findChild(page, "resetStats"))
        compare([page.stats.count, findChild(page, "noFigures").visible], [0, true])

        list.forceActiveFocus()
        keyClick(Qt.Key_Escape)
        verify(!page.visible)
        verify(findChild(monitor, "list").activeFocus)
        verify(!TaskManager.collectsStats())
    }

    function test_b390_thePageIsUsedByKeys() {
        monitor = createTemporaryObject(monitors, testCase, { developer: true })
        const more = findChild(monitor, "developer")
        compare([more.Accessible.role, more.Accessible.name], [Accessible.ButtonMenu, "For developers"])
        more.forceActiveFocus(Qt.TabFocusReason)
        keyClick(Qt.Key_Space)
        const menu = findChild(monitor, "tools")
        tryVerify(() => menu.opened)
        for (let at = 0; at < 3 && menu.itemAt(menu.currentIndex)?.objectName !== "slowestJobs"; ++at)
            keyClick(Qt.Key_Down)
        keyClick(Qt.Key_Return)
        const page = findChild(monitor, "slowestPage")
        const list = findChild(page, "slowest")
        tryVerify(() => page.visible && !menu.visible && list.activeFocus)
        const reached = []
        for (let at = 0; at < 4; ++at) {
            keyClick(Qt.Key_Tab)
            reached.push(["back", "resetStats", "slowest"].find(name => findChild(page, name).activeFocus))
        }
        for (const name of ["back", "resetStats", "slowest"])
            verify(reached.includes(name), name + " is not reached: " + reached)
        findChild(page, "back").Accessible.pressAction()
        tryVerify(() => !page.visible && findChild(monitor, "list").activeFocus)
        // Long after the click.
        more.clickedAt = 0
        more.Accessible.pressAction()
        more.clicked() // as newer Qts do besides
        tryVerify(() => menu.opened)
        keyClick(Qt.Key_Escape)
        tryVerify(() => !menu.visible && more.activeFocus)
    }

    function test_b390_aPageMayGoWhileFiguresArrive() {
        const page = openPage()
        page.stats.interval = 100
        const view = make({ interval: 100 })
        page.stats.rowsInserted.connect(() => page.close())
        run("count", [])
        waitFor(() => !page.visible, "it is closed")
        compare(page.stats.count, 1)
        run("count", [])
        waitFor(() => cell(view, 0, "runs") === 2, "the other element reads on")
        compare(cell(page.stats, 0, "runs"), 1)
        Rig.destroyNow(monitor)
        view.active = false
        verify(!TaskManager.collectsStats())
    }

    function test_b390_inANarrowMonitorAllIsSeen() {
        monitor = createTemporaryObject(loose, testCase, { developer: true, width: 320, height: 300 })
        run("count", [])
        mouseClick(findChild(monitor, "developer"))
        const menu = findChild(monitor, "tools")
        tryVerify(() => menu.opened)
        mouseClick(menu.itemAt(0))
        const page = findChild(monitor, "slowestPage")
        tryVerify(() => page.visible)
        run("count", [])
        page.stats.refresh()
        waitForRendering(monitor)
        for (const name of ["back", "resetStats", "heads"]) {
            const item = findChild(page, name)
            const at = item.mapToItem(monitor, 0, 0)
            verify(at.x >= 0 && at.x + item.width <= 320, name + " ends at " + (at.x + item.width))
        }
    }

    function test_b391_theMenuIsForDevelopers() {
        monitor = createTemporaryObject(monitors, testCase)
        verify(!findChild(monitor, "developer").visible)
        verify(!findChild(monitor, "traceBar").visible)
        monitor.developer = true
        verify(findChild(monitor, "developer").visible)
        compare(TaskManager.tracePath(), "")
    }

    function test_b391_aTraceIsStartedAndStopped() {
        const menu = openMenu()
        const bar = findChild(monitor, "traceBar")
        const text = findChild(monitor, "traceText")
        compare([menu.itemAt(0).text, menu.itemAt(1).text, bar.visible], ["Slowest jobs", "Start trace", false])
        mouseClick(findChild(monitor, "developer"))
        tryVerify(() => !menu.visible)
        mouseClick(findChild(monitor, "developer"))
        tryVerify(() => menu.opened)
        mouseClick(menu.itemAt(1))
        const path = TaskManager.tracePath()
        verify(/\/[^/]+-\d{8}-\d{6}-\w{6}\.json$/.test(path), path)
        compare([text.text, findChild(monitor, "stopTrace").visible], ["A trace is written to\n" + path, true])
        tryVerify(() => !menu.visible)
        run("count", [])
        mouseClick(findChild(monitor, "developer"))
        tryVerify(() => menu.opened)
        compare(menu.itemAt(1).text, "Stop trace")
        mouseClick(menu.itemAt(1))
        compare(TaskManager.tracePath(), "")
        verify(/^The trace has [1-9][\d,]* events:\n\//.test(text.text), text.text)
        verify(text.text.endsWith(path), text.text)
        tryVerify(() => !menu.visible)
        mouseClick(findChild(monitor, "copyPath"))
        compare([pasted(), findChild(monitor, "copyPath").text], [path, "Copied"])
        mouseClick(findChild(monitor, "closeTrace"))
        verify(!bar.visible)
        verify(Rig.removeFile(path), "the trace was a file")
    }

    function test_b391_aTraceOfTheApplicationIsStoppedHere() {
        verify(TaskManager.startTrace())
        const path = TaskManager.tracePath()
        monitor = createTemporaryObject(monitors, testCase, { developer: true })
        compare(findChild(monitor, "traceText").text, "A trace is written to\n" + path)
        waitForRendering(monitor)
        findChild(monitor, "stopTrace").Accessible.pressAction()
        compare(TaskManager.tracePath(), "")
        verify(findChild(monitor, "copyPath").visible)
        // And one that has ended behind its back is told so.
        verify(TaskManager.startTrace(path))
        findChild(monitor, "traceBar").check()
        verify(findChild(monitor, "stopTrace").visible)
        TaskManager.stopTrace()
        mouseClick(findChild(monitor, "stopTrace"))
        verify(findChild(monitor, "traceText").text.startsWith("The trace has ended: "), findChild(monitor, "traceText").text)
        verify(!findChild(monitor, "stopTrace").visible)
        verify(Rig.removeFile(path))
    }

    function test_b391_oneThatCannotBeWrittenSaysWhy() {
        const menu = openMenu({ traceFile: "/no/such/folder/trace.json" })
        mouseClick(menu.itemAt(1))
        const text = findChild(monitor, "traceText")
        verify(/^No trace is written: .*\/no\/such\/folder\/trace\.json/.test(text.text), text.text)
        compare([TaskManager.tracePath(), findChild(monitor, "stopTrace").visible, findChild(monitor, "copyPath").visible], ["", false, false])
        compare([text.textFormat, text.Accessible.role], [Text.PlainText, Accessible.StaticText])
    }

    // The guide's.
    function test_b388_theGuidesOwn() {
        const guide = createTemporaryObject(guides, testCase, { width: 400, height: 200 })
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

    TextEdit {
        id: paper
        visible: false
        textFormat: TextEdit.PlainText
    }

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
        id: monitors

        TaskMonitor {
            anchors.fill: parent
        }
    }

    Component {
        id: loose

        TaskMonitor {}
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
