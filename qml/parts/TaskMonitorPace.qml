import QtQuick

// A text and a number that change as often as they like, and what is shown of them: 20 times a second at most, and the
// last in any case. What changes with each frame cannot be read, and a screen reader is told of each change.
Timer {
    id: pace

    // As they are.
    property string text: ""
    property real value: -1
    // Whether somebody sees what is shown.
    property bool seen: true

    property string shownText: ""
    property real shownValue: -1

    // When something was last told, in ms since 1970.
    property real at: 0

    function tell() {
        stop()
        at = Date.now()
        shownText = text
        shownValue = value
    }

    function look() {
        const left = 50 - (Date.now() - at)
        // The clock may have been set back.
        if (left <= 0 || left > 50) {
            tell()
        } else if (!running && seen) {
            interval = left
            start()
        }
    }

    onTextChanged: if (seen) look()
    onValueChanged: if (seen) look()
    onSeenChanged: tell()
    onTriggered: tell()
    Component.onCompleted: tell()
}
