// Shows the downloads: how far each is, how it failed, and a button that stops it.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    visible: true
    width: 480
    height: 360

    Label {
        id: answer

        text: qsTr("%1 downloaded, %2 failed").arg(all.finishedCount - all.failedCount).arg(all.failedCount)
        textFormat: Text.PlainText
    }

    //! [monitor]
    TaskMonitor {
        anchors.fill: parent
        anchors.topMargin: answer.height
    }

    TaskModel {
        id: all
    }
    //! [monitor]
}
