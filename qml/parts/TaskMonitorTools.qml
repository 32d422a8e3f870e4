import QtQuick
import QtQuick.Controls

// What a TaskMonitor has for developers.
Menu {
    id: tools

    // Whether a trace is being written.
    required property bool tracing

    signal slowestWanted()
    signal traceWanted(start: bool)

    // A press on the button that opened it is a click there, which closes it.
    closePolicy: Popup.CloseOnEscape | Popup.CloseOnPressOutsideParent

    MenuItem {
        objectName: "slowestJobs"
        text: qsTr("Slowest jobs")
        onTriggered: tools.slowestWanted()
    }

    MenuItem {
        objectName: "trace"
        text: tools.tracing ? qsTr("Stop trace") : qsTr("Start trace")
        onTriggered: tools.traceWanted(!tools.tracing)
    }
}
