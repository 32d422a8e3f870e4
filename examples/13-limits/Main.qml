// A host of plugins: each has a task every 10 ms. Eight of them hang; the other four do not feel it.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window

    required property list<string> plugins

    visible: true
    width: 480
    height: 320

    Column {
        Repeater {
            model: window.plugins

            delegate: Label {
                id: plugin

                required property string modelData
                property int done: 0
                property string refused: ""

                objectName: modelData
                text: modelData + ": " + done + " " + refused
                textFormat: Text.PlainText
                //! [limits]
                Component.onCompleted: TaskManager.setLimits(plugin, { maxRunning: 1, maxQueued: 100 })
                //! [limits]

                Timer {
                    interval: 10
                    repeat: true
                    running: true
                    onTriggered: {
                        try {
                            TaskManager.runInThread("work", [plugin.modelData], {
                                name: plugin.modelData,
                                owner: plugin,
                                onComplete: () => ++plugin.done
                            })
                        } catch (error) {
                            plugin.refused = error.message
                        }
                    }
                }
            }
        }
    }
}
