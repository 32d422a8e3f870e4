import QtQuick
import QtQuick.Controls
import QtQuick.Layouts

// A number with what it counts below it.
Control {
    id: figure

    required property string label
    required property string value
    property bool strong: false

    Accessible.role: Accessible.StaticText
    Accessible.name: qsTr("%1: %2").arg(label).arg(value)

    contentItem: ColumnLayout {
        spacing: 0

        Label {
            text: figure.value
            textFormat: Text.PlainText
            font.pointSize: figure.font.pointSize * 1.5
            font.bold: figure.strong
            color: figure.strong ? figure.palette.highlight : figure.palette.windowText
            Accessible.ignored: true
        }

        Label {
            text: figure.label
            textFormat: Text.PlainText
            color: Qt.alpha(figure.palette.windowText, 0.65)
            Accessible.ignored: true
        }
    }
}
