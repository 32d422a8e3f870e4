#include "values.h"

#include "resultof.h"

#include "legwork/detail.h"

#include "legwork/src/qt/values.cxx.h"

#include <QtCore/QDateTime>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QJsonValue>
#include <QtCore/QMetaClassInfo>
#include <QtCore/QMetaObject>
#include <QtCore/QRegularExpression>
#if QT_VERSION >= QT_VERSION_CHECK(6, 11, 0)
#include <QtCore/QMetaSequence>
#else
#include <QtCore/QSequentialIterable>
#endif
#include <QtCore/QTimeZone>
#include <QtCore/QUrl>
#include <QtCore/QUuid>
#include <QtQml/QJSValue>
#include <QtQml/QJSValueIterator>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace legwork {

namespace {

// Any container of C++ whose type says that it is one.
#if QT_VERSION >= QT_VERSION_CHECK(6, 11, 0)
using Sequence = QMetaSequence::Iterable;
#else
using Sequence = QSequentialIterable;
#endif

// What QML calls the type of an object, without the number of a type that a document has made.
QString typeOf(const QObject &object)
{
    // Never destroyed: a worker may be here as the process ends.
    static const auto &made = *new QRegularExpression(QStringLiteral("_QML(TYPE)?_\\d+$"));
    auto name = QString::fromLatin1(object.metaObject()->className()).remove(made);
    for (const auto *meta = object.metaObject(); meta; meta = meta->superClass()) {
        if (QLatin1String(meta->className()) != name)
            continue;
        const int info = meta->indexOfClassInfo("QML.Element");
        const auto element = info < meta->classInfoOffset() ? "" : meta->classInfo(info).value();
        if (*element != '\0' && qstrcmp(element, "auto") != 0 && qstrcmp(element, "anonymous") != 0)
            name = QString::fromLatin1(element);
        break;
    }
    name.remove(0, name.lastIndexOf(QLatin1Char(':')) + 1);
    const bool vowel = !name.isEmpty() && QLatin1String("AEIOU").contains(name.at(0));
    return (vowel ? QStringLiteral("an ") : QStringLiteral("a ")) + name;
}

// What a value is read for, which decides what is said of one that cannot be.
enum class For {
    Task, // a task has it
    Script, // a script returned it
    Ids, // it is a list of ids
};

// The same bounds as in Rust (service/value.rs); the list of arguments is at depth 0, and what is in
// it may nest so deep. Elements are bounded so that `new Array(4e9)` is an error and not the end of
// the process.
constexpr int maxDepth = 64;
constexpr qint64 maxElements = 16'000'000;

class Reader {
public:
    Reader(ValueWriter &writer, For purpose) : m_writer(writer), m_for(purpose) { }

    // Each returns an empty text, or what is wrong; the place is built on the way back.
    QString variant(const QVariant &value, int depth)
    {
        if (const auto error = count(1); !error.isEmpty())
            return error;
        if (!value.isValid())
            return m_writer.undefined(), QString();
        const auto type = value.metaType();
        switch (type.id()) {
        case QMetaType::Nullptr:
        case QMetaType::VoidStar:
            return m_writer.null(), QString();
        case QMetaType::Bool:
            return m_writer.boolean(value.toBool()), QString();
        case QMetaType::Double:
        case QMetaType::Float:
            return m_writer.real(value.toDouble()), QString();
        case QMetaType::ULong:
        case QMetaType::ULongLong:
            return m_writer.unsigned_integer(value.toULongLong()), QString();
        case QMetaType::Char:
        case QMetaType::SChar:
        case QMetaType::UChar:
        case QMetaType::Short:
        case QMetaType::UShort:
        case QMetaType::Int:
        case QMetaType::UInt:
        case QMetaType::Long:
        case QMetaType::LongLong:
            return m_writer.integer(value.toLongLong()), QString();
        case QMetaType::QString:
        case QMetaType::QChar:
        case QMetaType::QUuid:
            return m_writer.text(value.toString()), QString();
        case QMetaType::QByteArray:
            return bytes(value.toByteArray());
        case QMetaType::QUrl:
            return m_writer.url(value.toUrl().toString(QUrl::FullyEncoded)), QString();
        case QMetaType::QDateTime:
        case QMetaType::QDate:
            return date(value.toDateTime());
        case QMetaType::QVariantMap:
            return map(*static_cast<const QVariantMap *>(value.constData()), depth);
        case QMetaType::QVariantHash:
            return map(value.toMap(), depth);
        case QMetaType::QJsonValue:
            return variant(value.toJsonValue().toVariant(), depth);
        case QMetaType::QJsonObject:
            return map(value.toJsonObject().toVariantMap(), depth);
        case QMetaType::QJsonArray:
            return variant(value.toJsonArray().toVariantList(), depth);
        default:
            break;
        }
        if (type == QMetaType::fromType<QJSValue>())
            return script(value.value<QJSValue>(), depth);
        if (type == QMetaType::fromType<detail::ResultOf>())
            return result(*static_cast<const detail::ResultOf *>(value.constData()));
        if (type.flags().testFlag(QMetaType::IsEnumeration))
            return m_writer.integer(value.toLongLong()), QString();
        if (type.flags().testFlag(QMetaType::PointerToQObject))
            return value.value<QObject *>() ? object(value.value<QObject *>(), depth) : (m_writer.null(), QString());
        if (value.canConvert<Sequence>())
            return list(value.value<Sequence>(), depth);
        return refused(QStringLiteral("a ") + QString::fromLatin1(type.name()),
                       QStringLiteral("which takes numbers, texts, bytes, dates, URLs, and lists and maps of those"));
    }

private:
    // `instead` is what a caller would do; a script returns what there is a value for.
    QString refused(const QString &what, const QString &instead) const
    {
        return m_for == For::Script
            ? QStringLiteral(": %1 cannot leave a script; return numbers, texts, bytes, dates, and lists "
                             "and objects of those")
                  .arg(what)
            : QStringLiteral(": %1 cannot be passed to a task, %2").arg(what, instead);
    }

    // Where a list of ids is to be, or an id in it.
    static QString noId(const QString &what, int depth, const QString &instead = {})
    {
        return QStringLiteral(" is %1; expected ").arg(what)
            + (depth == 0 ? QStringLiteral("a list of the ids of tasks")
                          : QStringLiteral("the id of a task") + instead);
    }

    // A list or a map begins.
    static QString nest(int depth)
    {
        if (depth > maxDepth)
            return QStringLiteral(": lists and maps nest deeper than %1, or contain themselves").arg(maxDepth);
        return {};
    }

    QString count(qint64 elements)
    {
        m_elements += elements;
        if (m_elements > maxElements)
            return QStringLiteral(": more than %1 elements").arg(maxElements);
        return {};
    }

    // JavaScript has one kind of number. To C++ and Python a result of 3 is an integer; what a job asks for,
    // it finds in either.
    void number(double value)
    {
        constexpr double most = 9'007'199'254'740'991;
        if (m_for == For::Script && value >= -most && value <= most && std::trunc(value) == value
            && !(value == 0 && std::signbit(value)))
            m_writer.integer(static_cast<std::int64_t>(value));
        else
            m_writer.real(value);
    }

    QString object(const QObject *object, int depth) const
    {
        if (m_for == For::Ids) {
            const bool isTask = object && object->metaObject()->indexOfProperty("taskId") >= 0;
            return noId(object ? typeOf(*object) : QStringLiteral("an object"), depth,
                        isTask ? QStringLiteral(", which its taskId has") : QString());
        }
        return refused(QStringLiteral("an object"),
                       QStringLiteral("which runs on another thread; pass the properties that it needs"));
    }

    QString result(const detail::ResultOf &of)
    {
        auto task = of.task;
        if (of.group) {
            const auto previous = detail::Previous::of(of.group);
            if (!previous)
                return QStringLiteral(
                    ": previous is the result of the task before, in the args of a task in a TaskGroup "
                    "that is Sequential, as the group starts it");
            if (previous->isEmpty())
                return m_writer.undefined(), QString();
            task = *previous;
        }
        const auto wrong = m_writer.result_of(task);
        return wrong.isEmpty() ? QString() : QStringLiteral(": ") + wrong;
    }

    QString bytes(const QByteArray &value)
    {
        m_writer.bytes(rust::Slice<const std::uint8_t>(reinterpret_cast<const std::uint8_t *>(value.constData()),
                                                       static_cast<std::size_t>(value.size())));
        return {};
    }

    QString date(const QDateTime &value)
    {
        if (!value.isValid())
            return QStringLiteral(": the date is invalid");
        m_writer.date(value.toMSecsSinceEpoch());
        return {};
    }

    QString map(const QVariantMap &map, int depth)
    {
        if (const auto error = nest(depth); !error.isEmpty())
            return error;
        m_writer.begin_map();
        for (auto entry = map.cbegin(); entry != map.cend(); ++entry) {
            m_writer.key(entry.key());
            if (auto error = variant(entry.value(), depth + 1); !error.isEmpty())
                return QLatin1Char('.') + entry.key() + error;
        }
        m_writer.end_map();
        return {};
    }

    template<typename List> QString list(const List &list, int depth)
    {
        if (const auto error = nest(depth); !error.isEmpty())
            return error;
        m_writer.begin_list();
        qsizetype index = 0;
        for (const QVariant &element : list) {
            if (auto error = variant(element, depth + 1); !error.isEmpty())
                return QStringLiteral("[%1]").arg(index) + error;
            ++index;
        }
        m_writer.end_list();
        return {};
    }

    QString script(const QJSValue &value, int depth)
    {
        if (value.isUndefined())
            return m_writer.undefined(), QString();
        if (value.isNull())
            return m_writer.null(), QString();
        if (value.isBool())
            return m_writer.boolean(value.toBool()), QString();
        if (value.isNumber())
            return number(value.toNumber()), QString();
        if (value.isString())
            return m_writer.text(value.toString()), QString();
        if (value.isCallable() && m_for == For::Ids)
            return noId(QStringLiteral("a function"), depth);
        if (value.isCallable())
            return refused(QStringLiteral("a function"),
                           QStringLiteral("which runs on another thread; onComplete and onError go into the options"));
        if (value.isQObject())
            return object(value.toQObject(), depth);
        if (value.isDate())
            return date(value.toDateTime());
        if (value.isRegExp())
            return refused(QStringLiteral("a regular expression"), QStringLiteral("but its source can"));
        if (value.isError())
            return refused(QStringLiteral("an Error"), QStringLiteral("but its message can"));
        if (value.isArray())
            return array(value, depth);
        // Value types of Qt inside of JavaScript (a url, an ArrayBuffer, a point) come out as
        // themselves; plain objects come out as maps, and are walked here for the places.
        const QVariant inside = value.toVariant(QJSValue::RetainJSObjects);
        if (inside.metaType() != QMetaType::fromType<QJSValue>())
            return variant(inside, depth);
        if (isView(value))
            return view(value);
        return properties(value, depth);
    }

    // Typed arrays and DataViews, which Qt does not tell from other objects. Their `buffer` is
    // inherited, so that a plain object costs one look and no getter of its own is called.
    static bool isView(const QJSValue &value)
    {
        const auto key = QStringLiteral("buffer");
        if (value.hasOwnProperty(key) || !value.hasProperty(key))
            return false;
        const auto isView =
            value.property(key).property(QStringLiteral("constructor")).property(QStringLiteral("isView"));
        return isView.isCallable() && isView.call({value}).toBool();
    }

    // The part of the buffer that is seen, if that is of bytes: other numbers would depend on the
    // machine's order.
    QString view(const QJSValue &value)
    {
        const auto size = value.property(QStringLiteral("BYTES_PER_ELEMENT"));
        if (size.isNumber() && size.toInt() != 1) {
            const auto name = value.property(QStringLiteral("constructor")).property(QStringLiteral("name"));
            return refused(QStringLiteral("a ") + name.toString().left(60),
                           QStringLiteral("but Array.from(it) can, or its bytes in a Uint8Array"));
        }
        const auto buffer = value.property(QStringLiteral("buffer")).toVariant().toByteArray();
        return bytes(buffer.mid(value.property(QStringLiteral("byteOffset")).toInt(),
                                value.property(QStringLiteral("byteLength")).toInt()));
    }

    QString array(const QJSValue &value, int depth)
    {
        if (const auto error = nest(depth); !error.isEmpty())
            return error;
        const auto length = static_cast<quint32>(value.property(QStringLiteral("length")).toUInt());
        // All at once: a list of 4e9 holes is refused without a look at each.
        if (const auto error = count(length); !error.isEmpty())
            return error;
        m_writer.begin_list();
        for (quint32 index = 0; index < length; ++index) {
            if (auto error = script(value.property(index), depth + 1); !error.isEmpty())
                return QStringLiteral("[%1]").arg(index) + error;
        }
        m_writer.end_list();
        return {};
    }

    QString properties(const QJSValue &value, int depth)
    {
        if (const auto error = nest(depth); !error.isEmpty())
            return error;
        m_writer.begin_map();
        QJSValueIterator entry(value);
        while (entry.next()) {
            if (const auto error = count(1); !error.isEmpty())
                return error;
            m_writer.key(entry.name());
            if (auto error = script(entry.value(), depth + 1); !error.isEmpty())
                return QLatin1Char('.') + entry.name() + error;
        }
        m_writer.end_map();
        return {};
    }

    ValueWriter &m_writer;
    const For m_for;
    qint64 m_elements = 0;
};

} // namespace

QString readValue(const QVariant &variant, const QString &place, ValueWriter &writer)
{
    const auto error = Reader(writer, For::Task).variant(variant, 0);
    return error.isEmpty() ? error : place + error;
}

QString readIds(const QVariant &variant, const QString &place, ValueWriter &writer)
{
    const auto error = Reader(writer, For::Ids).variant(variant, 0);
    return error.isEmpty() ? error : place + error;
}

bool isMap(const QVariant &variant) { return variant.metaType() == QMetaType::fromType<QVariantMap>(); }

QString readResult(const QVariant &variant, const QString &place, ValueWriter &writer)
{
    const auto error = Reader(writer, For::Script).variant(variant, 0);
    return error.isEmpty() ? error : place + error;
}

namespace {

// Each byte as two digits.
constexpr auto digitPairs = [] {
    std::array<std::array<char16_t, 2>, 256> pairs{};
    for (std::size_t byte = 0; byte < pairs.size(); ++byte)
        pairs[byte] = {u"0123456789abcdef"[byte >> 4], u"0123456789abcdef"[byte & 0xf]};
    return pairs;
}();

} // namespace

// A UUID, without braces.
QString detail::idText(Id id)
{
    QString text(36, Qt::Uninitialized);
    auto *place = reinterpret_cast<char16_t *>(text.data());
    const auto bytes = [&place](std::uint64_t number, int from, int count) {
        for (int byte = 0; byte < count; ++byte)
            place = std::copy_n(digitPairs[number >> (from - 8 * byte) & 0xff].data(), 2, place);
    };
    const auto dash = [&place] { *place++ = u'-'; };
    bytes(id.high, 56, 4);
    dash();
    bytes(id.high, 24, 2);
    dash();
    bytes(id.high, 8, 2);
    dash();
    bytes(id.low, 56, 2);
    dash();
    bytes(id.low, 40, 6);
    return text;
}

QVariant nullVariant() { return QVariant::fromValue(nullptr); }

QVariant integerVariant(std::int64_t value)
{
    // `long` inside a QVariant is no number to QML; `int` and `long long` are.
    if (value >= std::numeric_limits<int>::min() && value <= std::numeric_limits<int>::max())
        return QVariant(static_cast<int>(value));
    return QVariant(static_cast<qlonglong>(value));
}

QVariant unsignedVariant(std::uint64_t value) { return QVariant(static_cast<qulonglong>(value)); }

QVariant dateVariant(std::int64_t msSinceEpoch)
{
    return QDateTime::fromMSecsSinceEpoch(msSinceEpoch, QTimeZone::utc());
}

} // namespace legwork
