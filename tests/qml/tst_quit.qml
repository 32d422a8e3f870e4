import QtQuick
import QtQuick.Controls
import Legwork

// TaskQuitDialog, over a model and a manager that the tests make up: a shutdown is final.
Case {
    id: testCase

    property StandInModel model
    property var window: null
    property TaskQuitDialog dialog

    function init() {
        begin()
        service.begun = []
        window = createTemporaryObject(windows, testCase)
        model = window.tasks
        dialog = window.dialog
        dialog.manager = service
        tryVerify(() => window.visible)
    }

    // The tasks are none of the service's.
    function cleanup() {
    }

    function running(values) {
        return model.add(Object.assign({ status: TaskManager.Running, name: "Hash" }, values))
    }

    function ask() {
        window.close()
        tryCompare(dialog, "opened", true)
        verify(window.visible)
    }

    function press(name) {
        mouseClick(button(name))
    }

    function button(name) {
        return findChild(window.Overlay.overlay, name)
    }

    function question() {
        return findChild(window.Overlay.overlay, "question").text
    }

    function test_closesAtOnceIfNothingRuns() {
        window.close()
        verify(!window.visible)
        verify(!dialog.visible)
        compare(service.begun, [])
    }

    function test_asks() {
        running()
        ask()
        compare(question(), "1 task is still running. Quit anyway?")
        running({ name: "Upload" })
        model.add({})
        tryVerify(() => question() === "2 tasks are still running, 1 waits. Quit anyway?")
        const names = findChild(window.Overlay.overlay, "names")
        tryCompare(names, "count", 3)
        tryVerify(() => names.itemAtIndex(1) !== null)
        compare(names.itemAtIndex(1).Accessible.name, "Upload")
        for (let at = 0; at < 10; ++at)
            model.add({})
        const height = names.height
        running()
        compare(names.height, height, "only the first are named")
        // All of it has its place above the buttons.
        const more = findChild(window.Overlay.overlay, "more")
        const bottom = item => item.mapToItem(null, 0, item.height).y
        tryVerify(() => names.height > 0 && bottom(names) <= more.mapToItem(null, 0, 0).y, 5000, `${names.height} ${bottom(names)} ${more.mapToItem(null, 0, 0).y} ${more.visible} ${dialog.contentHeight}`)
        tryVerify(() => bottom(more) <= button("keep").mapToItem(null, 0, 0).y, 5000,
                  `${bottom(more)} to ${button("keep").mapToItem(null, 0, 0).y}, ${dialog.contentHeight}, ${dialog.height}`)
    }

    function test_keepWorking() {
        running()
        ask()
        press("keep")
        tryCompare(dialog, "visible", false)
        verify(window.visible)
        compare(service.begun, [])
        ask()
    }

    function test_cancelAndQuit() {
        running()
        ask()
        press("end")
        compare(service.begun, [10000])
        compare(question(), "Ending the tasks…")
        verify(!button("keep").enabled)
        window.close()
        verify(window.visible, "not before the end")
        compare(service.begun.length, 1)
        service.shutdownFinished({})
        tryCompare(window, "visible", false)
    }

    function test_wait() {
        const id = running()
        ask()
        press("wait")
        compare(question(), "Quits as soon as 1 task has ended.")
        verify(!button("wait").enabled)
        compare(service.begun, [])
        model.change(id, { status: TaskManager.Completed })
        tryVerify(() => service.begun.length === 1)
        service.shutdownFinished({})
        tryCompare(window, "visible", false)
    }

    function test_afterWaitOneMayStillKeepWorking() {
        const id = running()
        ask()
        press("wait")
        press("keep")
        tryCompare(dialog, "visible", false)
        model.change(id, { status: TaskManager.Completed })
        compare(service.begun, [])
        verify(window.visible)
    }

    function test_b150_itsButtonsStayWhereTheyAre() {
        const ids = []
        for (let at = 0; at < 8; ++at)
            ids.push(running({ name: "Task " + at }))
        ask()
        const places = () => ["wait", "end", "keep"].map(name => {
            const at = button(name).mapToItem(null, 0, 0)
            return [name, at.x, at.y, button(name).width].join(" ")
        }).join(", ")
        tryVerify(() => findChild(window.Overlay.overlay, "more").visible)
        waitForRendering(window.contentItem)
        const before = places()
        for (const id of ids)
            model.change(id, { status: TaskManager.Completed })
        tryVerify(() => question() === "All tasks have ended. Quit now?")
        waitForRendering(window.contentItem)
        compare(places(), before)
    }

    function test_b153_waitingIsOverWhenNothingIsBegunAnyMore() {
        let id = running()
        ask()
        press("wait")
        for (let round = 0; round < 10; ++round) {
            model.change(id, { status: TaskManager.Completed })
            wait(10)
            compare(service.begun, [])
            id = running()
        }
        model.change(id, { status: TaskManager.Completed })
        tryVerify(() => service.begun.length === 1)
    }

    function test_b161_whatRunsAndWhatWaits_data() {
        return [{ tag: "one runs", running: 1, queued: 0, text: "1 task is still running" },
                { tag: "some run", running: 4, queued: 0, text: "4 tasks are still running" },
                { tag: "one waits", running: 0, queued: 1, text: "1 task still waits" },
                { tag: "some wait", running: 0, queued: 3, text: "3 tasks still wait" },
                { tag: "both", running: 4, queued: 1, text: "4 tasks are still running, 1 waits" },
                { tag: "more of both", running: 1, queued: 2, text: "1 task is still running, 2 wait" }]
    }

    function test_b161_whatRunsAndWhatWaits(data) {
        for (let at = 0; at < data.running; ++at)
            running()
        for (let at = 0; at < data.queued; ++at)
            model.add({})
        ask()
        tryVerify(() => question() === data.text + ". Quit anyway?", 5000, question())
    }

    // A user that has not answered has not said that it may quit.
    function test_anEndWithoutAnAnswerIsNone() {
        const id = running()
        ask()
        model.change(id, { status: TaskManager.Completed })
        tryVerify(() => question() === "All tasks have ended. Quit now?")
        compare(service.begun, [])
        press("end")
        compare(service.begun.length, 1)
    }

    name: "Quit"
    when: windowShown
    visible: true
    width: 200
    height: 100

    QtObject {
        id: service

        property var begun: []

        signal shutdownFinished(var report)

        function beginShutdown(timeoutMs: int): bool {
            begun = begun.concat(timeoutMs)
            return true
        }
    }

    Component {
        id: windows

        ApplicationWindow {
            readonly property alias dialog: quitDialog
            readonly property alias tasks: made

            width: 520
            height: 360
            visible: true
            onClosing: close => quitDialog.confirm(close)

            StandInModel {
                id: made
                filter: 97
                showDelayed: false
            }

            TaskQuitDialog {
                id: quitDialog
                model: made
                quitsApplication: false
            }
        }
    }
}
