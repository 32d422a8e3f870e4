pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls

// A small button with two bars, which pauses; or with a triangle, which has what is paused go on. Drawn over the
// button that the style makes: see TaskMonitorCross.
ToolButton {
    id: hold

    // What it does, for its tool tip and for a screen reader.
    required property string label
    // What it is drawn with.
    required property color ink
    // Whether it resumes.
    required property bool resumes
    property string hint: label

    readonly property real strength: !enabled ? 0.25 : hovered ? 1 : 0.65

    implicitWidth: 26
    implicitHeight: 26
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.Button
    Accessible.name: label
    ToolTip.text: hint
    ToolTip.visible: hovered
    ToolTip.delay: 500

    Repeater {
        model: [-3, 3]

        Rectangle {
            required property int modelData

            visible: !hold.resumes
            x: (hold.width - width) / 2 + modelData
            y: (hold.height - height) / 2
            width: 2
            height: 11
            radius: 0.8
            antialiasing: true
            color: hold.ink
            opacity: hold.strength
        }
    }

    TaskMonitorSign {
        anchors.centerIn: parent
        visible: hold.resumes
        kind: "run"
        ink: Qt.alpha(hold.ink, hold.strength)
        paper: hold.palette.base
        size: 14
    }
}
