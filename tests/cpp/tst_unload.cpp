// What a plugin leaves in the less obvious places, and that unloading takes it out of there.
#include "library.h"
#include "support.h"

#include <QtCore/QPluginLoader>
#include <QtQml/QJSEngine>

using namespace std::chrono_literals;
using namespace support;

namespace {

template<typename T = int> T call(QObject *object, const char *method)
{
    T result = {};
    QMetaObject::invokeMethod(object, method, Qt::DirectConnection,
                              QGenericReturnArgument(QMetaType::fromType<T>().name(), &result));
    return result;
}

void tell(QObject *object, const char *method, QObject *receiver)
{
    QMetaObject::invokeMethod(object, method, Qt::DirectConnection, Q_ARG(QObject *, receiver));
}

} // namespace

// Lets a plugin unload itself, as it must not.
class Door : public QObject {
    Q_OBJECT

public:
    legwork::PluginHost host;
    legwork::UnloadReport inner;

public slots:
    void unload(const QString &name) { inner = host.unload(name, 50ms); }
};

class TestUnload : public QObject {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }

    void b123_a_result_that_a_thread_still_destroys_is_waited_for()
    {
        legwork::PluginHost host;
        auto *plugin = host.load(path("corners"));
        QVERIFY2(plugin, qUtf8Printable(host.lastError()));
        Elsewhere elsewhere;
        for (int i = 0; i < 3; ++i)
            tell(plugin, "slowResult", elsewhere.object());
        QTRY_VERIFY(elsewhere.object()->property("heard").toBool());
        const auto report = host.unload("corners");
        QVERIFY2(report, qUtf8Printable(report.error));
        QVERIFY(!isMapped("corners"));
        // It would crash there.
        QTest::qWait(150);
    }

    void b123_a_callback_that_waits_to_hear_of_a_refusal_goes()
    {
        legwork::PluginHost host;
        auto *plugin = host.load(path("corners"));
        QVERIFY2(plugin, qUtf8Printable(host.lastError()));
        QObject receiver;
        tell(plugin, "refusedFor", &receiver);
        const auto report = host.unload("corners");
        QVERIFY2(report, qUtf8Printable(report.error));
        QVERIFY(!isMapped("corners"));
        QTest::qWait(10);
        QVERIFY(!receiver.property("refused").isValid());
    }

    void b123_slots_of_a_plugin_on_its_api_go_with_any_receiver()
    {
        legwork::PluginHost host;
        auto *plugin = host.load(path("corners"));
        QVERIFY2(plugin, qUtf8Printable(host.lastError()));
        QObject receiver;
        tell(plugin, "connectFor", &receiver);
        call<QString>(plugin, "work");
        QTRY_VERIFY(receiver.property("heard").isValid());
        const auto report = host.unload("corners");
        QVERIFY2(report, qUtf8Printable(report.error));
        QVERIFY(!isMapped("corners"));
    }

    void b123_a_failure_in_a_future_that_nobody_has_goes()
    {
        legwork::PluginHost host;
        auto *plugin = host.load(path("corners"));
        QVERIFY2(plugin, qUtf8Printable(host.lastError()));
        QMetaObject::invokeMethod(plugin, "failingFuture");
        QTest::qWait(10); // its cancel is being watched for
        QMetaObject::invokeMethod(plugin, "go");
        while (!call(plugin, "failed"))
            QThread::msleep(1);
        const auto report = host.unload("corners");
        QVERIFY2(report, qUtf8Printable(report.error));
        QVERIFY(!isMapped("corners"));
        QTest::qWait(10);
    }

    void b123_types_of_a_plugin_leave_the_registry_of_qt()
    {
        legwork::PluginHost host;
        for (int round = 0; round < 3; ++round) {
            auto *plugin = host.load(path("corners"));
            QVERIFY2(plugin, qUtf8Printable(host.lastError()));
            QVERIFY(!call<QString>(plugin, "ownType").isEmpty());
            const auto name = call<QString>(plugin, "ownType").toLatin1();
            QVERIFY(QMetaType::fromName(name).isValid());
            QVERIFY(host.unload("corners"));
            QVERIFY(!isMapped("corners"));
            // Another library in its place.
            QVERIFY(host.load(path("busy")));
            QVERIFY(!QMetaType::fromName(name).isValid());
            plugin = host.load(path("corners2"));
            QVERIFY2(plugin, qUtf8Printable(host.lastError()));
            QVERIFY(!call<QString>(plugin, "ownType").isEmpty());
            QVERIFY(host.unload("busy"));
            QVERIFY(!call<QString>(plugin, "ownType").isEmpty());
            QVERIFY(host.unload("corners2"));
            QVERIFY(!QMetaType::fromName(name).isValid());
        }
    }

    // Qt's own default is to never unload, and a loader that says so of a file says it for all, from Qt 6.5 on.
    void b163_a_look_at_the_metadata_does_not_keep_the_library()
    {
        QPluginLoader look(path("busy"));
        QVERIFY(!look.metaData().isEmpty());
        legwork::PluginHost host;
        QVERIFY2(host.load(path("busy")), qUtf8Printable(host.lastError()));
        const auto report = host.unload("busy");
        QVERIFY2(report, qUtf8Printable(report.error));
        QVERIFY(report.codeGone);
        QVERIFY(!isMapped("busy"));
    }

    void an_unload_that_is_refused_does_nothing()
    {
        Door door;
        qApp->setProperty("host", QVariant::fromValue<QObject *>(&door));
        auto *plugin = door.host.load(path("corners"));
        QVERIFY2(plugin, qUtf8Printable(door.host.lastError()));
        // In a slot of the host's that a task of the plugin's is told to.
        QObject context;
        legwork::UnloadReport report;
        bool told = false;
        QString id;
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &context,
                [&](const QString &ended) {
                    if (ended != id)
                        return;
                    told = true;
                    report = door.host.unload("corners");
                });
        id = call<QString>(plugin, "work");
        QTRY_VERIFY(told);
        QVERIFY(!report);
        QVERIFY2(report.error.contains("later"), qUtf8Printable(report.error));
        QCOMPARE(door.property("shutdowns").toInt(), 0);
        disconnect(legwork::TaskManager::instance(), nullptr, &context, nullptr);
        QVERIFY(!call<QString>(plugin, "work").isEmpty());
        QVERIFY(door.host.unload("corners"));
        QCOMPARE(door.property("shutdowns").toInt(), 1);
    }

    void a_plugin_cannot_unload_itself_in_initialize_or_shutdown()
    {
        for (const char *where : {"initialize", "shutdown"}) {
            Door door;
            qApp->setProperty("host", QVariant::fromValue<QObject *>(&door));
            qApp->setProperty("unloadIn", where);
            auto *plugin = door.host.load(path("corners"));
            QVERIFY2(plugin, qUtf8Printable(door.host.lastError()));
            const auto report = door.host.unload("corners");
            qApp->setProperty("unloadIn", {});
            QVERIFY2(report, qUtf8Printable(report.error));
            QVERIFY(!door.inner);
            QVERIFY2(door.inner.error.contains(QString(where) + "()"), qUtf8Printable(door.inner.error));
        }
        qApp->setProperty("host", {});
    }

    // The faces hear of a run that failed as such, whatever has become of the task by then.
    void b70_a_failed_run_is_not_the_end_for_callbacks_of_scripts()
    {
        std::atomic<int> runs = 0;
        QVERIFY(legwork::registerJob("flaky", [&runs]() -> int {
            ++runs;
            throw std::runtime_error("flaky");
        }));
        legwork::PluginApi api("script");
        QJSEngine engine;
        QJSEngine::setObjectOwnership(&api, QJSEngine::CppOwnership);
        engine.globalObject().setProperty("api", engine.newQObject(&api));
        engine.evaluate("var errors = 0, cancelled = 0");
        const auto id = engine
                            .evaluate("api.scheduleTask('flaky', [], { periodic: true, intervalMs: 1000000, "
                                      "onError: () => ++errors, onCancelled: () => ++cancelled })")
                            .toString();
        QVERIFY2(!id.isEmpty(), qUtf8Printable(api.lastError()));
        // The first run has failed, and the task is cancelled before anything is delivered.
        while (runs < 1 || api.getTaskStatus(id) != legwork::TaskManager::Delayed)
            QThread::msleep(1);
        QVERIFY(api.cancelTask(id));
        QTRY_COMPARE(engine.globalObject().property("cancelled").toInt(), 1);
        QCOMPARE(engine.globalObject().property("errors").toInt(), 1);
        legwork::unregisterJob("flaky");
    }

    void options_that_are_not_for_a_plugin_are_refused()
    {
        legwork::PluginApi api("options");
        QVERIFY(legwork::registerJob("one", [] { return 1; }));
        QVERIFY(api.runInBackground("one", {}, QVariantMap{{"owner", QVariant::fromValue<QObject *>(this)}}).isEmpty());
        QVERIFY2(api.lastError().startsWith("options.owner"), qUtf8Printable(api.lastError()));
        const auto id = api.runInBackground("one");
        for (const auto &bad : {QVariant("5"), QVariant(true), QVariant(-1), QVariant(qQNaN()), QVariant()})
            QVERIFY2(!api.waitForTask(id, bad) && api.lastError().startsWith("timeoutMs is"), bad.typeName());
        QVERIFY(api.waitForTask(id, 5000.0));
        QVERIFY(!api.scheduleTask(std::function<void()>()).isValid());
        legwork::unregisterJob("one");
    }
};

LEGWORK_TEST_MAIN(TestUnload)
#include "tst_unload.moc"
