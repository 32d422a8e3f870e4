import QtQml
import QtQuick

// Opens the window of the example, and lets it count; what comes is the exit code.
QtObject {
    id: check
    property QtObject window: null
    property Timer late: Timer {
        interval: 60000
        running: true
        onTriggered: check.fail("it does not come to an end")
    }

    function fail(why) {
        console.error(why)
        Qt.exit(1)
    }

    Component.onCompleted: {
        const component = Qt.createComponent("qrc:/qt/qml/Numbers/qml/Main.qml")
        window = component.createObject(null)
        if (!window)
            return fail(component.errorString())
        const numbers = window.numbers
        // One that is stopped says nothing.
        numbers.load()
        numbers.stop()
        if (numbers.busy)
            return fail("it was stopped, and is busy")
        numbers.load()
        if (!numbers.busy)
            return fail("it is not busy")
        numbers.busyChanged.connect(() => {
            const right = numbers.text === "78498 primes, 1000 squares, 1999 palindromes"
            if (!right)
                console.error(numbers.text)
            Qt.exit(right ? 0 : 1)
        })
    }
}
