// Search as you type: each letter begins a search of 200,000 lines, and stops the one before.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window

    visible: true
    width: 480
    height: 120

    Column {
        anchors.fill: parent

        //! [submit]
        TextField {
            width: parent.width
            Accessible.name: qsTr("Search")
            onTextChanged: TaskManager.runInThread("search", [text], {
                key: "search",
                keyPolicy: TaskManager.Replace,
                owner: window,
                onComplete: found => answer.text = qsTr("%1 lines").arg(found)
            })
        }
        //! [submit]
        Label {
            id: answer

            textFormat: Text.PlainText
        }
    }
}
