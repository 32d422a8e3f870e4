"""What PySide6 from the package index does with the installed QML module, which nobody built for it."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

import PySide6
from PySide6.QtCore import QByteArray, QCoreApplication, QDateTime, QElapsedTimer, QEventLoop, QTimer, QUrl, qInstallMessageHandler
from PySide6.QtQml import QQmlComponent, QQmlEngine

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
QML = os.environ["LEGWORK_QML"]
JOBS = os.environ["LEGWORK_JOBS"]
WORK = QUrl.fromLocalFile(str(ROOT / "tests/qml/scripts/work.mjs"))

COMPLETED, CANCELLED, FAILED, UNKNOWN_TASK = 3, 5, 4, 8
CANCEL_REQUESTED = 17

warnings = []
qInstallMessageHandler(lambda kind, context, text: warnings.append(text))

application = QCoreApplication(sys.argv)
engine = QQmlEngine()
engine.addImportPath(QML)


# Before 6.7 PySide6 has no QQmlEngine.singletonInstance: then QML hands it out.
has_singleton_instance = hasattr(engine, "singletonInstance")
if has_singleton_instance:
    manager = engine.singletonInstance("Legwork", "TaskManager")
else:
    component = QQmlComponent(engine)
    component.setData(b"import QtQml; import Legwork; QtObject { property QtObject manager: TaskManager }", QUrl())
    holder = component.create()
    manager = holder and holder.property("manager")


class TestPySide(unittest.TestCase):
    def setUp(self):
        warnings.clear()
        self.assertIsNotNone(manager, f"no QML module Legwork in {QML}")
        self.events = []
        hear = lambda name: (lambda *arguments: self.events.append((name, *arguments)))
        self.slots = {
            getattr(manager, name): hear(name)
            for name in ("taskStarted", "taskCompleted", "taskFailed", "taskCancelled", "taskPeriodic", "taskProgress",
                         "allTasksFinished")
        }
        for signal, slot in self.slots.items():
            signal.connect(slot)

    def tearDown(self):
        for signal, slot in self.slots.items():
            signal.disconnect(slot)
        self.assertEqual(warnings, [])

    def wait_for(self, done, what):
        clock = QElapsedTimer()
        clock.start()
        wake = QTimer()
        wake.start(20)
        while not done():
            self.assertLess(clock.elapsed(), 20_000, f"did not come: {what}")
            application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def of(self, id):
        return [(event[0], *event[2:]) for event in self.events if len(event) > 1 and event[1] == id]

    def ended(self, id):
        self.assertNotEqual(id, "", manager.property("lastError"))
        ends = {"taskCompleted", "taskFailed", "taskCancelled"}
        self.wait_for(lambda: manager.taskStatus(id) >= COMPLETED and ends & {event[0] for event in self.of(id)}, id)
        return self.of(id)

    def script(self, function, args=(), **options):
        return manager.runScript(WORK, function, list(args), options)

    def test_results_have_types_of_python(self):
        for value in (True, 7, -2.5, "Zeile ü", None, [1, [2, "x"]], {"a": {"b": [None, True]}}, 2**53 - 1):
            with self.subTest(value):
                events = self.ended(self.script("echo", [value]))
                self.assertEqual(events, [("taskStarted",), ("taskCompleted", value)])
                self.assertIs(type(events[1][1]), type(value))

    def test_dates_and_bytes(self):
        now = QDateTime.currentDateTimeUtc()
        self.assertEqual(self.ended(self.script("echo", [now]))[1][1], now)
        data = QByteArray(b"\x00\x01\xff")
        self.assertEqual(self.ended(self.script("echo", [data]))[1][1], data)

    def test_a_job(self):
        id = manager.runInThread("sha256", [str(HERE / "tst_pyside.py")], {"name": "Hash"})
        events = self.ended(id)
        self.assertEqual(events[0], ("taskStarted",))
        self.assertEqual(len(events[-1][1]), 64)
        info = manager.taskInfo(id)
        self.assertEqual((info["name"], info["status"], info["statusName"]), ("Hash", COMPLETED, "Completed"))
        self.assertIsInstance(info["finished"], QDateTime)

    def test_an_exception_of_a_job(self):
        id = manager.runInThread("sha256", ["/no/such/file"], {})
        self.assertTrue(self.ended(id)[-1][1].startswith("/no/such/file: "))
        self.assertEqual(manager.taskInfo(id)["error"]["kind"], "Exception")

    def test_an_error_of_a_script(self):
        id = self.script("fails")
        self.assertEqual(self.ended(id), [("taskStarted",), ("taskFailed", "RangeError: no such price")])
        error = manager.taskInfo(id)["error"]
        self.assertEqual((error["kind"], error["file"]), ("Script", WORK.toString()))
        self.assertGreater(error["line"], 0)

    def test_progress_and_periodic(self):
        id = self.script("report", [4])
        self.assertIn(("taskProgress", 1.0, "step 4"), self.ended(id))
        id = self.script("sum", [1], periodic=True, intervalMs=1, maxRuns=2)
        self.assertEqual(self.ended(id)[1:], [("taskPeriodic", 1, 1), ("taskPeriodic", 2, 1), ("taskCompleted", 1)])

    def test_cancel(self):
        id = self.script("endless")
        self.wait_for(lambda: self.of(id), "the start")
        self.assertEqual(manager.cancelTask(id), CANCEL_REQUESTED)
        self.assertEqual(self.ended(id), [("taskStarted",), ("taskCancelled",)])
        self.assertEqual(manager.taskStatus(id), CANCELLED)

    def test_b08_what_is_refused(self):
        self.assertEqual(manager.runInThread("no such job", [], {}), "")
        self.assertIn('no job is named "no such job"', manager.property("lastError"))
        self.assertEqual(manager.runScript("work.mjs", "sum", [], {}), "")
        self.assertIn("is relative", manager.property("lastError"))
        self.assertEqual(manager.taskStatus("no such task"), UNKNOWN_TASK)
        # Nothing is left behind in the engine for the next script to find.
        self.assertEqual(engine.evaluate("1 + 1").toInt(), 2)

    def test_properties(self):
        self.assertEqual(manager.property("maxWorkers"), 4)
        self.assertTrue(manager.setProperty("maxWorkers", 3))
        self.assertEqual(manager.property("maxWorkers"), 3)
        manager.setProperty("maxWorkers", 4)

    def test_view(self):
        id = self.script("sum", [1, 2])
        view = manager.task(id)
        self.ended(id)
        self.wait_for(lambda: view.property("status") == COMPLETED, "the view")
        self.assertEqual((view.property("result"), view.property("running")), (3, False))
        view.deleteLater()

    def test_task_element(self):
        component = QQmlComponent(engine)
        component.setData(b'import Legwork; Task { job: "sha256"; args: ["/no/such/file"]; running: true }', QUrl())
        task = component.create()
        self.assertIsNotNone(task, component.errorString())
        self.wait_for(lambda: not task.property("running"), "the end")
        self.assertEqual(task.property("status"), FAILED)
        task.deleteLater()

    @unittest.skipUnless(has_singleton_instance, "it is written for PySide6 6.7 and later")
    def test_z_the_example(self):
        example = ROOT / "examples/06-python/main.py"
        command = [sys.executable, str(example), "--qml", QML, "--jobs", JOBS]
        good = subprocess.run([*command, str(example)], capture_output=True, text=True, timeout=60)
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        lines = len(example.read_text().split("\n"))
        self.assertIn(f"words of main.py: {{'lines': {lines}, 'words': ", good.stdout)
        self.assertIn("hash of main.py: ", good.stdout)
        bad = subprocess.run([*command[:4], "--jobs", JOBS, str(HERE)], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(bad.returncode, 0)


if __name__ == "__main__":
    import ctypes

    print("PySide6", PySide6.__version__)
    ctypes.CDLL(JOBS)
    result = unittest.main(exit=False, verbosity=2).result
    sys.stdout.flush()
    sys.stderr.flush()
    # Without the interpreter's end, where PySide6 6.12 has counted True once too little.
    os._exit(0 if result.wasSuccessful() else 1)
