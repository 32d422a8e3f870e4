pragma ComponentBehavior: Bound

import QtQuick

// The sign of a task's state: a form for each, readable without colours. Drawn with what every Qt Quick has, as there
// may be no theme of icons.
Item {
    id: sign

    // "run", "wait", "turn", "clock", "hold", "done", "stop" or "fault"; empty: that it has ended, somehow.
    required property string kind
    // What it is drawn with, and what can be read on that.
    required property color ink
    required property color paper
    property real size: 16

    readonly property real unit: size / 16
    // The bars and dots that it is made of, around their middles, in sixteenths of the size; and whether a ring is around
    // them.
    readonly property var parts: {
        switch (kind) {
        case "wait":
            return [{ x: 3, y: 8, width: 2.5, height: 2.5 }, { x: 8, y: 8, width: 2.5, height: 2.5 },
                    { x: 13, y: 8, width: 2.5, height: 2.5 }]
        case "turn":
            return [{ x: 8, y: 8, width: 7, height: 2 }]
        case "clock":
            return [{ x: 8, y: 6.25, width: 1.5, height: 5 }, { x: 9.75, y: 8, width: 5, height: 1.5 }]
        case "hold":
            return [{ x: 5.25, y: 8, width: 2.5, height: 9, radius: 0.5 }, { x: 10.75, y: 8, width: 2.5, height: 9, radius: 0.5 }]
        case "done":
            return [{ x: 4.75, y: 10.25, width: 6.2, height: 1.8, angle: 45 },
                    { x: 9.75, y: 8.25, width: 11, height: 1.8, angle: -49 }]
        case "stop":
            return [{ x: 8, y: 8, width: 9, height: 9, radius: 1 }]
        }
        return []
    }
    readonly property bool ringed: kind === "turn" || kind === "clock" || kind === ""

    implicitWidth: size
    implicitHeight: size
    Accessible.ignored: true

    Rectangle {
        visible: sign.ringed
        anchors.fill: parent
        anchors.margins: sign.unit
        radius: width / 2
        antialiasing: true
        color: "transparent"
        border.width: 1.5 * sign.unit
        border.color: Qt.alpha(sign.ink, 0.65)
    }

    Repeater {
        model: sign.parts

        Rectangle {
            required property var modelData

            x: modelData.x * sign.unit - width / 2
            y: modelData.y * sign.unit - height / 2
            width: modelData.width * sign.unit
            height: modelData.height * sign.unit
            radius: modelData.radius === undefined ? Math.min(width, height) / 2 : modelData.radius * sign.unit
            rotation: modelData.angle ?? 0
            antialiasing: true
            color: Qt.alpha(sign.ink, 0.65)
        }
    }

    // A triangle that points to where the lines go on: half of a square that stands on its corner.
    Item {
        visible: sign.kind === "run"
        x: (sign.LayoutMirroring.enabled ? 4 : 5) * sign.unit
        y: 2 * sign.unit
        width: 7 * sign.unit
        height: 12 * sign.unit
        clip: true

        Rectangle {
            x: (sign.LayoutMirroring.enabled ? parent.width : 0) - width / 2
            y: (parent.height - height) / 2
            width: 8.5 * sign.unit
            height: width
            rotation: 45
            antialiasing: true
            color: sign.ink
        }
    }

    TaskMonitorMark {
        visible: sign.kind === "fault"
        ink: sign.ink
        paper: sign.paper
        size: sign.size
    }
}
