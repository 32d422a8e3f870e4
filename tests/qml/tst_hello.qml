import QtQuick
import QtQuick.Controls
import Legwork
import LegworkTests

// examples/02-hello: what its user sees.
Case {
    id: hello
    name: "Hello"
    when: windowShown

    property ApplicationWindow window: null

    function open() {
        const component = Qt.createComponent("../../examples/02-hello/qml/Main.qml")
        compare(component.errorString(), "")
        window = component.createObject(null)
        verify(window !== null)
        waitFor(() => hello.window.active || hello.window.visible, "the window")
        tryVerify(() => hello.button().width > 0)
    }

    // The only child of the window that can be clicked.
    function button() {
        const children = window.contentItem.children
        for (let index = 0; index < children.length; ++index)
            if ("clicked" in children[index])
                return children[index]
        fail("there is no button")
    }

    function click() {
        mouseClick(button())
    }

    function cleanup() {
        Rig.letPrimes("counts")
        endAll()
        if (window)
            window.destroy()
        window = null
    }

    function test_b01_a_click_counts_the_primes() {
        Rig.letPrimes("waits")
        open()
        compare(window.title, "Hello, Legwork")
        compare(button().text, "How many primes are there below a million?")
        click()
        // The window is alive meanwhile.
        waitFor(() => events.some(event => event[0] === "taskStarted"), "the start")
        compare(button().text, "How many primes are there below a million?")
        Rig.letPrimes("counts")
        Rig.release("primes")
        waitFor(() => hello.button().text === "78498 primes", "the answer")
        const ends = events.filter(event => event[0] === "taskCompleted")
        compare(ends.map(event => event[2]), [78498])
        // The question can be asked again, also while it is being answered.
        window.answer = "?"
        click()
        click()
        waitFor(() => events.filter(event => event[0] === "taskCompleted").length === 3, "two more answers")
        compare(button().text, "78498 primes")
    }

    function test_b90_what_goes_wrong_is_shown() {
        Rig.letPrimes("fails")
        open()
        click()
        waitFor(() => hello.button().text === "no primes today", "the error")
    }

    function test_b86_the_window_goes_while_it_counts() {
        Rig.letPrimes("waits")
        open()
        click()
        waitFor(() => events.some(event => event[0] === "taskStarted"), "the start")
        const id = events.filter(event => event[0] === "taskStarted")[0][1]
        window.destroy()
        window = null
        compare(TaskManager.cancelTask(id), TaskManager.CancelRequested)
        Rig.release("primes")
        waitForEnd(id)
        compare(eventsOf(id).pop(), ["taskCancelled"])
    }
}
