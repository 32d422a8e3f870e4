// Plays tests/conformance/scenarios.json through C++: legwork::run and its like, and PluginApi by callables.
#include "options.h"
#include "support.h"

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>

#include <map>
#include <mutex>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace support;

namespace {

QJsonArray scenarios()
{
    QFile file(QStringLiteral(LEGWORK_SCENARIOS));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s cannot be read", LEGWORK_SCENARIOS);
    return QJsonDocument::fromJson(file.readAll()).array();
}

// As JavaScript's JSON.stringify writes it.
QString text(const QVariant &value)
{
    if (!value.isValid())
        return "undefined";
    const auto list = QJsonDocument(QJsonArray{QJsonValue::fromVariant(value)}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(list.mid(1, list.size() - 2));
}

Gate &gate(const QString &name)
{
    // Never destroyed: a body that its shutdown has abandoned asks until the process is gone.
    static auto &mutex = *new std::mutex;
    static auto &gates = *new std::map<QString, Gate>;
    const std::lock_guard lock(mutex);
    return gates[name];
}

// Holds the body, whatever it is asked.
void pass(const QString &name)
{
    while (!gate(name).isOpen())
        QThread::msleep(1);
}

void untilAsked(const legwork::TaskContext &context)
{
    if (context.sleep(60s))
        throw std::logic_error("nobody asked the task to stop");
}

// The jobs of tests/conformance/README.md, as C++ has them.
QVariant work(const QString &job, const QVariantList &args, legwork::TaskContext &context)
{
    const auto iteration = context.iteration();
    if (job == "value")
        return args.value(0);
    if (job == "fail" || job == "panic")
        throw std::runtime_error(args.value(0).toString().toStdString());
    if (job == "panicNumber")
        throw 7;
    if (job == "gate") {
        pass(args.value(0).toString());
        return args.value(1);
    }
    if (job == "attentive" || job == "failing" || job == "late") {
        untilAsked(context);
        if (job == "failing")
            throw std::runtime_error(args.value(0).toString().toStdString());
        if (job == "attentive")
            context.checkpoint();
        return args.value(0);
    }
    if (job == "odd" && iteration % 2 == 1)
        throw std::runtime_error("odd");
    if (job == "slowFirst" && iteration == 1)
        untilAsked(context);
    if (job == "progress") {
        context.setProgress(0.5, "half");
        pass(args.value(0).toString());
        context.setProgress(1.0, "whole");
        return {};
    }
    if (job == "send" || job == "sendAndWait") {
        if (job == "send")
            pass(args.value(0).toString());
        for (qsizetype at = job == "send" ? 1 : 0; at < args.size(); ++at)
            context.send(args[at]);
        if (job == "sendAndWait")
            untilAsked(context);
        context.checkpoint();
        return {};
    }
    if (job == "nothing")
        return {};
    return iteration;
}

// What the log says of a body's fault: in Rust it is an error or a panic, in C++ an exception.
QString inCpp(QString line)
{
    if (line.startsWith("onError ") || line.startsWith("taskFailed ")) {
        line.replace(QRegularExpression("^(onError \\w+) (Failed|Panic): "), "\\1 Exception: ");
        line.replace("a panic with a value that is no text", "the number 7 was thrown");
    }
    return line;
}

legwork::Priority priority(const QString &name) { return enumerator(name, legwork::Priority::Normal); }

QString reportText(const QVariant &variant)
{
    const auto report = variant.toMap();
    QStringList names;
    const auto abandoned = report["abandoned"].toList();
    for (const auto &task : abandoned)
        names.append(task.toMap()["name"].toString());
    return QString("complete=%1 finished=%2 cancelled=%3 abandoned=%4")
        .arg(report["complete"].toBool() ? "true" : "false", report["finished"].toString(),
             report["cancelled"].toString(), names.join(","));
}

// The keys of the tasks whose results stand in a value, each once, in their order.
void findTaken(const QJsonValue &value, QStringList &keys)
{
    if (const auto key = value["resultOf"].toString(); !key.isEmpty()) {
        if (!keys.contains(key))
            keys.append(key);
        return;
    }
    const auto list = value.toArray();
    for (const auto &element : list)
        findTaken(element, keys);
    const auto map = value.toObject();
    for (const auto &element : map)
        findTaken(element, keys);
}

QStringList takenBy(const QJsonObject &step)
{
    QStringList keys;
    findTaken(step["args"], keys);
    return keys;
}

// A value with the results in their places.
QVariant filled(const QJsonValue &value, const QStringList &keys, const QVariantList &results)
{
    if (const auto key = value["resultOf"].toString(); !key.isEmpty())
        return results.value(keys.indexOf(key));
    if (value.isArray()) {
        QVariantList list;
        const auto array = value.toArray();
        for (const auto &element : array)
            list.append(filled(element, keys, results));
        return list;
    }
    if (value.isObject()) {
        QVariantMap map;
        const auto object = value.toObject();
        for (auto entry = object.begin(); entry != object.end(); ++entry)
            map.insert(entry.key(), filled(entry.value(), keys, results));
        return map;
    }
    return value.toVariant();
}

bool isGroup(const QJsonObject &step) { return step.contains("all") || step.contains("any"); }

// One line a task first, so that only the order of each task counts.
QStringList byTask(QStringList log)
{
    std::stable_sort(log.begin(), log.end(),
                     [](const QString &a, const QString &b) { return a.section(' ', 1, 1) < b.section(' ', 1, 1); });
    return log;
}

class Player : public QObject {
public:
    Player(const QJsonObject &scenario, bool byApi) : m_scenario(scenario), m_byApi(byApi)
    {
        using legwork::TaskManager;
        connect(m_manager, &TaskManager::taskStarted, this,
                [this](const auto &id) { note("taskStarted " + m_names[id]); });
        connect(m_manager, &TaskManager::taskCompleted, this, [this](const auto &id, const auto &result) {
            note("taskCompleted " + m_names[id] + ' ' + text(result));
        });
        connect(m_manager, &TaskManager::taskFailed, this,
                [this](const auto &id, const auto &error) { note("taskFailed " + m_names[id] + ' ' + error); });
        connect(m_manager, &TaskManager::taskCancelled, this,
                [this](const auto &id) { note("taskCancelled " + m_names[id]); });
        connect(m_manager, &TaskManager::taskPeriodic, this,
                [this](const auto &id, quint64 iteration, const auto &result) {
                    note(QString("taskPeriodic %1 %2 %3").arg(m_names[id]).arg(iteration).arg(text(result)));
                });
        connect(m_manager, &TaskManager::taskProgress, this,
                [this](const auto &id, double progress, const auto &message) {
                    note(QString("taskProgress %1 %2 %3").arg(m_names[id]).arg(progress).arg(message));
                });
        connect(m_manager, &TaskManager::taskRetrying, this,
                [this](const auto &id, quint64 attempt, const auto &error, double) {
                    note(QString("taskRetrying %1 %2 %3").arg(m_names[id]).arg(attempt).arg(error));
                });
        connect(m_manager, &TaskManager::taskValues, this,
                [this](const auto &id, const auto &values) { note("taskValues " + m_names[id] + ' ' + text(values)); });
        connect(m_manager, &TaskManager::taskPaused, this,
                [this](const auto &id, const auto &reason) { note("taskPaused " + m_names[id] + ' ' + reason); });
        connect(m_manager, &TaskManager::taskResumed, this,
                [this](const auto &id) { note("taskResumed " + m_names[id]); });
        connect(m_manager, &TaskManager::taskSlow, this,
                [this](const auto &id, double) { note("taskSlow " + m_names[id]); });
        connect(m_manager, &TaskManager::shutdownFinished, this,
                [this](const auto &report) { note("shutdownFinished " + reportText(report)); });
    }

    void play()
    {
        m_manager->setMaxWorkers(4);
        const auto steps = m_scenario["steps"].toArray();
        for (const auto &step : steps)
            take(step.toObject());
        QStringList expected;
        const auto lines = m_scenario["log"].toArray();
        for (const auto &line : lines)
            expected.append(said(line.toString()).replace("JOBS", "conformance"));
        // A task has ended before that is told.
        const bool done = QTest::qWaitFor([&] { return ended() && m_log.size() >= expected.size(); }, 30'000);
        // Should there be more.
        QCoreApplication::processEvents();
        if (m_scenario["process"].toBool())
            QCOMPARE(byTask(m_log), byTask(expected));
        else
            QCOMPARE(m_log, expected);
        QVERIFY(done);
        m_manager->setMaxWorkers(4);
    }

private:
    void note(const QString &line) { m_log.append(line); }

    // A line of the scenario's log as C++ writes it: what external work fails with is no fault of a body.
    QString said(const QString &line) const
    {
        const auto steps = m_scenario["steps"].toArray();
        const bool isOutside = std::any_of(steps.begin(), steps.end(), [&line](const QJsonValue &step) {
            return step["external"].toBool() && step["submit"].toString() == line.section(' ', 1, 1);
        });
        return isOutside ? line : inCpp(line);
    }

    bool ended() const
    {
        const auto hasEnded = [](const auto &task) {
            const auto status = task.status();
            return status != legwork::Status::Delayed && status != legwork::Status::Blocked
                && status != legwork::Status::Queued && status != legwork::Status::Running
                && status != legwork::Status::Paused;
        };
        return std::all_of(m_tasks.cbegin(), m_tasks.cend(), hasEnded)
            && std::all_of(m_wholes.cbegin(), m_wholes.cend(), hasEnded);
    }

    void take(const QJsonObject &step)
    {
        // A task of any type.
        const auto with = [&](const QString &key, auto ask) {
            const auto whole = m_wholes.constFind(key);
            return whole == m_wholes.cend() ? ask(m_tasks.value(key)) : ask(*whole);
        };
        if (isGroup(step)) {
            submitGroup(step);
        } else if (step.contains("external")) {
            submitExternal(step);
        } else if (step.contains("submit")) {
            submit(step);
        } else if (step.contains("await")) {
            const auto line = said(step["await"].toString());
            QTRY_VERIFY2_WITH_TIMEOUT(m_log.contains(line), qUtf8Printable(line), 30'000);
        } else if (step.contains("open")) {
            gate(gateName(step["open"].toString())).open();
        } else if (const auto key = step["cancel"].toString(); !key.isEmpty()) {
            note("cancel " + key + ": " + with(key, [](const auto &task) { return nameOf(task.cancel()); }));
        } else if (const auto key = step["status"].toString(); !key.isEmpty()) {
            note("status " + key + ": " + with(key, [](const auto &task) { return nameOf(task.status()); }));
        } else if (const auto key = step["wait"].toString(); !key.isEmpty()) {
            const std::chrono::milliseconds time(step["ms"].toInt());
            note("wait " + key + ": " + with(key, [&](const auto &task) { return nameOf(task.wait(time)); }));
        } else if (const auto key = step["info"].toString(); !key.isEmpty()) {
            const auto id = with(key, [](const auto &task) { return task.id(); });
            const auto info = m_manager->taskInfo(id).toMap();
            QStringList shown;
            const auto options = step["of"].toArray();
            for (const auto &option : options)
                shown.append(option.toString() + '=' + shownOf(info, option.toString()));
            note("info " + key + ": " + shown.join(' '));
        } else if (const auto key = step["priority"].toString(); !key.isEmpty()) {
            const auto to = priority(step["to"].toString());
            const bool changed = with(key, [&](const auto &task) { return task.setPriority(to); });
            note("priority " + key + ": " + (changed ? "true" : "false"));
        } else if (const auto key = step["complete"].toString(); !key.isEmpty()) {
            const bool ends = m_outside.at(key).complete(step["value"].toVariant());
            note("complete " + key + ": " + (ends ? "true" : "false"));
        } else if (const auto key = step["fail"].toString(); !key.isEmpty()) {
            const bool ends = m_outside.at(key).fail(step["error"].toString());
            note("fail " + key + ": " + (ends ? "true" : "false"));
        } else if (const auto key = step["stopped"].toString(); !key.isEmpty()) {
            QTRY_VERIFY_WITH_TIMEOUT(m_outside.at(key).isCancelRequested(), 30'000);
        } else if (const auto key = step["pause"].toString(); !key.isEmpty()) {
            const auto reason = step["reason"].toString();
            note("pause " + key + ": " + with(key, [&](const auto &task) { return nameOf(task.pause(reason)); }));
        } else if (const auto key = step["resume"].toString(); !key.isEmpty()) {
            const bool changed = with(key, [](const auto &task) { return task.resume(); });
            note("resume " + key + ": " + (changed ? "true" : "false"));
        } else if (hold(step)) {
            return;
        } else if (step.contains("end")) {
            m_owners.erase(step["end"].toString());
            m_apis.erase(step["end"].toString());
        } else if (step.contains("workers")) {
            m_manager->setMaxWorkers(step["workers"].toInt());
        } else if (step.contains("shutdown")) {
            note("shutdown: " + reportText(m_manager->shutdown(step["shutdown"].toInt())));
        } else {
            QFAIL("unknown step");
        }
    }

    // Pauses more than one task, or takes that back; whether the step says so.
    bool hold(const QJsonObject &step)
    {
        const auto owner = [&](const QString &name) { return QJsonObject{{"owner", name}}; };
        const auto reason = step["reason"].toString();
        for (const bool pause : {true, false}) {
            const QString verb = pause ? "pause" : "resume";
            const auto noteChange = [&](const QString &what, const QString &name, bool changed) {
                note(verb + what + ' ' + name + ": " + (changed ? "true" : "false"));
                return true;
            };
            if (step.contains(verb + "All")) {
                const bool changed = pause ? legwork::pauseAll(reason) : legwork::resumeAll();
                return noteChange("All", step[verb + "All"].toString(), changed);
            }
            if (step.contains(verb + "Owner")) {
                const auto name = step[verb + "Owner"].toString();
                auto *object = m_byApi ? nullptr : ownerOf(owner(name));
                auto *api = m_byApi ? &apiOf(owner(name)) : nullptr;
                return noteChange("Owner", name,
                                  api ? (pause ? api->pauseAll(reason) : api->resumeAll())
                                      : (pause ? legwork::pauseOwner(object, reason) : legwork::resumeOwner(object)));
            }
            if (step.contains(verb + "Key")) {
                const auto key = step[verb + "Key"].toString();
                auto *object = m_byApi ? nullptr : ownerOf(step);
                auto *api = m_byApi ? &apiOf(step) : nullptr;
                return noteChange(
                    "Key", key,
                    api ? (pause ? api->pauseKey(key, reason) : api->resumeKey(key))
                        : (pause ? legwork::pauseKey(key, reason, object) : legwork::resumeKey(key, object)));
            }
        }
        return false;
    }

    // Each play has gates of its own.
    QString gateName(const QString &name) const
    {
        return m_scenario["name"].toString() + (m_byApi ? "/api/" : "/") + name;
    }

    void submit(const QJsonObject &step)
    {
        const auto key = step["submit"].toString();
        const auto job = step["job"].toString();
        auto args = step["args"].toArray().toVariantList();
        if (job == "gate" || job == "progress" || job == "send")
            args[0] = gateName(args[0].toString());
        auto options = step["options"].toObject();
        // As a job has it, which a callable has not.
        if (!step.contains("script") && !options.contains("name"))
            options["name"] = job;
        const auto body = [job, args](legwork::TaskContext &context) { return work(job, args, context); };
        auto task = !takenBy(step).isEmpty() ? submitThen(step, options)
            : m_byApi                        ? submitByApi(step, options, body)
                                             : submitByRun(step, options, body, args);
        if (hear(key, task))
            m_tasks[key] = task;
    }

    // Whether it was submitted; then all that happens to it is written down.
    template<typename T> bool hear(const QString &key, const legwork::Task<T> &task)
    {
        if (!task.isValid()) {
            note("submit " + key + ": " + task.error().message);
            return false;
        }
        m_names[task.id()] = key;
        task.onComplete(
                this,
                [this, key](const T &value) { note("onComplete " + key + ' ' + text(QVariant::fromValue(value))); })
            .onError(this,
                     [this, key](const legwork::TaskError &error) {
                         note("onError " + key + ' ' + nameOf(error.kind) + ": " + error.message);
                     })
            .onCancelled(
                this, [this, key](legwork::CancelReason reason) { note("onCancelled " + key + ' ' + nameOf(reason)); })
            .onPaused(this, [this, key](const QString &reason) { note("onPaused " + key + ' ' + reason); })
            .onResumed(this, [this, key] { note("onResumed " + key); })
            .onValues(this, [this, key](const QVariantList &values) { note("onValues " + key + ' ' + text(values)); })
            .onProgress(this, [this, key](double value, const QString &message) {
                note(QString("onProgress %1 %2 %3").arg(key).arg(value).arg(message));
            });
        return true;
    }

    void submitGroup(const QJsonObject &step)
    {
        const auto key = step["submit"].toString();
        const bool any = step.contains("any");
        QList<legwork::Task<QVariant>> members;
        const auto names = step[QLatin1String(any ? "any" : "all")].toArray();
        for (const auto &name : names)
            members.append(m_tasks.value(name.toString()));
        if (any) {
            const auto first = m_byApi ? apiOf({}).any(members) : legwork::any(members);
            if (hear(key, first))
                m_tasks[key] = first;
        } else {
            const auto whole = m_byApi ? apiOf({}).all(members) : legwork::all(members);
            if (hear(key, whole))
                m_wholes[key] = whole;
        }
    }

    void submitExternal(const QJsonObject &step)
    {
        const auto key = step["submit"].toString();
        const auto options = step["options"].toObject();
        legwork::ExternalOptions external;
        set(external, options);
        external.after = afterOf(options);
        external.owner = m_byApi ? &apiOf(options) : ownerOf(options);
        const auto &outside = m_outside.emplace(key, external).first->second;
        if (hear(key, outside.task()))
            m_tasks[key] = outside.task();
    }

    // What takes the results of others comes after them: after one, or after all of some.
    legwork::Task<QVariant> submitThen(const QJsonObject &step, const QJsonObject &options)
    {
        const auto keys = takenBy(step);
        const auto job = step["job"].toString();
        const auto body = [keys, job, args = step["args"]](const QVariantList &results, legwork::TaskContext &context) {
            return work(job, filled(args, keys, results).toList(), context);
        };
        legwork::TaskOptions plain;
        set(plain, options);
        plain.after = afterOf(options);
        plain.owner = m_byApi ? nullptr : ownerOf(options);
        const auto then = [&](const auto &before, auto &&work) {
            return m_byApi ? apiOf(options).then(before, std::move(work), plain) : before.then(std::move(work), plain);
        };
        if (keys.size() == 1)
            return then(m_tasks.value(keys.first()), [body](const QVariant &result, legwork::TaskContext &context) {
                return body({result}, context);
            });
        QList<legwork::Task<QVariant>> taken;
        for (const auto &key : keys)
            taken.append(m_tasks.value(key));
        return then(m_byApi ? apiOf(options).all(taken) : legwork::all(taken), body);
    }

    // The tasks of those names; by their ids, and the first by its handle.
    QList<legwork::TaskRef> afterOf(const QJsonObject &options) const
    {
        QList<legwork::TaskRef> after;
        const auto names = options["after"].toArray();
        for (const auto &name : names) {
            const auto task = m_tasks.value(name.toString());
            after.append(after.isEmpty() ? legwork::TaskRef(task) : legwork::TaskRef(task.id()));
        }
        return after;
    }

    QObject *ownerOf(const QJsonObject &options)
    {
        const auto name = options["owner"].toString();
        if (name.isEmpty())
            return nullptr;
        auto &object = m_owners[name];
        if (!object)
            object = std::make_unique<QObject>();
        return object.get();
    }

    template<typename Body>
    legwork::Task<QVariant> submitByRun(const QJsonObject &step, const QJsonObject &options, const Body &body,
                                        const QVariantList &args)
    {
        if (step.contains("every")) {
            legwork::PeriodicOptions periodic;
            set(periodic, options);
            periodic.after = afterOf(options);
            periodic.owner = ownerOf(options);
            return legwork::runPeriodic(std::chrono::milliseconds(step["every"].toInt()), body, periodic);
        }
        legwork::TaskOptions plain;
        set(plain, options);
        plain.after = afterOf(options);
        plain.owner = ownerOf(options);
        if (step.contains("after"))
            return legwork::runLater(std::chrono::milliseconds(step["after"].toInt()), body, plain);
        if (step.contains("script"))
            return legwork::runScript(QUrl::fromLocalFile(LEGWORK_WORK), step["script"].toString(), args, plain);
        const auto job = step["job"].toString();
        return job == "missing" ? legwork::runJob(job, args, plain) : legwork::run(body, plain);
    }

    // That of the owner that the options name.
    legwork::PluginApi &apiOf(const QJsonObject &options)
    {
        const auto name = options["owner"].toString();
        auto &api = m_apis[name];
        if (!api)
            api = std::make_unique<legwork::PluginApi>(name);
        return *api;
    }

    template<typename Body>
    legwork::Task<QVariant> submitByApi(const QJsonObject &step, const QJsonObject &options, const Body &body)
    {
        auto *const api = &apiOf(options);
        if (step.contains("every") || step.contains("after")) {
            legwork::ScheduleOptions schedule;
            set(schedule, options);
            schedule.after = afterOf(options);
            schedule.periodic = step.contains("every");
            if (schedule.periodic)
                schedule.intervalMs = step["every"].toInt();
            else
                schedule.delayMs = step["after"].toInt();
            return api->scheduleTask(body, schedule);
        }
        legwork::TaskOptions plain;
        set(plain, options);
        plain.after = afterOf(options);
        return api->runInBackground(body, plain);
    }

    const QJsonObject m_scenario;
    const bool m_byApi;
    legwork::TaskManager *const m_manager = legwork::TaskManager::instance();
    QStringList m_log;
    QHash<QString, QString> m_names;
    QHash<QString, legwork::Task<QVariant>> m_tasks;
    std::map<QString, legwork::External<QVariant>> m_outside;
    // What all() gives.
    QHash<QString, legwork::Task<QVariantList>> m_wholes;
    std::map<QString, std::unique_ptr<QObject>> m_owners;
    std::map<QString, std::unique_ptr<legwork::PluginApi>> m_apis;
};

} // namespace

class TestConformance : public QObject {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }

    void initTestCase()
    {
        // The one that the text of an unknown job's error names.
        QVERIFY(legwork::registerJob("conformance", [] {}));
    }

    void scenario_data()
    {
        QTest::addColumn<QJsonObject>("scenario");
        QTest::addColumn<bool>("byApi");
        const auto all = scenarios();
        for (const bool byApi : {false, true}) {
            for (const auto &entry : all) {
                const auto scenario = entry.toObject();
                if (isPossible(scenario, byApi))
                    QTest::newRow(qUtf8Printable((byApi ? "api: " : "run: ") + scenario["name"].toString()))
                        << scenario << byApi;
            }
        }
    }

    void scenario()
    {
        QFETCH(QJsonObject, scenario);
        QFETCH(bool, byApi);
        if (scenario["process"].toBool() && qEnvironmentVariableIsEmpty("LEGWORK_CHILD")) {
            // It ends the service, so it is played in a process of its own.
            QProcess child;
            auto environment = QProcessEnvironment::systemEnvironment();
            environment.insert("LEGWORK_CHILD", "1");
            child.setProcessEnvironment(environment);
            child.setProcessChannelMode(QProcess::MergedChannels);
            child.start(QCoreApplication::applicationFilePath(), {QString("scenario:") + QTest::currentDataTag()});
            QVERIFY(child.waitForFinished(60'000));
            const auto output = child.readAll();
            QVERIFY2(child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0, output.constData());
            QVERIFY2(output.contains("3 passed"), output.constData());
            return;
        }
        Player player(scenario, byApi);
        player.play();
        // A task that was abandoned is named in the log.
        takeWarnings();
    }

private:
    // A structure has no place for an option that its call does not take; and callables are no names.
    static bool isPossible(const QJsonObject &scenario, bool byApi)
    {
        const auto steps = scenario["steps"].toArray();
        QStringList submitted;
        return std::all_of(steps.begin(), steps.end(), [byApi, &submitted](const QJsonValue &entry) {
            const auto step = entry.toObject();
            if (!step.contains("submit"))
                return true;
            // What takes a result has a handle of the task that gives it, and is called once.
            const auto taken = takenBy(step);
            const bool known = std::all_of(taken.begin(), taken.end(),
                                           [&submitted](const auto &key) { return submitted.contains(key); });
            const bool once = !step.contains("every") && !step.contains("after") && !step.contains("script");
            if (!known || (!taken.isEmpty() && !once))
                return false;
            submitted.append(step["submit"].toString());
            if (step.contains("external"))
                return true;
            if (isGroup(step))
                return !step.contains("options");
            if (byApi && (step.contains("script") || step["job"].toString() == "missing"))
                return false;
            const bool periodic = step.contains("every");
            const auto &options = byApi && (periodic || step.contains("after")) ? keysOfScheduleOptions
                : periodic                                                      ? keysOfPeriodicOptions
                                                                                : keysOfTaskOptions;
            const auto keys = step["options"].toObject().keys();
            return std::all_of(keys.begin(), keys.end(), [&options](const QString &key) {
                return key == "owner" || key == "after" || options.contains(key);
            });
        });
    }
};

LEGWORK_TEST_MAIN(TestConformance)
#include "tst_conformance.moc"
