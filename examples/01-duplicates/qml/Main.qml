import QtQuick
import QtQuick.Controls
import QtQuick.Layouts
import Duplicates
import Legwork

ApplicationWindow {
    id: window

    readonly property color dimmed: Qt.alpha(palette.windowText, 0.65)
    readonly property color line: Qt.alpha(palette.windowText, 0.2)

    function number(count: real): string {
        return Number(count).toLocaleString(Qt.locale(), "f", 0)
    }

    function bytes(count: real): string {
        return Qt.locale().formattedDataSize(count, 1, Locale.DataSizeSIFormat)
    }

    function time(seconds: real): string {
        const whole = Math.max(1, Math.round(seconds))
        return whole < 60 ? qsTr("%1 s").arg(whole)
                          : qsTr("%1 min %2 s").arg(Math.floor(whole / 60)).arg(whole % 60)
    }

    function state(): string {
        if (Finder.error)
            return Finder.error
        if (Finder.running && Finder.stopped)
            return qsTr("Stopping…")
        if (Finder.stopped)
            return qsTr("Stopped after %1. What was found until then is below.").arg(time(Finder.seconds))
        if (!Finder.running)
            return qsTr("Done in %1.").arg(time(Finder.seconds))
        if (Finder.fraction < 0)
            return qsTr("Listing folders: %1 so far").arg(number(Finder.folders))
        if (Finder.secondsLeft < 0)
            return qsTr("Comparing: %1 %").arg(Math.round(Finder.fraction * 100))
        return qsTr("Comparing: %1 %, about %2 left").arg(Math.round(Finder.fraction * 100))
                                                     .arg(time(Finder.secondsLeft))
    }

    function begin() {
        meter.reset()
        groups.currentIndex = -1
        if (Finder.start(folder.text))
            groups.positionViewAtBeginning()
    }

    // Fetches what has changed, and says what is on the screen: that is hashed first.
    function refresh() {
        Finder.refresh()
        groupRows.refresh()
        failureRows.refresh()
        look()
    }

    function look() {
        const first = groups.indexAt(1, groups.contentY)
        const last = groups.indexAt(1, groups.contentY + groups.height - 1)
        if (groups.count > 0)
            groupRows.lookAt(Math.max(0, first), last < 0 ? groups.count - 1 : last)
    }

    width: 1000
    height: 640
    minimumWidth: 720
    minimumHeight: 480
    visible: true
    title: Finder.folder ? qsTr("Duplicates in %1").arg(Finder.folder) : qsTr("Duplicates")

    Rows {
        id: groupRows
        kind: "groups"
    }

    Rows {
        id: failureRows
        kind: "failures"
    }

    // Results come by the thousand a second; twelve times a second is enough to read them.
    Timer {
        running: Finder.stale
        interval: 80
        onTriggered: window.refresh()
    }

    Shortcut {
        sequence: "Ctrl+Q"
        onActivated: window.close()
    }

    Shortcut {
        sequence: "Esc"
        enabled: Finder.running
        onActivated: Finder.stop()
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 16
        spacing: 12

        RowLayout {
            spacing: 8

            Label {
                text: qsTr("Folder")
                textFormat: Text.PlainText
            }

            TextField {
                id: folder
                text: Finder.folder
                selectByMouse: true
                placeholderText: qsTr("A folder to search")
                Accessible.name: qsTr("Folder to search")
                Layout.fillWidth: true
                onAccepted: window.begin()
            }

            Button {
                text: qsTr("Stop")
                visible: Finder.running
                enabled: !Finder.stopped
                Accessible.name: qsTr("Stop the search")
                onClicked: Finder.stop()
            }

            Button {
                text: qsTr("Search")
                visible: !Finder.running
                enabled: folder.text.trim() !== ""
                highlighted: true
                Accessible.name: qsTr("Search the folder")
                onClicked: window.begin()
            }
        }

        ColumnLayout {
            spacing: 4

            ProgressBar {
                from: 0
                to: 1
                value: Math.max(0, Finder.fraction)
                indeterminate: Finder.running && Finder.fraction < 0
                Accessible.name: qsTr("Progress of the search")
                Layout.fillWidth: true
                Layout.preferredHeight: 12
            }

            Label {
                text: window.state()
                textFormat: Text.PlainText
                maximumLineCount: 1
                color: window.dimmed
                elide: Text.ElideRight
                Layout.fillWidth: true
            }
        }

        RowLayout {
            spacing: 36

            Figure {
                label: qsTr("wasted")
                value: window.bytes(Finder.wasted)
                strong: true
            }

            Figure {
                label: qsTr("duplicates in %1 groups").arg(window.number(Finder.groups))
                value: window.number(Finder.duplicates)
            }

            Figure {
                label: qsTr("files, %1").arg(window.bytes(Finder.bytes))
                value: window.number(Finder.files)
            }

            Figure {
                label: Finder.totalBytes > 0 ? qsTr("free of %1").arg(window.bytes(Finder.totalBytes))
                                             : qsTr("free")
                value: Finder.freeBytes < 0 ? "–" : window.bytes(Finder.freeBytes)
            }

            Item {
                Layout.fillWidth: true
            }
        }

        RowLayout {
            spacing: 16
            Layout.fillHeight: true

            Section {
                title: qsTr("Duplicates")
                base: window.palette.base
                line: window.line
                Layout.fillWidth: true
                Layout.fillHeight: true
                Layout.preferredWidth: 3

                corner: Label {
                    visible: Finder.groups > groups.count && groups.count > 0
                    text: qsTr("the %1 that waste most").arg(groups.count)
                    textFormat: Text.PlainText
                    color: window.dimmed
                }

                ListView {
                    id: groups

                    anchors.fill: parent
                    model: groupRows
                    // The current row shows all of its paths.
                    currentIndex: -1
                    activeFocusOnTab: true
                    boundsBehavior: Flickable.StopAtBounds
                    keyNavigationEnabled: true
                    reuseItems: true
                    Accessible.role: Accessible.List
                    Accessible.name: qsTr("Groups of duplicate files")
                    onContentYChanged: lookLater.restart()
                    onHeightChanged: lookLater.restart()

                    delegate: GroupRow {
                        folder: Finder.folder
                        onOpenFolder: path => Qt.openUrlExternally(Finder.folderUrl(Finder.folder + "/" + path))
                    }

                    ScrollBar.vertical: ScrollBar {}

                    Timer {
                        id: lookLater
                        interval: 100
                        onTriggered: window.look()
                    }
                }

                Label {
                    anchors.centerIn: parent
                    width: parent.width - 48
                    visible: groups.count === 0
                    horizontalAlignment: Text.AlignHCenter
                    wrapMode: Text.Wrap
                    color: window.dimmed
                    text: Finder.running ? qsTr("Nothing found yet.")
                          : Finder.folder ? qsTr("There are no duplicates in this folder.")
                          : qsTr("Choose a folder to search.")
                    textFormat: Text.PlainText
                }
            }

            ColumnLayout {
                spacing: 12
                Layout.preferredWidth: 2
                Layout.fillWidth: true
                Layout.minimumWidth: 300
                Layout.maximumWidth: 380

                Section {
                    title: qsTr("Tasks")
                    base: window.palette.base
                    line: window.line
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredHeight: 3

                    corner: [
                        Label {
                            text: qsTr("Workers")
                            textFormat: Text.PlainText
                            color: window.dimmed
                        },
                        SpinBox {
                            from: 1
                            to: 64
                            value: TaskManager.maxWorkers
                            editable: true
                            Accessible.name: qsTr("How many tasks may run at once")
                            Layout.preferredWidth: 96
                            Layout.maximumHeight: 28
                            onValueModified: TaskManager.maxWorkers = value
                        }
                    ]

                    TaskMonitor {
                        id: monitor
                        anchors.fill: parent
                        model: TaskModel {
                            filter: TaskModel.Active
                            showDelayed: false
                            // What cannot be read has a list of its own.
                            keepFailures: false
                            limit: 200
                        }
                    }
                }

                Section {
                    title: Finder.failed > 0 ? qsTr("Could not be read: %1").arg(window.number(Finder.failed))
                                             : qsTr("Could not be read")
                    base: window.palette.base
                    line: window.line
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredHeight: 2

                    ListView {
                        id: failures
                        anchors.fill: parent
                        anchors.margins: 6
                        model: failureRows
                        activeFocusOnTab: true
                        boundsBehavior: Flickable.StopAtBounds
                        spacing: 4
                        Accessible.role: Accessible.List
                        Accessible.name: qsTr("Files that could not be read")

                        delegate: Label {
                            required property string message

                            width: ListView.view.width - 12
                            text: message
                            textFormat: Text.PlainText
                            wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                            maximumLineCount: 3
                            elide: Text.ElideRight
                            Accessible.role: Accessible.ListItem
                            Accessible.name: message
                        }

                        ScrollBar.vertical: ScrollBar {}
                    }

                    Label {
                        anchors.centerIn: parent
                        visible: failures.count === 0
                        text: qsTr("All files could be read.")
                        textFormat: Text.PlainText
                        color: window.dimmed
                    }
                }
            }
        }

        RowLayout {
            spacing: 24

            FrameMeter {
                id: meter
                running: Finder.running
                color: window.dimmed
            }

            Item {
                Layout.fillWidth: true
            }

            Label {
                // Not the numbers of TaskManager, which are those of a moment: between two short tasks they are 0.
                text: monitor.summary()
                textFormat: Text.PlainText
                color: window.dimmed
            }
        }
    }
}
