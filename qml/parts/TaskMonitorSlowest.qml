pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Legwork

// The jobs whose runs took the most time in all, in the place of a TaskMonitor's list.
ColumnLayout {
    id: page

    // A TaskMonitorLook.
    required property var look
    // Whether somebody can see the monitor.
    required property bool seen
    // What the list stands on.
    required property color base

    property bool opened: false
    readonly property alias stats: figures

    // It goes back to the list of the tasks.
    signal closed()

    function open() {
        opened = true
        list.currentIndex = 0
        list.forceActiveFocus(Qt.TabFocusReason)
    }

    function close() {
        if (!opened)
            return
        opened = false
        closed()
    }

    function since(date: var): string {
        if (!date)
            return ""
        const today = date.toDateString() === new Date().toDateString()
        return date.toLocaleString(Qt.locale(), today ? "hh:mm:ss" : "yyyy-MM-dd hh:mm")
    }

    // One of `{count, p50Ms, p95Ms, maxMs, totalMs}`; a dash before there is one.
    function time(times: var, which: string): string {
        if (times.count === 0)
            return qsTr("–", "no time was measured yet")
        const ms = times[which]
        const say = (unit, value) => unit.arg(value.toLocaleString(Qt.locale(), "f", value < 9.95 ? 1 : 0))
        if (ms < 0.1)
            return say(qsTr("< %1 ms"), 0.1)
        return ms < 999.5 ? say(qsTr("%1 ms"), ms) : ms < 59500 ? say(qsTr("%1 s"), ms / 1000)
             : ms < 3570000 ? say(qsTr("%1 min"), ms / 60000) : say(qsTr("%1 h"), ms / 3600000)
    }

    visible: opened
    spacing: 8
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Slowest jobs")
    Keys.onEscapePressed: close()

    TaskStats {
        id: figures
        active: page.opened
        ticking: page.seen
    }

    // Four figures of the same width, one beside the other.
    component Figures: RowLayout {
        id: line

        required property var texts
        property color ink: page.look.ink

        spacing: 8

        Repeater {
            model: line.texts

            Label {
                required property string modelData

                text: modelData
                textFormat: Text.PlainText
                elide: Text.ElideRight
                horizontalAlignment: Text.AlignLeft
                color: line.ink
                Accessible.ignored: true
                Layout.fillWidth: true
                Layout.preferredWidth: 1
            }
        }
    }

    RowLayout {
        spacing: 8

        ToolButton {
            objectName: "back"
            text: qsTr("Back")
            Accessible.name: qsTr("Back to the tasks")
            ToolTip.text: qsTr("Back to the tasks (Esc)")
            ToolTip.visible: hovered
            ToolTip.delay: 500
            Accessible.onPressAction: page.close()
            onClicked: page.close()
        }

        Label {
            objectName: "slowestTitle"
            text: qsTr("Slowest jobs")
            textFormat: Text.PlainText
            font.bold: true
            elide: Text.ElideRight
            horizontalAlignment: Text.AlignLeft
            color: page.look.ink
            Layout.fillWidth: true
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }

        ToolButton {
            objectName: "resetStats"
            text: qsTr("Reset")
            Accessible.name: qsTr("Reset the figures")
            ToolTip.text: qsTr("Forget the figures; what begins from now on counts")
            ToolTip.visible: hovered
            ToolTip.delay: 500
            Accessible.onPressAction: figures.reset()
            onClicked: figures.reset()
        }
    }

    Rectangle {
        color: page.base
        border.color: list.activeFocus && figures.count === 0 ? page.look.palette.highlight : page.look.line
        radius: 4
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.minimumHeight: 80

        Figures {
            id: heads
            objectName: "heads"
            anchors { left: parent.left; right: parent.right; top: parent.top; leftMargin: 12; rightMargin: 12; topMargin: 8 }
            visible: figures.count > 0
            ink: page.look.faint
            texts: [qsTr("Median"), qsTr("95 %"), qsTr("Longest"), qsTr("95 % wait")]
        }

        ListView {
            id: list

            objectName: "slowest"
            anchors { fill: parent; margins: 1; topMargin: heads.visible ? heads.height + 12 : 1 }
            clip: true
            model: figures
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            keyNavigationEnabled: true
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Slowest jobs")

            delegate: Item {
                id: row

                required property int index
                required property string name
                required property real runs
                required property var waiting
                required property var running

                readonly property bool current: ListView.isCurrentItem && list.activeFocus
                readonly property string title: name === "" ? qsTr("Others") : page.look.oneLine(name)
                readonly property string total: page.time(running, "totalMs")
                readonly property string times: runs === 1 ? qsTr("1 run, %1 in all").arg(total)
                                              : qsTr("%1 runs, %2 in all").arg(runs.toLocaleString(Qt.locale(), "f", 0)).arg(total)
                readonly property var texts: [page.time(running, "p50Ms"), page.time(running, "p95Ms"), page.time(running, "maxMs"),
                                              page.time(waiting, "p95Ms")]

                width: ListView.view ? ListView.view.width : 0
                implicitHeight: content.implicitHeight + 16
                Accessible.role: Accessible.ListItem
                Accessible.name: title
                Accessible.description: qsTr("%1, median %2, 95 of 100 within %3, the longest %4; waits, 95 of 100 within %5")
                                            .arg(times).arg(texts[0]).arg(texts[1]).arg(texts[2]).arg(texts[3])
                Accessible.focusable: true
                Accessible.focused: current

                TapHandler {
                    onTapped: {
                        list.currentIndex = row.index
                        list.forceActiveFocus(Qt.MouseFocusReason)
                    }
                }

                Rectangle {
                    anchors { fill: parent; margins: 2 }
                    radius: 3
                    visible: row.current
                    color: Qt.alpha(page.look.palette.highlight, 0.12)
                    border.width: 2
                    border.color: page.look.palette.highlight
                }

                Rectangle {
                    anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
                    height: 1
                    color: Qt.alpha(page.look.ink, 0.1)
                }

                ColumnLayout {
                    id: content
                    anchors { left: parent.left; right: parent.right; leftMargin: 11; rightMargin: 11 }
                    y: 8
                    spacing: 4

                    RowLayout {
                        spacing: 12

                        Label {
                            text: row.title
                            textFormat: Text.PlainText
                            elide: Text.ElideMiddle
                            horizontalAlignment: Text.AlignLeft
                            color: page.look.ink
                            Layout.fillWidth: true
                            Accessible.ignored: true
                        }

                        Label {
                            text: row.times
                            textFormat: Text.PlainText
                            color: page.look.faint
                            Accessible.ignored: true
                        }
                    }

                    Figures {
                        texts: row.texts
                    }
                }
            }

            ScrollBar.vertical: ScrollBar {
                visible: size < 1
            }
        }

        Label {
            objectName: "noFigures"
            anchors.centerIn: parent
            width: parent.width - 48
            visible: figures.count === 0
            text: qsTr("Nothing has run yet. While this page is open, each run is measured.")
            textFormat: Text.PlainText
            wrapMode: Text.Wrap
            horizontalAlignment: Text.AlignHCenter
            color: page.look.faint
        }
    }

    Label {
        objectName: "measuredSince"
        visible: figures.since !== null
        text: qsTr("The most time in all comes first. Since %1").arg(page.since(figures.since))
        textFormat: Text.PlainText
        wrapMode: Text.Wrap
        horizontalAlignment: Text.AlignLeft
        color: page.look.faint
        Layout.fillWidth: true
    }
}
