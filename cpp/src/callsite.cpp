#include "callsite.h"

#include "legwork/src/qt/bridge_submit.cxx.h"

#include <QtCore/QByteArray>
#include <QtCore/QUrl>
#include <QtQml/QJSEngine>
#include <QtQml/QJSValue>
#include <QtQml/QQmlContext>
#include <QtQml/qqml.h>

namespace legwork {

namespace {

std::uint16_t siteOf(const QByteArray &file, std::uint32_t line)
{
    const auto *text = reinterpret_cast<const std::uint8_t *>(file.constData());
    return detail::numberOfSite({text, static_cast<std::size_t>(file.size())}, line);
}

} // namespace

std::uint16_t siteOfElement(const QObject &object) noexcept
{
    const auto *context = detail::keepsLocations() ? qmlContext(&object) : nullptr;
    return context ? siteOf(context->baseUrl().toEncoded(), 0) : std::uint16_t(0);
}

std::uint16_t siteOfCaller(const QObject &object) noexcept
{
    auto *engine = detail::keepsLocations() ? qjsEngine(&object) : nullptr;
    if (!engine)
        return 0;
    static const auto fileName = QStringLiteral("fileName");
    static const auto lineNumber = QStringLiteral("lineNumber");
    // What an Error says of where it is made; nothing is thrown.
    const auto error = engine->newErrorObject(QJSValue::GenericError);
    const auto file = error.property(fileName);
    if (!file.isString())
        return siteOfElement(object);
    return siteOf(file.toString().toUtf8(), error.property(lineNumber).toUInt());
}

} // namespace legwork
