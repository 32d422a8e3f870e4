// Requests as tasks. A library of its own, Legwork::Network, for applications that have Qt's network module.
#ifndef LEGWORK_NETWORK_H
#define LEGWORK_NETWORK_H

#include <legwork/external.h>

#include <QtCore/QByteArray>
#include <QtNetwork/QNetworkReply>

#include <functional>

namespace legwork {

// What the task of a reply may say. Its name is by default the last part of the reply's URL, or its host; where a
// function makes the reply, it has none by default.
struct ReplyOptions {
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
    // How large the body may be, in bytes. When more has come, the reply is aborted, and the task has failed. From 0.
    // Default: 0, no limit: all of it is in memory.
    qint64 maxBytes = 0;
    // Where it was submitted: in what is logged of it, TaskManager::taskInfo, a trace, the monitor. Default: where
    // these options are written.
    SourceLocation location = SourceLocation::ofOptions(__FILE__);
};

// A request as a task: the function makes it, in the event loop of the calling thread, once its turn has come: its
// delay is over, what it comes after has completed, a place of its key is free. It is not called where the task ends
// before.
//
//     legwork::reply([=] { return manager->get(request); }, {.name = "Fetch", .key = host, .keyLimit = 3})
//         .onComplete(this, [this](const QByteArray &body) { label->setText(body); });
//
// The result is the body. What the application reads itself, in a slot of readyRead() that the function connects, is
// not in it; headers may be read in one of metaDataChanged() or finished(). The progress is that of what is sent and
// received, an amount in bytes (TaskContext::setProgress), of which the total is not known where nobody says it.
//
// The task has failed if the reply has an error, or a status of HTTP from 400: then the message has the status, what
// the server calls it, and how long it asks to wait (Retry-After), and neither the query nor the password of the URL.
// The error's origin is "HTTP 404" (see httpStatus), or where no server has answered what QNetworkReply calls it, such
// as "ConnectionRefusedError". It has also failed if the function throws or returns null, if the reply is destroyed
// before its end, as by its QNetworkAccessManager, and if the thread finishes.
//
// When the task is asked to stop, or its time is over, the reply is aborted. The reply belongs to the task, and is
// deleted later, once that has ended.
//
// On a thread without an event loop it is refused. A plugin that may be unloaded must have ended such tasks before.
LEGWORK_EXPORT Task<QByteArray> reply(std::function<QNetworkReply *()> request, ReplyOptions options = {});

// The same of a reply that is there, and under way, whatever the task waits for; it may have finished. To be called on
// its thread. It belongs to the task from here on: where that is refused, or KeyPolicy::Keep finds another, it is
// aborted and deleted later.
LEGWORK_EXPORT Task<QByteArray> reply(QNetworkReply *reply, ReplyOptions options = {});

// The status of HTTP with which a task of a reply has failed, from 400 to 599 as a rule; 0 if no server has answered.
inline int httpStatus(const TaskError &error)
{
    const auto http = QStringLiteral("HTTP ");
    return error.origin.startsWith(http) ? error.origin.mid(http.size()).toInt() : 0;
}

} // namespace legwork

#endif
