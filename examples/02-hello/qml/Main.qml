import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window
    property string answer: "How many primes are there below a million?"
    title: "Hello, Legwork"; visible: true; width: 480; height: 120
    Button {
        anchors.centerIn: parent
        text: window.answer
        onClicked: TaskManager.runInThread("primes", [1e6], {
            onComplete: count => window.answer = count + " primes",
            onError: error => window.answer = error.message
        })
    }
}
