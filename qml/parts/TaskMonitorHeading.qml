import QtQuick
import QtQuick.Controls

// An owner, above its tasks in a TaskMonitor's list; the application's own stand above all, without one. In a file of its
// own, as in Qt 6.4 a list cannot make its headings of a bound component.
Label {
    id: heading

    required property string section

    objectName: "heading"
    width: parent ? parent.width : implicitWidth
    leftPadding: 12
    rightPadding: 12
    topPadding: 8
    bottomPadding: 2
    text: look.oneLine(section)
    textFormat: Text.PlainText
    font.bold: true
    elide: Text.ElideMiddle
    horizontalAlignment: Text.AlignLeft
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    TaskMonitorLook {
        id: look
    }
}
