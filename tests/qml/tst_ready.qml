import QtQuick
import Legwork
import LegworkTests

// TaskMonitor, TaskIndicator and TaskQuitDialog with the models that they bring, over the service.
Case {
    id: testCase

    function row(monitor, at) {
        const list = findChild(monitor, "list")
        let found = null
        tryVerify(() => {
            list.forceLayout()
            found = list.itemAtIndex(at)
            return found !== null
        })
        return found
    }

    // What failed before is shown, too; here that is other tests' tasks.
    function fresh(component, values) {
        const object = createTemporaryObject(component, testCase, values ?? {})
        object.model.clearFinished()
        return object
    }

    function test_aTaskFromStartToEnd() {
        const monitor = fresh(monitors)
        compare(monitor.summary(), "Nothing is running")
        const id = TaskManager.runInThread("progress", [[[0.5, "half"], [0.6, "more"]], "steps"], { name: "Hash" })
        waitFor(() => Rig.holds("steps"), "a held worker")
        tryVerify(() => monitor.summary() === "1 running")
        const shown = row(monitor, 0)
        compare(shown.taskId, id)
        compare(shown.name, "Hash")
        tryCompare(shown, "detail", "half")
        compare(shown.progress, 0.5)
        shown.remove()
        tryCompare(shown, "detail", "Cancelling…")
        Rig.release("steps")
        Rig.release("steps")
        waitForEnd(id)
        tryCompare(findChild(monitor, "list"), "count", 0)
    }

    function test_b207_theMenuRunsAndRanksTasks() {
        TaskManager.maxWorkers = 1
        const monitor = fresh(monitors)
        monitor.model.showDelayed = true
        hold("gate")
        const later = TaskManager.runLater(3600000, "echo", [1], { name: "later" })
        const list = findChild(monitor, "list")
        tryCompare(list, "count", 2)
        const menu = findChild(monitor, "menu")
        const item = (of, name) => {
            for (let at = 0; at < of.count; ++at) {
                if (of.itemAt(at).objectName === name || of.itemAt(at).subMenu?.objectName === name)
                    return of.itemAt(at)
            }
            fail("no item " + name)
        }
        menu.show(row(monitor, 1), 5, 5)
        tryVerify(() => menu.opened)
        item(item(menu, "priorities").subMenu, "low").triggered()
        compare(TaskManager.taskInfo(later).priority, TaskManager.Low)
        item(menu, "runNow").triggered()
        compare(TaskManager.taskStatus(later), TaskManager.Queued)
        menu.close()
        Rig.release("gate")
        waitForEnd(later)
    }

    function test_b239_aFailureIsRetried() {
        const monitor = fresh(monitors)
        const list = findChild(monitor, "list")
        const id = TaskManager.runInThread("online", ["net"], { name: "Load" })
        waitForEnd(id)
        let shown = row(monitor, 0)
        tryVerify(() => shown.failed && shown.canRetry)
        const retry = findChild(shown, "retry")
        verify(retry.visible)
        compare(retry.Accessible.name, "Retry Load")
        // It fails once more: the old failure goes, and the new one is there.
        retry.Accessible.pressAction()
        tryVerify(() => eventsOf(id).some(event => event[0] === "taskRetried"))
        const second = eventsOf(id).find(event => event[0] === "taskRetried")[1]
        waitForEnd(second)
        tryVerify(() => list.count === 1 && row(monitor, 0).taskId === second && row(monitor, 0).failed)
        Rig.release("net")
        mouseClick(findChild(row(monitor, 0), "retry"))
        tryVerify(() => eventsOf(second).some(event => event[0] === "taskRetried"))
        const third = eventsOf(second).find(event => event[0] === "taskRetried")[1]
        waitForEnd(third)
        tryCompare(list, "count", 0)
        compare(TaskManager.taskInfo(third).result, "net")
    }

    function test_aFailureStays() {
        const monitor = fresh(monitors)
        const id = TaskManager.runInThread("fail", ["refused"], { name: "Upload" })
        waitForEnd(id)
        const shown = row(monitor, 0)
        tryVerify(() => shown.failed)
        compare(shown.detail, TaskManager.taskInfo(id).error.message)
        shown.copy()
        paper.clear()
        paper.paste()
        verify(paper.text.startsWith("Upload failed: "), paper.text)
        verify(/\nKind: /.test(paper.text) && /\nOrigin: /.test(paper.text), paper.text)
        shown.remove()
        tryCompare(findChild(monitor, "list"), "count", 0)
        tryVerify(() => monitor.summary() === "Nothing is running")
    }

    // The pointer rests on the cross of "second", when "first" ends and its row goes.
    function test_b150_nothingMovesUnderThePointer() {
        const monitor = fresh(monitors)
        monitor.model.lingerMs = 50
        const list = findChild(monitor, "list")
        const ids = ["first", "second", "third"].map(name => hold(name, { name: name }))
        tryCompare(list, "count", 3)
        const second = row(monitor, 1)
        const at = second.mapToItem(monitor, second.width - 18, second.height / 2)
        mouseMove(monitor, at.x, at.y)
        tryCompare(monitor.model, "hold", true)
        Rig.release("first")
        tryVerify(() => row(monitor, 0).status === TaskManager.Completed)
        wait(200)
        compare(list.count, 3)
        mouseClick(monitor, at.x, at.y)
        tryVerify(() => second.cancelRequested)
        mouseMove(monitor, 2, 2)
        tryCompare(list, "count", 2)
        compare(row(monitor, 1).cancelRequested, false)
        for (const name of ["second", "third"])
            Rig.release(name)
        ids.forEach(waitForEnd)
    }

    function test_b153_shortTasksInAChainAreNeverNothing() {
        const monitor = fresh(monitors)
        let left = 200
        const next = () => {
            if (left-- > 0)
                TaskManager.runInThread("echo", [left], { onComplete: next })
        }
        next()
        tryVerify(() => monitor.summary() !== "Nothing is running")
        waitFor(() => {
            verify(left < 0 || monitor.summary() !== "Nothing is running")
            return left < 0
        }, "the last")
        tryVerify(() => monitor.summary() === "Nothing is running")
    }

    function test_onlyOfAnOwner() {
        const monitor = fresh(monitors, { owner: "plugin" })
        const other = hold("other")
        const own = hold("own", { owner: plugin })
        tryCompare(findChild(monitor, "list"), "count", 1)
        compare(row(monitor, 0).taskId, own)
        tryVerify(() => monitor.summary() === "1 running")
        Rig.release("other")
        Rig.release("own")
        waitForEnd(other)
        waitForEnd(own)
    }

    function test_indicator() {
        const indicator = fresh(indicators)
        // It would stay under the pointer.
        mouseMove(testCase, testCase.width - 2, testCase.height - 2)
        verify(!indicator.visible)
        const id = hold("it", { name: "Hash" })
        tryVerify(() => indicator.visible)
        tryCompare(indicator, "text", "Hash")
        indicator.open()
        tryCompare(indicator, "opened", true)
        indicator.close()
        Rig.release("it")
        waitForEnd(id)
        tryVerify(() => !indicator.visible)
    }

    function test_quitDialogLetsGoIfNothingRuns() {
        const dialog = createTemporaryObject(dialogs, testCase)
        const close = { accepted: true }
        dialog.confirm(close)
        verify(close.accepted)
        const id = hold("it")
        tryCompare(dialog, "active", 1)
        dialog.confirm(close)
        verify(!close.accepted)
        tryCompare(dialog, "opened", true)
        dialog.reject()
        tryCompare(dialog, "visible", false)
        Rig.release("it")
        waitForEnd(id)
    }

    // What an engine's end frees is there for the next.
    function test_otherEnginesHaveThem() {
        for (let round = 0; round < 3; ++round) {
            compare(Rig.openEngine("import Legwork\nTaskMonitor { TaskIndicator { id: indicator } property bool quiet: !indicator.busy }"), "")
            compare(Rig.evaluateThere("quiet && model.filter === TaskModel.Active"), "true")
            Rig.closeEngine()
        }
    }

    name: "Ready"
    when: windowShown
    visible: true
    width: 460
    height: 420

    QtObject {
        id: plugin
        objectName: "plugin"
    }

    TextEdit {
        id: paper
        visible: false
        textFormat: TextEdit.PlainText
    }

    Component {
        id: monitors

        TaskMonitor {
            anchors.fill: parent
        }
    }

    Component {
        id: indicators

        TaskIndicator {
            delayMs: 0
            stayMs: 50
        }
    }

    Component {
        id: dialogs
        TaskQuitDialog {}
    }
}
