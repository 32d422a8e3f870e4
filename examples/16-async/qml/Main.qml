import QtQuick
import QtQuick.Controls
import Numbers

ApplicationWindow {
    id: window
    property alias numbers: numbers
    title: qsTr("Numbers")
    visible: true
    width: 480
    height: 160

    Numbers {
        id: numbers
    }
    Column {
        anchors.centerIn: parent
        spacing: 8
        Label {
            text: numbers.text || qsTr("What is there below a million?")
            textFormat: Text.PlainText
        }
        BusyIndicator {
            anchors.horizontalCenter: parent.horizontalCenter
            running: numbers.busy
        }
        Button {
            anchors.horizontalCenter: parent.horizontalCenter
            text: numbers.busy ? qsTr("Stop") : qsTr("Count")
            onClicked: numbers.busy ? numbers.stop() : numbers.load()
        }
    }
}
