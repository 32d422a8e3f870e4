import QtQuick

// A thin bar: how far something is, or that it goes on. Not the style's, which is not made to be thin:
// in some it cannot be told whether it is full or busy.
Item {
    id: bar

    required property color ink
    required property color track
    // What it shows, for a screen reader.
    required property string label
    property bool busy: false

    // These names are what Accessible looks for.
    readonly property real from: 0
    readonly property real to: 1
    property real value: 0

    // Where the piece of a busy bar is, from 0 to 1; and whether it stays there.
    property real phase: 0.5
    property bool still: false

    implicitWidth: 72
    implicitHeight: 4
    clip: true
    Accessible.role: Accessible.ProgressBar
    Accessible.name: label
    // Not every Qt tells the value of what is no slider.
    Accessible.description: busy ? "" : qsTr("%1 %", "per cent").arg(Math.floor(value * 100).toLocaleString(Qt.locale(), "f", 0))

    NumberAnimation {
        target: bar
        property: "phase"
        running: bar.busy && bar.visible && !bar.still
        from: 0
        to: 1
        duration: 1400
        loops: Animation.Infinite
    }

    Rectangle {
        anchors.fill: parent
        radius: height / 2
        color: bar.track
    }

    Rectangle {
        readonly property real share: Math.max(0, Math.min(1, bar.value))
        readonly property real piece: 0.3 * bar.width
        readonly property real start: bar.busy ? bar.phase * (bar.width + piece) - piece : 0

        x: bar.LayoutMirroring.enabled ? bar.width - start - width : start
        width: bar.busy ? piece : share * bar.width
        height: bar.height
        radius: height / 2
        color: bar.ink
    }
}
