#include "legwork_qml_tests/quick.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEventLoop>
#include <QtCore/QMutex>
#include <QtCore/QStringList>
#include <QtCore/QTimer>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlContext>
#include <QtQml/QQmlEngine>
#include <QtQml/QQmlExpression>
#include <QtQuickTest/quicktest.h>
#include <QtTest/QTest>

#include <memory>
#include <string>
#include <vector>

namespace quick {

namespace {

QMutex strayMutex;
QStringList stray;
QtMessageHandler qtTests = nullptr;

void note(QtMsgType type, const QString &text)
{
    // That one is about the machine.
    if (type == QtDebugMsg || type == QtInfoMsg || text.startsWith(QLatin1String("QStandardPaths: XDG_RUNTIME_DIR")))
        return;
    const QMutexLocker lock(&strayMutex);
    stray.append(text);
}

// Before Qt Test logs, and after.
void handleOutside(QtMsgType type, const QMessageLogContext &, const QString &text) { note(type, text); }

// While Qt Test logs. In a test function it is for Qt Test to say whether the warning was expected.
void handleInside(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    if (!QTest::currentTestFunction())
        note(type, text);
    qtTests(type, context, text);
}

void setDefault(const char *variable, const char *value)
{
    if (!qEnvironmentVariableIsSet(variable))
        qputenv(variable, value);
}

// The second engine. The object goes before the engine.
std::unique_ptr<QQmlEngine> engine;
std::unique_ptr<QObject> object;

} // namespace

std::int32_t runTests(rust::Vec<rust::String> arguments, rust::Str folder)
{
    setDefault("QT_QPA_PLATFORM", "offscreen");
    setDefault("QT_QUICK_BACKEND", "software");
    qInstallMessageHandler(handleOutside);
    std::vector<std::string> texts;
    for (const auto &argument : arguments)
        texts.emplace_back(argument);
    std::vector<char *> pointers;
    for (auto &text : texts)
        pointers.push_back(text.data());
    const auto count = static_cast<int>(pointers.size());
    pointers.push_back(nullptr);
    return quick_test_main(count, pointers.data(), "legwork", std::string(folder).c_str());
}

void watchWarnings()
{
    if (qtTests)
        return;
    qtTests = qInstallMessageHandler(handleInside);
}

rust::Vec<rust::String> strayWarnings()
{
    const QMutexLocker lock(&strayMutex);
    rust::Vec<rust::String> texts;
    for (const auto &text : stray)
        texts.push_back(rust::String(text.toStdString()));
    return texts;
}

void destroyNow(QObject *object) { delete object; }

void processEvents(std::int32_t mostMs)
{
    QTimer wake;
    wake.setSingleShot(true);
    wake.start(mostMs);
    QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

QString openEngine(const QString &source)
{
    engine = std::make_unique<QQmlEngine>();
    QQmlComponent component(engine.get());
    component.setData(source.toUtf8(), QUrl(QStringLiteral("qrc:/second.qml")));
    object.reset(component.create());
    return component.errorString();
}

QString evaluateThere(const QString &script)
{
    QQmlExpression expression(QQmlEngine::contextForObject(object.get()), object.get(), script);
    const auto result = expression.evaluate();
    return expression.hasError() ? expression.error().description() : result.toString();
}

void closeEngine()
{
    object.reset();
    engine.reset();
}

} // namespace quick
