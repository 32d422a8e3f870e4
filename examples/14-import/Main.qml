// An import: the rows of a file are shown as they are read, and the window stays smooth; with one cancel.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window

    required property string file

    visible: true
    width: 480
    height: 480

    //! [submit]
    Task {
        id: read

        job: "read"
        args: [window.file]
        name: qsTr("Import")
        onValues: rows => model.append(rows.map(row => ({ row: row })))
        onCompleted: answer.text = qsTr("%1 rows").arg(model.count)
        onFailed: error => answer.text = error.message
        onCancelled: answer.text = qsTr("cancelled")
    }
    //! [submit]

    ListModel {
        id: model
    }

    Column {
        Label {
            id: answer

            textFormat: Text.PlainText
        }

        Button {
            text: qsTr("Import")
            enabled: !read.running
            onClicked: {
                model.clear()
                read.start()
            }
        }

        Button {
            text: qsTr("Cancel")
            onClicked: read.cancel()
        }
    }

    ListView {
        anchors.fill: parent
        anchors.topMargin: 120
        clip: true
        model: model
        delegate: Text {
            required property string row

            text: row
            textFormat: Text.PlainText
        }
    }
}
