// Values between Qt and Rust.
#ifndef LEGWORK_VALUES_H
#define LEGWORK_VALUES_H

#include <QtCore/QString>
#include <QtCore/QVariant>

#include <cstdint>

namespace legwork {

struct ValueWriter;

// Copies a value, deeply, into `writer`. On the thread of the JavaScript engine, if it holds
// anything of one. Empty, or what is wrong with it and at which place: "args[1].page: ...".
QString readValue(const QVariant &variant, const QString &place, ValueWriter &writer);
// The same of a list of ids: what an object is in place of one.
QString readIds(const QVariant &variant, const QString &place, ValueWriter &writer);
// The same of what a script returned or sends, on its thread.
QString readResult(const QVariant &variant, const QString &place, ValueWriter &writer);

// Whether it is a QVariantMap, and not what Qt would make one of.
bool isMap(const QVariant &variant);

QVariant nullVariant();
QVariant integerVariant(std::int64_t value);
QVariant unsignedVariant(std::uint64_t value);
QVariant dateVariant(std::int64_t msSinceEpoch);

} // namespace legwork

#endif
