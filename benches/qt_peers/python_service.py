"""What Legwork replaces: a ThreadPoolExecutor whose results arrive by signals of PyQt6.

Prints the nanoseconds of one task, from the submit to the slot; the median of eleven rounds.
"""

import statistics
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from PyQt6.QtCore import QCoreApplication, QObject, Qt, pyqtSignal

TASKS = 20_000


class Service(QObject):
    task_completed = pyqtSignal(str, object)

    def __init__(self):
        super().__init__()
        self.pool = ThreadPoolExecutor(max_workers=2)

    def run_in_thread(self, work, *args):
        task = str(uuid.uuid4())

        def run():
            self.task_completed.emit(task, work(*args))

        self.pool.submit(run)
        return task


def main():
    application = QCoreApplication(sys.argv)
    service = Service()
    arrived = 0

    def arrive(task, result):
        nonlocal arrived
        arrived += 1
        if arrived == TASKS:
            application.quit()

    # On the thread of the receiver, which a plain function does not have.
    class Receiver(QObject):
        def arrive(self, task, result):
            arrive(task, result)

    receiver = Receiver()
    service.task_completed.connect(receiver.arrive, Qt.ConnectionType.QueuedConnection)
    rounds = []
    for _ in range(11):
        arrived = 0
        start = time.perf_counter_ns()
        for n in range(TASKS):
            service.run_in_thread(lambda n: n, n)
        application.exec()
        rounds.append((time.perf_counter_ns() - start) / TASKS)
    print(round(statistics.median(rounds)))


main()
