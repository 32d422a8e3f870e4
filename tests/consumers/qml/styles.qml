import QtQuick
import QtQuick.Controls
import Legwork

// The ready-made UI in the style that the environment says, in a narrow window: every text can be read, and every
// button is seen whole (B157, B158). Says what is wrong, and ends with how much that is.
ApplicationWindow {
    id: window

    property var wrong: []

    // As WCAG 2 has it: at least 4.5 between a text and what is behind it.
    function luminance(shade: color): real {
        const part = value => value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4)
        return 0.2126 * part(shade.r) + 0.7152 * part(shade.g) + 0.0722 * part(shade.b)
    }

    function contrast(ink: color, opacity: real, paper: color): real {
        const a = ink.a * opacity
        const mixed = Qt.rgba(ink.r * a + paper.r * (1 - a), ink.g * a + paper.g * (1 - a), ink.b * a + paper.b * (1 - a), 1)
        const one = luminance(mixed)
        const other = luminance(paper)
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
    }

    // The first opaque thing behind an item.
    function behind(item: var): color {
        for (let up = item.parent; up; up = up.parent) {
            if (up.color !== undefined && up.text === undefined && up.color.a === 1)
                return up.color
            if (up.background?.color !== undefined && up.background.color.a === 1)
                return up.background.color
        }
        return color
    }

    function ratioOf(item: var): real {
        return contrast(item.color, item.opacity, behind(item))
    }

    // `enough` is the contrast that a text needs.
    function look(item: var, enough: real) {
        if (!item.visible || item.opacity === 0 || !item.enabled)
            return
        if (item.autoExclusive !== undefined) {
            const x = item.mapToItem(contentItem, 0, 0).x
            if (x < 0 || x + item.width > width)
                wrong.push((item.text || item.label) + " ends at " + (x + item.width))
            // A button that is checked is as the style paints it.
            if (item.checked)
                return
        }
        if (item.text && item.color !== undefined && item.paintedWidth > 0) {
            const ratio = ratioOf(item)
            if (ratio < enough)
                wrong.push("'" + item.text + "' has " + ratio.toFixed(1))
        }
        for (let at = 0; at < item.children.length; ++at)
            look(item.children[at], enough)
    }

    function begin(name: string, functionName: string, argument: var) {
        TaskManager.runScript(Qt.resolvedUrl("ready.mjs"), functionName, [argument], { name: name })
    }

    width: 300
    height: 360
    visible: true
    footer: ToolBar {
        Row {
            TaskIndicator {
                id: indicator
                delayMs: 0
            }
            Label {
                id: own
                textFormat: Text.PlainText
                text: "own"
            }
        }
    }
    Component.onCompleted: {
        begin("Upload", "fail", "the certificate has expired")
        begin("Index", "stay", 0.42)
        begin("Index more", "stay", -1)
    }

    TaskMonitor {
        id: monitor
        anchors.fill: parent
    }

    // A frame after all of it is there.
    Timer {
        interval: 100
        repeat: true
        running: true
        onTriggered: {
            if (monitor.summary() !== "2 running, 1 failed" || !indicator.shown)
                return
            stop()
            window.look(monitor, 4.5)
            // In a tool bar it is as the style writes there: dark Material has white on light blue, in Qt 6.11.
            window.look(indicator, Math.min(4.5, window.ratioOf(own) - 0.05))
            console.log(window.wrong.length + " wrong", window.wrong.join("; "))
            Qt.exit(window.wrong.length > 0 ? 1 : 0)
        }
    }
}
