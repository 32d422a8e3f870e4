import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Legwork

// What there is to say of a trace: that it is being written, where it lies, or why there is none.
RowLayout {
    id: trace

    // A TaskMonitorLook.
    required property var look
    // Where it is written; empty for a new file in the folder for temporary ones.
    required property string target

    // Whether one is being written, whoever has started it: as it was when somebody looked.
    property bool writing: false
    property string text: ""
    // The file that is finished.
    property string path: ""
    property bool copied: false

    signal copyWanted(text: string)

    function check() {
        const file = TaskManager.tracePath()
        if (file !== "")
            tell(qsTr("A trace is written to\n%1").arg(file), "")
        else if (writing)
            tell("", "")
        writing = file !== ""
    }

    function tell(what: string, file: string) {
        text = what
        path = file
        copied = false
    }

    function start() {
        try {
            if (target === "")
                TaskManager.startTrace()
            else
                TaskManager.startTrace(target)
            check()
        } catch (error) {
            check()
            tell(qsTr("No trace is written: %1").arg(error.message), "")
        }
    }

    function stop() {
        try {
            const report = TaskManager.stopTrace()
            check()
            const events = qsTr("%1 events").arg(report.events.toLocaleString(Qt.locale(), "f", 0))
            const lost = qsTr("%1 were lost").arg(report.lost.toLocaleString(Qt.locale(), "f", 0))
            tell(qsTr("The trace has %1:\n%2").arg(trace.look.list([events, report.lost > 0 ? lost : ""])).arg(report.path), report.path)
        } catch (error) {
            check()
            tell(qsTr("The trace has ended: %1").arg(error.message), "")
        }
    }

    visible: text !== ""
    spacing: 4
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Trace")

    Label {
        objectName: "traceText"
        text: trace.text
        textFormat: Text.PlainText
        // A path has no words, and stands in a line of its own.
        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
        maximumLineCount: 6
        elide: Text.ElideRight
        horizontalAlignment: Text.AlignLeft
        color: trace.look.ink
        Layout.fillWidth: true
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }

    ToolButton {
        objectName: "stopTrace"
        visible: trace.writing
        text: qsTr("Stop")
        Accessible.name: qsTr("Stop the trace")
        // See TaskMonitor: a click may come with it, and finds no trace any more.
        Accessible.onPressAction: if (trace.writing) trace.stop()
        onClicked: if (trace.writing) trace.stop()
    }

    ToolButton {
        objectName: "copyPath"
        visible: trace.path !== ""
        text: trace.copied ? qsTr("Copied") : qsTr("Copy path")
        Accessible.name: qsTr("Copy the path of the trace")
        Accessible.onPressAction: clicked()
        onClicked: {
            trace.copyWanted(trace.path)
            trace.copied = true
        }
    }

    TaskMonitorCross {
        objectName: "closeTrace"
        visible: !trace.writing
        ink: trace.look.ink
        label: qsTr("Close the message")
        // No list has a key for it.
        focusPolicy: Qt.StrongFocus
        Accessible.onPressAction: trace.tell("", "")
        onClicked: trace.tell("", "")
    }
}
