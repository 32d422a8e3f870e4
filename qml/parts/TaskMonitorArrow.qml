pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls

// A small button that opens a group, drawn as TaskMonitorCross is. It points at what it would show, or has shown.
ToolButton {
    id: arrow

    // What it shows, for a screen reader.
    required property string label
    required property color ink
    // Whether that is shown.
    required property bool open

    implicitWidth: 20
    implicitHeight: 26
    // The list has keys for it.
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.Button
    Accessible.name: label
    Accessible.checkable: true
    Accessible.checked: open
    ToolTip.text: open ? qsTr("Show the group alone (Left)") : qsTr("Show the tasks of the group (Right)")
    ToolTip.visible: hovered
    ToolTip.delay: 500

    Item {
        anchors.centerIn: parent
        width: 10
        height: 10
        rotation: arrow.open ? 90 : arrow.mirrored ? 180 : 0
        opacity: arrow.hovered ? 1 : 0.65

        Repeater {
            model: [45, -45]

            Rectangle {
                required property int modelData

                x: 1.5
                y: modelData > 0 ? 2.2 : 6.2
                width: 7
                height: 1.6
                radius: 0.8
                antialiasing: true
                rotation: modelData
                color: arrow.ink
            }
        }
    }
}
