pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls
import Legwork

// TaskMonitor, over a model that the tests make up.
Case {
    id: testCase

    property StandInModel model
    property TaskMonitor monitor
    property ListView list
    property var opened: []

    function init() {
        begin()
        model = createTemporaryObject(models, testCase)
        monitor = createTemporaryObject(monitors, testCase, { model: model })
        list = findChild(monitor, "list")
        leave()
    }

    // The pointer is over nothing that could be pressed.
    function leave() {
        mouseMove(monitor, 2, 2)
    }

    function summarizes(text) {
        tryVerify(() => monitor.summary() === text, 5000, "the summary " + text)
    }

    // Above all popups.
    function everything() {
        let item = testCase
        while (item.parent)
            item = item.parent
        return item
    }

    // The tasks are none of the service's.
    function cleanup() {
    }

    function running(values) {
        return model.add(Object.assign({ status: TaskManager.Running }, values))
    }

    function failure(values) {
        return model.add(Object.assign({ status: TaskManager.Failed, name: "Upload", error: "refused" }, values))
    }

    // The row of a task, once there is one.
    function row(id) {
        let found = null
        tryVerify(() => {
            list.forceLayout()
            found = list.itemAtIndex(model.where(id))
            return found !== null
        }, 5000, "the row of " + id)
        return found
    }

    function button(parent, text) {
        let found = null
        const look = item => {
            if (item.visible && item.autoExclusive !== undefined && (item.text === text || item.label === text))
                found = item
            for (let at = 0; at < item.children.length; ++at)
                look(item.children[at])
        }
        look(parent)
        verify(found, "a button " + text)
        return found
    }

    function pasted() {
        paper.clear()
        paper.paste()
        return paper.text
    }

    function test_summary() {
        compare(monitor.summary(), "Nothing is running")
        running()
        model.add({})
        model.add({})
        summarizes("1 running, 2 waiting")
        failure()
        summarizes("1 running, 2 waiting, 1 failed")
    }

    function test_anEmptyListSaysSo() {
        const empty = findChild(monitor, "empty")
        verify(empty.visible)
        compare(empty.text, "Tasks are shown here while they run.")
        model.filter = 99
        compare(empty.text, "No task has failed.")
        model.filter = 96
        compare(empty.text, "There are no tasks yet.")
        running()
        tryCompare(empty, "visible", false)
    }

    function test_theBarOfAllIsBusyUntilProgressIsKnown() {
        const total = findChild(monitor, "total")
        verify(!total.busy)
        compare(total.value, 0)
        running()
        verify(total.busy)
        model.progress = 0.5
        verify(!total.busy)
        tryCompare(total, "value", 0.5)
    }

    function test_detail_data() {
        return [
            { tag: "waiting", task: {}, detail: "Waiting" },
            { tag: "message", task: { status: TaskManager.Running, message: "page 3" }, detail: "page 3" },
            { tag: "nothing to say", task: { status: TaskManager.Running }, detail: "" },
            { tag: "periodic", task: { status: TaskManager.Running, periodic: true, iteration: 3 }, detail: "Run 3" },
            { tag: "periodic, message", task: { status: TaskManager.Running, periodic: true, iteration: 3, message: "b" }, detail: "Run 3: b" },
            { tag: "cancelling", task: { status: TaskManager.Running, cancelRequested: true, message: "b" }, detail: "Cancelling…" },
            { tag: "delayed", task: { status: TaskManager.Delayed }, detail: "Scheduled" },
            { tag: "starts", task: { status: TaskManager.Delayed, due: new Date(0), dueIn: 180000 }, detail: "Starts in 3 min" },
            { tag: "between runs", task: { status: TaskManager.Delayed, periodic: true, iteration: 2, due: new Date(0), dueIn: 20000 },
              detail: "Run 3 starts in 20 s" },
            { tag: "held back", task: { status: TaskManager.Delayed, periodic: true, iteration: 2 }, detail: "Waits after run 2" },
            { tag: "due before", task: { status: TaskManager.Queued, due: null, dueIn: 0 }, detail: "Waiting" },
            { tag: "completed", task: { status: TaskManager.Completed, elapsed: 75400 }, detail: "Finished after 1 min 15 s" },
            { tag: "completed at once", task: { status: TaskManager.Completed, elapsed: 10 }, detail: "Finished" },
            { tag: "cancelled", task: { status: TaskManager.Cancelled, cancelRequested: true }, detail: "Cancelled" },
            { tag: "failed", task: { status: TaskManager.Failed, error: "refused" }, detail: "refused" },
            { tag: "timed out", task: { status: TaskManager.TimedOut, error: "too long" }, detail: "too long" },
            { tag: "abandoned", task: { status: TaskManager.Abandoned, error: "left" }, detail: "left" }
        ]
    }

    function test_detail(data) {
        model.filter = 96
        compare(row(model.add(data.task)).detail, data.detail)
    }

    function test_start_data() {
        const minute = 60000
        const hour = 60 * minute
        return [
            { ms: 0, text: "a few seconds" }, { ms: 7600, text: "10 s" }, { ms: 24999, text: "20 s" }, { ms: 54999, text: "50 s" },
            { ms: 55000, text: "1 min" }, { ms: 89999, text: "1 min" }, { ms: 90000, text: "2 min" },
            { ms: 54 * minute, text: "54 min" }, { ms: 55 * minute, text: "1 h" }, { ms: 74 * minute, text: "1 h 10 min" },
            { ms: 47 * hour, text: "47 h" }, { ms: 48 * hour, text: "2 days" }, { ms: 60 * hour, text: "3 days" },
            { ms: 500 * 24 * hour, text: "500 days" }
        ]
    }

    function test_start(data) {
        model.filter = 96
        const shown = row(model.add({ status: TaskManager.Delayed, due: new Date(0), dueIn: data.ms }))
        compare(shown.detail, "Starts in " + data.text)
        compare(shown.Accessible.description, shown.detail)
    }

    function test_startComesNearer() {
        model.filter = 96
        const id = model.add({ status: TaskManager.Delayed, due: new Date(0), dueIn: 120000 })
        const shown = row(id)
        compare(shown.detail, "Starts in 2 min")
        model.change(id, { dueIn: 60000 })
        compare(shown.detail, "Starts in 1 min")
        model.change(id, { status: TaskManager.Queued, due: null, dueIn: 0 })
        compare(shown.detail, "Waiting")
    }

    function test_elapsed_data() {
        return [
            { ms: 0, text: "0 s" }, { ms: 59999, text: "59 s" }, { ms: 60000, text: "1 min 0 s" },
            { ms: 3599000, text: "59 min 59 s" }, { ms: 3600000, text: "1 h 0 min" }, { ms: 90061000, text: "25 h 1 min" }
        ]
    }

    function test_elapsed(data) {
        compare(row(running()).duration(data.ms), data.text)
    }

    function test_remainingTimeWaitsForSecondsAndPercents() {
        const id = running({ progress: 0.5, elapsed: 4000 })
        const shown = row(id)
        compare(shown.remaining, "")
        model.change(id, { elapsed: 6000 })
        compare(shown.remaining, "a few seconds left")
        const early = row(running({ progress: 0.02, elapsed: 60000 }))
        compare(early.remaining, "")
        compare(row(running({ progress: 0.1, elapsed: 3600000 })).remaining, "about 9 h left")
        compare(row(running({ progress: 0.5, elapsed: 180000 })).remaining, "about 3 min left")
        compare(row(running({ progress: 0.5, elapsed: 180000, periodic: true, iteration: 1 })).remaining, "")
    }

    // Progress that comes in bursts; the text may only go down, and not often.
    function test_remainingTimeDoesNotJitter() {
        model.lingerMs = 1000
        const id = running({ progress: 0.2, elapsed: 20000 })
        const shown = row(id)
        compare(shown.remaining, "about 1 min left")
        const texts = [shown.remaining]
        for (let second = 21; second <= 90; ++second) {
            const wave = second % 4 - 1.5
            model.change(id, { progress: (second + wave) / 100, elapsed: second * 1000 })
            if (shown.remaining !== texts[texts.length - 1])
                texts.push(shown.remaining)
        }
        compare(texts, texts.filter((text, at) => texts.indexOf(text) === at), "no text comes back")
        verify(texts.length <= 8, texts.join("; "))
        model.change(id, { status: TaskManager.Completed })
        compare(shown.remaining, "")
    }

    function test_cancelling() {
        const id = running({ name: "Hash" })
        const shown = row(id)
        mouseClick(button(shown, "Cancel Hash"))
        compare(model.calls, ["cancel " + id])
        compare(shown.detail, "Cancelling…")
        verify(!button(shown, "Cancel Hash").enabled)
        shown.remove()
        compare(model.calls.length, 1, "asked once")
    }

    function test_successesFadeAndGo() {
        model.lingerMs = 150
        const id = running()
        const shown = row(id)
        compare(shown.opacity, 1)
        model.change(id, { status: TaskManager.Completed, finished: new Date() })
        tryVerify(() => shown.opacity < 1)
        tryCompare(shown, "height", 0)
        model.leave(id)
        compare(list.count, 0)
    }

    function test_failuresStay() {
        model.lingerMs = 1
        const id = running()
        model.change(id, { status: TaskManager.Failed, error: "refused", finished: new Date(0) })
        const shown = row(id)
        verify(!shown.leaving)
        compare(shown.opacity, 1)
        mouseClick(button(shown, "Dismiss"))
        compare(model.calls, ["dismiss " + id])
        compare(list.count, 0)
    }

    function test_copy() {
        const shown = row(failure({ errorDetails: { kind: "TimedOut", message: "refused", origin: "src/upload.rs:7", attempt: 2,
                                                    reason: "", stack: "a\nb" } }))
        mouseClick(button(shown, "Copy"))
        compare(pasted(), "Upload failed: refused\nKind: TimedOut\nAttempt: 2\nOrigin: src/upload.rs:7\n\na\nb")
        button(shown, "Copied")
        tryCompare(shown, "copied", false)
        row(failure({ name: "Bare" })).copy()
        compare(pasted(), "Bare failed: refused")
    }

    function test_filter() {
        failure()
        running()
        const choose = filter => mouseClick(findChild(monitor, "filter" + filter))
        const chosen = () => [96, 97, 99].filter(filter => findChild(monitor, "filter" + filter).checked)
        compare(chosen(), [97])
        choose(99)
        compare(model.filter, 99)
        compare(chosen(), [99])
        compare(list.count, 1)
        choose(99)
        compare(chosen(), [99])
        choose(96)
        compare(model.filter, 96)
        model.filter = 97
        compare(chosen(), [97], "also from outside")
    }

    function test_clearFinished() {
        const clear = findChild(monitor, "clear")
        running()
        verify(!clear.enabled)
        failure()
        verify(clear.enabled)
        mouseClick(clear)
        compare(model.calls, ["clearFinished"])
        compare(list.count, 1)
        verify(!clear.enabled)
    }

    function test_cancelAllAsksOnce_data() {
        return [{ tag: "yes", text: "Cancel tasks", calls: ["cancelAll"] }, { tag: "no", text: "Keep them", calls: [] }]
    }

    function test_cancelAllAsksOnce(data) {
        const cancelAll = findChild(monitor, "cancelAll")
        verify(!cancelAll.enabled)
        running()
        model.add({})
        mouseClick(cancelAll)
        tryVerify(() => findChild(everything(), "question")?.visible)
        const question = findChild(everything(), "question")
        compare(question.text, "2 tasks will be cancelled.")
        compare(model.calls, [])
        mouseClick(button(everything(), data.text))
        compare(model.calls, data.calls)
        tryVerify(() => !question.visible)
    }

    function test_keys() {
        const first = running({ name: "First" })
        const second = failure({ name: "Second" })
        for (let at = 0; at < 40; ++at)
            model.add({})
        row(first)
        list.forceActiveFocus()
        verify(row(first).current)
        keyClick(Qt.Key_Down)
        verify(row(second).current)
        keySequence(StandardKey.Copy)
        compare(pasted(), "Second failed: refused")
        keyClick(Qt.Key_Delete)
        compare(model.calls, ["dismiss " + second])
        keyClick(Qt.Key_Home)
        keyClick(Qt.Key_Delete)
        keyClick(Qt.Key_Delete)
        compare(model.calls, ["dismiss " + second, "cancel " + first])
        keyClick(Qt.Key_End)
        compare(list.currentIndex, list.count - 1)
        keyClick(Qt.Key_PageUp)
        verify(list.currentIndex < list.count - 1)
        keyClick(Qt.Key_PageDown)
        compare(list.currentIndex, list.count - 1)
    }

    // A group with two tasks, as a model shows them while it is open.
    function grouped() {
        const group = running({ name: "Publish", members: 2, open: true, progress: 0.5 })
        const first = running({ name: "Render", group: group, depth: 1 })
        return [group, first, model.add({ name: "Upload", group: group, depth: 1 })]
    }

    function test_b266_a_group_opens_by_its_arrow_and_by_keys() {
        const [group, first, second] = grouped()
        const shown = row(group)
        compare(shown.detail, "2 tasks")
        const arrow = findChild(shown, "arrow")
        verify(arrow.visible && !findChild(row(first), "arrow").visible)
        verify(findChild(row(first), "sign").mapToItem(monitor, 0, 0).x > findChild(shown, "sign").mapToItem(monitor, 0, 0).x)
        mouseClick(arrow)
        compare(model.calls, ["close " + group])
        compare(shown.Accessible.description, "2 tasks, 50 %, closed")
        list.forceActiveFocus()
        list.currentIndex = 0
        keyClick(Qt.Key_Left)
        compare(model.calls.length, 1)
        keyClick(Qt.Key_Right)
        compare(model.calls, ["close " + group, "open " + group])
        compare(shown.Accessible.description, "2 tasks, 50 %, open")
        keyClick(Qt.Key_Right)
        compare(list.currentIndex, 1)
        keyClick(Qt.Key_Right)
        compare(list.currentIndex, 1)
        keyClick(Qt.Key_Down)
        verify(row(second).current)
        keyClick(Qt.Key_Left)
        compare(list.currentIndex, 0)
        keyClick(Qt.Key_Space)
        keyClick(Qt.Key_Space)
        compare(model.calls.slice(2), ["close " + group, "open " + group])
        // What is no group has no such keys.
        list.currentIndex = 1
        keyClick(Qt.Key_Space)
        compare(model.calls.length, 4)
        monitor.LayoutMirroring.enabled = true
        monitor.LayoutMirroring.childrenInherit = true
        list.currentIndex = 0
        keyClick(Qt.Key_Right)
        compare(model.calls[4], "close " + group)
    }

    function test_b266_a_screen_reader_opens_a_group() {
        const [group] = grouped()
        const arrow = findChild(row(group), "arrow")
        compare([arrow.Accessible.role, arrow.Accessible.name], [Accessible.Button, "Tasks of Publish"])
        compare([arrow.Accessible.checkable, arrow.Accessible.checked], [true, true])
        arrow.Accessible.pressAction()
        compare(model.calls, ["close " + group])
        compare(arrow.Accessible.checked, false)
    }

    function test_everythingIsReachedByTab() {
        running()
        failure()
        const chain = new Set()
        list.forceActiveFocus()
        const window = monitor.Window.window
        for (let at = 0; at < 12; ++at) {
            keyClick(Qt.Key_Tab)
            chain.add(list.activeFocus ? "list" : window.activeFocusItem.objectName)
        }
        for (const name of ["list", "cancelAll", "filter96", "filter97", "filter99", "clear"])
            verify(chain.has(name), name + " is among " + [...chain].join(" "))
    }

    function test_namesForScreenReaders() {
        const shown = row(running({ name: "Hash", message: "page 3", progress: 0.5, elapsed: 180000 }))
        compare(shown.Accessible.name, "Hash")
        compare(shown.Accessible.description, "page 3, 50 %, about 3 min left")
        const failed = row(failure())
        compare(failed.Accessible.description, "Failed: refused")
        compare(button(failed, "Copy").Accessible.name, "Copy the error of Upload")
    }

    function test_b267_what_is_counted_is_said_with_its_speed() {
        const amount = (done, total, unit, speed) => ({ done, total, unit, speed })
        const id = running({ name: "Copy", message: "a.iso", progress: 0.25, amount: amount(250e6, 1e9, "bytes", 12.5e6) })
        const shown = row(id)
        compare(shown.detail, "a.iso, 250.0 MB of 1.0 GB, 12.5 MB/s")
        compare(shown.Accessible.description, "a.iso, 250.0 MB of 1.0 GB, 12.5 MB/s, 25 %")
        const said = amount => row(running({ name: "Count", amount })).detail
        compare(said(amount(1200, 4000, "files", 30)), "1,200 of 4,000 files, 30 files/s")
        compare(said(amount(7, -1, "files", -1)), "7 files")
        compare(said(amount(512, -1, "bytes", 3)), "512 bytes, 3 bytes/s")
        compare(said(amount(3, 10, "", 2)), "3 of 10, 2/s")
    }

    function test_rightToLeft() {
        const id = running({ name: "Hash", progress: 0.25 })
        const cancelX = () => button(row(id), "Cancel Hash").mapToItem(monitor, 0, 0).x
        verify(cancelX() > monitor.width / 2)
        const clearX = () => findChild(monitor, "clear").mapToItem(monitor, 0, 0).x
        verify(clearX() > monitor.width / 2)
        monitor.LayoutMirroring.enabled = true
        monitor.LayoutMirroring.childrenInherit = true
        tryVerify(() => cancelX() < monitor.width / 2)
        tryVerify(() => clearX() < monitor.width / 2)
    }

    function test_hiddenTasksAreCounted() {
        model.add({})
        model.hiddenCount = 1234
        let text = ""
        const look = item => {
            if (item.visible && /more/.test(item.text))
                text = item.text
            for (let at = 0; at < item.children.length; ++at)
                look(item.children[at])
        }
        look(monitor)
        verify(/^and 1,?234 more that wait$/.test(text), text)
    }

    // What is shown while the pointer, or the keyboard, is in the list.
    function hold(how) {
        if (how === "keyboard") {
            list.forceActiveFocus(Qt.TabFocusReason)
        } else {
            const at = list.mapToItem(monitor, list.width - 18, list.height - 5)
            mouseMove(monitor, at.x, at.y)
        }
        tryCompare(model, "hold", true)
    }

    function letGo() {
        leave()
        testCase.forceActiveFocus()
        tryCompare(model, "hold", false)
    }

    function placesOf(ids) {
        list.forceLayout()
        return ids.map(id => row(id).y + " " + row(id).height).join(", ")
    }

    function test_b150_nothingMovesUnderThePointerOrTheKeyboard_data() {
        return [{ tag: "pointer" }, { tag: "keyboard" }]
    }

    function test_b150_nothingMovesUnderThePointerOrTheKeyboard(data) {
        model.lingerMs = 30
        const ids = []
        for (const name of ["first", "second", "third"])
            ids.push(running({ name: name, message: "page 3" }))
        const waiting = model.add({ name: "fourth" })
        row(waiting)
        wait(350) // as long as a new row may still find its height
        hold(data.tag)
        const places = placesOf(ids.concat(waiting))
        model.change(ids[0], { status: TaskManager.Completed, finished: new Date(), message: "" })
        model.change(ids[1], { status: TaskManager.Failed, error: "It did not go well, and there is a lot to say about that. ".repeat(4) })
        model.change(waiting, { status: TaskManager.Running, message: "" })
        wait(150)
        model.leave(ids[0])
        wait(50)
        compare(placesOf(ids.concat(waiting)), places)
        compare(row(ids[0]).opacity, 1)
        letGo()
        tryVerify(() => model.where(ids[0]) < 0)
        tryVerify(() => row(ids[1]).height > row(ids[2]).height, 5000, "now there is room for the error")
    }

    function test_b150_aRowThatWasHeldGoesOnAsItWould() {
        model.lingerMs = 100000
        const id = running()
        const shown = row(id)
        hold("pointer")
        model.change(id, { status: TaskManager.Completed, finished: new Date(Date.now() - 70000) })
        wait(50)
        compare(shown.opacity, 1)
        letGo()
        tryVerify(() => shown.opacity < 0.7)
    }

    function test_b150_theSecondOfTwoClicksCancelsNothing() {
        model.filter = 96
        const ended = model.add({ name: "Ended", status: TaskManager.Completed })
        const next = running({ name: "Next" })
        row(next)
        const cross = button(row(ended), "Dismiss Ended")
        const at = cross.mapToItem(monitor, cross.width / 2, cross.height / 2)
        mouseClick(monitor, at.x, at.y)
        compare(model.calls, ["dismiss " + ended])
        tryVerify(() => row(next).y === 0)
        mouseClick(monitor, at.x, at.y)
        compare(model.calls, ["dismiss " + ended])
        wait(Qt.styleHints.mouseDoubleClickInterval + 50)
        mouseClick(monitor, at.x, at.y)
        compare(model.calls, ["dismiss " + ended, "cancel " + next])
    }

    function test_b150_aMonitorThatGoesLetsGo() {
        const other = createTemporaryObject(monitors, testCase, { model: model })
        hold("keyboard")
        const list = findChild(other, "list")
        list.forceActiveFocus()
        verify(model.hold, "now for the other one")
        other.destroy()
        tryCompare(model, "hold", false)
    }

    function test_b151_cancelAllSaysWhatItDoes() {
        const cancelAll = findChild(monitor, "cancelAll")
        const delayed = model.add({ status: TaskManager.Delayed })
        verify(!cancelAll.enabled, "nobody sees it")
        const id = running()
        compare(monitor.question(), "1 task will be cancelled. 1 that is scheduled for later stays.")
        mouseClick(cancelAll)
        tryVerify(() => findChild(everything(), "question")?.visible)
        compare(findChild(everything(), "question").text, monitor.question())
        mouseClick(button(everything(), "Cancel tasks"))
        compare(model.tasks.filter(task => task.cancelRequested).map(task => task.taskId), [id])
        verify(!cancelAll.enabled, "all were asked")
        model.showDelayed = true
        model.tally()
        compare(monitor.question(), "1 task will be cancelled.")
        model.cancel(delayed)
    }

    // A Control is for a screen reader what its class is, so what declares another role must not be one.
    function test_b152_rolesAsDeclared() {
        const shown = row(running({ name: "Hash", progress: 0.425 }))
        compare([shown.Accessible.role, shown.padding], [Accessible.ListItem, undefined])
        for (const filter of [96, 97, 99]) {
            const choice = findChild(monitor, "filter" + filter)
            compare([choice.Accessible.role, choice.padding], [Accessible.RadioButton, undefined])
            compare(choice.Accessible.checked, filter === 97)
        }
        findChild(monitor, "filter99").Accessible.pressAction()
        compare(model.filter, 99)
    }

    function test_b152_theDefaultActionCancelsNothing() {
        running({ name: "First" })
        const shown = row(running({ name: "Hash" }))
        shown.Accessible.pressAction()
        compare(model.calls, [])
        compare(list.currentIndex, 1)
        verify(list.activeFocus)
    }

    // A screen reader presses; newer Qts click besides.
    function test_b152_pressingAButtonDoesWhatAClickDoes() {
        const id = running({ name: "Hash" })
        const failed = failure()
        const shown = row(failed)
        button(shown, "Copy").Accessible.pressAction()
        compare(pasted(), "Upload failed: refused")
        button(row(id), "Cancel Hash").Accessible.pressAction()
        button(shown, "Dismiss").Accessible.pressAction()
        compare(model.calls, ["cancel " + id, "dismiss " + failed])
        running()
        findChild(monitor, "cancelAll").Accessible.pressAction()
        tryVerify(() => findChild(everything(), "question")?.visible)
        button(everything(), "Cancel tasks").Accessible.pressAction()
        tryVerify(() => model.calls.includes("cancelAll"))
    }

    function test_b152_howFarItIsIsTold() {
        const shown = row(running({ name: "Hash", progress: 0.428, message: "page 3" }))
        compare(shown.Accessible.description, "page 3, 42 %")
        model.progress = 0.5
        tryVerify(() => findChild(monitor, "total").Accessible.description === "50 %")
        compare(row(running({ name: "Busy" })).Accessible.description, "")
    }

    function test_b153_aBusyApplicationIsNeverSaidToBeIdle() {
        let id = running()
        for (let round = 0; round < 20; ++round) {
            model.change(id, { status: TaskManager.Completed })
            wait(10)
            compare(monitor.summary(), "1 running")
            id = running()
        }
        model.change(id, { status: TaskManager.Completed })
        summarizes("Nothing is running")
    }

    function test_b154_failuresOfPeriodicRunsAreSeen() {
        const id = model.add({ name: "Poll", status: TaskManager.Delayed, periodic: true, iteration: 2, error: "no answer",
                               due: new Date(0), dueIn: 20000 })
        const shown = row(id)
        compare([shown.detail, shown.aside], ["Run 2 failed: no answer", "Run 3 starts in 20 s"])
        compare(shown.Accessible.description, "Run 2 failed: no answer, Run 3 starts in 20 s")
        summarizes("1 failed")
        shown.copy()
        compare(pasted(), "Poll failed: no answer")
        model.change(id, { status: TaskManager.Running, iteration: 3, due: null })
        compare(shown.detail, "Run 2 failed: no answer")
        shown.remove()
        compare(model.calls, ["cancel " + id], "it goes on, so it is not dismissed")
        model.change(id, { error: "", cancelRequested: false })
        compare(shown.detail, "Run 3")
    }

    function test_b157_theListStandsOnWhatCanBeReadUpon_data() {
        return [{ tag: "dark on light", ink: "black", base: "white", stands: 1 }, { tag: "light on dark", ink: "white", base: "black", stands: 1 },
                { tag: "white on white", ink: "white", base: "white", stands: 0 }, { tag: "black on black", ink: "black", base: "black", stands: 0 },
                { tag: "grey", ink: "#888888", base: "white", stands: 0 }]
    }

    // As in a dark style that leaves the palette as it is.
    function test_b157_theListStandsOnWhatCanBeReadUpon(data) {
        monitor.palette.windowText = data.ink
        monitor.palette.base = data.base
        compare(button(row(running({ name: "Hash" })), "Cancel Hash").ink, Qt.color(data.ink))
        compare(monitor.base.a, data.stands)
    }

    function test_b158_inANarrowPanelAllButtonsAreSeenWhole_data() {
        return [{ tag: "300", width: 300 }, { tag: "260", width: 260 }]
    }

    function test_b158_inANarrowPanelAllButtonsAreSeenWhole(data) {
        monitor = createTemporaryObject(loose, testCase, { model: model, width: data.width, height: 300 })
        list = findChild(monitor, "list")
        row(failure())
        row(running())
        waitForRendering(monitor)
        const look = item => {
            if (!item.visible)
                return
            if (item.autoExclusive !== undefined) {
                const at = item.mapToItem(monitor, 0, 0)
                verify(at.x >= 0 && at.x + item.width <= data.width, (item.text || item.label) + " ends at " + (at.x + item.width))
            }
            for (let at = 0; at < item.children.length; ++at)
                look(item.children[at])
        }
        look(monitor)
    }

    function test_b159_whatOthersWroteIsPlainAndInOneLine() {
        const foreign = "<b>bold</b>\r\nand\u2028<img src='file:///x.png'>"
        const shown = row(running({ name: foreign, message: foreign }))
        failure({ name: foreign, error: foreign })
        compare([shown.title, shown.detail], Array(2).fill("<b>bold</b> and <img src='file:///x.png'>"))
        let seen = 0
        const look = item => {
            if (item.textFormat !== undefined && item.visible && String(item.text).includes("bold")) {
                compare(item.textFormat, Text.PlainText)
                ++seen
            }
            for (let at = 0; at < item.children.length; ++at)
                look(item.children[at])
        }
        waitForRendering(monitor)
        look(monitor)
        compare(seen, 4)
    }

    function test_b202_aRowSaysWhatItWaitsFor_data() {
        const retrying = { status: TaskManager.Delayed, retrying: true, attempt: 1, attempts: 4, due: new Date(0), dueIn: 8000 }
        const again = values => Object.assign({}, retrying, values)
        return [
            { tag: "a task", task: { status: TaskManager.Blocked, waitsFor: 'Waiting for "Save\nnotes"' },
              text: 'Waiting for "Save notes"' },
            { tag: "nobody knows", task: { status: TaskManager.Blocked }, text: "Waiting for others" },
            { tag: "cancelled", task: { status: TaskManager.Blocked, waitsFor: "Waiting for 3 tasks", cancelRequested: true },
              text: "Cancelling…" },
            { tag: "paused", task: { status: TaskManager.Paused, pauseReason: "on battery" }, text: "Paused: on battery" },
            { tag: "paused, and nobody says why", task: { status: TaskManager.Paused }, text: "Paused" },
            { tag: "paused and cancelled", task: { status: TaskManager.Paused, cancelRequested: true }, text: "Cancelling…" },
            { tag: "an attempt", task: retrying, text: "Try 2 of 4 in 8 s" },
            { tag: "rounded up", task: again({ dueIn: 7001 }), text: "Try 2 of 4 in 8 s" },
            { tag: "now", task: again({ dueIn: 0 }), text: "Try 2 of 4 in 0 s" },
            { tag: "minutes", task: again({ attempt: 3, dueIn: 120000 }), text: "Try 4 of 4 in 2 min" },
            { tag: "almost a minute", task: again({ dueIn: 59900 }), text: "Try 2 of 4 in 1 min" },
            { tag: "held back", task: again({ due: null, dueIn: 0 }), text: "Try 2 of 4" },
            { tag: "without end", task: again({ attempts: 4294967296 }), text: "Try 2 in 8 s" },
            { tag: "the attempt", task: { status: TaskManager.Running, attempt: 2, attempts: 4, message: "page 3" },
              text: "Try 2 of 4: page 3" },
            { tag: "a silent attempt", task: { status: TaskManager.Running, attempt: 2, attempts: 4 }, text: "Try 2 of 4" },
            { tag: "the first", task: { status: TaskManager.Running, attempt: 1, attempts: 4, message: "page 3" }, text: "page 3" }
        ]
    }

    function test_b202_aRowSaysWhatItWaitsFor(data) {
        const shown = row(model.add(data.task))
        compare([shown.detail, shown.Accessible.description], [data.text, data.text])
    }

    function test_b202_theNextAttemptComesNearer() {
        const id = model.add({ status: TaskManager.Delayed, retrying: true, attempt: 1, attempts: 4, due: new Date(0), dueIn: 8000 })
        const shown = row(id)
        model.change(id, { dueIn: 7000 })
        compare(shown.detail, "Try 2 of 4 in 7 s")
        summarizes("1 waiting")
        model.change(id, { status: TaskManager.Running, retrying: false, attempt: 2, due: null, dueIn: 0 })
        compare(shown.detail, "Try 2 of 4")
    }

    function test_b202_whatTakesLongIsMarked() {
        model.filter = 96
        const id = running({ name: "Hash", elapsed: 31000, message: "page 3", progress: 0.5 })
        const shown = row(id)
        const mark = findChild(shown, "slow")
        verify(!mark.visible)
        model.change(id, { slow: true })
        verify(mark.visible)
        compare(shown.Accessible.description, "page 3, 50 %, takes long, about 30 s left")
        model.change(id, { status: TaskManager.Completed })
        verify(!mark.visible)
        compare(shown.Accessible.description, "Finished after 31 s")
    }

    // By their forms, and not by their colours.
    function test_b202_eachStateHasItsSign() {
        model.filter = 96
        const states = {
            run: { status: TaskManager.Running }, wait: {}, turn: { status: TaskManager.Blocked },
            clock: { status: TaskManager.Delayed }, hold: { status: TaskManager.Paused }, done: { status: TaskManager.Completed },
            stop: { status: TaskManager.Cancelled }, fault: { status: TaskManager.Failed, error: "refused" }
        }
        const pictures = {}
        for (const kind in states) {
            const shown = row(model.add(states[kind]))
            compare(shown.sign, kind)
            list.positionViewAtEnd()
            waitForRendering(monitor)
            const sign = findChild(shown, "sign")
            const corner = sign.mapToItem(testCase, 0, 0)
            const image = grabImage(testCase)
            let picture = ""
            for (let at = 0; at < sign.width * sign.height; ++at)
                picture += image.red(corner.x + at % sign.width, corner.y + Math.floor(at / sign.width)) < 200 ? "#" : " "
            verify(picture.trim() !== "", kind + " is drawn")
            verify(pictures[picture] === undefined, kind + " looks like " + pictures[picture])
            pictures[picture] = kind
        }
        compare(row(running({ cancelRequested: true })).sign, "stop")
    }

    function test_b203_aTextThatChangesAllTheTimeCanBeRead() {
        const id = running({ message: "0" })
        const shown = row(id)
        let changes = 0
        shown.detailChanged.connect(() => ++changes)
        const start = Date.now()
        let last = 0
        while (Date.now() - start < 400) {
            model.change(id, { message: String(++last), progress: last / 1000 })
            wait(1)
        }
        const most = Math.ceil((Date.now() - start) / 50) + 1
        verify(last > 2 * most, last + " changes are too few to tell")
        verify(changes > 2 && changes <= most, changes + " changes of the text, of " + last)
        tryVerify(() => shown.detail === String(last), 5000, "the last is shown")
        const described = last + ", " + Math.floor(last / 10) + " %"
        tryVerify(() => shown.Accessible.description === described, 5000, "and how far it is, a moment later")
    }

    function test_b203_whereNobodyLooksAllStandsStill() {
        const window = createTemporaryObject(windows, testCase)
        const inside = findChild(window, "inside")
        const busy = findChild(inside, "total")
        const own = inside.model
        tryVerify(() => inside.seen && own.ticking, 5000, "that it is seen")
        running()
        inside.model = model
        tryVerify(() => busy.busy && !busy.still)
        window.hide()
        compare([inside.seen, own.ticking, busy.still], [false, false, true])
        window.show()
        tryVerify(() => inside.seen && own.ticking && !busy.still)
        inside.visible = false
        compare([inside.seen, own.ticking, busy.still], [false, false, true])
        inside.model = own
    }

    function test_b204_nothingMovesByItselfWhereMotionIsReduced() {
        monitor.reducedMotion = true
        model.lingerMs = 60
        const id = running()
        const busy = running()
        const shown = row(id)
        const bar = findChild(monitor, "total")
        verify(bar.busy && bar.still)
        const phase = bar.phase
        model.change(id, { status: TaskManager.Completed, finished: new Date() })
        wait(120)
        compare([shown.opacity, shown.height, bar.phase], [1, shown.room, phase])
        compare(row(busy).sign, "run")
        monitor.reducedMotion = false
        tryVerify(() => bar.phase !== phase)
    }

    function test_b206_aSearchIsBegunAndEndedByKeys() {
        running({ name: "Hash" })
        running({ name: "Upload" })
        row("1")
        list.forceActiveFocus()
        keyClick("F", Qt.ControlModifier)
        const field = findChild(monitor, "field")
        verify(field.activeFocus && field.visible)
        compare(field.Accessible.name, "Search tasks")
        keyClick("U")
        keyClick("p")
        compare([model.search, list.count], ["Up", 1])
        keyClick("x")
        compare([list.count, findChild(monitor, "empty").text], [0, "Nothing is found."])
        keyClick(Qt.Key_Escape)
        compare([model.search, list.count, field.visible, list.activeFocus], ["", 2, false, true])
        mouseClick(findChild(monitor, "search"))
        verify(field.activeFocus)
        findChild(monitor, "search").Accessible.pressAction()
        verify(!field.visible)
    }

    function menuOf(shown) {
        mouseClick(shown, 60, 12, Qt.RightButton)
        let menu = null
        tryVerify(() => (menu = findChild(monitor, "menu")).opened)
        return menu
    }

    function items(menu) {
        const items = {}
        for (let at = 0; at < menu.count; ++at) {
            const item = menu.itemAt(at)
            if (item.text)
                items[item.text] = item
        }
        return items
    }

    function test_b207_aRowHasAMenu() {
        const id = running({ name: "Hash", progress: 0.5, message: "page 3", owner: "Scaler", attempt: 2, attempts: 4,
                             started: new Date(2030, 0, 2, 3, 4, 5), elapsed: 7000, priority: TaskManager.High })
        const shown = row(id)
        const menu = menuOf(shown)
        compare([list.currentIndex, model.hold], [0, true])
        const choices = items(menu)
        compare(Object.keys(choices), ["Run now", "Pause", "Retry", "Priority", "Details…", "Copy details", "Cancel"])
        compare(["Run now", "Pause", "Priority", "Details…", "Cancel"].map(text => choices[text].enabled), [false, false, false, true, true])
        compare([menu.itemAt(0).objectName, menu.itemAt(3).subMenu.objectName, menu.itemAt(3).subMenu.itemAt(2).objectName],
                ["runNow", "priorities", "low"])
        choices["Copy details"].triggered()
        const text = pasted()
        for (const line of ["Task: Hash", "State: Running", "Detail: Try 2 of 4: page 3", "Owner: Scaler", "Priority: High",
                            "Started: 2030-01-02 03:04:05", "Took: 7 s", "Attempt: Try 2 of 4", "Id: " + id])
            verify(text.split("\n").includes(line), line + " is not in:\n" + text)
        menu.close()
        tryVerify(() => list.activeFocus)
        choices["Details…"].triggered()
        const about = findChild(monitor, "about")
        tryVerify(() => about.opened)
        compare(findChild(about.contentItem, "told").text, text)
        about.close()
        tryVerify(() => list.activeFocus)
        choices["Cancel"].triggered()
        compare(model.calls, ["cancel " + id])
    }

    function test_b207_theMenuIsUsedByKeys() {
        running({ name: "Hash" })
        row("1")
        list.forceActiveFocus()
        keyClick(Qt.Key_F10, Qt.ShiftModifier)
        const menu = findChild(monitor, "menu")
        tryVerify(() => menu.opened)
        const about = findChild(monitor, "about")
        for (let at = 0; at < 10 && !about.visible; ++at) {
            if (menu.itemAt(menu.currentIndex)?.text === "Details…")
                keyClick(Qt.Key_Return)
            else
                keyClick(Qt.Key_Down)
        }
        const told = findChild(about.contentItem, "told")
        tryVerify(() => about.opened && !menu.visible && told.activeFocus)
        verify(told.text.startsWith("Task: Hash\nState: Running\n"), told.text)
        compare([told.Accessible.name, told.readOnly], ["What is known of the task", true])
        keyClick(Qt.Key_Escape)
        tryVerify(() => !about.visible && list.activeFocus)
        keyClick(Qt.Key_Menu)
        tryVerify(() => menu.opened)
        keyClick(Qt.Key_Escape)
        tryVerify(() => !menu.visible && list.activeFocus)
        compare(model.calls, [])
    }

    function test_b239_whatCanBeRetriedHasAButton() {
        const id = failure({ canRetry: true })
        const shown = row(id)
        compare(button(shown, "Retry").Accessible.name, "Retry Upload")
        const menu = menuOf(shown)
        verify(items(menu)["Retry"].enabled)
        model.change(id, { canRetry: false })
        verify(!items(menu)["Retry"].enabled && !findChild(shown, "retry").visible)
        menu.close()
        tryVerify(() => !menu.visible)
        model.change(id, { canRetry: true })
        tryVerify(() => findChild(row(id), "retry").visible)
    }

    function test_b335_whatCanBePausedHasAButton() {
        // Of what runs and cannot be paused, and of what waits, there is none.
        verify(!findChild(row(running()), "hold").visible)
        const waits = row(model.add({ canPause: true }))
        verify(!findChild(waits, "hold").visible)
        const id = running({ name: "Export", progress: 0.5, message: "page 3", canPause: true })
        const shown = row(id)
        const hold = findChild(shown, "hold")
        verify(hold.visible && !hold.resumes)
        compare([hold.Accessible.name, hold.ToolTip.text], ["Pause Export", "Have it rest for a while"])
        const asked = []
        shown.pauseClicked.connect(() => asked.push("pause"))
        shown.resumeClicked.connect(() => asked.push("resume"))
        mouseClick(hold)
        compare(asked, ["pause"])
        // On its way to where it stops; then it has; and how far it is stays to be seen.
        model.change(id, { canPause: false, canResume: true })
        compare([shown.stateText(), shown.Accessible.description], ["Pausing…", "page 3, 50 %, Pausing…"])
        verify(hold.visible && hold.resumes)
        compare(hold.Accessible.name, "Resume Export")
        model.change(id, { status: TaskManager.Paused, pauseReason: "on\nbattery", started: new Date(0) })
        compare([shown.sign, shown.detail, shown.Accessible.description], ["hold", "Paused: on battery", "Paused: on battery"])
        verify(shown.active && !shown.running && hold.visible)
        summarizes("1 running, 2 waiting")
        wait(150)
        hold.Accessible.pressAction()
        compare(asked, ["pause", "resume"])
        model.change(id, { status: TaskManager.Running, pauseReason: "", canPause: true, canResume: false })
        compare(shown.detail, "page 3")
        // Whose owner is paused has nothing that could be taken back here.
        model.change(id, { status: TaskManager.Paused, pauseReason: "hidden", canPause: true })
        verify(!hold.visible)
        compare(shown.detail, "Paused: hidden")
        // It can be cancelled as any.
        list.currentIndex = 2
        list.forceActiveFocus()
        keyClick(Qt.Key_Delete)
        compare(model.calls, ["cancel " + id])
        compare(shown.detail, "Cancelling…")
    }

    function test_b335_theMenuPauses() {
        const id = model.add({ canPause: true, priority: TaskManager.Low })
        const menu = menuOf(row(id))
        verify(items(menu)["Pause"].enabled)
        model.change(id, { status: TaskManager.Running, canPause: false })
        verify(!items(menu)["Pause"].enabled)
        model.change(id, { status: TaskManager.Paused, canResume: true })
        const choices = items(menu)
        verify(choices["Pause"] === undefined && choices["Resume"].enabled && !choices["Run now"].enabled)
        verify(choices["Priority"].enabled)
        const asked = []
        menu.row.pauseClicked.connect(() => asked.push("pause"))
        menu.row.resumeClicked.connect(() => asked.push("resume"))
        choices["Resume"].triggered()
        compare(asked, ["resume"])
        menu.close()
        tryVerify(() => !menu.visible)
        model.change(id, { status: TaskManager.Queued, canPause: true, canResume: false })
        const shown = row(id)
        shown.pauseClicked.connect(() => asked.push("pause"))
        items(menuOf(shown))["Pause"].triggered()
        compare(asked, ["resume", "pause"])
        menu.close()
        tryVerify(() => !menu.visible)
        // Of a body that has stopped the priority is what it was.
        const stopped = row(model.add({ status: TaskManager.Paused, pauseReason: "on battery", started: new Date(0), canResume: true }))
        compare(monitor.describe(stopped).split("\n")[1], "State: Paused: on battery")
        menuOf(stopped)
        tryVerify(() => menu.taskId === stopped.taskId)
        verify(items(menu)["Resume"].enabled && !items(menu)["Priority"].enabled)
        menu.close()
    }

    function test_b207_theMenuIsAboutWhatTheTaskIsNow() {
        model.filter = 96
        running()
        const shown = row(model.add({ status: TaskManager.Delayed, priority: TaskManager.Low, due: new Date(0), dueIn: 1000 }))
        list.forceActiveFocus()
        list.currentIndex = 1
        keyClick(Qt.Key_Menu)
        const menu = findChild(monitor, "menu")
        tryVerify(() => menu.opened)
        compare(menu.taskId, shown.taskId)
        const choices = items(menu)
        compare([choices["Run now"].enabled, choices["Priority"].enabled], [true, true])
        const priorities = items(choices["Priority"].subMenu)
        compare(["High", "Normal", "Low"].map(text => priorities[text].checked), [false, false, true])
        model.change(shown.taskId, { status: TaskManager.Running, due: null, dueIn: 0 })
        compare([choices["Run now"].enabled, choices["Priority"].enabled], [false, false])
        model.change(shown.taskId, { status: TaskManager.Failed, error: "refused" })
        verify(choices["Dismiss"] === undefined && items(menu)["Dismiss"].enabled)
        menu.close()
        verify(monitor.describe(shown).endsWith("Task failed: refused"), monitor.describe(shown))
    }

    function test_b207_aRowIsActivated() {
        const first = running()
        const second = running()
        const told = []
        monitor.activated.connect(id => told.push(id))
        mouseClick(row(second), 60, 12)
        compare(told, [second])
        keyClick(Qt.Key_Up)
        keyClick(Qt.Key_Return)
        compare(told, [second, first])
        row(second).Accessible.pressAction()
        compare(told, [second, first, second])
        mouseDoubleClickSequence(row(first), 60, 12)
        compare(told, [second, first, second, first], "two clicks are one")
        compare(model.calls, [])
    }

    function test_b207_theApplicationHasActionsOfItsOwn() {
        monitor.rowActions = actions
        const id = running({ name: "Hash" })
        const shown = row(id)
        opened = []
        mouseClick(button(shown, "Open Hash"))
        compare(opened, [id + " " + TaskManager.Running])
        model.change(id, { status: TaskManager.Failed, error: "refused" })
        waitForRendering(monitor)
        mouseClick(button(shown, "Open Hash"))
        compare(opened[1], id + " " + TaskManager.Failed)
        model.clearFinished()
        const many = []
        for (let at = 0; at < 60; ++at)
            many.push(running({ name: "Task " + at }))
        list.positionViewAtEnd()
        tryVerify(() => list.itemAtIndex(59) !== null)
        verify(button(row(many[59]), "Open Task 59"), "a row that is used again")
        monitor.rowActions = null
    }

    function test_b208_severalOwnersHaveHeadings() {
        const headings = () => {
            const found = []
            const look = item => {
                if (item.visible && item.objectName === "heading") {
                    compare([item.Accessible.role, item.Accessible.name], [Accessible.StaticText, item.text])
                    found.push([item.y, item.text])
                }
                for (let at = 0; at < item.children.length; ++at)
                    look(item.children[at])
            }
            list.forceLayout()
            look(list.contentItem)
            return found.sort((one, other) => one[0] - other[0]).map(entry => entry[1]).join()
        }
        model.byOwner = true
        running({ owner: "" })
        row("1")
        compare(headings(), "")
        const id = running({ owner: "Scaler\n" })
        tryVerify(() => headings() === "Scaler")
        model.change(id, { status: TaskManager.Completed })
        tryVerify(() => headings() === "")
        mouseMove(list, 60, 20)
        tryVerify(() => model.hold)
        running({ owner: "Scaler" })
        compare([model.ownerCount, headings()], [2, ""], "no row moves under the pointer")
        leave()
        tryVerify(() => headings() === "Scaler")
        model.byOwner = false
        compare(headings(), "")
    }

    // Only what is in sight has items, and a frame's changes take less than a frame.
    function test_aThousandRows() {
        const ids = []
        for (let at = 0; at < 1000; ++at)
            ids.push(String(at + 1))
        model.fill(1000)
        compare(list.count, 1000)
        row("1")
        verify(list.contentItem.children.length < 40, list.contentItem.children.length + " items")
        const start = Date.now()
        for (let frame = 0; frame < 60; ++frame) {
            for (let at = 0; at < 4; ++at)
                model.setProperty(at, "progress", frame / 60)
            model.progress = frame / 60
        }
        const took = Date.now() - start
        verify(took < 1000, "60 frames of changes took " + took + " ms")
        list.positionViewAtEnd()
        tryVerify(() => list.itemAtIndex(999) !== null)
        list.positionViewAtBeginning()
        row("1")
        verify(list.contentItem.children.length < 60, list.contentItem.children.length + " items")
    }

    name: "Monitor"
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
        id: models

        StandInModel {
            filter: 97
            keepFailures: true
            showDelayed: false
        }
    }

    Component {
        id: monitors

        TaskMonitor {
            anchors.fill: parent
        }
    }

    Component {
        id: actions

        ToolButton {
            required property var task

            text: "Open " + task.name
            onClicked: testCase.opened.push(task.taskId + " " + task.status)
        }
    }

    Component {
        id: windows

        Window {
            width: 400
            height: 300
            visible: true

            TaskMonitor {
                objectName: "inside"
                anchors.fill: parent
            }
        }
    }

    Component {
        id: loose

        TaskMonitor {}
    }
}
