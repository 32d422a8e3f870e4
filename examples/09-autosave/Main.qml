// Autosave: each change is saved; while one is being written only the newest waits.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window

    required property string path
    property int saved: 0

    visible: true
    width: 480
    height: 320

    footer: Label {
        id: answer

        textFormat: Text.PlainText
    }

    //! [submit]
    TextArea {
        anchors.fill: parent
        Accessible.name: qsTr("Notes")
        onTextChanged: TaskManager.runInThread("save", [window.path, text], {
            name: qsTr("Save"),
            key: window.path,
            keyPolicy: TaskManager.KeepLatest,
            mustRun: true,
            onComplete: () => answer.text = qsTr("saved %1 times").arg(++window.saved),
            onError: error => answer.text = error.message
        })
    }
    //! [submit]
}
