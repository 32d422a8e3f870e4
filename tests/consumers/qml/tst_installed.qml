// For the program `qmltestrunner` that Qt brings, with the installed module.
pragma ComponentBehavior: Bound
import QtQuick
import QtTest
import Legwork

TestCase {
    id: testCase
    name: "Installed"

    Component {
        id: models

        TaskModel {
            id: model
            property int inserted: 0
            function rows(): int {
                return rowCount();
            }
            onRowsInserted: (parent, first, last) => model.inserted += last - first + 1
        }
    }

    Component {
        id: monitors
        TaskMonitor {}
    }

    Component {
        id: indicators
        TaskIndicator {}
    }

    Component {
        id: dialogs
        TaskQuitDialog {}
    }

    Connections {
        id: listener
        property int finished: 0
        property var results: []
        target: TaskManager
        function onTaskCompleted(id: string, result: var): void {
            listener.results.push(result);
        }
        function onShutdownFinished(): void {
            listener.finished += 1;
        }
    }

    function test_enumerators(): void {
        compare(TaskManager.Normal, 1);
        compare(TaskManager.taskStatus("no such task"), TaskManager.UnknownTask);
    }

    // The window of docs/qml.md.
    function test_documentedWindow(): void {
        failOnWarning(/.?/);
        const window = createTemporaryObject(Qt.createComponent("window.qml"), testCase);
        verify(window);
        tryVerify(() => listener.results.includes(6));
    }

    function test_errorsAreThrown(): void {
        try {
            TaskManager.runInThread("no such job");
            fail("an unknown job was accepted");
        } catch (error) {
            verify(error.message.includes("no such job"), error.message);
        }
    }

    function test_modelIsAListModel(): void {
        const model = createTemporaryObject(models, testCase);
        model.clearFinished();
        compare(model.rows(), 0);
        const id = TaskManager.runScript(Qt.resolvedUrl("absent.mjs"), "none", [], {
            delayMs: 3600000
        });
        tryCompare(model, "inserted", 1);
        compare(model.rows(), 1);
        compare(model.data(model.index(0, 0), Qt.UserRole + 1), id);
        compare(TaskManager.cancelTask(id), TaskManager.CancelledBeforeStart);
    }

    function test_readyMadeUi(): void {
        failOnWarning(/.?/);
        const monitor = createTemporaryObject(monitors, testCase);
        compare(monitor.model.filter, TaskModel.Active);
        verify(!createTemporaryObject(indicators, testCase).visible);
        verify(!createTemporaryObject(dialogs, testCase).visible);
    }

    function test_signalsArrive(): void {
        verify(TaskManager.beginShutdown(1000));
        tryCompare(listener, "finished", 1);
    }
}
