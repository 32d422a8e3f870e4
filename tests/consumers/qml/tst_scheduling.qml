// What docs/scheduling.md quotes, between `//! [name]`, and that it does what is said there.
import QtQuick
import QtTest
import Legwork

TestCase {
    id: test

    readonly property url module: Qt.resolvedUrl("work.mjs")
    property var shown: []

    function show(sum: int) {
        shown = [...shown, sum];
    }

    function preview(numbers: list<int>) {
        //! [preview]
        TaskManager.runScript(module, "sum", [numbers], {
            key: "preview",
            keyPolicy: TaskManager.Replace,
            delayMs: 300,
            owner: test,
            onComplete: sum => show(sum)
        });
        //! [preview]
    }

    function refresh(): string {
        //! [refresh]
        const id = TaskManager.runScript(module, "sum", [[1, 2]], {
            key: "refresh",
            keyPolicy: TaskManager.Keep,
            onComplete: sum => show(sum)
        });
        //! [refresh]
        return id;
    }

    function after(numbers: var): string {
        //! [after]
        const reading = TaskManager.runScript(module, "sum", [numbers]);
        const counting = TaskManager.runScript(module, "sum", [[3, 4]], { after: [reading] });
        TaskManager.runScript(module, "sum", [[5]], {
            after: [reading, counting],
            afterPolicy: TaskManager.Ended,
            onComplete: sum => show(sum)
        });
        //! [after]
        return counting;
    }

    name: "Scheduling"

    function init() {
        shown = [];
    }

    function test_the_last_letter_is_shown() {
        preview([1]);
        preview([1, 2]);
        preview([1, 2, 3]);
        tryCompare(test, "shown", [6]);
    }

    function test_a_second_press_has_the_first_one_s_result() {
        const first = refresh();
        compare(refresh(), first);
        tryCompare(test, "shown", [3, 3]);
        verify(refresh() !== first);
        tryCompare(test, "shown", [3, 3, 3]);
    }

    function test_what_comes_after() {
        const counting = after([1, 2]);
        tryCompare(test, "shown", [5]);
        compare(TaskManager.taskInfo(counting).result, 7);
        const left = after(null);
        tryCompare(test, "shown", [5, 5]);
        compare(TaskManager.taskInfo(left).cancelReason, "DependencyFailed");
    }
}
