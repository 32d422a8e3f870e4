// Tasks that stand for others: all of them, or one.
#ifndef LEGWORK_GROUP_H
#define LEGWORK_GROUP_H

#include <legwork/run.h>

#include <initializer_list>
#include <tuple>
#include <variant>
#include <vector>

namespace legwork {

// What a group may say: of all() and any().
struct GroupOptions {
    // <vocabulary: GroupOptions>
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
    // What the ends of some tasks do to the others. StopOnError: the first that does not complete cancels the
    // rest, and is the error; ContinueOnError: all run to their ends, and it fails if one did not complete.
    // What any has, StopOnSuccess, is not for all. Default: StopOnError.
    ErrorPolicy errorPolicy = ErrorPolicy::StopOnError;
    // </vocabulary>
    // The tasks that it comes after: see TaskOptions.
    QList<TaskRef> after = {};
    // Where it was submitted: in what is logged of it, TaskManager::taskInfo, a trace, the monitor. Default: where
    // these options are written.
    SourceLocation location = SourceLocation::ofOptions(__FILE__);
};

namespace detail {

inline Spec specOf(GroupOptions options)
{
    Spec spec;
    // <vocabulary: Spec of GroupOptions>
    spec.name = std::move(options.name);
    spec.priority = options.priority;
    spec.timeout = options.timeout;
    spec.detached = options.detached;
    spec.mustRun = options.mustRun;
    spec.weight = options.weight;
    spec.key = std::move(options.key);
    spec.keyPolicy = options.keyPolicy;
    spec.keyLimit = options.keyLimit;
    spec.afterPolicy = options.afterPolicy;
    spec.startTimeout = options.startTimeout;
    spec.transient = options.transient;
    spec.system = options.system;
    spec.keepResult = options.keepResult;
    spec.delay = options.delay;
    // </vocabulary>
    spec.after = std::move(options.after);
    spec.location = options.location;
    spec.owner = options.owner;
    return spec;
}

// The results of all: a list, or a tuple, in which std::monostate stands for a task without a result.
template<typename T> struct PartOf {
    static_assert(IsCopyable<T>::value,
                  "legwork: all() gives copies of the results, which this type does not allow. Return it in a "
                  "std::shared_ptr, or use any(), or TaskOptions::after");
    using Type = T;
};
template<> struct PartOf<void> {
    using Type = std::monostate;
};

template<typename Tasks> std::vector<Handle> handlesOf(const Tasks &tasks)
{
    std::vector<Handle> handles;
    handles.reserve(static_cast<std::size_t>(tasks.size()));
    for (const auto &task : tasks)
        handles.push_back(Handles::of(task));
    return handles;
}
template<typename... T> std::vector<Handle> handlesOf(const std::tuple<Task<T>...> &tasks)
{
    return std::apply([](const auto &...each) { return std::vector<Handle>{Handles::of(each)...}; }, tasks);
}

template<typename T> struct ListOf {
    static_assert(
        !IsCopyable<T>::value || std::is_move_assignable_v<T>,
        "legwork: all() gives a QList of the results, which needs a type that can be assigned. Return it in a "
        "std::shared_ptr, or give the tasks one by one: all(a, b)");
    using Type = QList<typename PartOf<T>::Type>;
};
template<> struct ListOf<void> {
    using Type = void;
};

// What the results of all of these are given as.
template<typename T> Task<typename ListOf<T>::Type> wholeOf(const QList<Task<T>> &);
template<typename... T> Task<std::tuple<typename PartOf<T>::Type...>> wholeOf(const std::tuple<Task<T>...> &);

template<typename Tasks> auto allOf(const Tasks &tasks, GroupOptions options, quint64 ownerId = 0)
{
    const auto policy = options.errorPolicy;
    auto spec = specOf(std::move(options));
    spec.ownerId = ownerId;
    return decltype(wholeOf(tasks))(submitGroup("all", handlesOf(tasks), policy, spec, false));
}

inline Task<void> allOf(const QList<TaskRef> &tasks, GroupOptions options, quint64 ownerId = 0)
{
    const auto policy = options.errorPolicy;
    auto spec = specOf(std::move(options));
    spec.ownerId = ownerId;
    return Task<void>(submitGroup("all", tasks, policy, spec));
}

template<typename T> Task<T> anyOf(const QList<Task<T>> &tasks, GroupOptions options, quint64 ownerId = 0)
{
    const auto policy = options.errorPolicy;
    auto spec = specOf(std::move(options));
    spec.ownerId = ownerId;
    bool alone = false;
    if constexpr (!std::is_void_v<T>)
        alone = !IsCopyable<T>::value;
    return Task<T>(submitGroup("any", handlesOf(tasks), policy, spec, alone));
}

} // namespace detail

// A task without a body that stands for all of these: it completes once they have, with their results in the order
// given, and at once where there are none. Of tasks without results it has none.
//
//     const auto thumbnails = legwork::all(parts, {.name = "Thumbnails"});
//     thumbnails.then([](const QList<Image> &images) { return sheetOf(images); })
//         .onComplete(this, &Window::show);
//
// The first that fails, or is cancelled, cancels the rest (CancelReason::NotNeeded), and is its error; unless
// GroupOptions::errorPolicy says otherwise. In any case it ends when all of them have ended, bodies and all. Its
// progress is the mean of theirs, by their weights; to cancel it is to cancel them. It is a task as any other: it may
// stand in another all() or any(), up to 32 deep, and others may come after it. Without an owner in its options it has
// that of its tasks, where they have one in common.
//
// Refused are tasks that are not valid, that are forgotten, and whose results are not kept any more. From any thread.
template<typename T> Task<typename detail::ListOf<T>::Type> all(const QList<Task<T>> &tasks, GroupOptions options = {})
{
    return detail::allOf(tasks, std::move(options));
}
template<typename T>
Task<typename detail::ListOf<T>::Type> all(std::initializer_list<Task<T>> tasks, GroupOptions options = {})
{
    return all(QList<Task<T>>(tasks), std::move(options));
}

// The same of tasks of different types: a tuple of their results, in which std::monostate stands for a task without
// one.
//
//     legwork::all(image, caption).then([](const std::tuple<Image, QString> &both) { ... });
//     legwork::all(std::tuple(image, caption), {.name = "Card"});
template<typename... T>
Task<std::tuple<typename detail::PartOf<T>::Type...>> all(const std::tuple<Task<T>...> &tasks,
                                                          GroupOptions options = {})
{
    return detail::allOf(tasks, std::move(options));
}
template<typename First, typename... More>
Task<std::tuple<typename detail::PartOf<First>::Type, typename detail::PartOf<More>::Type...>>
all(const Task<First> &first, const Task<More> &...more)
{
    // Of so many arguments none can be the line of the call: it is unknown.
    GroupOptions options;
    return all(std::tuple<Task<First>, Task<More>...>(first, more...), std::move(options));
}

// The same of any tasks, by their handles or ids, without a result: for one progress, one cancel and one end of what is
// of many types, and of an unknown number. Its owner is that of its options.
//
//     legwork::all(QList<legwork::TaskRef>{reading, counting, id});
inline Task<void> all(const QList<TaskRef> &tasks, GroupOptions options = {})
{
    return detail::allOf(tasks, std::move(options));
}

// The same of which the first that completes is the result, and cancels the rest. It fails if none completes, with
// the list of why, and is refused of no tasks. GroupOptions::errorPolicy is not for it.
// Of a T that cannot be copied it has the results for itself, as Task::then may have.
template<typename T> Task<T> any(const QList<Task<T>> &tasks, GroupOptions options = {})
{
    return detail::anyOf(tasks, std::move(options));
}
template<typename T> Task<T> any(std::initializer_list<Task<T>> tasks, GroupOptions options = {})
{
    return any(QList<Task<T>>(tasks), std::move(options));
}

} // namespace legwork

#endif
