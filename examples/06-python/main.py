"""Hashes files and counts their words in the background: Legwork in PySide6.

Nothing of Legwork is built for Python: its QML module is one of Qt's plugins, and what it exposes has
types that Python understands.
"""

import argparse
import ctypes
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer, QUrl
from PySide6.QtQml import QQmlEngine

HERE = Path(__file__).resolve().parent


class Window:
    """What a window would be: submits, hears, shows."""

    def __init__(self, manager, files):
        self.manager = manager
        self.names = {}
        self.failures = 0
        #! [signals]
        manager.taskCompleted.connect(self.completed)
        manager.taskFailed.connect(self.failed)
        manager.taskProgress.connect(lambda id, progress, message: print(f"{progress:5.0%} {self.names[id]}"))
        manager.allTasksFinished.connect(QCoreApplication.quit)
        #! [signals]
        for file in files:
            #! [submit]
            text = file.read_text(errors="replace")
            script = QUrl.fromLocalFile(str(HERE / "words.mjs"))
            self.submitted(f"words of {file.name}", manager.runScript(script, "count", [text], {"name": "Count"}))
            self.submitted(f"hash of {file.name}", manager.runInThread("sha256", [str(file)], {"timeoutMs": 60_000}))
            #! [submit]

    def submitted(self, name, id):
        # A call that is refused returns an empty id.
        if id:
            self.names[id] = name
        else:
            self.failures += 1
            print(f"{name}: {self.manager.property('lastError')}", file=sys.stderr)

    def completed(self, id, result):
        print(f"{self.names[id]}: {result}")

    def failed(self, id, error):
        self.failures += 1
        print(f"{self.names[id]}: {error}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--qml", required=True, help="where Legwork's QML module is: PREFIX/lib/qt6/qml")
    parser.add_argument("--jobs", required=True, help="the library with the jobs: libjobs.so")
    args = parser.parse_args()

    #! [engine]
    application = QCoreApplication(sys.argv)
    engine = QQmlEngine()
    engine.addImportPath(args.qml)
    manager = engine.singletonInstance("Legwork", "TaskManager")
    #! [engine]
    if manager is None:
        parser.error(f"no QML module Legwork is in {args.qml}")
    # The library registers its jobs as it is loaded.
    ctypes.CDLL(args.jobs)

    window = Window(manager, args.files)
    if not window.names:
        QTimer.singleShot(0, application.quit)
    application.exec()
    return 1 if window.failures else 0


if __name__ == "__main__":
    sys.exit(main())
