// What bodies return, on its way to those that want it: any type, by its own pointer. Not for direct use.
#ifndef LEGWORK_RESULT_H
#define LEGWORK_RESULT_H

#include <legwork/bytesize.h>
#include <legwork/types.h>

#include <QtCore/QMetaType>
#include <QtCore/QVariant>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

namespace legwork::detail {

// What a body returned, of any type. Nobody changes it any more, but the one that has it alone.
class LEGWORK_EXPORT ResultValue {
public:
    explicit ResultValue(qint64 size) : bytes(size) { }
    virtual ~ResultValue();
    Q_DISABLE_COPY_MOVE(ResultValue)
    virtual const std::type_info &type() const = 0;
    virtual const void *value() const = 0;
    // As signals, QML and Rust get it; invalid for a type that a QVariant cannot hold.
    virtual QVariant variant() const = 0;

    // What it holds in memory; negative for "not known".
    const qint64 bytes;
    // The owner that may be unloaded and has the code that made it, or 0. Set by the worker, before any other thread
    // has it.
    quint64 owner = 0;
};

// Null for void.
using Result = std::shared_ptr<ResultValue>;

// The end of a result that has a destructor of its own, such as a QObject: it is destroyed at once where this is
// the manager's thread, or a receiver's that calls its callbacks; else on the manager's, if there is an
// application.
struct LEGWORK_EXPORT SendHome {
    void operator()(ResultValue *result) const noexcept;
};

inline QVariant variantOf(const Result &result) { return result ? result->variant() : QVariant(); }

// std::vector<std::unique_ptr<int>> says that it can be copied, and does not compile when it is.
template<typename T, typename = void> struct IsCopyable : std::is_copy_constructible<T> {
};
template<typename T>
struct IsCopyable<T, std::void_t<typename T::value_type>>
    : std::bool_constant<
          std::is_copy_constructible_v<
              T> && (std::is_same_v<typename T::value_type, T> || IsCopyable<typename T::value_type>::value)> {
};

template<typename T> QVariant toVariant([[maybe_unused]] const T &value)
{
    if constexpr (std::is_same_v<T, QVariant>)
        return value;
    else if constexpr (std::is_same_v<T, std::string>)
        return QVariant(QString::fromStdString(value));
    // `long` in a QVariant is no number to QML.
    else if constexpr (std::is_same_v<T, long>)
        return QVariant(static_cast<qlonglong>(value));
    else if constexpr (std::is_same_v<T, unsigned long>)
        return QVariant(static_cast<qulonglong>(value));
    else if constexpr (std::is_pointer_v<T>)
        return {};
    else if constexpr (IsCopyable<T>::value && std::is_default_constructible_v<T>)
        return QVariant::fromValue(value);
    else
        return {};
}

template<typename T> class ValueOf final : public ResultValue {
public:
    ValueOf(T &&value, qint64 size) : ResultValue(size), m_value(std::move(value)) { }
    ValueOf(const T &value, qint64 size) : ResultValue(size), m_value(value) { }
    const std::type_info &type() const override { return typeid(T); }
    const void *value() const override { return &m_value; }
    QVariant variant() const override { return toVariant(m_value); }

private:
    T m_value; // not const: `mutableValue` moves out of it
};

// What is plain lies in one piece with its count, and is destroyed by the thread that has it last.
template<typename T> Result makeResult(T &&value)
{
    using Type = std::decay_t<T>;
    const auto size = bytesOf<Type>(value);
    bool plain = Bytes<Type>::isPlain;
    if constexpr (std::is_same_v<Type, QVariant>)
        plain = isPlainVariant(value);
    if (plain)
        return std::make_shared<ValueOf<Type>>(std::forward<T>(value), size);
    return Result(new ValueOf<Type>(std::forward<T>(value), size), SendHome());
}

// What a body returned, on its way. A bool, an int and a double travel as themselves, without memory of
// their own; a result is made of them where one is asked for.
struct ReturnValue {
    enum Kind : quint8 { Value, Bool, Int, Double };

    Kind kind = Value;
    double number = 0;
    Result value; // null for void

    template<typename T> void set(T &&result)
    {
        using Type = std::decay_t<T>;
        if constexpr (std::is_same_v<Type, bool> || std::is_same_v<Type, int> || std::is_same_v<Type, double>) {
            kind = std::is_same_v<Type, bool> ? Bool : std::is_same_v<Type, int> ? Int : Double;
            number = static_cast<double>(result);
        } else {
            value = makeResult(std::forward<T>(result));
        }
    }
};

// ---- of several tasks ---------------------------------------------------------------------------

// What the tasks of a group returned, in their order. To signals, QML and Rust it is a list.
class LEGWORK_EXPORT ResultList final : public ResultValue {
public:
    ResultList();
    ~ResultList() override;
    const std::type_info &type() const override;
    const void *value() const override;
    QVariant variant() const override;

    std::vector<Result> parts;
};

// The parts of what a group has given; none if it is no list. The only one that has it gives them away.
LEGWORK_EXPORT std::optional<std::vector<Result>> partsOf(Result &&result);

// Whether the results of a group can be given as a `T`: a QList of what can be copied and assigned, or a std::tuple,
// where std::monostate stands for a task without a result.
template<typename T> struct Gathers : std::false_type {
};
template<typename T>
struct Gathers<QList<T>> : std::bool_constant<IsCopyable<T>::value && std::is_move_assignable_v<T>> {
};
template<typename... T> struct Gathers<std::tuple<T...>> : std::conjunction<IsCopyable<T>...> {
};

// ---- to have them as they are -------------------------------------------------------------------

// Whether nobody else has it, so that it may be moved out of.
inline bool isAlone(const Result &result)
{
    if (result.use_count() != 1)
        return false;
    // The others gave it back by a release of the count. All that they did with it comes before this.
    std::atomic_thread_fence(std::memory_order_acquire);
    return true;
}

// The value of a result of this type that the caller has alone.
template<typename T> T &mutableValue(const Result &result)
{
    // It lies in a ValueOf<T>, which is not const.
    return *static_cast<T *>(const_cast<void *>(result->value()));
}

template<typename T> std::optional<T> takeAs(Result &&result);

template<typename T> struct Gathering;

template<typename T> struct Gathering<QList<T>> {
    static std::optional<QList<T>> of(std::vector<Result> parts)
    {
        QList<T> list;
        list.reserve(static_cast<qsizetype>(parts.size()));
        for (auto &part : parts) {
            auto value = takeAs<T>(std::move(part));
            if (!value)
                return std::nullopt;
            list.append(*std::move(value));
        }
        return list;
    }
};

template<typename... T> struct Gathering<std::tuple<T...>> {
    static std::optional<std::tuple<T...>> of(std::vector<Result> parts)
    {
        return parts.size() == sizeof...(T) ? of(parts, std::index_sequence_for<T...>()) : std::nullopt;
    }

private:
    // Not a std::optional: of several in a tuple GCC 12 believes that they are read where they are empty.
    template<typename Part> static std::unique_ptr<Part> take(Result &part)
    {
        auto value = takeAs<Part>(std::move(part));
        return value ? std::make_unique<Part>(*std::move(value)) : nullptr;
    }

    template<std::size_t... I>
    static std::optional<std::tuple<T...>> of(std::vector<Result> &parts, std::index_sequence<I...>)
    {
        const std::tuple<std::unique_ptr<T>...> values(take<T>(parts[I])...);
        if (!(std::get<I>(values) && ...))
            return std::nullopt;
        return std::tuple<T...>(std::move(*std::get<I>(values))...);
    }
};

// The result as a `T`; null if it is of another type.
template<typename T> std::shared_ptr<const T> resultAs(const Result &result)
{
    if (result && result->type() == typeid(T))
        return {result, static_cast<const T *>(result->value())};
    if constexpr (std::is_same_v<T, QVariant>)
        return std::make_shared<const QVariant>(variantOf(result));
    if constexpr (Gathers<T>::value) {
        if (auto parts = partsOf(Result(result))) {
            if (auto value = Gathering<T>::of(*std::move(parts)))
                return std::make_shared<const T>(*std::move(value));
        }
    }
    return nullptr;
}

// A `T` of what can be copied: moved out of the result where nobody else has that. None if it is of another type.
template<typename T> std::optional<T> takeAs(Result &&result)
{
    if constexpr (std::is_same_v<T, std::monostate>)
        return T();
    if (result && result->type() == typeid(T)) {
        if (isAlone(result))
            return std::move(mutableValue<T>(result));
        return *static_cast<const T *>(result->value());
    }
    if constexpr (std::is_same_v<T, QVariant>)
        return variantOf(result);
    if constexpr (Gathers<T>::value) {
        if (auto parts = partsOf(std::move(result)))
            return Gathering<T>::of(*std::move(parts));
    }
    return std::nullopt;
}

// What is told where a result of another type is expected: `KeyPolicy::Keep` gave the call a task that is not of its
// function.
LEGWORK_EXPORT TaskError otherResult(const Result &result, const std::type_info &expected);
// A list of what a task has sent has none of another type, and none whose copy constructor throws: it is logged.
LEGWORK_EXPORT void logLeftOut(const Result &value, const std::type_info &expected);
LEGWORK_EXPORT void logNotCopied(const std::type_info &type);

// What a task has sent, as `Row`s.
template<typename Row> QList<Row> rowsOf(const Result &list)
{
    QList<Row> rows;
    auto parts = partsOf(Result(list));
    if (!parts)
        return rows;
    rows.reserve(static_cast<qsizetype>(parts->size()));
    for (auto &part : *parts) {
        try {
            if (auto row = takeAs<Row>(Result(part)))
                rows.append(*std::move(row));
            else
                logLeftOut(part, typeid(Row));
        } catch (...) {
            logNotCopied(typeid(Row));
        }
    }
    return rows;
}

// The same as otherResult, for a callback that has no place for an error: it is logged.
LEGWORK_EXPORT void logOtherResult(const Result &result, const std::type_info &expected);

} // namespace legwork::detail

#endif
