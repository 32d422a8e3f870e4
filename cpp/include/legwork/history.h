// What is remembered of tasks that have ended: for taskInfo(id), taskStatus(id) and the models.
#ifndef LEGWORK_HISTORY_H
#define LEGWORK_HISTORY_H

#include <legwork/global.h>

#include <QtCore/QString>

#include <chrono>

namespace legwork {

// A task enters the history when its end was delivered and no Task or waiter keeps it any more. The
// oldest is forgotten when one of these is exceeded; 0 keeps nothing.
//
// A result counts with what it holds in memory. That is known of numbers, of texts, bytes and images of Qt,
// of std::string, of containers of those, and of what says it by a function beside its type:
//
//     qsizetype legworkByteSize(const Picture &picture) { return picture.pixels.size(); }
//
// A result of another type goes as the task enters the history: its status stays, and its error.
struct HistoryLimits {
    // From 0 to 2^53.
    qint64 tasks = 1'000;
    // Of results and of the texts of errors. From 0 to 2^53. Default: 64 MiB.
    qint64 bytes = qint64(64) << 20;
    // Since the delivery. From 0 to 100 years.
    std::chrono::milliseconds age = std::chrono::minutes(10);
};

// Why limits were refused.
struct HistoryChange {
    QString error;

    explicit operator bool() const { return error.isEmpty(); }
};

// From any thread, all three.
LEGWORK_EXPORT HistoryLimits historyLimits();
// What is too much is forgotten at once. Limits that are out of range change nothing.
LEGWORK_EXPORT HistoryChange setHistoryLimits(const HistoryLimits &limits);
// Forgets all that is in the history: how many tasks that were.
LEGWORK_EXPORT qint64 clearHistory();

} // namespace legwork

#endif
