// Work that is given the result of another task: what Task::then is made of. Not for direct use.
#ifndef LEGWORK_THEN_H
#define LEGWORK_THEN_H

#include <legwork/detail.h>

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace legwork::detail {

// ---- how it is called ---------------------------------------------------------------------------

template<typename F, typename Value>
constexpr bool isCalledWith = std::is_invocable_v<F, Value, TaskContext &> || std::is_invocable_v<F, Value>;

template<typename F, typename Value> decltype(auto) invokeWith(F &&f, Value &&value, TaskContext &context)
{
    if constexpr (std::is_invocable_v<F, Value, TaskContext &>)
        return std::invoke(std::forward<F>(f), std::forward<Value>(value), context);
    else
        return std::invoke(std::forward<F>(f), std::forward<Value>(value));
}

template<typename F, typename Value>
using ReturnedWith =
    std::decay_t<decltype(invokeWith(std::declval<F>(), std::declval<Value>(), std::declval<TaskContext &>()))>;

// What a function says that it takes first; void where it does not say, as a template.
template<typename F, typename = void> struct FirstOf {
    using Type = void;
};
template<typename R, typename First, typename... More> struct FirstOf<R (*)(First, More...)> {
    using Type = First;
};
template<typename R, typename First, typename... More> struct FirstOf<R (*)(First, More...) noexcept> {
    using Type = First;
};
template<typename C, typename R, typename First, typename... More> struct FirstOf<R (C::*)(First, More...)> {
    using Type = First;
};
template<typename C, typename R, typename First, typename... More> struct FirstOf<R (C::*)(First, More...) const> {
    using Type = First;
};
template<typename C, typename R, typename First, typename... More> struct FirstOf<R (C::*)(First, More...) noexcept> {
    using Type = First;
};
template<typename C, typename R, typename First, typename... More>
struct FirstOf<R (C::*)(First, More...) const noexcept> {
    using Type = First;
};
template<typename F> struct FirstOf<F, std::void_t<decltype(&F::operator())>> : FirstOf<decltype(&F::operator())> {
};

// Whether it can be called with a `T` that others have, too. `F` is a reference where it is called more than once.
template<typename F, typename T> constexpr bool takesShared()
{
    // To the standard library a vector of std::unique_ptr can be copied, and so it is passed to a function that takes
    // it by value. There it counts what the function says.
    if constexpr (std::is_copy_constructible_v<T> && !IsCopyable<T>::value) {
        using First = typename FirstOf<std::decay_t<F>>::Type;
        return isCalledWith<F, const T &> && (std::is_void_v<First> || std::is_lvalue_reference_v<First>);
    } else {
        return isCalledWith<F, const T &>;
    }
}

// What work that is given a `T` returns.
template<typename T, typename F, bool Shared = takesShared<F, T>(), bool Moved = isCalledWith<F, T>>
struct ThenReturned {
    static_assert(!sizeof(T),
                  "legwork: the work has to be callable as work(const T &, legwork::TaskContext &) or work(const T &), "
                  "or with a T or T && in that place, where T is the result of the task that it comes after. Of a job "
                  "or a script that is a QVariant; a task without a result has none: work(legwork::TaskContext &), or "
                  "work()");
};
template<typename T, typename F, bool Moved> struct ThenReturned<T, F, true, Moved> {
    using Type = ReturnedWith<F, const T &>;
};
template<typename T, typename F> struct ThenReturned<T, F, false, true> {
    using Type = ReturnedWith<F, T>;
};

template<typename T, typename F> struct ThenType : ThenReturned<T, F> {
};
template<typename F> struct ThenType<void, F> : Returned<F> {
};

// Whether it may be called with a `T` that it has alone: then it returns the same.
template<typename F, typename T> constexpr bool takesMoved()
{
    if constexpr (isCalledWith<F, T>)
        return std::is_same_v<ReturnedWith<F, T>, typename ThenReturned<T, F>::Type>;
    else
        return false;
}

// Whether it may be called more than once, with a result of the same type: each time it is given what it cannot
// change, or a copy.
template<typename T, typename F> constexpr bool canRunAgainThen()
{
    if constexpr (std::is_void_v<T>) {
        return canRunAgain<F>();
    } else if constexpr (takesShared<F &, T>() || (isCalledWith<F &, T> && IsCopyable<T>::value)) {
        return std::is_same_v<typename ThenReturned<T, F &>::Type, typename ThenReturned<T, F>::Type>;
    } else {
        return false;
    }
}

// Whether it can be called only with a result that nobody else has, or will have.
template<typename T, typename F> constexpr bool needsAlone()
{
    if constexpr (std::is_void_v<T>)
        return false;
    else
        return !takesShared<F, T>() && !IsCopyable<T>::value;
}

// ---- its body -----------------------------------------------------------------------------------

// The result is of another type, or belongs to others, too, and cannot be copied. Not tried again.
[[noreturn]] LEGWORK_EXPORT void throwOtherResult(const std::type_info *found, const std::type_info &expected);
[[noreturn]] LEGWORK_EXPORT void throwNotAlone(const std::type_info &type);

// Moves the result into the call where nobody else has it; else it is called with that of the others, or a copy.
template<typename T, typename F> void runWith(F &&f, Result given, TaskContext &context, ReturnValue &result)
{
    const auto call = [&](auto &&value) {
        using Value = decltype(value);
        if constexpr (std::is_void_v<typename ThenReturned<T, F>::Type>)
            invokeWith(std::forward<F>(f), std::forward<Value>(value), context);
        else
            result.set(invokeWith(std::forward<F>(f), std::forward<Value>(value), context));
    };
    const auto *type = given ? &given->type() : nullptr;
    if (type && *type == typeid(T)) {
        if constexpr (takesMoved<F, T>()) {
            if (isAlone(given))
                return call(std::move(mutableValue<T>(given)));
        }
        [[maybe_unused]] const T &shared = *static_cast<const T *>(given->value());
        if constexpr (takesShared<F, T>())
            return call(shared);
        else if constexpr (IsCopyable<T>::value)
            return call(T(shared));
        else
            throwNotAlone(typeid(T));
    }
    if constexpr (IsCopyable<T>::value) {
        if (auto value = takeAs<T>(std::move(given))) {
            if constexpr (takesMoved<F, T>())
                return call(*std::move(value));
            else
                return call(std::as_const(*value));
        }
    }
    throwOtherResult(type, typeid(T));
}

template<typename T, typename F, bool Again> class ThenBody final : public Body {
public:
    template<typename G> explicit ThenBody(G &&f) : m_f(std::in_place, std::forward<G>(f)) { }

    void give(Result result) override { m_result = std::move(result); }

    void run(TaskContext &context, ReturnValue &result) override
    {
        // What it captured goes before the task's end is told, also if it throws.
        struct Reset {
            std::optional<F> &f;
            ~Reset()
            {
                if (!Again)
                    f.reset();
            }
        } const reset{m_f};
        using Work = std::conditional_t<Again, F &, F>;
        auto given = Again ? m_result : std::move(m_result);
        if constexpr (!std::is_void_v<T>) {
            runWith<T, Work>(static_cast<Work &&>(*m_f), std::move(given), context, result);
        } else {
            given.reset();
            if constexpr (std::is_void_v<typename Returned<Work>::Type>)
                invokeWork(static_cast<Work &&>(*m_f), context);
            else
                result.set(invokeWork(static_cast<Work &&>(*m_f), context));
        }
    }
    bool runsAgain() const override { return Again; }

private:
    std::optional<F> m_f;
    Result m_result;
};

template<typename T, typename F> using ThenTask = Task<typename ThenType<T, std::decay_t<F>>::Type>;

template<typename T, typename F> ThenTask<T, F> then(const Handle &task, F &&f, const Spec &spec)
{
    using Work = std::decay_t<F>;
    using After = ThenTask<T, F>;
    if (isNull(f))
        return After(refuse("the work is null; pass a function that can be called", spec.ownerId));
    if constexpr (canRunAgainThen<T, Work>()) {
        // Kept for the next attempt.
        if (spec.retry.times > 0)
            return After(submitThen(task, std::make_unique<ThenBody<T, Work, true>>(std::forward<F>(f)), spec, false));
    }
    return After(
        submitThen(task, std::make_unique<ThenBody<T, Work, false>>(std::forward<F>(f)), spec, needsAlone<T, Work>()));
}

} // namespace legwork::detail

#endif
