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
        compare(question(), "3 tasks are still running. Quit anyway?")
        const names = findChild(window.Overlay.overlay, "names")
        tryCompare(names, "count", 3)
        tryVerify(() => names.itemAtIndex(1) !== null)
        compare(names.itemAtIndex(1).Accessible.name, "Upload")
        for (let at = 0; at < 10; ++at)
            model.add({})
        const height = names.height
        running()
        compare(names.height, height, "only the first are named")
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
        verify(!button("wait").visible)
        compare(service.begun, [])
        model.change(id, { status: TaskManager.Completed })
        compare(service.begun.length, 1)
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

    // Whoever has not answered has not said that it may quit.
    function test_anEndWithoutAnAnswerIsNone() {
        const id = running()
        ask()
        model.change(id, { status: TaskManager.Completed })
        compare(question(), "All tasks have ended. Quit now?")
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
