// A pipeline: texts are read, their words counted, and the most frequent told; with one progress and one cancel.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window

    required property var files
    property string whole

    //! [submit]
    function start() {
        const texts = files.map(file => TaskManager.runInThread("read", [file]))
        const counts = texts.map(text => TaskManager.runInThread("count", [TaskManager.resultOf(text)]))
        const counted = TaskManager.all(counts)
        const report = TaskManager.runInThread("report", [TaskManager.resultOf(counted)], {
            onComplete: text => answer.text = text
        })
        whole = TaskManager.all([report, counted, ...texts, ...counts], {
            name: qsTr("Count words"),
            onProgress: value => bar.value = value,
            onError: error => answer.text = error.message,
            onCancelled: () => answer.text = qsTr("cancelled")
        })
    }
    //! [submit]

    visible: true
    width: 480
    height: 160

    Column {
        Label {
            id: answer

            textFormat: Text.PlainText
        }

        Button {
            text: qsTr("Count")
            onClicked: window.start()
        }

        Button {
            text: qsTr("Cancel")
            onClicked: TaskManager.cancelTask(window.whole)
        }

        ProgressBar {
            id: bar
        }
    }
}
