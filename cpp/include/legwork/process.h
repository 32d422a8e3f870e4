// Programs as tasks.
#ifndef LEGWORK_PROCESS_H
#define LEGWORK_PROCESS_H

#include <legwork/external.h>

#include <QtCore/QByteArray>
#include <QtCore/QStringList>

namespace legwork {

// What the task of a process may say.
struct ProcessOptions {
    // <vocabulary: ExternalOptions>
    // What the user sees. Default: the name of its job or function, else none.
    QString name = {};
    // High: the user waits for it; Normal: the user will see it; Low: nobody waits. Default: Normal.
    Priority priority = Priority::Normal;
    // A run that takes longer is asked to stop, and fails as TimedOut. From 0 to 100 years. Default: 0, none.
    std::chrono::milliseconds timeout = std::chrono::milliseconds::zero();
    // When it is destroyed, the task is cancelled, and its callbacks are not called. To be alive during the
    // call. Default: none.
    QObject *owner = nullptr;
    // Goes on when its owner goes, without callbacks. Default: no.
    bool detached = false;
    // Runs in spite of a shutdown, if it was queued before, and is not asked to stop by it; nor by its owner's
    // end, after which its callbacks are not called. An unloading waits for it. What still waits for its delay
    // then is cancelled by either. Default: no.
    bool mustRun = false;
    // How much it counts among the others in the progress of all (TaskModel.progress), such as its megabytes,
    // if the others say theirs. Of a periodic task it means nothing. Above 0, up to 1,000,000. Default: 1.
    double weight = 1;
    // Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads
    // from one host. A key is its owner's; without an owner it is the application's. Default: none.
    QString key = {};
    // What it does where its key has tasks that have not ended. Append: waits for its turn, in the order of
    // submission; Replace: the others are cancelled, and it begins when their bodies have ended; KeepLatest:
    // what has begun goes on, and of those that wait it alone stays; Keep: it is not made, the call gives the
    // id of the oldest of the others, and adds its callbacks to that. Default: Append.
    KeyPolicy keyPolicy = KeyPolicy::Append;
    // How many tasks of its key may run at once. One that differs from that of the others is refused. From 1.
    // Default: 1.
    quint32 keyLimit = 1;
    // For which ends it waits of the tasks that it comes after. Completed: where one of them does not complete,
    // it is cancelled; Ended: it begins however they end, for what cleans up. Default: Completed.
    AfterPolicy afterPolicy = AfterPolicy::Completed;
    // If it has not begun so long after it was submitted, or after its delay, it never does, and fails as
    // TimedOut, kind StartTimedOut. From 0 to 100 years. Default: 0, none.
    std::chrono::milliseconds startTimeout = std::chrono::milliseconds::zero();
    // A run that takes longer is logged once, and announced. It is not stopped. From 0 to 100 years. Default:
    // 30 s; 0: none.
    std::chrono::milliseconds warnAfter = std::chrono::milliseconds(30000);
    // Once it has ended, and has not failed, no TaskModel has a row for it, and so no monitor: for what comes
    // often and says nothing afterwards. Default: no.
    bool transient = false;
    // No TaskModel has it, and so no monitor: neither a row, nor a part in the counts, the progress and
    // cancelAll of the model. For what the user did not ask for. Default: no.
    bool system = false;
    // Whether the history keeps its result. One that is large and not asked for again goes as soon as it was
    // delivered, and no handle keeps it. Default: yes.
    bool keepResult = true;
    // Before it runs; of a periodic task, before its first run. From 0 to 100 years. Default: 0, at once.
    std::chrono::milliseconds delay = std::chrono::milliseconds::zero();
    // </vocabulary>
    // The tasks that it comes after, by their handles or ids, as in TaskOptions. Default: none.
    QList<TaskRef> after = {};
    // Where it is started. Default: where this process is.
    QString workingDirectory = {};
    // Its environment, as "NAME=value". Default: that of this process.
    QStringList environment = {};
    // What it reads from its standard input, which is closed after that. Default: nothing.
    QByteArray input = {};
    // How long it has to end once it was asked to terminate, before it is killed. From 0, up to 24 days; what is
    // less or more is as these. Default: 5 s.
    std::chrono::milliseconds killAfter = std::chrono::milliseconds(5000);
    // Where it was submitted: in what is logged of it, TaskManager::taskInfo, a trace, the monitor. Default: where
    // these options are written.
    SourceLocation location = SourceLocation::ofOptions(__FILE__);
};

// Runs a program, by a QProcess in the event loop of the calling thread, and without a worker. The result is what
// it wrote to its standard output. It fails if it cannot be started, crashes, or ends with another exit code than 0;
// then the message has the code and the end of what it wrote to its standard error.
//
// When it is asked to stop, or its time is over, it is asked to terminate, and after ProcessOptions::killAfter killed.
// A shutdown by this thread waits so long for it. When the thread has no event loop the program is not run, and the
// task is refused.
LEGWORK_EXPORT Task<QByteArray> process(const QString &program, const QStringList &arguments = {},
                                        ProcessOptions options = {});

} // namespace legwork

#endif
