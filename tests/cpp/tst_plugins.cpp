// Loading plugins, and unloading them while they work.
#include "library.h"
#include "support.h"

using namespace std::chrono_literals;
using namespace support;

namespace {

int call(QObject *object, const char *method)
{
    int result = 0;
    QMetaObject::invokeMethod(object, method, Qt::DirectConnection, Q_RETURN_ARG(int, result));
    return result;
}

// What its author does when a plugin has been compiled anew.
enum Way { Replace, Rename, InPlace };

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s cannot be read", qPrintable(path));
    return file.readAll();
}

void write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(content) != content.size())
        qFatal("%s cannot be written", qPrintable(path));
}

void put(const QString &from, const QString &to, Way way)
{
    if (way == Replace)
        QFile::remove(to);
    if (way == Rename) {
        write(to + ".new", contentOf(from));
        std::rename(QFile::encodeName(to + ".new").constData(), QFile::encodeName(to).constData());
    } else {
        write(to, contentOf(from));
    }
}

// Which version runs, on each worker; 0 where they do not agree.
int versionOf()
{
    QSet<int> versions;
    for (int i = 0; i < 8; ++i) {
        const auto task = legwork::runJob("edited.version");
        if (task.wait(5s) == legwork::WaitResult::Done && task.result())
            versions.insert(task.result()->toInt());
    }
    return versions.size() == 1 ? *versions.begin() : 0;
}

// The worker threads of this process that have not ended; 1 where it cannot be told.
qsizetype workerThreads()
{
    const QDir threads("/proc/self/task");
    if (!threads.exists())
        return 1;
    const auto names = threads.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    return std::count_if(names.begin(), names.end(), [&](const QString &name) {
        QFile comm(threads.filePath(name + "/comm"));
        return comm.open(QIODevice::ReadOnly) && comm.readAll().trimmed() == "legwork";
    });
}

} // namespace

// Where callbacks of a plugin arrive on another thread, and stay.
class Station : public QObject {
    Q_OBJECT

public:
    std::atomic<bool> entered = false;
    std::atomic<bool> leave = false;
    std::atomic<bool> left = false;

public slots:
    void enter()
    {
        entered = true;
        while (!leave)
            QThread::msleep(1);
        left = true;
    }
};

class TestPlugins : public support::TestCase {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }

    void b146_an_api_is_its_plugin_wherever_an_owner_is_given()
    {
        legwork::PluginApi api("Prices");
        const legwork::External<int> fetch({.owner = &api});
        const auto task = legwork::run(
            [](legwork::TaskContext &context) {
                while (context.sleep(1h)) { }
                context.checkpoint();
            },
            {.owner = &api});
        const auto known = legwork::tasksOf(&api);
        QCOMPARE(api.tasks().size(), 2);
        QCOMPARE(known.size(), 2);
        QCOMPARE(known[0].toMap()["owner"], "Prices");
        QVERIFY(legwork::setLimits(&api, {.maxQueued = 5}));
        QCOMPARE(api.limits().toMap(), QVariantMap({{"maxQueued", 5}}));
        legwork::cancelAll(&api);
        QVERIFY(fetch.isCancelRequested());
        QVERIFY(!fetch.complete(1));
        QCOMPARE(legwork::waitForAll(&api), legwork::WaitResult::Done);
        QCOMPARE(task.status(), legwork::Status::Cancelled);
    }

    void b123_a_plugin_is_unloaded_while_it_works_and_comes_back()
    {
        legwork::PluginHost host;
        QSignalSpy loaded(&host, &legwork::PluginHost::pluginLoaded);
        QSignalSpy unloaded(&host, &legwork::PluginHost::pluginUnloaded);
        for (int round = 0; round < 100; ++round) {
            auto *plugin = host.load(path("busy"));
            QVERIFY2(plugin, qUtf8Printable(host.lastError()));
            QCOMPARE(host.plugins(), QStringList{"busy"});
            QStringList ids;
            const auto tasks = host.tasks("busy");
            QVERIFY(tasks.size() >= 3);
            for (const auto &task : tasks)
                ids.append(task.toMap()["id"].toString());
            // At different points of its life: nothing delivered, something, and more.
            if (round % 3 == 1)
                QCoreApplication::processEvents();
            else if (round % 3 == 2)
                QTRY_VERIFY(call(plugin, "heard") > 20);
            legwork::TaskManager::instance()->runInThread("busy.quote", QVariantList{round});

            const auto report = host.unload("busy");
            QVERIFY2(report, qUtf8Printable(report.error));
            QVERIFY(report.codeGone);
            QVERIFY2(!isMapped("busy"), "its library is still in the process");
            // Its results have left the history, and its jobs the registry.
            QVERIFY(!legwork::runJob("busy.quote").isValid());
            for (const auto &id : ids)
                QVERIFY(!legwork::TaskManager::instance()->taskInfo(id).toMap()["result"].isValid());
            // What was on its way to the signals arrives, without results.
            if (round % 2) {
                for (const auto &id : ids)
                    QTRY_COMPARE(legwork::TaskManager::instance()->taskStatus(id),
                                 qint32(legwork::TaskManager::UnknownTask));
            }
        }
        QCOMPARE(loaded.count(), 100);
        QCOMPARE(unloaded.count(), 100);
        QCOMPARE(takeWarnings(), QStringList());
    }

    void b253_a_plugin_is_unloaded_while_its_results_go_from_task_to_task()
    {
        QVERIFY(legwork::registerJob("host.number", [](const QVariantList &args) { return args.value(0).toInt(); }));
        legwork::PluginHost host;
        for (int round = 0; round < 60; ++round) {
            auto *plugin = host.load(path("pipes"));
            QVERIFY2(plugin, qUtf8Printable(host.lastError()));
            // What comes after its tasks, and stands for them, is its own.
            QStringList names;
            const auto tasks = host.tasks("pipes");
            for (const auto &task : tasks)
                names.append(task.toMap()["name"].toString());
            for (const char *name : {"Endless", "Waits", "Last"})
                QVERIFY2(names.contains(name), name);
            // The host's own work with what the plugin's code makes.
            const auto part = legwork::runJob("pipes.part", {round});
            const auto seen = part.then([](const QVariant &made) { return made.isValid(); });
            const auto both = legwork::all({part, legwork::runJob("pipes.part", {round})});
            const auto count = both.then([](const QVariantList &parts) { return parts.size(); });
            // At different points of its life.
            if (round % 3 == 1)
                QCoreApplication::processEvents();
            else if (round % 3 == 2)
                QTRY_COMPARE(call(plugin, "heard"), 150);

            const auto report = host.unload("pipes");
            QVERIFY2(report, qUtf8Printable(report.error));
            QVERIFY(report.codeGone);
            QVERIFY2(!isMapped("pipes"), "its library is still in the process");
            QVERIFY(!part.result() || !part.result()->isValid());
            QTRY_VERIFY(count.status() == legwork::Status::Completed || count.status() == legwork::Status::Cancelled);
            QTRY_VERIFY(seen.status() == legwork::Status::Completed || seen.status() == legwork::Status::Cancelled);
        }
        QVERIFY(legwork::unregisterJob("host.number"));
        QCOMPARE(takeWarnings(), QStringList());
    }

    void b123_a_callback_on_another_thread_is_waited_for()
    {
        legwork::PluginHost host;
        auto *plugin = host.load(path("busy"));
        QVERIFY2(plugin, qUtf8Printable(host.lastError()));
        QThread thread;
        auto *station = new Station;
        station->moveToThread(&thread);
        connect(&thread, &QThread::finished, station, &QObject::deleteLater);
        thread.start();
        // The first is being called, the second waits in the mailbox of that thread.
        for (int i = 0; i < 2; ++i)
            QMetaObject::invokeMethod(plugin, "hearOn", Qt::DirectConnection, Q_ARG(QObject *, station));
        QTRY_VERIFY(station->entered);

        auto report = host.unload("busy", 30ms);
        QVERIFY(!report);
        QVERIFY2(report.error.contains("still"), qUtf8Printable(report.error));
        QVERIFY(isMapped("busy"));
        QCOMPARE(host.plugins(), QStringList{"busy"});
        station->leave = true;
        report = host.unload("busy");
        QVERIFY2(report, qUtf8Printable(report.error));
        QVERIFY(station->left);
        QVERIFY(!isMapped("busy"));
        thread.quit();
        thread.wait();
    }

    void b125_thread_locals_keep_the_library_until_their_threads_end()
    {
        legwork::PluginHost host;
        for (int round = 0; round < 3; ++round) {
            auto *plugin = host.load(path("local"));
            QVERIFY2(plugin, qUtf8Printable(host.lastError()));
            QTRY_COMPARE(call(plugin, "heard"), 100);
            const auto report = host.unload("local");
            QVERIFY2(report, qUtf8Printable(report.error));
            // The C library keeps the code that the workers are going to call.
            QVERIFY(!report.codeGone);
            QVERIFY(isMapped("local"));
            takeWarnings();
            legwork::TaskManager::instance()->setMaxWorkers(1);
            QTRY_COMPARE(workerThreads(), 1);
            legwork::TaskManager::instance()->setMaxWorkers(4);
        }
    }

    void b143_a_plugin_that_was_compiled_anew_runs_as_it_is_now_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<Way>("way");
        for (const char *kind : {"plain", "threads", "unique"}) {
            QTest::addRow("%s, removed and made", kind) << QString(kind) << Replace;
            QTest::addRow("%s, renamed", kind) << QString(kind) << Rename;
            QTest::addRow("%s, in place", kind) << QString(kind) << InPlace;
        }
    }

    void b143_a_plugin_that_was_compiled_anew_runs_as_it_is_now()
    {
        QFETCH(QString, kind);
        QFETCH(Way, way);
        QTemporaryDir folder;
        const auto odd = folder.filePath("Plug-ins für #1 $LIB");
        QVERIFY(QDir().mkpath(odd));
        const auto file = odd + "/libedited.so";
        legwork::PluginHost host;
        for (int round = 1; round <= 6; ++round) {
            const int version = 1 + round % 2;
            const auto built = path(qPrintable(kind + QString::number(version)));
            put(built, file, way);
            auto *plugin = host.load(file);
            QVERIFY2(plugin, qUtf8Printable(host.lastError()));
            QCOMPARE(versionOf(), version);
            // A unique symbol is the first version's for ever, and so is the description of a type.
            if (kind != "unique")
                QCOMPARE(call(plugin, "ownType"), version);
            QCOMPARE(plugin->libraryPath(), QFileInfo(file).canonicalFilePath());
            const auto report = host.unload("edited");
            QVERIFY2(report, qUtf8Printable(report.error));
            if (kind == "plain")
                QVERIFY(report.codeGone);
            else if (kind == "threads")
                QVERIFY(!report.codeGone);
        }
        QCOMPARE(takeWarnings(), QStringList());
        // Now they call what the library has left with them.
        legwork::TaskManager::instance()->setMaxWorkers(1);
        QTRY_COMPARE(workerThreads(), 1);
        legwork::TaskManager::instance()->setMaxWorkers(4);
    }

    void b143_a_file_may_be_overwritten_while_its_plugin_works()
    {
        QTemporaryDir folder;
        const auto file = folder.filePath("libedited.so");
        put(path("plain1"), file, InPlace);
        legwork::PluginHost host;
        QVERIFY2(host.load(file), qUtf8Printable(host.lastError()));
        write(file, {});
        QCOMPARE(versionOf(), 1);
        write(file, contentOf(path("plain2")).left(10'000));
        QVERIFY(host.unload("edited"));
        // Half of it has been written.
        QVERIFY(!host.load(file));
        QVERIFY2(host.lastError().contains("the file is cut off"), qUtf8Printable(host.lastError()));
        put(path("plain2"), file, InPlace);
        QVERIFY2(host.load(file), qUtf8Printable(host.lastError()));
        QCOMPARE(versionOf(), 2);
        QVERIFY(host.unload("edited"));
    }

    // It is opened where it lies, and there is but one library of a name.
    void b143_what_is_bound_to_its_place_is_loaded_again_unless_it_has_changed()
    {
        QTemporaryDir folder;
        const auto file = folder.filePath("libedited.so");
        legwork::PluginHost host;
        put(path("bound1"), file, Replace);
        for (int round = 0; round < 3; ++round) {
            auto *plugin = host.load(file);
            QVERIFY2(plugin, qUtf8Printable(host.lastError()));
            QCOMPARE(versionOf(), 1);
            QCOMPARE(call(plugin, "ownType"), 1);
            const auto report = host.unload("edited");
            QVERIFY2(report, qUtf8Printable(report.error));
            QVERIFY(!report.codeGone);
        }
        put(path("bound2"), file, Rename);
        QVERIFY(!host.load(file));
        QVERIFY2(host.lastError().contains("is still in the process, and the file has changed"),
                 qUtf8Printable(host.lastError()));
        // Elsewhere it is another library.
        const auto elsewhere = folder.filePath("libelsewhere.so");
        put(path("bound2"), elsewhere, Replace);
        QVERIFY2(host.load(elsewhere), qUtf8Printable(host.lastError()));
        QCOMPARE(versionOf(), 2);
        QVERIFY(host.unload("edited"));
    }

    void b143_copies_of_plugins_are_taken_away()
    {
        const auto copies = [] {
            const auto own = QString("legwork-%1-*").arg(QCoreApplication::applicationPid());
            return QDir(QDir::tempPath()).entryList({own}).size();
        };
        const auto before = copies();
        {
            legwork::PluginHost host;
            QVERIFY2(host.load(path("plain1")), qUtf8Printable(host.lastError()));
            QVERIFY(!host.load(path("plain2"))); // of the same name
            QVERIFY(!host.load(path("foreign")));
            QVERIFY(host.unload("edited"));
            QVERIFY(host.load(path("threads1")));
            QVERIFY(host.unload("edited"));
            QCOMPARE(copies(), before);
            QVERIFY(host.load(path("plain2")));
        }
        QCOMPARE(copies(), before);
    }

    void b124_a_plugin_that_does_not_stop_stays_loaded()
    {
        legwork::PluginHost host;
        auto *plugin = host.load(path("stubborn"));
        QVERIFY2(plugin, qUtf8Printable(host.lastError()));
        QTRY_VERIFY(call(plugin, "runs"));
        auto report = host.unload("stubborn", 50ms);
        QVERIFY(!report);
        QCOMPARE(report.running, QStringList{"Deaf"});
        QVERIFY2(report.error.contains("1 of its tasks still run: Deaf"), qUtf8Printable(report.error));
        QCOMPARE(host.lastError(), report.error);
        QVERIFY(isMapped("stubborn"));
        // It takes no new work, and does no harm.
        QVERIFY(host.api("stubborn")->runInBackground("none").isEmpty());
        QTest::qWait(20);
        QMetaObject::invokeMethod(plugin, "release");
        report = host.unload("stubborn");
        QVERIFY2(report, qUtf8Printable(report.error));
        QVERIFY(!isMapped("stubborn"));
    }

    void b124_a_host_that_goes_leaves_a_stubborn_plugin_loaded()
    {
        const auto copies = [] {
            const auto own = QString("legwork-%1-*").arg(QCoreApplication::applicationPid());
            return QDir(QDir::tempPath()).entryList({own}).size();
        };
        const auto before = copies();
        auto host = std::make_unique<legwork::PluginHost>();
        QPointer<QObject> plugin = host->load(path("stubborn"));
        QTRY_VERIFY(call(plugin, "runs"));
        host.reset();
        QVERIFY(plugin);
        QCOMPARE(copies(), before);
        const auto warnings = takeWarnings();
        QCOMPARE(warnings.size(), 1);
        QVERIFY2(warnings[0].startsWith("plugin stubborn stays loaded, as the host goes"), qUtf8Printable(warnings[0]));
        QMetaObject::invokeMethod(plugin, "release");
    }

    void a_plugin_cannot_unload_itself_from_its_callback()
    {
        legwork::PluginHost host;
        QVERIFY(host.load(path("busy")));
        legwork::UnloadReport report;
        bool called = false;
        // A callback of the host's with the plugin's owner stands for one of the plugin's.
        host.api("busy")->runInBackground([] {}).onComplete(listener.get(), [&] {
            called = true;
            report = host.unload("busy");
        });
        QTRY_VERIFY(called);
        QVERIFY(!report);
        QVERIFY2(report.error.contains("in one of its own callbacks"), qUtf8Printable(report.error));
        QCOMPARE(host.plugins(), QStringList{"busy"});
        QVERIFY(host.unload("busy"));
    }

    void what_is_no_plugin_is_refused_before_its_code_runs()
    {
        legwork::PluginHost host;
        const auto refused = [&](const QString &file) {
            return host.load(file) ? QStringLiteral("loaded") : host.lastError();
        };
        qputenv("LEGWORK_TESTS_LOADING", "1");
        QCOMPARE(refused("/no/such/file.so"), "/no/such/file.so: there is no such file");
        QCOMPARE(refused(path("otherabi")),
                 path("otherabi") + " was compiled for Legwork 9.9; this is Legwork 0.1: compile it again");
        QCOMPARE(refused(path("foreign")),
                 path("foreign")
                     + " is a plugin for \"org.example.Thing\"; expected \"org.legwork.Plugin/0.1\", by "
                       "Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)");
        const auto text = refused(QStringLiteral(LEGWORK_SCENARIOS));
        QVERIFY2(text.contains("is no Qt plugin"), qUtf8Printable(text));
        qunsetenv("LEGWORK_TESTS_LOADING");
        QVERIFY2(refused(path("noplugin")).endsWith("its class does not inherit legwork::BasePlugin"),
                 qUtf8Printable(host.lastError()));
        QVERIFY2(refused(path("throwing")).endsWith("initialize() threw: no licence"),
                 qUtf8Printable(host.lastError()));
        QVERIFY(!isMapped("throwing"));
        QVERIFY(host.load(path("busy")));
        QVERIFY2(refused(path("busy")).contains("is loaded already, as busy"), qUtf8Printable(host.lastError()));
        QVERIFY(host.unload("busy"));
        const auto report = host.unload("busy");
        QVERIFY(!report);
        QVERIFY2(report.error.startsWith("no plugin named \"busy\" is loaded"), qUtf8Printable(report.error));
    }

    void b240_a_plugin_retries_its_own_tasks_only()
    {
        legwork::PluginApi mine("mine"), other("other");
        QSignalSpy retried(&mine, &legwork::PluginApi::taskRetried);
        QSignalSpy foreign(&other, &legwork::PluginApi::taskRetried);
        int runs = 0;
        mine.registerJob("flaky", [&runs] {
            if (++runs == 1)
                throw std::runtime_error("offline");
            return runs;
        });
        const auto id = mine.runInBackground("flaky");
        QVERIFY(mine.waitForTask(id));
        QVERIFY(mine.taskInfo(id).toMap().value("canRetry").toBool());
        QVERIFY(other.retryTask(id).isEmpty());
        QVERIFY(other.lastError().contains("is no task of other's"));
        const auto again = mine.retryTask(id);
        QVERIFY2(!again.isEmpty(), qPrintable(mine.lastError()));
        QVERIFY(mine.waitForTask(again));
        QCOMPARE(mine.taskInfo(again).toMap().value("result"), 2);
        QVERIFY(mine.retryTask(again).isEmpty());
        QVERIFY(mine.lastError().contains("has completed"));
        QTRY_COMPARE(retried.count(), 1);
        QCOMPARE(retried[0], (QVariantList{id, again}));
        QCOMPARE(foreign.count(), 0);
    }

    void b56_each_plugin_sees_its_own_tasks_only()
    {
        legwork::PluginApi mine("mine"), other("other");
        QSignalSpy started(&mine, &legwork::PluginApi::taskStarted);
        QSignalSpy all(legwork::TaskManager::instance(), &legwork::TaskManager::taskStarted);
        Gate gate;
        const auto own = mine.runInBackground([&](legwork::TaskContext &context) { gate.pass(context); });
        const auto foreign = other.runInBackground([&](legwork::TaskContext &context) { gate.pass(context); });
        const auto heard = [](const QSignalSpy &spy, const QString &id) {
            return std::any_of(spy.begin(), spy.end(), [&id](const auto &call) { return call[0].toString() == id; });
        };
        QTRY_VERIFY(heard(all, own.id()) && heard(all, foreign.id()));
        QCOMPARE(started.count(), 1);
        QCOMPARE(started[0][0].toString(), own.id());

        QCOMPARE(mine.getTaskStatus(own.id()), int(legwork::TaskManager::Running));
        QCOMPARE(mine.getTaskStatus(foreign.id()), int(legwork::TaskManager::UnknownTask));
        QCOMPARE(mine.lastError(), QString("\"%1\" is no task of mine's").arg(foreign.id()));
        QVERIFY(!mine.cancelTask(foreign.id()));
        QVERIFY(!mine.waitForTask(foreign.id(), 0));
        QVERIFY(!mine.taskInfo(foreign.id()).isValid());
        QCOMPARE(mine.tasks().size(), 1);
        QVERIFY(!mine.waitForTask(own.id(), 1));
        QVERIFY(mine.lastError().contains("has not ended within 1 ms"));
        gate.open();
        QVERIFY(mine.waitForTask(own.id()));
        QVERIFY(!mine.cancelTask(own.id()));
        QVERIFY(mine.lastError().contains("has ended already"));
        QVERIFY(!mine.cancelTask(QString(1'000'000, 'x')));
    }

    void b56_b80_b121_an_api_that_goes_takes_its_tasks_and_jobs_along()
    {
        Ledger ledger;
        auto api = std::make_unique<legwork::PluginApi>("short");
        bool heard = false;
        QVERIFY(api->registerJob("short.job", [entry = std::make_shared<Entry>(ledger)] { return 1; }));
        const auto later = api->runInBackground([entry = Entry(ledger)] { return 1; });
        later.onComplete(listener.get(), [&] { heard = true; });
        const auto waits = api->scheduleTask([entry = std::make_shared<Entry>(ledger)] {}, {.delayMs = 3'600'000});
        later.wait();
        api.reset();
        QCOMPARE(waits.status(), legwork::Status::Cancelled);
        QVERIFY(!legwork::runJob("short.job").isValid());
        QTest::qWait(20);
        QVERIFY(!heard);
        QCOMPARE(ledger.alive.load(), 0);
    }

    void scheduled_tasks_tell_each_run_from_the_first()
    {
        legwork::PluginApi api("schedule");
        QList<int> heard;
        QStringList errors;
        int count = 0;
        const auto task = api.scheduleTask(
            [&count] {
                if (++count == 2)
                    throw std::runtime_error("two");
                return count;
            },
            {.name = "Beat",
             .periodic = true,
             .intervalMs = 1,
             .maxRuns = 3,
             .onComplete = [&](const QVariant &value) { heard.append(value.toInt()); },
             .onError = [&](const legwork::TaskError &error) { errors.append(error.message); }});
        QTRY_COMPARE(heard, (QList<int>{1, 3, 3}));
        QCOMPARE(errors, QStringList{"two"});
        QCOMPARE(task.status(), legwork::Status::Completed);

        const auto error = [&](legwork::ScheduleOptions options) {
            return api.scheduleTask([] {}, std::move(options)).error().message;
        };
        QCOMPARE(error({.intervalMs = 5}), "intervalMs is for a periodic task; set periodic, too");
        QVERIFY(error({.maxRuns = 5}).endsWith("are for a periodic task; set periodic, too"));
        QVERIFY(error({.rate = legwork::Rate::FixedRate}).endsWith("are for a periodic task; set periodic, too"));
        QVERIFY(error({.periodic = true}).startsWith("interval is 0 ms"));
        QVERIFY(error({.delayMs = -1}).startsWith("delay is -1 ms"));
        QVERIFY(error({.periodic = true, .intervalMs = 5, .mustRun = true}).startsWith("mustRun is for"));
        QVERIFY(error({.weight = -1}).startsWith("weight is -1; expected a number above 0"));
        QVERIFY(api.scheduleTask([] {}, {.detached = true}).isValid());
        // A duration as std::chrono takes it: what would lose something does not compile.
        QVERIFY(api.scheduleTask([] {}, {.delayMs = std::chrono::hours(1)}).isValid());
        static_assert(std::is_convertible_v<std::chrono::seconds, legwork::Milliseconds>);
        static_assert(!std::is_convertible_v<std::chrono::microseconds, legwork::Milliseconds>);
        QVERIFY(!api.scheduleTask(std::function<void()>()).isValid());
    }

    void the_methods_can_be_invoked_by_name()
    {
        QVERIFY(legwork::registerJob("twice", [](const QVariantList &args) { return args.value(0).toDouble() * 2; }));
        legwork::PluginApi api("invoked");
        QSignalSpy completed(&api, &legwork::PluginApi::taskCompleted);
        QString id;
        QVERIFY(QMetaObject::invokeMethod(&api, "runInBackground", Q_RETURN_ARG(QString, id), Q_ARG(QString, "twice"),
                                          Q_ARG(QVariant, QVariantList{21})));
        QVERIFY(!id.isEmpty());
        QTRY_COMPARE(completed.count(), 1);
        QCOMPARE(completed[0][1].value<QVariant>(), QVariant(42.0));
        int status = 0;
        QVERIFY(QMetaObject::invokeMethod(&api, "getTaskStatus", Q_RETURN_ARG(int, status), Q_ARG(QString, id)));
        QCOMPARE(status, int(legwork::TaskManager::Completed));
        const QVariantMap options{{"periodic", true}, {"intervalMs", 1}, {"maxRuns", 2}};
        QSignalSpy periodic(&api, &legwork::PluginApi::taskPeriodic);
        QVERIFY(QMetaObject::invokeMethod(&api, "scheduleTask", Q_RETURN_ARG(QString, id), Q_ARG(QString, "twice"),
                                          Q_ARG(QVariant, QVariantList{1}), Q_ARG(QVariant, options)));
        QVERIFY2(!id.isEmpty(), qUtf8Printable(api.lastError()));
        QTRY_COMPARE(periodic.count(), 2);
        bool cancelled = true;
        QVERIFY(QMetaObject::invokeMethod(&api, "cancelTask", Q_RETURN_ARG(bool, cancelled), Q_ARG(QString, "junk")));
        QVERIFY(!cancelled);

        // Errors: an empty id, and what was wrong.
        QVERIFY(api.runInBackground("no such job").isEmpty());
        QVERIFY(api.lastError().startsWith("no job is named \"no such job\""));
        QVERIFY(api.scheduleTask("twice", QVariantList(), QVariantMap{{"intervalMs", 5}}).isEmpty());
        QVERIFY2(api.lastError().contains("periodic"), qUtf8Printable(api.lastError()));
        QVERIFY(api.runInBackground("twice", 5).isEmpty());
        QCOMPARE(api.lastError(), "args is the number 5; expected a list, such as [value]");
        QVERIFY(api.runInBackground("twice", {}, QVariantMap{{"prio", 1}}).isEmpty());
        QVERIFY(api.lastError().startsWith("options.prio is unknown"));
        QVERIFY(!api.waitForTask(id, "soon"));
        QVERIFY(api.lastError().startsWith("timeoutMs is soon"));
        QVERIFY(api.registerTaskService(legwork::TaskManager::instance()));
        QVERIFY(!api.registerTaskService(this));
        QVERIFY(!api.registerTaskService(nullptr));
        legwork::unregisterJob("twice");
    }

    void javascript_may_call_them_with_functions_in_the_options()
    {
        QVERIFY(legwork::registerJob("echo", [](const QVariantList &args) { return args.value(0); }));
        QVERIFY(legwork::registerJob("fails", []() -> int { throw std::runtime_error("as asked"); }));
        legwork::PluginApi api("script");
        QJSEngine engine;
        QJSEngine::setObjectOwnership(&api, QJSEngine::CppOwnership);
        engine.globalObject().setProperty("api", engine.newQObject(&api));
        engine.evaluate("var got = []");
        const auto id = engine.evaluate("api.runInBackground('echo', [['a', 1]], "
                                        "{ name: 'Echo', onComplete: result => got.push(result[0] + result[1]) })");
        QVERIFY2(id.isString() && !id.toString().isEmpty(), qUtf8Printable(id.toString() + api.lastError()));
        engine.evaluate("api.runInBackground('fails', [], { onError: error => got.push(error.message) })");
        engine.evaluate("api.scheduleTask('echo', [1], { delayMs: 1e6, onCancelled: reason => got.push(reason) })");
        for (const auto &task : api.tasks()) {
            if (task.toMap()["statusName"].toString() == "Delayed")
                QVERIFY(api.cancelTask(task.toMap()["id"].toString()));
        }
        const auto got = [&] { return engine.evaluate("got.sort().join()").toString(); };
        QTRY_COMPARE(got(), "User,a1,as asked");
        // They do not throw.
        QVERIFY(!engine.evaluate("api.runInBackground('nothing', [])").isError());
        QVERIFY(api.lastError().startsWith("no job is named \"nothing\""));
        legwork::unregisterJob("echo");
        legwork::unregisterJob("fails");
    }

    void signals_are_connected_by_name_or_by_member()
    {
        legwork::PluginApi api("connect");
        m_done = 0;
        QVERIFY(api.connectTaskSignal("taskCompleted", this, "done"));
        QVERIFY(api.connectTaskSignal(SIGNAL(taskCompleted(QString, QVariant)), this, SLOT(done(QString))));
        QVERIFY(api.connectTaskSignal(&legwork::PluginApi::taskCompleted, this, &TestPlugins::done));
        QVERIFY(api.connectTaskSignal(&legwork::PluginApi::taskCompleted, this, [this] { ++m_done; }));
        api.runInBackground([] {});
        QTRY_COMPARE(m_done, 4);
        QVERIFY(!api.connectTaskSignal("taskDone", this, "done"));
        QCOMPARE(
            api.lastError(),
            "\"taskDone\" is no signal of a task; signals are: taskQueued, taskStarted, taskCompleted, taskFailed, "
            "taskCancelled, taskPeriodic, taskProgress, taskValues, taskRetrying, taskSlow, taskRetried, taskPaused, "
            "taskResumed");
        QVERIFY(!api.connectTaskSignal("taskCompleted", this, "nope"));
        QVERIFY(api.lastError().startsWith("a TestPlugins has no slot or invokable method \"nope\""));
        QVERIFY(!api.connectTaskSignal("taskCompleted", this, "done(int)"));
        QVERIFY(!api.connectTaskSignal("taskCompleted", nullptr, "done"));
    }

    void b213_an_api_hears_what_it_has_had_accepted()
    {
        legwork::PluginApi api("queued");
        QStringList heard;
        const auto note = [&](const QString &id) { heard.append(id); };
        api.connectTaskSignal(&legwork::PluginApi::taskQueued, listener.get(), note);
        const auto own = api.runInBackground([] {});
        const auto other = legwork::run([] {});
        QTRY_COMPARE(heard, QStringList{own.id()});
        bool over = false;
        other.onEnd(listener.get(), [&] { over = true; });
        QTRY_VERIFY(over);
        QCOMPARE(heard, QStringList{own.id()});
    }

    void b282_a_plugin_has_each_verb_of_its_api()
    {
        struct Plain : legwork::BasePlugin {
            void initialize() override { }
        };
        Plain plugin;
        legwork::registerJob("verbs", [](const QVariantList &args) { return args.value(0); });
        QString id, periodic;
        // In the order in which they are called.
        const std::vector<std::pair<QString, std::function<void()>>> verbs{
            {"runInBackground", [&] { id = plugin.runInBackground(QStringLiteral("verbs"), {7}); }},
            {"scheduleTask",
             [&] {
                 periodic = plugin.scheduleTask(QStringLiteral("verbs"), {8},
                                                {{"periodic", true},
                                                 {"intervalMs", 3'600'000},
                                                 {"delayMs", 3'600'000},
                                                 {"key", "k"},
                                                 {"maxRuns", 1}});
                 QVERIFY(!periodic.isEmpty());
             }},
            {"runScript",
             [&] {
                 QVERIFY(plugin.runScript(QUrl("http://example.org/x.mjs"), "f").isEmpty());
                 QVERIFY(plugin.api().lastError().contains("cannot be loaded"));
             }},
            {"tasks", [&] { QCOMPARE(plugin.tasks().size(), 2); }},
            {"tasksOfKey", [&] { QCOMPARE(plugin.tasksOfKey("k").size(), 1); }},
            {"setInterval", [&] { QVERIFY(plugin.setInterval(periodic, 1s)); }},
            {"runNow", [&] { QVERIFY(plugin.runNow(periodic)); }},
            {"waitForTask", [&] { QVERIFY(plugin.waitForTask(periodic, 20s) && plugin.waitForTask(id)); }},
            {"pauseKey",
             [&] {
                 QVERIFY(plugin.pauseKey("later", "on battery"));
                 QVERIFY(!plugin.pauseKey("later"));
                 // The application's key is another.
                 QVERIFY(!legwork::resumeKey("later"));
             }},
            {"resumeKey", [&] { QVERIFY(plugin.resumeKey("later") && !plugin.resumeKey("later")); }},
            {"pauseAll", [&] { QVERIFY(plugin.pauseAll("busy") && !plugin.pauseAll()); }},
            {"isPaused", [&] { QVERIFY(plugin.isPaused() && plugin.api().isPaused()); }},
            {"resumeAll", [&] { QVERIFY(plugin.resumeAll() && !plugin.resumeAll() && !plugin.isPaused()); }},
            {"pauseTask",
             [&] {
                 QCOMPARE(plugin.pauseTask(id), int(legwork::PauseResult::AlreadyFinished));
                 QCOMPARE(plugin.pauseTask("none"), int(legwork::PauseResult::UnknownTask));
                 QVERIFY(plugin.api().lastError().contains("\"none\" is no task of"));
             }},
            {"resumeTask", [&] { QVERIFY(!plugin.resumeTask(id)); }},
            {"getTaskStatus", [&] { QCOMPARE(plugin.getTaskStatus(id), int(legwork::Status::Completed)); }},
            {"taskInfo", [&] { QCOMPARE(plugin.taskInfo(id).value("result"), 7); }},
            {"retryTask",
             [&] {
                 QVERIFY(plugin.retryTask(id).isEmpty());
                 QVERIFY(plugin.api().lastError().contains("has completed"));
             }},
            {"cancelTask", [&] { QVERIFY(!plugin.cancelTask(id)); }},
            {"cancelIfQueued", [&] { QVERIFY(!plugin.cancelIfQueued(id)); }},
            {"cancelKey", [&] { plugin.cancelKey("k"); }},
            {"cancelAll", [&] { plugin.cancelAll(); }},
            {"waitForAll", [&] { QVERIFY(plugin.waitForAll(20s)); }},
        };
        // Of these a plugin has another form, or the application says them.
        const QStringList elsewhere{"registerTaskService", "connectTaskSignal", "setLimits", "limits"};
        QSet<QString> names;
        const auto &meta = legwork::PluginApi::staticMetaObject;
        for (int at = meta.methodOffset(); at < meta.methodCount(); ++at) {
            const auto method = meta.method(at);
            const auto name = QString::fromLatin1(method.name());
            if (method.methodType() == QMetaMethod::Method && !elsewhere.contains(name))
                names.insert(name);
        }
        QSet<QString> known;
        for (const auto &verb : verbs)
            known.insert(verb.first);
        QCOMPARE(known, names);
        for (const auto &verb : verbs) {
            verb.second();
            if (QTest::currentTestFailed())
                return;
        }
    }

    void a_plugin_works_without_a_host()
    {
        struct Lone : legwork::BasePlugin {
            Lone()
            {
                early = runInBackground([] { return 1; });
            } // in its constructor already
            void initialize() override { }
            QString job() { return runInBackground(QStringLiteral("lone.job"), {1}); }
            legwork::Task<int> early;
        };
        auto plugin = std::make_unique<Lone>();
        QVERIFY(plugin->early.isValid());
        QCOMPARE(plugin->api().name(), "plugin");
        QVERIFY(plugin->job().isEmpty());
        QVERIFY2(plugin->api().lastError().startsWith("no job is named \"lone.job\""),
                 qUtf8Printable(plugin->api().lastError()));
        const auto later = plugin->scheduleTask([] {}, {.delayMs = 3'600'000});
        plugin.reset();
        QCOMPARE(later.status(), legwork::Status::Cancelled);
    }

    void b79_b81_a_slot_may_delete_the_api()
    {
        auto *api = new legwork::PluginApi("brief");
        bool gone = false;
        connect(api, &QObject::destroyed, listener.get(), [&] { gone = true; });
        connect(api, &legwork::PluginApi::taskCompleted, this, [api] { delete api; });
        api->runInBackground([] {});
        QTRY_VERIFY(gone);
    }

public slots:
    void done(const QString &id) { m_done += !id.isEmpty(); }

private:
    int m_done = 0;
};

LEGWORK_TEST_MAIN(TestPlugins)
#include "tst_plugins.moc"
