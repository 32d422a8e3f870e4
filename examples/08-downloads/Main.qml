// Downloads: three at a time from one host, and what fails is tried again.
import QtQuick
import QtQuick.Controls
import Legwork

ApplicationWindow {
    id: window

    required property int port
    required property list<string> files
    property int done: 0
    property int failed: 0

    visible: true
    width: 480
    height: 120

    Label {
        text: qsTr("%1 downloaded, %2 failed").arg(window.done).arg(window.failed)
        textFormat: Text.PlainText
    }

    //! [submit]
    Component.onCompleted: {
        for (const file of window.files) {
            TaskManager.runInThread("download", [window.port, file], {
                name: file,
                key: "localhost",
                keyLimit: 3,
                retry: { times: 3, delayMs: 100 },
                owner: window,
                onComplete: () => ++window.done,
                onError: () => ++window.failed
            });
        }
    }
    //! [submit]
}
