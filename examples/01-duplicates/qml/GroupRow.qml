import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Legwork

// Files with the same content: what they waste, and where they are.
ItemDelegate {
    id: row

    required property int index
    required property string name
    required property list<string> paths
    required property int more
    required property int copies
    required property real size
    required property real wasted
    required property int pending
    // Where the paths are.
    required property string folder

    // How many paths it shows while it is folded.
    readonly property int few: 3
    readonly property bool open: ListView.isCurrentItem
    readonly property int shown: open ? paths.length : Math.min(few, paths.length)

    signal openFolder(string path)

    function bytes(count: real): string {
        return Qt.locale().formattedDataSize(count, 1, Locale.DataSizeSIFormat)
    }

    width: ListView.view.width
    padding: 8
    leftPadding: 12
    rightPadding: 20
    highlighted: ListView.isCurrentItem && ListView.view.activeFocus
    Accessible.name: pending > 0
        ? qsTr("%1, %2 files of %3, still compared").arg(name).arg(copies).arg(bytes(size))
        : qsTr("%1, %2 copies, %3 wasted").arg(name).arg(copies).arg(bytes(wasted))
    onClicked: ListView.view.currentIndex = open ? -1 : index
    onDoubleClicked: openFolder(paths[0])

    Rectangle {
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        height: 1
        color: Qt.alpha(row.palette.text, 0.1)
    }

    Task {
        id: checksum
        job: "checksum"
        name: qsTr("Checksum of %1").arg(row.name)
        args: [row.folder + "/" + row.paths[0]]
        priority: TaskManager.High
        running: row.open
    }

    contentItem: ColumnLayout {
        spacing: 2

        RowLayout {
            spacing: 12

            Label {
                text: row.name
                textFormat: Text.PlainText
                font.bold: true
                elide: Text.ElideMiddle
                maximumLineCount: 1
                color: row.highlighted ? row.palette.highlightedText : row.palette.text
                Layout.fillWidth: true
            }

            Label {
                text: row.pending > 0
                      ? qsTr("comparing, %1 of %2 left").arg(row.pending).arg(row.copies)
                      : qsTr("%1 × %2").arg(row.copies).arg(row.bytes(row.size))
                textFormat: Text.PlainText
                color: Qt.alpha(row.highlighted ? row.palette.highlightedText : row.palette.text, 0.65)
            }

            Label {
                text: row.bytes(row.wasted)
                textFormat: Text.PlainText
                opacity: row.pending > 0 ? 0.5 : 1
                font.bold: true
                horizontalAlignment: Text.AlignRight
                color: row.highlighted ? row.palette.highlightedText : row.palette.text
                Layout.preferredWidth: 76
            }
        }

        Repeater {
            model: row.paths.slice(0, row.shown).map(path => ({ path: path, lit: row.highlighted }))

            Label {
                required property var modelData

                text: modelData.path
                textFormat: Text.PlainText
                elide: Text.ElideMiddle
                maximumLineCount: 1
                color: Qt.alpha(modelData.lit ? palette.highlightedText : palette.text, 0.75)
                Layout.fillWidth: true
            }
        }

        // What they have in common; computed while the row is open, and given up as it is folded.
        Label {
            visible: row.open
            text: checksum.status === TaskManager.Completed ? qsTr("BLAKE3 %1").arg(checksum.result)
                  : checksum.error ? checksum.error.message
                  : checksum.indeterminate ? qsTr("Computing the checksum…")
                  : qsTr("Computing the checksum: %1 %").arg(Math.round(checksum.progress * 100))
            textFormat: Text.PlainText
            elide: Text.ElideMiddle
            color: Qt.alpha(row.highlighted ? row.palette.highlightedText : row.palette.text, 0.65)
            Layout.fillWidth: true
        }

        Label {
            readonly property int rest: row.paths.length - row.shown + row.more

            visible: rest > 0
            text: row.open ? qsTr("and %n more", "", rest) : qsTr("and %n more – click to show", "", rest)
            textFormat: Text.PlainText
            font.italic: true
            color: Qt.alpha(row.highlighted ? row.palette.highlightedText : row.palette.text, 0.65)
        }
    }
}
