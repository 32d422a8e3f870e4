// Work that sends values before its end.
#ifndef LEGWORK_STREAM_H
#define LEGWORK_STREAM_H

#include <legwork/run.h>

#include <memory>
#include <type_traits>
#include <utility>

namespace legwork {

// Sends the values of a stream's work. It lives as long as the call of the work, and belongs to its thread.
template<typename Row> class Sender {
public:
    explicit Sender(TaskContext &context) : m_context(context) { }
    Q_DISABLE_COPY_MOVE(Sender)

    // As TaskContext::send. False: the task was asked to stop, or has ended without its body. Then return: it ends as
    // cancelled, whatever is returned.
    bool send(Row value) { return m_context.send(std::move(value)); }

private:
    TaskContext &m_context;
};

namespace detail {

template<typename Row, typename F>
constexpr bool canStream =
    std::is_invocable_v<F, Sender<Row> &, TaskContext &> || std::is_invocable_v<F, Sender<Row> &>;

template<typename Row, typename F> decltype(auto) invokeStream(F &&f, TaskContext &context)
{
    Sender<Row> rows(context);
    if constexpr (std::is_invocable_v<F, Sender<Row> &, TaskContext &>)
        return std::invoke(std::forward<F>(f), rows, context);
    else
        return std::invoke(std::forward<F>(f), rows);
}

// The work of a stream, as work that is given a TaskContext.
template<typename Row, typename F> struct StreamWork {
    template<typename G = F, typename = std::enable_if_t<canStream<Row, G &>>>
    decltype(auto) operator()(TaskContext &context) &
    {
        return invokeStream<Row>(f, context);
    }
    template<typename G = F, typename = std::enable_if_t<canStream<Row, G>>>
    decltype(auto) operator()(TaskContext &context) &&
    {
        return invokeStream<Row>(std::move(f), context);
    }

    F f;
};

template<typename Row, typename F> struct StreamCheck {
    static_assert(canStream<Row, F>,
                  "legwork: the work of a stream<Row> has to be callable as work(legwork::Sender<Row> &, "
                  "legwork::TaskContext &) or work(legwork::Sender<Row> &)");
    static_assert(std::is_same_v<Row, std::decay_t<Row>> && IsCopyable<Row>::value,
                  "legwork: the rows of a stream may have several receivers, so they have to be of a type that can be "
                  "copied; send a std::shared_ptr of each");
    using Result = typename Returned<StreamWork<Row, F>>::Type;
};

} // namespace detail

// Work that is about to be submitted, so that no value is sent before its receiver is known. It is submitted by the
// first of: a call of onValues, of any other function below, its conversion to a Task, its end. So where nothing of it
// is kept that is by the end of the statement:
//
//     legwork::stream<Row>(readRows).onValues(this, &Model::append);
//
// `R` is what the work returns, which is the task's result. Whatever is submitted is the same as by legwork::run. One
// that was moved from submits nothing. The owner that its options name has to be alive until then.
template<typename Row, typename R> class Stream {
public:
    // For legwork::stream.
    Stream(std::unique_ptr<detail::Body> body, detail::Spec spec) : m_body(std::move(body)), m_spec(std::move(spec)) { }
    explicit Stream(Task<R> task) : m_task(std::move(task)) { }
    Stream(Stream &&) = default;
    Stream &operator=(Stream &&) = delete;
    ~Stream() { submit(); }

    // Submits it, and calls `f(const QList<Row> &)` on the receiver's thread with what was sent since the last call, in
    // the order sent: at most once a frame (16 ms) unless much waits, and the last before the task's end is told. Never
    // called once the receiver is gone; then `f` is destroyed, on its thread, and the task goes on. `f` may be
    // a member function of the receiver. A value whose copy constructor throws is left out, and logged.
    //
    // A receiver that hears of it after the submission, by Task::onValues, may miss values.
    template<typename Receiver, typename F> Task<R> onValues(Receiver *receiver, F &&f)
    {
        static_assert(std::is_base_of_v<QObject, Receiver>,
                      "legwork: the receiver comes first, and is a QObject; the callback is called on its thread");
        if (!receiver)
            return task();
        if (!m_body)
            return m_task.template onValues<Row>(receiver, std::forward<F>(f));
        submit(receiver, detail::makeCallback(detail::valuesCallback<Row>(receiver, std::forward<F>(f))));
        return m_task;
    }

    // Submits it.
    Task<R> task()
    {
        submit();
        return m_task;
    }
    operator Task<R>() { return task(); }

    // As those of Task.
    template<typename Receiver, typename F> Task<R> onComplete(Receiver *receiver, F &&f)
    {
        return task().onComplete(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onError(Receiver *receiver, F &&f)
    {
        return task().onError(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onCancelled(Receiver *receiver, F &&f)
    {
        return task().onCancelled(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onProgress(Receiver *receiver, F &&f)
    {
        return task().onProgress(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onStarted(Receiver *receiver, F &&f)
    {
        return task().onStarted(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onEnd(Receiver *receiver, F &&f)
    {
        return task().onEnd(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onRetry(Receiver *receiver, F &&f)
    {
        return task().onRetry(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onSlow(Receiver *receiver, F &&f)
    {
        return task().onSlow(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onPaused(Receiver *receiver, F &&f)
    {
        return task().onPaused(receiver, std::forward<F>(f));
    }
    template<typename Receiver, typename F> Task<R> onResumed(Receiver *receiver, F &&f)
    {
        return task().onResumed(receiver, std::forward<F>(f));
    }
    template<typename F> auto then(F &&work, TaskOptions options = {})
    {
        return task().then(std::forward<F>(work), std::move(options));
    }

private:
    void submit(QObject *receiver = nullptr, std::shared_ptr<detail::Callback> callback = nullptr)
    {
        if (!m_body)
            return;
        const quint16 notices = callback ? detail::Notice::Values : 0;
        m_task = Task<R>(detail::submit(std::move(m_body), m_spec, receiver, std::move(callback), notices));
    }

    std::unique_ptr<detail::Body> m_body; // null once it is submitted
    detail::Spec m_spec;
    Task<R> m_task;
};

namespace detail {

template<typename Row, typename F> using StreamOf = Stream<Row, typename StreamCheck<Row, std::decay_t<F>>::Result>;

template<typename Row, typename F> StreamOf<Row, F> makeStream(F &&f, Spec spec)
{
    using Work = StreamWork<Row, std::decay_t<F>>;
    using Streaming = StreamOf<Row, F>;
    if (isNull(f)) {
        const auto refused = refuse("the work is null; pass a function that can be called", spec.ownerId);
        return Streaming(Task<typename Returned<Work>::Type>(refused));
    }
    if constexpr (canRunAgain<Work>()) {
        // Kept for the next attempt.
        if (spec.retry.times > 0)
            return Streaming(std::make_unique<RepeatedBody<Work>>(Work{std::forward<F>(f)}), std::move(spec));
    }
    return Streaming(std::make_unique<OnceBody<Work>>(Work{std::forward<F>(f)}), std::move(spec));
}

} // namespace detail

// Runs `work` once, on a worker, as legwork::run does, and has it send values before its end:
//
//     legwork::stream<Row>([path](legwork::Sender<Row> &rows, legwork::TaskContext &) {
//         for (Reader reader(path); reader.next();) {
//             if (!rows.send(reader.row()))
//                 return;
//         }
//     }).onValues(this, [this](const QList<Row> &rows) { model->append(rows); });
//
// It is called as work(Sender<Row> &, TaskContext &) or work(Sender<Row> &), and may return void or a result. A
// `Row` is of any type that can be copied. How many may be on their way, and what becomes of more, is in
// TaskOptions::maxUndelivered and whenFull. It is submitted when its receiver is known: see Stream.
template<typename Row, typename F> detail::StreamOf<Row, F> stream(F &&work, TaskOptions options = {})
{
    return detail::makeStream<Row>(std::forward<F>(work), detail::specOf(std::move(options)));
}

} // namespace legwork

#endif
