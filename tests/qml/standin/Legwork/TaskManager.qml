pragma Singleton
import QtQml

// In the place of the library's, for the stock tools: what the UI and the tests need of it.
QtObject {
    enum Priority { High, Normal, Low }
    enum Status { Delayed, Queued, Running, Completed, Failed, Cancelled, TimedOut, Abandoned, UnknownTask, Blocked, Paused }

    property int maxWorkers: 4
    property int activeCount: 0
    property int queuedCount: 0

    signal taskQueued(string id)
    signal taskStarted(string id)
    signal taskProgress(string id, real progress, string message)
    signal taskPeriodic(string id, real iteration, var result)
    signal taskCompleted(string id, var result)
    signal taskFailed(string id, string error)
    signal taskCancelled(string id)
    signal taskRetrying(string id, real attempt, string error, real delayMs)
    signal taskValues(string id, var values)
    signal taskSlow(string id, real ms)
    signal taskRetried(string id, string newId)
    signal taskPaused(string id, string reason)
    signal taskResumed(string id)
    signal pausesChanged()
    signal limitReached(string owner, string limit)
    signal allTasksFinished()
    signal shutdownFinished(var report)

    function cancelTask(id: string) {}
    function runNow(id: string): bool { return true }
    function pauseTask(id: string): int { return 10 }
    function resumeTask(id: string): bool { return true }
    function retryTask(id: string): string { return "" }
    function setTaskPriority(id: string, priority: int): bool { return true }
    function startTrace(path: var): bool { return true }
    function stopTrace(): var { return { path: "", events: 0, lost: 0 } }
    function tracePath(): string { return "" }
    function beginShutdown(timeoutMs: int): bool { return true }
}
