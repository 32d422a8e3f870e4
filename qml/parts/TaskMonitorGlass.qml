import QtQuick
import QtQuick.Controls

// A small button with a magnifying glass, drawn as TaskMonitorCross is.
ToolButton {
    id: glass

    // What it does, for a screen reader, and for its tool tip.
    required property string label
    required property string hint
    required property color ink

    implicitWidth: 26
    implicitHeight: 26
    Accessible.role: Accessible.Button
    Accessible.name: label
    ToolTip.text: hint
    ToolTip.visible: hovered
    ToolTip.delay: 500

    Item {
        anchors.centerIn: parent
        width: 14
        height: 14
        opacity: glass.hovered ? 1 : 0.65

        Rectangle {
            width: 10
            height: 10
            radius: 5
            antialiasing: true
            color: "transparent"
            border.width: 1.6
            border.color: glass.ink
        }

        Rectangle {
            x: 8
            y: 10.2
            width: 6
            height: 1.6
            radius: 0.8
            rotation: 45
            antialiasing: true
            color: glass.ink
        }
    }
}
