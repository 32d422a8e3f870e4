import QtQuick
import QtQuick.Controls

// The sign of a failure: readable without colours.
Rectangle {
    id: mark

    // What it stands upon.
    required property color ink
    required property color paper

    implicitWidth: 16
    implicitHeight: 16
    radius: width / 2
    // Also where the style writes with a shade that lets through what is behind.
    color: Qt.rgba(ink.r, ink.g, ink.b, 1)
    antialiasing: true
    Accessible.ignored: true

    Label {
        anchors.centerIn: parent
        text: "!"
        textFormat: Text.PlainText
        font.pixelSize: 12
        font.bold: true
        color: mark.paper
        Accessible.ignored: true
    }
}
