import QtQuick
import QtTest
import Legwork

// TaskIndicator, over a model that the tests make up.
Case {
    id: testCase

    property StandInModel model
    property TaskIndicator indicator

    function init() {
        begin()
        model = createTemporaryObject(models, testCase)
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
        indicator?.close()
    }

    function make(values) {
        indicator = createTemporaryObject(indicators, testCase, Object.assign({ model: model }, values))
        appearances.clear()
        appearances.target = indicator
    }

    function running(values) {
        return model.add(Object.assign({ status: TaskManager.Running, name: "Hash" }, values))
    }

    function end(id, status) {
        model.change(id, { status: status ?? TaskManager.Completed })
    }

    function test_comesAfterHalfASecond() {
        make({})
        verify(!indicator.visible)
        const start = Date.now()
        running()
        verify(!indicator.visible)
        tryVerify(() => indicator.visible)
        const took = Date.now() - start
        verify(took >= 480, "after " + took + " ms")
    }

    // Also where it ran before the indicator was there.
    function test_comesForWhatRanBefore() {
        running()
        make({ delayMs: 30 })
        verify(!indicator.visible)
        tryVerify(() => indicator.visible)
    }

    function test_staysAwayForShortTasks() {
        make({ delayMs: 10000 })
        for (let round = 0; round < 5; ++round)
            end(running())
        verify(!indicator.busy)
        verify(!indicator.visible)
        compare(appearances.count, 0)
    }

    function test_doesNotFlicker() {
        make({ delayMs: 0, stayMs: 300 })
        let id = running()
        tryVerify(() => indicator.visible)
        for (let round = 0; round < 20; ++round) {
            end(id)
            verify(indicator.visible)
            verify(indicator.text !== "Finished")
            id = running()
        }
        compare(appearances.count, 1)
        const start = Date.now()
        end(id)
        tryCompare(indicator, "text", "Finished")
        tryVerify(() => !indicator.visible)
        verify(Date.now() - start >= 280)
        compare(appearances.count, 2)
    }

    // None of them lasts as long as it takes until something is shown; the work does.
    function test_b153_aBusyApplicationIsNeverSaidToBeIdle() {
        make({ delayMs: 100 })
        let id = running()
        for (let round = 0; round < 30; ++round) {
            wait(10)
            end(id)
            wait(5)
            verify(indicator.text !== "Finished")
            id = running()
        }
        verify(indicator.visible)
        compare([appearances.count, indicator.text], [1, "Hash"])
        end(id)
        tryVerify(() => !indicator.visible)
    }

    function test_b159_whatOthersWroteIsPlainAndInOneLine() {
        make({ delayMs: 0 })
        running({ name: "<b>bold</b>\nand more" })
        tryCompare(indicator, "text", "<b>bold</b> and more")
    }

    function test_text() {
        make({ delayMs: 0 })
        const id = running()
        tryCompare(indicator, "text", "Hash")
        const bar = findChild(indicator, "bar")
        verify(bar.busy)
        model.progress = 0.425
        compare(indicator.text, "Hash, 42 %")
        verify(!bar.busy)
        compare(bar.value, 0.425)
        running({ name: "Upload" })
        tryCompare(indicator, "text", "2 tasks")
        end(id)
        tryCompare(indicator, "text", "Upload, 42 %")
    }

    function test_failuresStayUntilLookedAt() {
        make({ delayMs: 0, stayMs: 0 })
        const failures = findChild(indicator, "failures")
        const id = running()
        tryVerify(() => indicator.visible)
        verify(!failures.visible)
        end(id, TaskManager.Failed)
        tryCompare(indicator, "shown", false)
        verify(indicator.visible)
        compare(failures.text, "1 failed")
        compare(indicator.Accessible.description, "1 task has failed")
        mouseClick(indicator)
        tryCompare(indicator, "opened", true)
        compare(indicator.failures, 0)
        verify(indicator.visible, "as long as it is looked at")
        indicator.close()
        tryVerify(() => !indicator.visible)
        end(running(), TaskManager.TimedOut)
        compare(indicator.failures, 1, "only the new one")
    }

    function test_opensAndCloses_data() {
        return [{ tag: "Space", key: Qt.Key_Space }, { tag: "Return", key: Qt.Key_Return }, { tag: "Enter", key: Qt.Key_Enter }]
    }

    function test_opensAndCloses(data) {
        make({ delayMs: 0 })
        running()
        tryVerify(() => indicator.visible)
        indicator.forceActiveFocus(Qt.TabFocusReason)
        verify(indicator.visualFocus)
        keyClick(data.key)
        tryCompare(indicator, "opened", true)
        const list = findChild(everything(), "list")
        tryVerify(() => list.activeFocus)
        compare(list.count, 1)
        keyClick(Qt.Key_Delete)
        compare(model.calls, ["cancel 1"])
        keyClick(Qt.Key_Escape)
        tryCompare(indicator, "opened", false)
        tryVerify(() => indicator.activeFocus)
    }

    function test_b152_aScreenReaderOpensAndClosesIt() {
        make({ delayMs: 0 })
        running()
        tryVerify(() => indicator.visible)
        indicator.Accessible.pressAction()
        indicator.clicked() // as newer Qts do besides
        tryCompare(indicator, "opened", true)
        indicator.Accessible.pressAction()
        tryCompare(indicator, "opened", false)
    }

    function test_b150_itDoesNotLeaveUnderThePointer() {
        make({ delayMs: 0, stayMs: 0 })
        const id = running()
        tryVerify(() => indicator.visible)
        mouseMove(indicator, 5, 5)
        tryVerify(() => indicator.pointed)
        end(id)
        tryVerify(() => indicator.overdue)
        verify(indicator.visible)
        mouseMove(testCase, 200, 5)
        tryVerify(() => !indicator.visible)
    }

    function test_aClickClosesItAgain() {
        make({ delayMs: 0 })
        running()
        tryVerify(() => indicator.visible)
        mouseClick(indicator)
        tryCompare(indicator, "opened", true)
        mouseClick(indicator)
        tryCompare(indicator, "opened", false)
    }

    function test_rightToLeft() {
        make({ delayMs: 0 })
        running()
        tryVerify(() => indicator.visible)
        const bar = findChild(indicator, "bar")
        tryVerify(() => bar.mapToItem(indicator, 0, 0).x < indicator.width / 2)
        indicator.LayoutMirroring.enabled = true
        indicator.LayoutMirroring.childrenInherit = true
        tryVerify(() => bar.mapToItem(indicator, bar.width, 0).x > indicator.width / 2)
        indicator.open()
        const clear = findChild(everything(), "clear")
        tryVerify(() => clear.mapToItem(null, 0, 0).x < 120)
    }

    function test_standsInARow() {
        make({ delayMs: 0 })
        running({ name: "A name that is far too long for any status bar, and that goes on and on and on" })
        tryVerify(() => indicator.visible && indicator.implicitWidth > 100)
        verify(indicator.implicitWidth < 360, indicator.implicitWidth)
    }

    name: "Indicator"
    when: windowShown
    visible: true
    width: 460
    height: 420

    SignalSpy {
        id: appearances
        signalName: "visibleChanged"
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
        id: indicators

        TaskIndicator {
            y: 380
        }
    }
}
