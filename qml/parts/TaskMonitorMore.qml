pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls

// A small button with three dots, which opens a menu. Drawn over the button that the style makes: see TaskMonitorCross.
ToolButton {
    id: more

    // What it opens, for its tool tip and for a screen reader.
    required property string label
    required property color ink

    implicitWidth: 26
    implicitHeight: 26
    Accessible.role: Accessible.ButtonMenu
    Accessible.name: label
    ToolTip.text: label
    ToolTip.visible: hovered
    ToolTip.delay: 500

    Repeater {
        model: [-5, 0, 5]

        Rectangle {
            required property int modelData

            x: (more.width - width) / 2
            y: (more.height - height) / 2 + modelData
            width: 2.6
            height: 2.6
            radius: 1.3
            antialiasing: true
            color: more.ink
            opacity: more.hovered ? 1 : 0.65
        }
    }
}
