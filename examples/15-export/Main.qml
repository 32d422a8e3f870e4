// An export that rests while the user wants the machine for something else, and while it runs on battery.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window

    required property string file
    property string outcome: ""

    visible: true
    width: 320
    height: 320

    //! [submit]
    Task {
        id: exporting

        job: "export"
        args: [window.file]
        name: qsTr("Export")
        options: ({ pausable: true })
        onCompleted: rows => window.outcome = qsTr("%1 rows").arg(rows)
        onFailed: error => window.outcome = error.message
        onCancelled: window.outcome = qsTr("cancelled")
    }
    //! [submit]

    Column {
        //! [buttons]
        Label {
            textFormat: Text.PlainText
            text: exporting.paused ? qsTr("paused: %1").arg(exporting.pauseReason)
                : exporting.running ? qsTr("exporting") : window.outcome
        }

        Button {
            text: qsTr("Export")
            enabled: !exporting.running
            onClicked: {
                pause.checked = false
                exporting.start()
            }
        }

        Button {
            id: pause

            text: qsTr("Pause")
            checkable: true
            onCheckedChanged: checked ? exporting.pause(qsTr("by you")) : exporting.resume()
        }

        // It goes on once nobody wants it to rest any more.
        Switch {
            text: qsTr("On battery")
            onCheckedChanged: checked ? TaskManager.pauseAll(qsTr("on battery")) : TaskManager.resumeAll()
        }

        Button {
            text: qsTr("Cancel")
            onClicked: exporting.cancel()
        }

        ProgressBar {
            value: exporting.progress
        }
        //! [buttons]
    }
}
