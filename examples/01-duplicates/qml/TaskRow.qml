import QtQuick
import QtQuick.Controls
import QtQuick.Layouts

// A task that runs: its name, how far it is, and a way to cancel it.
Control {
    id: row

    required property string taskId
    required property string name
    required property real progress
    required property real runs

    signal cancelRequested()

    width: ListView.view.width
    padding: 6
    leftPadding: 10
    Accessible.role: Accessible.ListItem
    Accessible.name: name

    contentItem: RowLayout {
        spacing: 8

        ColumnLayout {
            spacing: 3

            Label {
                text: row.name
                elide: Text.ElideMiddle
                Layout.fillWidth: true
                Accessible.ignored: true
            }

            ProgressBar {
                visible: row.progress >= 0
                value: Math.max(0, row.progress)
                Layout.fillWidth: true
                Layout.preferredHeight: 6
                Accessible.name: qsTr("Progress of %1").arg(row.name)
            }
        }

        Label {
            visible: row.runs > 0
            text: qsTr("periodic, run %1").arg(row.runs)
            color: Qt.alpha(row.palette.text, 0.65)
        }

        ToolButton {
            text: "✕"
            Accessible.name: qsTr("Cancel %1").arg(row.name)
            ToolTip.text: qsTr("Cancel this task")
            ToolTip.visible: hovered
            ToolTip.delay: 500
            Layout.preferredWidth: 26
            Layout.preferredHeight: 26
            onClicked: row.cancelRequested()
        }
    }
}
