import QtQuick
import QtQuick.Controls

// The longest time between two frames since `reset`: how long the window has stood still.
Label {
    id: meter

    // Measures while this is true.
    property bool running: false
    // Milliseconds; 0 before there were two frames.
    property real longest: 0
    // Frames since the reset. The first ones make the window itself.
    property int frames: 0

    function reset() {
        longest = 0
        frames = 0
    }

    text: longest > 0 ? qsTr("Longest frame gap: %1 ms").arg(Math.round(longest))
                      : qsTr("Longest frame gap: –")
    textFormat: Text.PlainText
    Accessible.name: text

    FrameAnimation {
        running: meter.running
        onTriggered: {
            meter.frames += 1
            if (meter.frames > 3)
                meter.longest = Math.max(meter.longest, frameTime * 1000)
        }
    }
}
