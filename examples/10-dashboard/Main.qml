// A dashboard: a reading of each source ten times a second, and a source that hangs is given up.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window

    required property list<string> sources

    visible: true
    width: 480
    height: 120

    Column {
        Repeater {
            model: window.sources

            //! [submit]
            delegate: Label {
                id: row

                required property string modelData

                text: modelData + ": " + (reading.error ? reading.error.message : reading.result ?? "…")
                textFormat: Text.PlainText

                Task {
                    id: reading

                    job: "read"
                    args: [row.modelData]
                    name: row.modelData
                    intervalMs: 100
                    timeoutMs: 250
                    options: ({ rate: TaskManager.FixedRate, maxFailures: 3 })
                    running: true
                }
            }
            //! [submit]
        }
    }
}
