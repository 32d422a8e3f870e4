pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Legwork
import "parts"

// For a status bar or a tool bar: a small bar while something runs, and how much has failed. A click
// shows a TaskMonitor.
AbstractButton {
    id: indicator

    // A TaskModel; an own one unless said otherwise. The TaskMonitor shows it, too.
    property var model: TaskModel {
        filter: TaskModel.Active
        showDelayed: false
        lingerMs: 2000
        keepFailures: true
        owner: indicator.owner
        byOwner: true
        ticking: popup.visible
    }
    // Only the tasks of the owner with this name, such as a plugin; empty for all. For the own model.
    property string owner: ""
    // How long something has to run until it is shown, in ms.
    property int delayMs: 500
    // How long it stays after the last task, so that it does not flicker, in ms.
    property int stayMs: 800

    // Whether its monitor has a menu for developers.
    property bool developer: false

    // Whether nothing is to move by itself: what the user wants, where Qt can say so (from 6.12 on).
    property alias reducedMotion: shades.reducedMotion

    // How many run, and wait for a worker, for others or for their next attempt.
    readonly property int active: model.runningCount + model.queuedCount
    readonly property bool busy: active > 0
    // Failures since the monitor was last open.
    readonly property int failures: Math.max(0, model.failedCount - seen)
    readonly property alias opened: popup.opened

    // The bar is shown; a state, as it begins later and ends later than `busy`.
    property bool shown: false
    property int seen: 0
    // Something ran long enough to be shown; it is as soon as something runs.
    property bool due: false
    // The name of the last single task, for as long as there is no more than one.
    property string lastName: ""
    // It would be gone, if nobody was about to press it.
    property bool overdue: false
    readonly property bool pointed: pointer.hovered || visualFocus
    // When a screen reader last pressed it, in ms since 1970.
    property real asked: 0

    // Only where it is a single task has it a name.
    readonly property var single: {
        if (!shown || active !== 1)
            return null
        for (let at = rows.count - 1; at >= 0; --at) {
            const task = rows.objectAt(at)
            if (task && (task.retrying || [TaskManager.Running, TaskManager.Queued, TaskManager.Blocked, TaskManager.Paused].includes(task.status)))
                return task
        }
        return null
    }

    function open() {
        popup.place()
        popup.open()
    }

    function close() {
        popup.close()
    }

    function toggle() {
        if (popup.visible)
            close()
        else
            open()
    }

    function notice() {
        if (popup.visible || model.failedCount < seen)
            seen = model.failedCount
    }

    function describe(): string {
        if (!tally.busy)
            return qsTr("Finished")
        if (tally.active > 1)
            return qsTr("%Ln tasks", "", tally.active)
        if (!lastName)
            return qsTr("1 task")
        return model.progress < 0 ? lastName : qsTr("%1, %2").arg(lastName).arg(shades.percent(model.progress))
    }

    function failuresText(): string {
        return failures === 1 ? qsTr("1 task has failed") : qsTr("%Ln tasks have failed", "", failures)
    }

    visible: shown || failures > 0 || popup.visible
    text: describe()
    horizontalPadding: 8
    verticalPadding: 4
    spacing: 8
    focusPolicy: Qt.StrongFocus
    implicitWidth: implicitContentWidth + leftPadding + rightPadding
    implicitHeight: implicitContentHeight + topPadding + bottomPadding
    Accessible.role: Accessible.Button
    Accessible.name: shown ? qsTr("Background tasks: %1").arg(text) : qsTr("Background tasks")
    Accessible.description: failures > 0 ? failuresText() : ""
    ToolTip.text: failures > 0 ? failuresText() : qsTr("Show the background tasks")
    ToolTip.visible: hovered && !popup.visible
    ToolTip.delay: 500

    // The button of Qt 6.4 does not do this by itself; that of newer ones is clicked, too.
    Accessible.onPressAction: {
        toggle()
        asked = Date.now()
    }
    onClicked: if (Date.now() - asked > 200) toggle()
    Keys.onReturnPressed: indicator.clicked()
    Keys.onEnterPressed: indicator.clicked()

    onPointedChanged: {
        if (overdue && !pointed) {
            overdue = false
            shown = false
        }
    }
    onSingleChanged: if (single) lastName = shades.oneLine(single.name)
    onBusyChanged: if (busy && due) shown = true
    onModelChanged: notice()
    Component.onCompleted: tally.turn()

    TaskMonitorLook {
        id: shades
        seen: indicator.visible && indicator.Window.window !== null && indicator.Window.window.visible
              && indicator.Window.visibility !== Window.Minimized
    }

    // Not every style has its buttons hovered.
    HoverHandler {
        id: pointer
    }

    // Tasks that come one after the other, with moments between them, are one time of being busy.
    TaskMonitorTally {
        id: tally

        function turn() {
            indicator.due = false
            if (busy) {
                hide.stop()
                indicator.overdue = false
                if (!indicator.shown)
                    show.restart()
            } else {
                show.stop()
                indicator.lastName = ""
                if (indicator.shown)
                    hide.restart()
            }
        }

        model: indicator.model
        spanMs: 150
        onBusyChanged: turn()
        onActiveChanged: indicator.lastName = active > 1 || !indicator.single ? "" : shades.oneLine(indicator.single.name)
    }

    Timer {
        id: show
        interval: indicator.delayMs
        onTriggered: {
            indicator.due = true
            if (indicator.busy)
                indicator.shown = true
        }
    }

    Timer {
        id: hide
        interval: Math.max(0, indicator.stayMs - tally.spanMs)
        onTriggered: {
            indicator.overdue = indicator.pointed
            if (!indicator.pointed)
                indicator.shown = false
        }
    }

    Connections {
        target: indicator.model
        function onFailedCountChanged() { indicator.notice() }
    }

    // Looks up the single task.
    Instantiator {
        id: rows
        active: indicator.shown && indicator.active === 1
        model: indicator.model

        delegate: QtObject {
            required property string name
            required property int status
            required property bool retrying
        }
    }

    background: Rectangle {
        radius: 4
        color: indicator.down || popup.visible ? shades.track
               : indicator.hovered ? Qt.alpha(shades.ink, 0.08)
               : "transparent"
        border.width: indicator.visualFocus ? 2 : 0
        border.color: indicator.palette.highlight
    }

    contentItem: RowLayout {
        spacing: indicator.spacing

        TaskMonitorBar {
            objectName: "bar"
            visible: indicator.shown
            ink: indicator.palette.highlight
            track: shades.track
            label: qsTr("Progress of all tasks")
            busy: indicator.shown && tally.busy && indicator.model.progress < 0
            value: tally.busy ? indicator.model.progress : 1
            still: shades.resting
            Layout.preferredWidth: 72
            Layout.preferredHeight: 6
            Accessible.ignored: true
        }

        Label {
            visible: indicator.shown
            text: indicator.text
            elide: Text.ElideMiddle
            horizontalAlignment: Text.AlignLeft
            textFormat: Text.PlainText
            color: shades.ink
            Layout.fillWidth: true
            // A status bar is to keep still, and no name is to fill it.
            Layout.maximumWidth: 240
            Accessible.ignored: true
        }

        TaskMonitorMark {
            visible: indicator.failures > 0
            ink: shades.ink
            paper: shades.paper
        }

        Label {
            objectName: "failures"
            visible: indicator.failures > 0
            text: qsTr("%Ln failed", "", indicator.failures)
            textFormat: Text.PlainText
            color: shades.ink
            Accessible.ignored: true
        }
    }

    Popup {
        id: popup

        // Below, or above if there is more room: it does not cover the indicator, for a click to close it.
        function place() {
            const above = indicator.mapToItem(null, 0, 0).y
            const below = indicator.Window.height - above - indicator.height
            height = Math.min(380, Math.max(above, below) - 12)
            y = below >= 392 || below >= above ? indicator.height + 4 : -height - 4
        }

        objectName: "popup"
        // The end of the monitor stands over the end of the indicator.
        x: indicator.mirrored ? 0 : indicator.width - width
        width: Math.min(440, indicator.Window.width - 16)
        margins: 8
        padding: 1
        focus: true
        // A press on the indicator closes it by a click.
        closePolicy: Popup.CloseOnEscape | Popup.CloseOnPressOutsideParent
        onAboutToShow: indicator.seen = indicator.model.failedCount
        onClosed: {
            // What ended while it was looked at is not shown for ever.
            indicator.model.filter = TaskModel.Active
            indicator.forceActiveFocus(Qt.PopupFocusReason)
        }

        // By its file: in Qt 6.4 a Loader cannot make a bound component.
        Loader {
            id: loader
            anchors.fill: parent
            active: popup.visible
            focus: true
            LayoutMirroring.enabled: indicator.mirrored
            LayoutMirroring.childrenInherit: true
            Component.onCompleted: setSource("TaskMonitor.qml", { focus: true, model: Qt.binding(() => indicator.model),
                                                                  developer: Qt.binding(() => indicator.developer),
                                                                  reducedMotion: Qt.binding(() => indicator.reducedMotion) })
        }
    }
}
