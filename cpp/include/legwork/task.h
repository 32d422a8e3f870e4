// The handle on a task.
#ifndef LEGWORK_TASK_H
#define LEGWORK_TASK_H

#include <legwork/then.h>

#include <QtCore/QPromise>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <optional>
#include <tuple>

#if defined(__cpp_impl_coroutine) && __cpp_impl_coroutine >= 201902L
#include <coroutine>
#define LEGWORK_COROUTINES
#endif

namespace legwork {

namespace detail {

// Calls `f` with the first of `arguments`, as many as it takes.
template<typename F, typename Tuple, std::size_t... I> void callWith(F &f, Tuple &arguments, std::index_sequence<I...>)
{
    constexpr auto count = sizeof...(I);
    if constexpr (std::is_invocable_v<F &, std::tuple_element_t<I, Tuple>...>) {
        std::invoke(f, std::get<I>(arguments)...);
    } else {
        static_assert(count > 0,
                      "legwork: the callback does not take what it is given: onComplete gives a const T & (nothing for "
                      "a void task), onError a const legwork::TaskError &, onCancelled a legwork::CancelReason, "
                      "onProgress a double and a const QString &, onValues a const QList<Row> &, onEnd a const "
                      "legwork::Outcome<T> &, onRetry a "
                      "quint64, a const legwork::TaskError & and a std::chrono::milliseconds, onSlow a "
                      "std::chrono::milliseconds, onPaused a const QString &, onStarted and onResumed nothing");
        if constexpr (count > 0)
            callWith(f, arguments, std::make_index_sequence<count - 1>());
    }
}

// The same of a function of any kind, or of a member function of the receiver.
template<typename Receiver, typename F, typename... Arguments>
void call(Receiver *receiver, F &f, const Arguments &...arguments)
{
    if constexpr (std::is_member_function_pointer_v<F>) {
        std::tuple<Receiver *, const Arguments &...> all(receiver, arguments...);
        callWith(f, all, std::make_index_sequence<sizeof...(Arguments) + 1>());
    } else {
        std::tuple<const Arguments &...> all(arguments...);
        callWith(f, all, std::make_index_sequence<sizeof...(Arguments)>());
    }
}

// Calls `f` with what a task has sent.
template<typename Row, typename Receiver, typename F> auto valuesCallback(Receiver *receiver, F &&f)
{
    static_assert(
        IsCopyable<Row>::value,
        "legwork: what is sent may have several receivers, so it has to be of a type that can be copied; send a "
        "std::shared_ptr of it");
    return [receiver, f = std::decay_t<F>(std::forward<F>(f))](const Notice &notice) mutable {
        if (const auto rows = rowsOf<Row>(notice.result); !rows.isEmpty())
            call(receiver, f, rows);
    };
}

// What a task has to itself.
struct Handles {
    template<typename T> static const Handle &of(const Task<T> &task) { return task.m_handle; }
};

// The promise of a task's future. The threads that report progress and the one that ends the task share it.
template<typename T> class FuturePromise {
public:
    FuturePromise()
    {
        m_promise.start();
        m_promise.setProgressRange(0, most);
    }

    QFuture<T> future() const { return m_promise.future(); }

    // Whether it was passed on.
    bool report(quint64 number, double value, const QString &message)
    {
        const std::lock_guard lock(m_mutex);
        if (m_over || number < m_number || (number == m_number && !m_waiting))
            return true;
        m_number = number;
        // QFuture has no "not known": the value stays where it is, also one that waits to be passed on.
        const int last = m_waiting ? m_waiting->first : m_value;
        m_waiting = {value < 0 ? last : static_cast<int>(value * most + 1e-6), message};
        // And what comes within 40 ms it tells of only when it is asked, but for the highest value.
        const bool early = m_told && std::chrono::steady_clock::now() < *m_told + std::chrono::milliseconds(40);
        if (early && m_waiting->first != most)
            return false;
        pass();
        m_told = std::chrono::steady_clock::now();
        return true;
    }

    // For the thread that ends the task: nothing is reported any more, and the last was.
    QPromise<T> end()
    {
        const std::lock_guard lock(m_mutex);
        if (m_waiting)
            pass();
        m_over = true;
        return std::move(m_promise);
    }

private:
    static constexpr int most = 1000;

    // QFuture takes no value that is not more than the last, nor its text. A range that is set makes it
    // begin anew at the least value, which for 0 has to be less.
    void pass()
    {
        const auto [value, message] = *std::exchange(m_waiting, std::nullopt);
        if (value == m_value && message == m_message)
            return;
        const bool anew = value <= m_value;
        if (anew)
            m_promise.setProgressRange(value == 0 ? -1 : 0, most);
        m_promise.setProgressValueAndText(value, message.isEmpty() && m_message.isEmpty() ? QString() : message);
        if (anew && value == 0)
            m_promise.setProgressRange(0, most);
        m_value = value;
        m_message = message;
    }

    std::mutex m_mutex; // nothing of a user's runs under it: QFuture posts events
    QPromise<T> m_promise;
    quint64 m_number = 0;
    int m_value = 0;
    QString m_message;
    std::optional<std::pair<int, QString>> m_waiting; // reported, and not passed on yet
    std::optional<std::chrono::steady_clock::time_point> m_told;
    bool m_over = false;
};

template<typename T> class FutureFollower final : public Follower {
public:
    explicit FutureFollower(std::shared_ptr<FuturePromise<T>> promise) : m_promise(std::move(promise)) { }

    bool report(quint64 number, double value, const QString &message) override
    {
        return m_promise->report(number, value, message);
    }

private:
    std::shared_ptr<FuturePromise<T>> m_promise;
};

template<typename T> class FutureHook final : public EndHook {
public:
    FutureHook(Handle task, std::shared_ptr<FuturePromise<T>> promise)
        : m_task(std::move(task)), m_state(std::move(promise))
    {
    }

    void ended(const Notice &notice) override
    {
        // Where the future was asked for as the task ended, its thread may be about to tell it.
        if (const auto last = lastReport(m_task); last.iteration)
            m_state->report(last.iteration, last.progress, last.message);
        // Gone with this call: a copy of the result in it must not outlive the task's own.
        auto promise = m_state->end();
        switch (notice.kind) {
        case Notice::Completed:
            if constexpr (!std::is_void_v<T>) {
                try {
                    if (const auto value = resultAs<T>(notice.result))
                        promise.addResult(*value);
                    else
                        promise.setException(TaskException(otherResult(notice.result, typeid(T))));
                } catch (...) { // the copy threw
                    promise.setException(std::current_exception());
                }
            }
            break;
        case Notice::Failed:
            if (notice.error.exception)
                promise.setException(notice.error.exception);
            else
                promise.setException(TaskException(notice.error));
            break;
        default:
            promise.future().cancel();
        }
        promise.finish();
    }

private:
    Handle m_task;
    std::shared_ptr<FuturePromise<T>> m_state;
};

#ifdef LEGWORK_COROUTINES
// Suspends a coroutine until the end of a task, and resumes it on its receiver's thread. Where the
// receiver is gone by then, the coroutine is destroyed instead, on that thread.
template<typename T> class Awaiter {
public:
    Awaiter(Handle task, QObject *receiver) : m_task(std::move(task)), m_receiver(receiver) { }

    bool await_ready() const noexcept { return false; }

    void await_suspend(std::coroutine_handle<> coroutine)
    {
        attach(m_task, m_receiver, std::make_unique<Resume>(coroutine, m_end), endNotices);
    }

    T await_resume()
    {
        if (m_end->kind == Notice::Failed)
            throwError(m_end->error);
        if (m_end->kind == Notice::Cancelled)
            throw Cancelled(m_end->reason);
        if constexpr (!std::is_void_v<T>) {
            const auto value = resultAs<T>(m_end->result);
            if (!value)
                throwError(otherResult(m_end->result, typeid(T)));
            return *value;
        }
    }

private:
    class Resume final : public Callback {
    public:
        Resume(std::coroutine_handle<> coroutine, std::shared_ptr<Notice> end)
            : m_coroutine(coroutine), m_end(std::move(end))
        {
        }
        ~Resume() override
        {
            if (m_coroutine)
                m_coroutine.destroy();
        }
        void call(const Notice &notice) override
        {
            if (!m_coroutine)
                return;
            *m_end = notice;
            std::exchange(m_coroutine, nullptr).resume();
        }

    private:
        std::coroutine_handle<> m_coroutine;
        std::shared_ptr<Notice> m_end;
    };

    Handle m_task;
    QObject *m_receiver;
    std::shared_ptr<Notice> m_end = std::make_shared<Notice>();
};
#endif

} // namespace detail

// How a task ended.
template<typename T> class Outcome {
public:
    explicit Outcome(const detail::Notice &end) : m_end(end)
    {
        if constexpr (!std::is_void_v<T>) {
            if (end.kind == detail::Notice::Completed)
                m_result = detail::resultAs<T>(end.result);
        }
    }

    // Completed, Failed, TimedOut, Abandoned or Cancelled.
    Status status() const
    {
        switch (m_end.kind) {
        case detail::Notice::Completed:
            return Status::Completed;
        case detail::Notice::Cancelled:
            return Status::Cancelled;
        default:
            break;
        }
        switch (m_end.error.kind) {
        case ErrorKind::TimedOut:
        case ErrorKind::StartTimedOut:
            return Status::TimedOut;
        case ErrorKind::Abandoned:
            return Status::Abandoned;
        default:
            return Status::Failed;
        }
    }

    // The result, if it has completed, which lives as long as this; else null. A task without a result has no
    // such function.
    template<typename U = T, typename = std::enable_if_t<!std::is_void_v<U>>> const U *result() const
    {
        return m_result.get();
    }

    // How it failed. Kind None if it did not.
    const TaskError &error() const { return m_end.error; }

    // Why it was cancelled. None if it was not.
    CancelReason cancelReason() const
    {
        return m_end.kind == detail::Notice::Cancelled ? m_end.reason : CancelReason::None;
    }

private:
    detail::Notice m_end;
    std::shared_ptr<const T> m_result;
};

// A task that was submitted, and the type of its result. Copies are the same task. It keeps the
// task's result from being forgotten; destroying it leaves the task alone.
//
// All of it may be called from any thread, unless it is said otherwise.
//
// A task that was refused (the queue is full, the service is shut down, an option is wrong, the
// work is null) is not valid: its status is UnknownTask, error() says why, and an onError that is
// added to it is called, too. Its callable was destroyed before the call returned.
template<typename T> class Task {
public:
    // No task.
    Task() = default;
    explicit Task(detail::Handle handle) : m_handle(std::move(handle)) { }

    // Whether it was accepted.
    bool isValid() const { return !m_handle.isNull(); }
    // Its UUID, as the signals have it; empty for none.
    QString id() const { return isValid() ? detail::idText(m_handle.id()) : QString(); }
    Status status() const { return detail::status(m_handle.id()); }

    // Asks it to stop. Returns at once.
    CancelResult cancel() const { return detail::cancel(m_handle.id()); }

    // Takes it back if it has not begun: whether it was taken back. What runs goes on.
    bool cancelIfQueued() const { return detail::cancelIfQueued(m_handle.id()); }

    // Has it run now if it waits for its time: its delay, its next run, its next attempt; false if it does not.
    bool runNow() const { return detail::runNow(m_handle.id()); }

    // Pauses it by itself, for a reason that users see, however often it is called. What has not begun does not begin:
    // its delay goes on, and it is due when it is resumed; it keeps its place in its key. The body of a
    // TaskOptions::pausable task stops at its next checkpoint, sleep, send or call of its context (PauseRequested), and
    // another worker takes its place; any other that runs runs on (PauseNotPossible), and so does External work. A
    // periodic task rests after its run. Of a group its members are paused, too. Time in pause counts neither for its
    // time-out nor for warnAfter. Returns at once. See also legwork::pauseKey, pauseOwner and pauseAll, which count
    // beside it.
    PauseResult pause(const QString &reason = {}) const { return detail::pause(m_handle.id(), reason); }
    // Takes that back: whether there was something to take back. It goes on, unless it is paused otherwise.
    bool resume() const { return detail::resume(m_handle.id()); }

    // Submits its work anew, with the options that it had, if it failed, was cancelled or timed out, and can run
    // again: a job, a script, work with TaskOptions::retry, of runPeriodic. It begins as soon as it may, without the
    // delay and whatever it came after. The new task has no callbacks, as those of this one have heard its end; and
    // this one goes from the history, and stays what it is for its handles. A task that is not valid, whose error()
    // says why, where it cannot.
    //
    // Such work is kept for that as long as the task is: by this handle, and by the history.
    Task retry() const { return Task(detail::retryTask(m_handle)); }
    // Whether retry() would do so now.
    bool canRetry() const { return detail::canRetry(m_handle.id()); }

    // Changes the interval of a periodic task, 1 ms to 100 years: the next run is due so long after the last one
    // ended, or was due, whichever its rate counts from. False if it is not periodic, or has ended.
    bool setInterval(std::chrono::milliseconds interval) const { return detail::setInterval(m_handle.id(), interval); }

    // Changes the priority of a task that does not run yet; false if it does, or has ended.
    bool setPriority(Priority priority) const { return detail::setPriority(m_handle.id(), priority); }

    // Waits for the end without a limit, or for so long. On the manager's thread it delivers nothing
    // and processes no events meanwhile: prefer onComplete there. In a task, a wait without a limit
    // runs the awaited task itself if that is queued; one that could never end is refused.
    WaitResult wait() const { return detail::wait(m_handle.id(), std::chrono::milliseconds(-1)); }
    WaitResult wait(std::chrono::milliseconds timeout) const
    {
        return detail::wait(m_handle.id(), std::max(timeout, std::chrono::milliseconds::zero()));
    }

    // The same, until its body has returned, too. That differs for a task that a shutdown has abandoned: it has
    // ended, and its body is still at work. Wait for this before you destroy what the body uses.
    WaitResult waitForBody() const { return detail::waitForBody(m_handle.id(), std::chrono::milliseconds(-1)); }
    WaitResult waitForBody(std::chrono::milliseconds timeout) const
    {
        return detail::waitForBody(m_handle.id(), std::max(timeout, std::chrono::milliseconds::zero()));
    }

    // A task that begins once this one has completed, and is given its result, on a worker and without a way over the
    // UI thread:
    //
    //     image.then([](const Image &image, TaskContext &context) { return shrink(image, context); }, {.name =
    //     "Shrink"});
    //
    // It is called as work(const T &, TaskContext &) or work(const T &); of a task without a result as
    // work(TaskContext &) or work(). Work that takes a T or T && in that place has the result moved into it where
    // nobody else has it (no handle of this task, no callback, no other task, and the history does not keep it), else
    // a copy. With TaskOptions::retry it is called again with the same result.
    //
    // A T that cannot be copied, such as a std::unique_ptr, is lent to work(const T &). Work that takes it as T or
    // T && has it for itself: from the call on nobody else is given it, neither a callback of this task (onComplete is
    // not called, which is logged, and Outcome::result() is null) nor another then(). Where another task takes
    // the result already, it is refused; where somebody is being given it at that moment, as in an onComplete that
    // calls then(), it may fail, with an error that says so. Such work cannot have `retry`.
    //
    // Where this task does not complete, it is cancelled: CancelReason::DependencyFailed. Of a task that is not valid
    // it is not valid either, and its error says why. Without an owner in its options it has the owner of this task.
    // From any thread; the work is destroyed as that of legwork::run.
    template<typename F> detail::ThenTask<T, F> then(F &&work, TaskOptions options = {}) const
    {
        return detail::then<T>(m_handle, std::forward<F>(work), detail::specOf(std::move(options)));
    }

    // A copy of the result, once it has completed; a periodic task's last. For a `T` that can be
    // copied; a task without a result has no such function.
    template<typename U = T, typename = std::enable_if_t<!std::is_void_v<U>>> std::optional<U> result() const
    {
        static_assert(detail::IsCopyable<U>::value,
                      "legwork: result() copies, which this type does not allow; use "
                      "onComplete, which gives a const T &");
        const auto end = detail::end(m_handle);
        if (const auto value = detail::resultAs<U>(end.result); end.kind == detail::Notice::Completed && value)
            return *value;
        return std::nullopt;
    }

    // Why it failed, or was refused. Kind None if it did not.
    TaskError error() const
    {
        const auto end = detail::end(m_handle);
        return end.kind == detail::Notice::Failed ? end.error : TaskError();
    }

    // Calls `f(const T &)`, or `f()`, on the receiver's thread with the result; of a periodic task
    // with each run's. After the signals, and also if the task has completed by now. Never called
    // once the receiver is gone: then `f` is destroyed, on its thread. The receiver has to be alive
    // during this call. `f` may be a member function of the receiver.
    template<typename Receiver, typename F> const Task &onComplete(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::goodNotices,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &notice) mutable {
                   if constexpr (std::is_void_v<T>) {
                       detail::call(receiver, f);
                   } else if (const auto value = detail::resultAs<T>(notice.result)) {
                       detail::call(receiver, f, *value);
                   } else {
                       detail::logOtherResult(notice.result, typeid(T));
                   }
               });
        return *this;
    }

    // The same with `f(const TaskError &)` if it fails, times out, is abandoned by a shutdown, or was
    // refused; of a periodic task for each run that fails.
    template<typename Receiver, typename F> const Task &onError(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::badNotices,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &notice) mutable {
                   detail::call(receiver, f, notice.error);
               });
        return *this;
    }

    // The same with `f(CancelReason)` if it is cancelled.
    template<typename Receiver, typename F> const Task &onCancelled(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::Notice::Cancelled,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &notice) mutable {
                   detail::call(receiver, f, notice.reason);
               });
        return *this;
    }

    // The same with `f(double value, const QString &message)`: from 0 to 1, or -1 for "not known". At
    // most once a frame, and with the last before the end. If the task has reported by now, how far it is comes first,
    // also where it has ended.
    template<typename Receiver, typename F> const Task &onProgress(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::Notice::Progress,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &notice) mutable {
                   detail::call(receiver, f, notice.progress, notice.message);
               });
        return *this;
    }

    // The same with `f(const QList<Row> &)` of what its body has sent since the last call, in the order sent (see
    // TaskContext::send): at most once a frame unless much waits, and the last before its end is told. Values of
    // another type are left out, and logged; as QVariants those of any type come, and those of scripts and of Rust:
    //
    //     task.onValues(this, [](const QVariantList &values) { ... });
    //     task.onValues<Row>(this, [](const QList<Row> &rows) { ... });
    //
    // Of what was sent before this call it hears what nobody was told, of that the newest TaskOptions::maxUndelivered;
    // and nothing where the task has ended by now. A Stream loses none. A QFuture has nothing of them.
    template<typename Row = QVariant, typename Receiver, typename F>
    const Task &onValues(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::Notice::Values, detail::valuesCallback<Row>(receiver, std::forward<F>(f)));
        return *this;
    }

    // The same with `f()` as the work begins for the first time; also if it has begun by now.
    template<typename Receiver, typename F> const Task &onStarted(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::Notice::Started,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &) mutable {
                   detail::call(receiver, f);
               });
        return *this;
    }

    // The same with `f(const Outcome<T> &)`, however it ended: one callback in place of three. Of a periodic
    // task that is not the end of a run.
    template<typename Receiver, typename F> const Task &onEnd(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::endNotices,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &notice) mutable {
                   detail::call(receiver, f, Outcome<T>(notice));
               });
        return *this;
    }

    // The same with `f(quint64 attempt, const TaskError &error, std::chrono::milliseconds delay)` when a run
    // failed and is tried again: the number of the attempt that comes, from 2, how the last one failed, and how
    // long it is until then. See TaskOptions::retry.
    template<typename Receiver, typename F> const Task &onRetry(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::Notice::Retrying,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &notice) mutable {
                   detail::call(receiver, f, notice.iteration, notice.error,
                                std::chrono::milliseconds(std::llround(notice.progress)));
               });
        return *this;
    }

    // The same with `f(std::chrono::milliseconds)` when a run takes longer than TaskOptions::warnAfter: how long
    // it has taken by then.
    template<typename Receiver, typename F> const Task &onSlow(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::Notice::Slow,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &notice) mutable {
                   detail::call(receiver, f, std::chrono::milliseconds(std::llround(notice.progress)));
               });
        return *this;
    }

    // The same with `f(const QString &reason)` when it is paused by itself or with its group, or a body of a pausable
    // task has stopped; not where a task that has not begun waits as its key, its owner or all are paused.
    template<typename Receiver, typename F> const Task &onPaused(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::Notice::Paused,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &notice) mutable {
                   detail::call(receiver, f, notice.message);
               });
        return *this;
    }

    // The same with `f()` when it goes on after that; it is paused still where its key, its owner or all are.
    template<typename Receiver, typename F> const Task &onResumed(Receiver *receiver, F &&f) const
    {
        hearOn(receiver, detail::Notice::Resumed,
               [receiver, f = std::decay_t<F>(std::forward<F>(f))](const detail::Notice &) mutable {
                   detail::call(receiver, f);
               });
        return *this;
    }

    // A QFuture of it, for what speaks QFuture already. It is finished by the thread that ends the
    // task, so that waiting for it needs no event loop; with the result (a periodic task's last),
    // with what the body threw (else a TaskException), or cancelled. Progress is in thousandths, where a
    // message alone leaves the value as it is; one report in 40 ms travels on, as with any QFuture, and
    // the last before the end. Cancelling the future cancels the task. For a `T` that can be copied, or
    // void.
    QFuture<T> future() const
    {
        static_assert(std::is_void_v<T> || detail::IsCopyable<T>::value,
                      "legwork: a QFuture copies its result, which this type does not allow; use onComplete, which "
                      "gives a const T &");
        auto promise = std::make_shared<detail::FuturePromise<T>>();
        auto future = promise->future();
        detail::cancelWith(m_handle, QFuture<void>(future));
        detail::follow(m_handle, std::make_unique<detail::FutureFollower<T>>(promise));
        detail::onEnd(m_handle, std::make_unique<detail::FutureHook<T>>(m_handle, std::move(promise)));
        return future;
    }

#ifdef LEGWORK_COROUTINES
    // `co_await task.on(receiver)` gives the result on the receiver's thread, or throws: what the
    // body threw (else a TaskException), or Cancelled. Where the receiver is gone before the end,
    // the coroutine is destroyed. A `T` that cannot be copied cannot be awaited.
    detail::Awaiter<T> on(QObject *receiver) const { return detail::Awaiter<T>(m_handle, receiver); }
#endif

private:
    friend struct detail::Handles;

    template<typename Receiver, typename F> void hearOn(Receiver *receiver, quint16 notices, F &&f) const
    {
        static_assert(std::is_base_of_v<QObject, Receiver>,
                      "legwork: the receiver comes first, and is a QObject; the callback is called on its thread");
        // One that is gone already, such as that of a QPointer, hears nothing.
        if (receiver)
            hear(receiver, notices, std::forward<F>(f));
    }

    template<typename F> void hear(QObject *receiver, quint16 notices, F &&f) const
    {
        detail::attach(m_handle, receiver, detail::makeCallback(std::forward<F>(f)), notices);
    }

    detail::Handle m_handle;
};

} // namespace legwork

#endif
