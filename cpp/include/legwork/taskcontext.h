// What a task's body is given.
#ifndef LEGWORK_TASKCONTEXT_H
#define LEGWORK_TASKCONTEXT_H

#include <legwork/types.h>

#include <memory>

namespace legwork {

namespace detail {
class RustContext;
class RustToken;
} // namespace detail

// Tells, on any thread, whether a task was asked to stop. Copies are the same one; it may outlive
// its task. Asking costs a few nanoseconds.
class LEGWORK_EXPORT CancelToken {
public:
    // One that never is cancelled.
    CancelToken();
    CancelToken(const CancelToken &);
    CancelToken &operator=(const CancelToken &);
    ~CancelToken();

    bool isCancelled() const noexcept;
    CancelReason reason() const noexcept;

private:
    friend class CancelTokenPrivate;
    std::shared_ptr<const detail::RustToken> m_token;
};

// What a body is given: its task's id, whether it shall stop, and a way to report progress.
// It lives as long as the call of the body, and belongs to its thread.
class LEGWORK_EXPORT TaskContext {
public:
    TaskContext(const TaskContext &) = delete;
    TaskContext &operator=(const TaskContext &) = delete;

    QString id() const;
    // The number of this run, from 1. Always 1 for a task that runs once.
    quint64 iteration() const noexcept;
    // The number of this attempt, from 1; above it only for a task with `retry`.
    quint64 attempt() const noexcept;

    // Whether the body was asked to stop: by a cancel, its time-out, its owner's end, a shutdown, or
    // a QFuture that was cancelled. Ask often; it costs a few nanoseconds.
    bool isCancelled() const noexcept;
    CancelReason cancelReason() const noexcept;
    // Throws Cancelled once the body was asked to stop, which ends the task as cancelled. While a task that was
    // submitted `pausable` is paused, its body stops here, as in sleep(), and another thread takes its place.
    void checkpoint() const;
    // For other threads.
    CancelToken token() const;

    // Sleeps for so long, or until the body is asked to stop: false then.
    bool sleep(std::chrono::milliseconds time) const;

    // How far it is, from 0 to 1, and what it is doing. Report as often as you like: one report a
    // frame (16 ms) travels on, and the last always does. Of another value, or no number, only the
    // message counts; up to a millionth over 1 is 1. The first of a task is logged.
    void setProgress(double value);
    void setProgress(double value, const QString &message);
    // How much it has done of how much, and what is counted: "bytes", which are shown as kB, MB and so on, or anything
    // else, as "files". The progress is the one divided by the other, and the speed is known as of a quarter of a
    // second: `amount` of taskInfo, and of a TaskModel. A total of 0 is not known yet: the progress is -1 then. Less
    // than 0 is ignored, and logged once. A message stays beside it; a value takes its place.
    void setProgress(double done, double total, const QString &unit);
    // What it is doing, where there is nothing to measure by: the value becomes -1, unless an amount was reported,
    // which stays.
    void setMessage(const QString &message);

private:
    friend class TaskContextPrivate;
    explicit TaskContext(const detail::RustContext &context) : m_context(context) { }
    ~TaskContext() = default;

    const detail::RustContext &m_context;
};

} // namespace legwork

#endif
