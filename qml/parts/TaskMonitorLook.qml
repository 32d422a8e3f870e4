import QtQuick
import QtQuick.Controls

// What the style writes with, and how texts are shown that others made. The palette alone does not tell: some
// styles, Material and Universal among them, have colours of their own beside it.
Label {
    id: look

    readonly property color ink: color
    readonly property color faint: Qt.alpha(ink, 0.65)
    readonly property color track: Qt.alpha(ink, 0.15)
    readonly property color line: Qt.alpha(ink, 0.18)
    // How large a sign is beside a text.
    readonly property real signSize: Math.max(16, Math.round(0.85 * metrics.height))
    readonly property FontMetrics metrics: FontMetrics {
        font: look.font
    }
    // Whether things may move by themselves: also where that tells nothing new, they do not if the user does not want
    // it. Qt says so from 6.12 on.
    property bool reducedMotion: hints.accessibility?.motionPreference > 0
    readonly property var hints: Qt.styleHints
    // Whether somebody can see what is shown: animations run on, as timers, where a window is hidden.
    property bool seen: true
    readonly property bool resting: reducedMotion || !seen
    // What can be read on ink.
    readonly property color paper: luminance(ink) > 0.18 ? "black" : "white"

    // As WCAG 2 has it, from 0 to 1.
    function luminance(shade: color): real {
        const part = value => value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4)
        return 0.2126 * part(shade.r) + 0.7152 * part(shade.g) + 0.0722 * part(shade.b)
    }

    // The shade, if faint ink can be read on it; else nothing, and what is behind is seen.
    function under(shade: color): color {
        const blend = name => faint[name] * faint.a + shade[name] * (1 - faint.a)
        const one = luminance(Qt.rgba(blend("r"), blend("g"), blend("b"), 1))
        const other = luminance(shade)
        const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
        return shade.a === 1 && ratio >= 4.5 ? shade : "transparent"
    }

    // In one line, whatever it has in it.
    function oneLine(text: string): string {
        return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim()
    }

    // Those of the texts that say something.
    function list(texts: var): string {
        return texts.filter(text => text !== "").join(qsTr(", ", "between parts of a summary"))
    }

    function percent(progress: real): string {
        return qsTr("%1 %", "per cent").arg(Math.floor(progress * 100).toLocaleString(Qt.locale(), "f", 0))
    }

    // How much of how much is done, and how fast: `amount` of a TaskModel. Empty where nothing is counted.
    function amountText(amount: var): string {
        if (!amount)
            return ""
        const locale = Qt.locale()
        const bytes = amount.unit === "bytes"
        const unit = bytes ? "" : oneLine(amount.unit)
        const say = value => bytes ? locale.formattedDataSize(value, value < 1000 ? 0 : 1, Locale.DataSizeSIFormat)
                                   : value.toLocaleString(locale, "f", value % 1 !== 0 && value < 10 ? 1 : 0)
        const of = amount.total > 0 ? qsTr("%1 of %2").arg(say(amount.done)).arg(say(amount.total)) : say(amount.done)
        const counted = unit ? qsTr("%1 %2", "a number and its unit").arg(of).arg(unit) : of
        if (amount.speed <= 0)
            return counted
        const speed = unit ? qsTr("%1 %2", "a number and its unit").arg(say(amount.speed)).arg(unit) : say(amount.speed)
        return list([counted, qsTr("%1/s").arg(speed)])
    }

    visible: false
    Accessible.ignored: true
}
