pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls

// A small button with a cross. It is drawn, as not every font has the sign; and drawn over the button
// that the style makes, as a native style's cannot be changed.
ToolButton {
    id: cross

    // What it does, for its tool tip and for a screen reader.
    required property string label
    // What it is drawn with.
    required property color ink
    // With the key that does the same.
    property string hint: label

    implicitWidth: 26
    implicitHeight: 26
    // The list has keys for it. A button that goes with its row would take the focus with it.
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.Button
    Accessible.name: label
    ToolTip.text: hint
    ToolTip.visible: hovered
    ToolTip.delay: 500

    Repeater {
        model: [45, -45]

        Rectangle {
            required property int modelData

            anchors.centerIn: parent
            width: 12
            height: 1.6
            radius: 0.8
            antialiasing: true
            rotation: modelData
            color: cross.ink
            opacity: !cross.enabled ? 0.25 : cross.hovered ? 1 : 0.65
        }
    }
}
