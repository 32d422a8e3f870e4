#include "legwork_qt_tests/support.h"

#include <legwork/pluginapi.h>
#include <legwork/run.h>
#include "legwork/src/qt/manager.cxxqt.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDateTime>
#include <QtCore/QDebug>
#include <QtCore/QEventLoop>
#include <QtCore/QFile>
#include <QtCore/QLocale>
#include <QtCore/QLoggingCategory>
#include <QtCore/QMutex>
#include <QtCore/QRegularExpression>
#include <QtCore/QStringList>
#include <QtCore/QThread>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlContext>
#include <QtQml/QQmlExpression>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

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

void useQt()
{
    const QRegularExpression expression(QStringLiteral("([a-z]+)(\\d+)"));
    const auto number = QLocale().toString(12345.6);
    const auto match = expression.match(QStringLiteral("abc") + number + QDateTime::currentDateTime().toString());
    static const QLoggingCategory log("legwork.tests");
    qCDebug(log) << match.captured(1);
}

std::uint64_t memoryBytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toULongLong() * 4096;
}

namespace {

class EventCounter : public QObject {
public:
    bool eventFilter(QObject *object, QEvent *event) override
    {
        if (event->type() >= QEvent::User)
            ++count;
        return QObject::eventFilter(object, event);
    }

    std::uint64_t count = 0;
};

// Has a slot with the signature of taskCompleted, without moc: property changes count the calls.
class ByName : public QObject {
public:
    int qt_metacall(QMetaObject::Call call, int id, void **arguments) override
    {
        id = QObject::qt_metacall(call, id, arguments);
        if (call == QMetaObject::InvokeMetaMethod && id >= 0)
            ++count;
        return id;
    }

    std::uint64_t count = 0;
};

} // namespace

std::uint64_t customEvents()
{
    static auto *counter = [] {
        auto *made = new EventCounter;
        qApp->installEventFilter(made);
        return made;
    }();
    return counter->count;
}

rust::Vec<rust::String> enumerators()
{
    const auto &meta = legwork::TaskManager::staticMetaObject;
    rust::Vec<rust::String> result;
    for (int index = 0; index < meta.enumeratorCount(); ++index) {
        const auto enumeration = meta.enumerator(index);
        for (int key = 0; key < enumeration.keyCount(); ++key) {
            const auto line = QStringLiteral("%1.%2 %3")
                                  .arg(QLatin1String(enumeration.name()), QLatin1String(enumeration.key(key)))
                                  .arg(enumeration.value(key));
            result.push_back(rust::String(line.toStdString()));
        }
    }
    return result;
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

void Scene::openApi(const QString &name)
{
    auto &api = m_apis[name] = std::make_unique<legwork::PluginApi>(name);
    m_object->setProperty("newApi", QVariant::fromValue<QObject *>(api.get()));
}

void Scene::closeApi(const QString &name) { m_apis.erase(name); }

QString Scene::errors() const { return m_errors; }

legwork::TaskManager *Scene::manager() const
{
    const auto type = qmlTypeId("Legwork", 1, 0, "TaskManager");
    return m_engine->singletonInstance<legwork::TaskManager *>(type);
}

void Scene::countCompleted(std::uint64_t busyNs)
{
    QObject::connect(manager(), &legwork::TaskManager::taskCompleted, &m_receiver,
                     [this, busyNs](const QString &, const QVariant &) {
                         ++m_completed;
                         const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(busyNs);
                         while (std::chrono::steady_clock::now() < end) { }
                     });
}

bool Scene::countByName()
{
    // What Python and old-style C++ do: the signal is found by its normalised signature.
    const auto *meta = manager()->metaObject();
    for (const char *signature :
         {"taskQueued(QString)", "taskStarted(QString)", "taskCompleted(QString,QVariant)",
          "taskFailed(QString,QString)", "taskCancelled(QString)", "taskPeriodic(QString,qulonglong,QVariant)",
          "taskProgress(QString,double,QString)", "taskRetrying(QString,qulonglong,QString,double)",
          "taskSlow(QString,double)", "taskRetried(QString,QString)", "taskValues(QString,QVariant)",
          "taskPaused(QString,QString)", "taskResumed(QString)", "pausesChanged()", "allTasksFinished()",
          "shutdownFinished(QVariant)"}) {
        if (meta->indexOfSignal(signature) < 0)
            return false;
    }
    auto receiver = std::make_unique<ByName>();
    const auto signal = meta->indexOfSignal("taskCompleted(QString,QVariant)");
    const bool connected =
        QMetaObject::connect(manager(), signal, receiver.get(), receiver->metaObject()->methodCount());
    m_byName = std::move(receiver);
    return connected;
}

std::uint64_t Scene::completedByName() const { return static_cast<const ByName *>(m_byName.get())->count; }

QString Scene::invokeByName(const QString &job)
{
    QString id;
    QMetaObject::invokeMethod(manager(), "runInThread", Qt::DirectConnection, Q_RETURN_ARG(QString, id),
                              Q_ARG(QString, job), Q_ARG(QVariant, QVariant(QVariantList{1})),
                              Q_ARG(QVariant, QVariant(QVariantMap{{QStringLiteral("name"), job}})));
    return id;
}

QString Scene::lastError() const { return manager()->property("lastError").toString(); }

bool Scene::setMaxWorkers(double workers) { return manager()->setProperty("maxWorkers", workers); }

int Scene::maxWorkers() const { return manager()->property("maxWorkers").toInt(); }

QString Scene::maxWorkersType() const { return QString::fromLatin1(manager()->property("maxWorkers").typeName()); }

std::unique_ptr<Scene> makeScene(const QString &source) { return std::make_unique<Scene>(source); }

namespace {

std::unique_ptr<Scene> doomed;

struct Deleting {
    Deleting() = default;
    Deleting(const Deleting &) { doomed.reset(); }
    Deleting(Deleting &&) noexcept = default;
};

} // namespace

void deleteInCopy(std::unique_ptr<Scene> scene)
{
    doomed = std::move(scene);
    legwork::run([] { return Deleting(); });
}

namespace {

struct Point {
    int x = 0;
};

} // namespace

QString runOfCpp(const QString &kind)
{
    if (kind == QStringLiteral("list"))
        return legwork::run([] { return QStringList{QStringLiteral("a"), QStringLiteral("b")}; }).id();
    return legwork::run([] { return Point{7}; }).id();
}

bool isDeletedInCopy() { return !doomed; }

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

QString managerDeletedOnAnotherThread()
{
    QString seen;
    std::unique_ptr<QThread> thread(QThread::create([&] {
        alignas(legwork::TaskManager) std::byte place[sizeof(legwork::TaskManager)];
        auto *manager = new (place) legwork::TaskManager;
        QObject::connect(manager, &legwork::TaskManager::lastErrorChanged, [&] {
            seen = manager->lastError();
            manager->~TaskManager();
            // What uses it after that reads nothing that it could use.
            std::memset(place, 0xff, sizeof place);
        });
        manager->setTaskPriority(QString(), QStringLiteral("High"));
    }));
    thread->start();
    thread->wait();
    return seen;
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
