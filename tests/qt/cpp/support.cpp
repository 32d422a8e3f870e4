#include "legwork_qt_tests/support.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEventLoop>
#include <QtCore/QFile>
#include <QtCore/QMutex>
#include <QtCore/QStringList>
#include <QtCore/QThread>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlContext>
#include <QtQml/QQmlExpression>

#include <algorithm>
#include <cstdio>

namespace support {

namespace {

QMutex messagesMutex;
QStringList messages;
QEventLoop *innermost = nullptr;

void handleMessage(QtMsgType type, const QMessageLogContext &, const QString &text)
{
    if (type == QtDebugMsg || type == QtInfoMsg)
        return;
    const QMutexLocker lock(&messagesMutex);
    messages.append(text);
}

} // namespace

void catchMessages() { qInstallMessageHandler(handleMessage); }

QString takeMessages()
{
    const QMutexLocker lock(&messagesMutex);
    const auto text = messages.join(QLatin1Char('\n'));
    messages.clear();
    return text;
}

void processEvents(int waitMs)
{
    QTimer wake;
    wake.setSingleShot(true);
    wake.start(waitMs);
    QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

bool execLoop(int mostMs)
{
    QEventLoop loop;
    auto *outer = std::exchange(innermost, &loop);
    QTimer::singleShot(mostMs, &loop, [&loop] { loop.exit(1); });
    const bool quit = loop.exec() == 0;
    innermost = outer;
    return quit;
}

void quitLoop()
{
    if (innermost)
        innermost->exit(0);
}

int execAndQuit()
{
    QTimer::singleShot(0, qApp, [] { QCoreApplication::exit(7); });
    return QCoreApplication::exec();
}

std::uint64_t memoryBytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toULongLong() * 4096;
}

Scene::Scene(const QString &source) : m_engine(new QQmlEngine)
{
    QQmlComponent component(m_engine.get());
    component.setData(source.toUtf8(), QUrl(QStringLiteral("qrc:/scene.qml")));
    m_object.reset(component.create());
    m_errors = component.errorString();
}

Scene::~Scene() { m_object.reset(); }

QString Scene::evaluate(const QString &script)
{
    QQmlExpression expression(QQmlEngine::contextForObject(m_object.get()), m_object.get(), script);
    const auto result = expression.evaluate();
    if (expression.hasError())
        return QStringLiteral("throws ") + expression.error().description();
    return result.toString();
}

QString Scene::errors() const { return m_errors; }

std::unique_ptr<Scene> makeScene(const QString &source) { return std::make_unique<Scene>(source); }

QString sceneOnAnotherThread(const QString &source, const QString &script)
{
    QString result;
    std::unique_ptr<QThread> thread(QThread::create([&] {
        Scene scene(source);
        result = scene.evaluate(script);
    }));
    thread->start();
    thread->wait();
    return result;
}

Ticker::Ticker() : m_last(std::chrono::steady_clock::now())
{
    m_timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
        const auto now = std::chrono::steady_clock::now();
        m_gaps.push_back(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now - m_last).count()));
        m_last = now;
    });
    m_timer.start(10);
}

rust::Vec<std::uint64_t> Ticker::gaps() const
{
    auto sorted = m_gaps;
    std::sort(sorted.begin(), sorted.end());
    rust::Vec<std::uint64_t> result;
    for (const auto gap : sorted)
        result.push_back(gap);
    return result;
}

std::unique_ptr<Ticker> makeTicker() { return std::make_unique<Ticker>(); }

} // namespace support
