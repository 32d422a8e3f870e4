// What a result holds in memory: for the bound of the history, which is one of bytes.
#ifndef LEGWORK_BYTESIZE_H
#define LEGWORK_BYTESIZE_H

#include <legwork/global.h>

#include <QtCore/QByteArray>
#include <QtCore/QDateTime>
#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QMap>
#include <QtCore/QSet>
#include <QtCore/QString>
#include <QtCore/QUrl>
#include <QtCore/QVariant>

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace legwork::detail {

// A type says what it holds by a function beside it, which is found by its argument:
//
//     qsizetype legworkByteSize(const Picture &picture) { return picture.pixels.size(); }
//
// Called once for each result, on the worker, as the body returns; negative for "not known".
template<typename T, typename = void> struct SaysByteSize : std::false_type {
};
template<typename T>
struct SaysByteSize<T, std::void_t<decltype(static_cast<qint64>(legworkByteSize(std::declval<const T &>())))>>
    : std::true_type {
};

// QImage has it, and what is made like it.
template<typename T, typename = void> struct HasSizeInBytes : std::false_type {
};
template<typename T>
struct HasSizeInBytes<T, std::void_t<decltype(static_cast<qint64>(std::declval<const T &>().sizeInBytes()))>>
    : std::true_type {
};

// The elements of a container; none for what is no container, or one of itself, as a path is.
struct NoElement { };
template<typename T, typename = void> struct ElementOf {
    using Type = NoElement;
};
template<typename T>
struct ElementOf<T,
                 std::void_t<typename T::value_type, decltype(std::declval<const T &>().begin()),
                             decltype(std::declval<const T &>().end()), decltype(std::declval<const T &>().size())>> {
    using Type = std::conditional_t<std::is_same_v<typename T::value_type, T>, NoElement, typename T::value_type>;
};

// The iterators of Qt's maps give the values alone: see BytesOfMap.
template<typename K, typename V> struct ElementOf<QMap<K, V>> {
    using Type = NoElement;
};
template<typename K, typename V> struct ElementOf<QMultiMap<K, V>> {
    using Type = NoElement;
};
template<typename K, typename V> struct ElementOf<QHash<K, V>> {
    using Type = NoElement;
};
template<typename K, typename V> struct ElementOf<QMultiHash<K, V>> {
    using Type = NoElement;
};

template<typename T, typename = void> struct HasCapacity : std::false_type {
};
template<typename T>
struct HasCapacity<T, std::void_t<decltype(static_cast<qint64>(std::declval<const T &>().capacity()))>>
    : std::true_type {
};

template<typename T> qint64 placesOf(const T &container)
{
    const auto size = static_cast<qint64>(container.size());
    if constexpr (HasCapacity<T>::value)
        return std::max(size, static_cast<qint64>(container.capacity()));
    else
        return size;
}

// The sum of two, where -1 is "not known".
inline qint64 plusBytes(qint64 a, qint64 b) { return a < 0 || b < 0 ? -1 : a + b; }

// What is in a QVariant; not known for a type of somebody's.
LEGWORK_EXPORT qint64 bytesOfVariant(const QVariant &variant);
// Whether all that is destroyed with it is memory.
LEGWORK_EXPORT bool isPlainVariant(const QVariant &variant);

// What a `T` holds.
//
// - `isKnown`: whether it can be told at all.
// - `isPlain`: whether it may be destroyed anywhere, as all that is destroyed with it is memory.
// - `beside`: the bytes beside the object itself; negative for "not known".
template<typename T, typename = void> struct Bytes {
    static constexpr bool isKnown = false;
    static constexpr bool isPlain = false;
    static qint64 beside(const T &) { return -1; }
};

template<typename T> struct Bytes<T, std::enable_if_t<SaysByteSize<T>::value>> {
    static constexpr bool isKnown = true;
    static constexpr bool isPlain = std::is_trivially_destructible_v<T>;
    static qint64 beside(const T &value) { return static_cast<qint64>(legworkByteSize(value)); }
};

// It owns nothing beside itself.
template<typename T> struct Bytes<T, std::enable_if_t<!SaysByteSize<T>::value && std::is_trivially_destructible_v<T>>> {
    static constexpr bool isKnown = true;
    static constexpr bool isPlain = true;
    static qint64 beside(const T &) { return 0; }
};

template<typename T>
struct Bytes<
    T, std::enable_if_t<!SaysByteSize<T>::value && !std::is_trivially_destructible_v<T> && HasSizeInBytes<T>::value>> {
    static constexpr bool isKnown = true;
    static constexpr bool isPlain = true;
    static qint64 beside(const T &value) { return static_cast<qint64>(value.sizeInBytes()); }
};

// A container of what is known: vectors and lists, sets, the maps of the standard library, QString and
// QByteArray.
template<typename T>
struct Bytes<
    T,
    std::enable_if_t<
        !SaysByteSize<T>::value && !std::is_trivially_destructible_v<T> && !HasSizeInBytes<T>::value
        && !std::is_same_v<typename ElementOf<T>::Type, NoElement> && Bytes<typename ElementOf<T>::Type>::isKnown>> {
    using Element = typename ElementOf<T>::Type;
    static constexpr bool isKnown = true;
    static constexpr bool isPlain = Bytes<Element>::isPlain;
    static qint64 beside(const T &value)
    {
        auto sum = placesOf(value) * static_cast<qint64>(sizeof(Element));
        if constexpr (!std::is_trivially_destructible_v<Element>) {
            for (auto element = value.begin(); element != value.end(); ++element)
                sum = plusBytes(sum, Bytes<Element>::beside(*element));
        }
        return sum;
    }
};

template<typename Map, typename K, typename V> struct BytesOfMap {
    static constexpr bool isKnown = Bytes<K>::isKnown && Bytes<V>::isKnown;
    static constexpr bool isPlain = Bytes<K>::isPlain && Bytes<V>::isPlain;
    static qint64 beside(const Map &map)
    {
        qint64 sum = isKnown ? 0 : -1;
        for (auto entry = map.cbegin(); sum >= 0 && entry != map.cend(); ++entry) {
            sum = plusBytes(sum + static_cast<qint64>(sizeof(K) + sizeof(V)),
                            plusBytes(Bytes<K>::beside(entry.key()), Bytes<V>::beside(entry.value())));
        }
        return sum;
    }
};
template<typename K, typename V>
struct Bytes<QMap<K, V>, std::enable_if_t<!SaysByteSize<QMap<K, V>>::value>> : BytesOfMap<QMap<K, V>, K, V> {
};
template<typename K, typename V>
struct Bytes<QMultiMap<K, V>, std::enable_if_t<!SaysByteSize<QMultiMap<K, V>>::value>>
    : BytesOfMap<QMultiMap<K, V>, K, V> {
};
template<typename K, typename V>
struct Bytes<QHash<K, V>, std::enable_if_t<!SaysByteSize<QHash<K, V>>::value>> : BytesOfMap<QHash<K, V>, K, V> {
};
template<typename K, typename V>
struct Bytes<QMultiHash<K, V>, std::enable_if_t<!SaysByteSize<QMultiHash<K, V>>::value>>
    : BytesOfMap<QMultiHash<K, V>, K, V> {
};

template<typename A, typename B>
struct Bytes<
    std::pair<A, B>,
    std::enable_if_t<!SaysByteSize<std::pair<A, B>>::value && !std::is_trivially_destructible_v<std::pair<A, B>>>> {
    static constexpr bool isKnown = Bytes<std::decay_t<A>>::isKnown && Bytes<std::decay_t<B>>::isKnown;
    static constexpr bool isPlain = Bytes<std::decay_t<A>>::isPlain && Bytes<std::decay_t<B>>::isPlain;
    static qint64 beside(const std::pair<A, B> &pair)
    {
        return plusBytes(Bytes<std::decay_t<A>>::beside(pair.first), Bytes<std::decay_t<B>>::beside(pair.second));
    }
};

template<typename T>
struct Bytes<
    std::optional<T>,
    std::enable_if_t<!SaysByteSize<std::optional<T>>::value && !std::is_trivially_destructible_v<std::optional<T>>>> {
    static constexpr bool isKnown = Bytes<T>::isKnown;
    static constexpr bool isPlain = Bytes<T>::isPlain;
    static qint64 beside(const std::optional<T> &value) { return value ? Bytes<T>::beside(*value) : 0; }
};

template<> struct Bytes<QUrl> {
    static constexpr bool isKnown = true;
    static constexpr bool isPlain = true;
    static qint64 beside(const QUrl &url) { return url.toEncoded().size() * 2; }
};

template<> struct Bytes<QDateTime> {
    static constexpr bool isKnown = true;
    static constexpr bool isPlain = true;
    static qint64 beside(const QDateTime &) { return 0; }
};

// What it holds decides, when it is there.
template<> struct Bytes<QVariant> {
    static constexpr bool isKnown = true;
    static constexpr bool isPlain = false;
    static qint64 beside(const QVariant &variant) { return bytesOfVariant(variant); }
};

// All of it; -1 for "not known", also where its function throws.
template<typename T> qint64 bytesOf(const T &value) noexcept
{
    try {
        return plusBytes(static_cast<qint64>(sizeof(T)), Bytes<T>::beside(value));
    } catch (...) {
        return -1;
    }
}

} // namespace legwork::detail

#endif
