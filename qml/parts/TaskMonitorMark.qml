import QtQuick
import QtQuick.Controls

// The sign of a failure: readable without colours.
Rectangle {
    id: mark

    // What it stands upon.
    required property color ink
    required property color paper
    property real size: 16

    implicitWidth: size
    implicitHeight: size
    radius: width / 2
    // Also where the style writes with a shade that lets through what is behind.
    color: Qt.rgba(ink.r, ink.g, ink.b, 1)
    antialiasing: true
    Accessible.ignored: true

    Label {
        anchors.centerIn: parent
        text: "!"
        textFormat: Text.PlainText
        font.pixelSize: Math.round(0.75 * mark.size)
        font.bold: true
        color: mark.paper
        Accessible.ignored: true
    }
}
