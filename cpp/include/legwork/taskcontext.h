// What a task's body is given.
#ifndef LEGWORK_TASKCONTEXT_H
#define LEGWORK_TASKCONTEXT_H

#include <legwork/result.h>
#include <legwork/types.h>

#include <memory>
#include <type_traits>
#include <utility>

namespace legwork {

namespace detail {
class RustBlocking;
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

// A part of a body that may block: see TaskContext::blocking. Until it is destroyed, on any thread; the end of the body
// ends it, too.
class LEGWORK_EXPORT BlockingScope {
public:
    BlockingScope(BlockingScope &&other) noexcept;
    BlockingScope &operator=(BlockingScope &&) = delete;
    ~BlockingScope();

private:
    friend class TaskContext;
    explicit BlockingScope(detail::RustBlocking *scope) noexcept : m_scope(scope) { }

    detail::RustBlocking *m_scope;
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

    // Until the end of what it returns the body may block: it waits for a disk, a network, a process. Meanwhile its
    // worker does not count to `maxWorkers`: another runs in its place, for up to `maxBlocking` of them. For a body
    // that does nothing else there is the option `mayBlock`.
    //     const auto blocking = context.blocking();
    // It is for what takes a millisecond or more, as another thread may have to be started for it. Scopes nest. At
    // their end the body goes on at once. Where the system has no thread to give, it goes on, too.
    [[nodiscard]] BlockingScope blocking() const;

    // How far it is, from 0 to 1, and what it is doing. Report as often as you like: one report a
    // frame (16 ms) travels on, and the last always does. Of another value, or no number, only the
    // message counts; up to a millionth over 1 is 1. The first of a task is logged.
    void setProgress(double value);
    void setProgress(double value, const QString &message);
    // How much it has done of how much, and what is counted: "bytes", which are shown as kB, MB and so on, or anything
    // else, as "files". The progress is the one divided by the other, and the speed is known as of a quarter of a
    // second: `amount` of taskInfo, and of a TaskModel. A total of 0 or less is not known yet, and one below what is
    // done was wrong, as the announced length of a download may be: the progress is -1 then. What is done below 0, or
    // no number, is ignored. The first of the latter two is logged. A message stays beside it; a value takes its place.
    void setProgress(double done, double total, const QString &unit);
    // What it is doing, where there is nothing to measure by: the value becomes -1, unless an amount was reported,
    // which stays.
    void setMessage(const QString &message);

    // Sends a value to those that hear of the task, before its end: Stream::onValues, Task::onValues, the signal
    // taskValues, `onValues` in QML. They get what was sent as lists, in the order sent, at most once a frame (16 ms)
    // unless much waits, and the last before the end. Of any type that can be copied; for one that a QVariant cannot
    // hold, the signals and QML get undefined.
    //
    // While `maxUndelivered` values are still to be delivered, it waits until some were, or does what `whenFull` says.
    // It does not wait while a thread waits for tasks that is no worker, which could be the one that delivers: the
    // bound does not hold meanwhile. Where nobody hears of the task, the newest are kept for one that comes to hear of
    // it before its end.
    //
    // False: the body was asked to stop, or its task has ended without it. Then return: the task ends as cancelled,
    // whatever is returned, as a part of it is missing. For the thread of the body.
    template<typename T> bool send(T &&value)
    {
        static_assert(detail::IsCopyable<std::decay_t<T>>::value,
                      "legwork: what is sent may have several receivers, so it has to be of a type that can be copied; "
                      "send a std::shared_ptr of it");
        detail::ReturnValue sent;
        sent.set(std::forward<T>(value));
        return sendValue(std::move(sent));
    }

private:
    friend class TaskContextPrivate;
    explicit TaskContext(const detail::RustContext &context, quint64 owner) : m_context(context), m_owner(owner) { }
    ~TaskContext() = default;

    bool sendValue(detail::ReturnValue &&value);

    const detail::RustContext &m_context;
    const quint64 m_owner;
    bool m_cut = false; // what was to be sent was not
};

} // namespace legwork

#endif
