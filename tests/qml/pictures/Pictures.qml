import QtQuick
import QtQuick.Controls
import QtQuick.Controls.Fusion
import QtQuick.Layouts
import Legwork

// Draws the pictures of docs/, for `./x pictures`: with the stand-in model and fixed times, so that
// they are the same each time.
ApplicationWindow {
    id: stage

    // The folder comes last on the command line.
    readonly property string folder: Qt.application.arguments[Qt.application.arguments.length - 1]
    readonly property var shots: [
        { file: "monitor-light", dark: false, scene: monitors },
        { file: "monitor-dark", dark: true, scene: monitors },
        { file: "indicator-light", dark: false, scene: indicators },
        { file: "indicator-dark", dark: true, scene: indicators },
        { file: "slowest-light", dark: false, scene: developers },
        { file: "slowest-dark", dark: true, scene: developers },
    ]
    property int shot: 0
    readonly property bool dark: shots[shot].dark

    function next() {
        if (shot + 1 === shots.length) {
            Qt.exit(0)
            return
        }
        loader.sourceComponent = null
        shot += 1
        loader.sourceComponent = shots[shot].scene
        settle.restart()
    }

    // Bars that are busy move; here they stand.
    function hold(item: var) {
        if (item.still !== undefined) {
            item.still = true
            item.phase = 0.45
        }
        for (let at = 0; at < item.children.length; ++at)
            hold(item.children[at])
    }

    // The part of a monitor that has this name.
    function part(item: var, name: string): var {
        if (item.objectName === name)
            return item
        for (let at = 0; at < item.children.length; ++at) {
            const found = part(item.children[at], name)
            if (found)
                return found
        }
        return null
    }

    width: 960
    height: 640
    visible: true
    palette {
        window: dark ? "#2b2d30" : "#f3f3f4"
        windowText: dark ? "#e4e5e7" : "#1d1e20"
        base: dark ? "#1f2023" : "#ffffff"
        text: dark ? "#e4e5e7" : "#1d1e20"
        button: dark ? "#3a3d41" : "#f0f0f1"
        buttonText: dark ? "#e4e5e7" : "#1d1e20"
        light: dark ? "#4a4d52" : "#ffffff"
        mid: dark ? "#1b1c1e" : "#c4c5c8"
        dark: dark ? "#121314" : "#a0a1a4"
        shadow: dark ? "#000000" : "#76797c"
        highlight: dark ? "#4c8dff" : "#2f6fde"
        highlightedText: "#ffffff"
        disabled.buttonText: dark ? "#77797c" : "#a2a4a7"
    }
    Component.onCompleted: loader.sourceComponent = shots[0].scene

    Timer {
        id: settle
        interval: 800
        running: true
        onTriggered: {
            stage.hold(loader)
            stage.contentItem.children[0].grabToImage(image => {
                const file = stage.folder + "/" + stage.shots[stage.shot].file + ".png"
                if (!image.saveToFile(file))
                    console.warn("cannot write", file)
                stage.next()
            }, Qt.size(loader.width * 2, loader.height * 2))
        }
    }

    Loader {
        id: loader
    }

    component Model: TaskModel {
        filter: TaskModel.Active
        keepFailures: true
        showDelayed: false
    }

    component Busy: Model {
        Component.onCompleted: {
            add({ name: "Hash 1,204 files", status: TaskManager.Running, progress: 0.64, elapsed: 83000,
                  message: "Pictures/2024/summer/IMG_2041.jpg" })
            add({ name: "Thumbnails", status: TaskManager.Running, progress: 0.31, elapsed: 48000, slow: true, message: "212 of 684" })
            add({ name: "Fetch map tiles", status: TaskManager.Running, elapsed: 4000, message: "Connecting…" })
            add({ name: "Watch the inbox", status: TaskManager.Running, periodic: true, iteration: 12, progress: 0.5, elapsed: 0 })
            add({ name: "Export to Archive.zip", status: TaskManager.Running, progress: 0.4, elapsed: 21000,
                  cancelRequested: true, canCancel: false })
            add({ name: "Find duplicates", status: TaskManager.Blocked, waitsFor: 'Waiting for "Thumbnails"' })
            add({ name: "Upload Archive.zip", status: TaskManager.Delayed, retrying: true, attempt: 1, attempts: 4,
                  due: new Date(0), dueIn: 8000 })
            progress = 0.46
        }
    }

    component Broken: Model {
        Component.onCompleted: {
            add({ name: "Thumbnails", status: TaskManager.Running, progress: 0.92, elapsed: 140000, message: "629 of 684" })
            add({ name: "Upload Archive.zip", status: TaskManager.Failed,
                  error: "files.example.org does not answer: the connection was refused, also at the third attempt." })
            add({ name: "Read camera.raw", status: TaskManager.TimedOut, error: "It took longer than 30 s." })
            progress = 0.92
        }
    }

    component Board: Pane {
        id: board
        padding: 2
        background: Rectangle {
            color: board.palette.window
            border.color: Qt.alpha(board.palette.windowText, 0.2)
            radius: 6
        }
    }

    // What stands around the panels: a shade of the window's.
    component Table: Pane {
        id: table
        padding: 0
        background: Rectangle {
            color: Qt.darker(table.palette.window, table.palette.window.hslLightness < 0.5 ? 1.35 : 1.06)
        }
    }

    Component {
        id: monitors

        Table {
            implicitWidth: 928
            implicitHeight: 532

            Board {
                x: 16
                y: 16
                width: 440
                height: 500

                TaskMonitor {
                    anchors.fill: parent
                    model: Busy {}
                }
            }

            Board {
                x: 472
                y: 16
                width: 440
                height: 300

                TaskMonitor {
                    anchors.fill: parent
                    model: Broken {}
                }
            }

            Board {
                x: 472
                y: 332
                width: 440
                height: 184

                TaskMonitor {
                    anchors.fill: parent
                    model: Model {}
                }
            }
        }
    }

    Component {
        id: developers

        Table {
            implicitWidth: 928
            implicitHeight: 372

            Board {
                x: 16
                y: 16
                width: 440
                height: 340

                TaskMonitor {
                    anchors.fill: parent
                    developer: true
                    model: Model {}
                    Component.onCompleted: {
                        const page = stage.part(this, "slowestPage")
                        const figures = page.stats
                        figures.since = new Date(2026, 4, 4, 9, 30)
                        figures.add("Thumbnails", 684, figures.times(684, 84, 412, 1240), figures.times(684, 6.2, 840, 2310))
                        figures.add("Hash", 1204, figures.times(1204, 12.4, 61, 385), figures.times(1204, 0.4, 12, 96))
                        figures.add("Export", 2, figures.times(2, 3900, 8400, 8400), figures.times(2, 0.1, 0.2, 0.2))
                        figures.add("Watch the inbox", 12, figures.times(12, 31, 48, 48), figures.times(12, 0.05, 0.3, 0.3))
                        page.open()
                    }
                }
            }

            Board {
                x: 472
                y: 16
                width: 440
                height: 340

                TaskMonitor {
                    anchors.fill: parent
                    developer: true
                    model: Busy {}
                    Component.onCompleted: stage.part(this, "traceBar").tell(
                        "The trace has 12,480 events:\n/tmp/photos-20260504-093012-qXbTzL.json", "photos.json")
                }
            }
        }
    }

    component Bar: Board {
        property alias model: indicator.model

        implicitWidth: 420
        implicitHeight: 34

        Label {
            anchors { left: parent.left; leftMargin: 10; verticalCenter: parent.verticalCenter }
            text: "Line 12, column 4"
            opacity: 0.65
        }

        TaskIndicator {
            id: indicator
            anchors { right: parent.right; rightMargin: 2; verticalCenter: parent.verticalCenter }
            delayMs: 0
        }
    }

    Component {
        id: indicators

        Table {
            implicitWidth: 452
            implicitHeight: 158

            ColumnLayout {
                x: 16
                y: 16
                spacing: 12

                Bar {
                    model: Model {
                        Component.onCompleted: {
                            add({ name: "Hash", status: TaskManager.Running, progress: 0.42 })
                            progress = 0.42
                        }
                    }
                }

                Bar {
                    model: Busy {}
                }

                Bar {
                    model: Model {
                        Component.onCompleted: {
                            add({ name: "Thumbnails", status: TaskManager.Running, progress: 0.8 })
                            add({ name: "Upload", status: TaskManager.Failed, error: "refused" })
                            progress = 0.8
                        }
                    }
                }
            }
        }
    }
}
