// For the program `qmltestrunner` that Qt brings, with the installed module for tests.
import QtQuick
import QtTest
import Legwork
import Legwork.Testing

TestCase {
    name: "Clock"

    VirtualClock {
        id: clock
    }
    TaskSpy {
        id: spy
    }

    function test_b385_ten_minutes_take_no_time(): void {
        const url = Qt.resolvedUrl("work.mjs");
        spy.taskId = TaskManager.runScript(url, "sum", [[1, 2, 3]], { delayMs: 600000 });
        verify(!spy.wait(599000));
        verify(spy.wait(1000));
        compare(clock.now, 600000);
        compare(spy.result, 6);
        compare(clock.pendingTasks(), []);
    }
}
