// Results: any value of C++, to Rust and to the signals. The other half is src/qt/bridge_result.rs.
#include "bridge.h"

#include "../log.h"

#include "legwork/bytesize.h"

namespace legwork::detail {

ResultValue::~ResultValue() = default;

// What it holds is counted by its parts.
ResultList::ResultList() : ResultValue(0) { }
ResultList::~ResultList() = default;

const std::type_info &ResultList::type() const { return typeid(ResultList); }

const void *ResultList::value() const { return &parts; }

QVariant ResultList::variant() const
{
    QVariantList variants;
    variants.reserve(static_cast<qsizetype>(parts.size()));
    for (const auto &part : parts)
        variants.append(part ? variantOfResult(*part) : QVariant());
    return variants;
}

namespace {

// As a body of C++ would have returned it.
Result partOf(const QVariant &variant)
{
    switch (variant.typeId()) {
    case QMetaType::Bool:
        return makeResult(variant.toBool());
    case QMetaType::Int:
        return makeResult(variant.toInt());
    case QMetaType::Double:
        return makeResult(variant.toDouble());
    default:
        return makeResult(variant);
    }
}

} // namespace

std::optional<std::vector<Result>> partsOf(Result &&result)
{
    if (!result)
        return std::nullopt;
    if (result->type() == typeid(ResultList)) {
        auto &list = static_cast<ResultList &>(*result);
        if (isAlone(result))
            return std::move(list.parts);
        return list.parts;
    }
    // Of numbers, of jobs and of scripts, which Rust has as values of its own.
    if (result->type() != typeid(QVariant))
        return std::nullopt;
    const auto &variant = *static_cast<const QVariant *>(result->value());
    if (variant.typeId() != QMetaType::QVariantList)
        return std::nullopt;
    std::vector<Result> parts;
    const auto variants = variant.toList();
    parts.reserve(static_cast<std::size_t>(variants.size()));
    for (const auto &part : variants)
        parts.push_back(partOf(part));
    return parts;
}

std::unique_ptr<ResultList> newList(std::size_t count) noexcept
{
    auto list = std::make_unique<ResultList>();
    list->parts.reserve(count);
    return list;
}

void addPart(ResultList &list, std::shared_ptr<ResultValue> part) noexcept { list.parts.push_back(std::move(part)); }

std::shared_ptr<ResultValue> resultOfList(std::unique_ptr<ResultList> list) noexcept { return list; }

std::shared_ptr<ResultValue> resultOfVariant(const QVariant &variant) noexcept { return makeResult(variant); }
std::shared_ptr<ResultValue> resultOfBool(bool value) noexcept { return makeResult(value); }
std::shared_ptr<ResultValue> resultOfInt(std::int32_t value) noexcept { return makeResult(value); }
std::shared_ptr<ResultValue> resultOfDouble(double value) noexcept { return makeResult(value); }

std::int64_t bytesOfResult(const ResultValue &result) noexcept { return result.bytes; }

qint64 bytesOfVariant(const QVariant &variant)
{
    switch (variant.typeId()) {
    case QMetaType::QString:
        return Bytes<QString>::beside(*static_cast<const QString *>(variant.constData()));
    case QMetaType::QByteArray:
        return Bytes<QByteArray>::beside(*static_cast<const QByteArray *>(variant.constData()));
    case QMetaType::QStringList:
        return Bytes<QStringList>::beside(*static_cast<const QStringList *>(variant.constData()));
    case QMetaType::QByteArrayList:
        return Bytes<QByteArrayList>::beside(*static_cast<const QByteArrayList *>(variant.constData()));
    case QMetaType::QVariantList:
        return Bytes<QVariantList>::beside(*static_cast<const QVariantList *>(variant.constData()));
    case QMetaType::QVariantMap:
        return Bytes<QVariantMap>::beside(*static_cast<const QVariantMap *>(variant.constData()));
    case QMetaType::QVariantHash:
        return Bytes<QVariantHash>::beside(*static_cast<const QVariantHash *>(variant.constData()));
    case QMetaType::QUrl:
        return Bytes<QUrl>::beside(*static_cast<const QUrl *>(variant.constData()));
    case QMetaType::QDateTime:
        return 0;
    default:
        break;
    }
    // Numbers, points, an object's address; invalid.
    const auto type = variant.metaType();
    if (!type.isValid() || !(type.flags() & QMetaType::NeedsDestruction))
        return type.isValid() ? static_cast<qint64>(type.sizeOf()) : 0;
    return -1;
}

bool isPlainVariant(const QVariant &variant)
{
    switch (variant.typeId()) {
    case QMetaType::QString:
    case QMetaType::QByteArray:
    case QMetaType::QStringList:
    case QMetaType::QByteArrayList:
    case QMetaType::QUrl:
    case QMetaType::QDateTime:
        return true;
    default:
        return !variant.isValid() || !(variant.metaType().flags() & QMetaType::NeedsDestruction);
    }
}

QVariant variantOfResult(const ResultValue &result) noexcept
{
    // A QVariant copies the value.
    try {
        return result.variant();
    } catch (const std::exception &error) {
        qCCritical(taskLog, "a result was not copied for the signals: %s", error.what());
    } catch (...) {
        qCCritical(taskLog, "a result was not copied for the signals: its copy constructor threw");
    }
    return {};
}

} // namespace legwork::detail
