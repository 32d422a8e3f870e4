import QtQuick
import QtQuick.Controls
import QtQuick.Layouts

// A titled part of the window: a heading, something at its right end, and a framed content.
ColumnLayout {
    id: section

    required property string title
    // Of the window: that of a Control inside layouts does not follow it in Qt 6.4.
    required property color base
    required property color line
    property alias corner: cornerSlot.data
    default property alias content: contentSlot.data

    spacing: 6

    RowLayout {
        // As high with something in the corner as without, so that neighbours are in line.
        Layout.minimumHeight: 28
        Layout.maximumHeight: 28
        spacing: 8

        Label {
            text: section.title
            textFormat: Text.PlainText
            font.bold: true
            elide: Text.ElideRight
            maximumLineCount: 1
            Layout.fillWidth: true
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }

        RowLayout {
            id: cornerSlot
            spacing: 6
        }
    }

    Rectangle {
        Layout.fillWidth: true
        Layout.fillHeight: true
        color: section.base
        border.color: section.line
        radius: 4

        Item {
            id: contentSlot
            anchors.fill: parent
            anchors.margins: 1
            clip: true
        }
    }
}
