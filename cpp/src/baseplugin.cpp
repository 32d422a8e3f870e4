#include "baseplugin_p.h"

#include "pluginapi_p.h"

namespace legwork {

namespace {

// As `setLoading` says it.
thread_local QString loadingName;
thread_local QString loadingPath;
thread_local quint64 constructedOwner = 0;

} // namespace

void BasePluginPrivate::setLoading(const QString &name, const QString &path)
{
    loadingName = name;
    loadingPath = path;
    constructedOwner = 0;
}

quint64 BasePluginPrivate::loadingOwner() { return constructedOwner; }

BasePluginPrivate::BasePluginPrivate()
    : own(std::make_unique<PluginApi>(loadingName.isEmpty() ? QStringLiteral("plugin") : loadingName)), api(own.get()),
      libraryPath(loadingPath)
{
    constructedOwner = PluginApiPrivate::of(*own).owner;
}

BasePlugin::BasePlugin(QObject *parent) : QObject(parent), d(std::make_unique<BasePluginPrivate>()) { }

BasePlugin::~BasePlugin() = default;

void BasePlugin::shutdown() { }

PluginApi &BasePlugin::api() const { return *d->api; }

QString BasePlugin::libraryPath() const { return d->libraryPath; }

QString BasePlugin::runInBackground(const QString &job, const QVariantList &args, const QVariantMap &options)
{
    return api().runInBackground(job, QVariant(args), QVariant(options));
}

QString BasePlugin::scheduleTask(const QString &job, const QVariantList &args, const QVariantMap &options)
{
    return api().scheduleTask(job, QVariant(args), QVariant(options));
}

QString BasePlugin::runScript(const QUrl &url, const QString &function, const QVariantList &args,
                              const QVariantMap &options)
{
    return api().runScript(QVariant(url), function, QVariant(args), QVariant(options));
}

bool BasePlugin::cancelTask(const QString &id) { return api().cancelTask(id); }

bool BasePlugin::cancelIfQueued(const QString &id) { return api().cancelIfQueued(id); }

bool BasePlugin::runNow(const QString &id) { return api().runNow(id); }

QString BasePlugin::retryTask(const QString &id) { return api().retryTask(id); }

bool BasePlugin::setInterval(const QString &id, Milliseconds interval)
{
    return api().setInterval(id, qlonglong(interval.count()));
}

int BasePlugin::pauseTask(const QString &id, const QString &reason) { return api().pauseTask(id, reason); }

bool BasePlugin::resumeTask(const QString &id) { return api().resumeTask(id); }

bool BasePlugin::pauseKey(const QString &key, const QString &reason) { return api().pauseKey(key, reason); }

bool BasePlugin::resumeKey(const QString &key) { return api().resumeKey(key); }

bool BasePlugin::pauseAll(const QString &reason) { return api().pauseAll(reason); }

bool BasePlugin::resumeAll() { return api().resumeAll(); }

bool BasePlugin::isPaused() const { return api().isPaused(); }

void BasePlugin::cancelKey(const QString &key) { api().cancelKey(key); }

QVariantList BasePlugin::tasksOfKey(const QString &key) const { return api().tasksOfKey(key); }

int BasePlugin::getTaskStatus(const QString &id) { return api().getTaskStatus(id); }

bool BasePlugin::waitForTask(const QString &id, Milliseconds timeout)
{
    return api().waitForTask(id, qlonglong(timeout.count()));
}

QVariantMap BasePlugin::taskInfo(const QString &id) { return api().taskInfo(id).toMap(); }

QVariantList BasePlugin::tasks() const { return api().tasks(); }

void BasePlugin::cancelAll() { api().cancelAll(); }

bool BasePlugin::waitForAll(Milliseconds timeout) { return api().waitForAll(qlonglong(timeout.count())); }

QList<QMetaObject::Connection> BasePlugin::connectTaskSignals(TaskSlots functions)
{
    QList<QMetaObject::Connection> connections;
    const auto add = [&](auto signal, auto &&function) {
        if (function)
            connections.append(connect(d->api, signal, this, std::move(function)));
    };
    add(&PluginApi::taskQueued, std::move(functions.queued));
    add(&PluginApi::taskStarted, std::move(functions.started));
    add(&PluginApi::taskCompleted, std::move(functions.completed));
    add(&PluginApi::taskFailed, std::move(functions.failed));
    add(&PluginApi::taskCancelled, std::move(functions.cancelled));
    add(&PluginApi::taskPeriodic, std::move(functions.periodic));
    add(&PluginApi::taskProgress, std::move(functions.progress));
    add(&PluginApi::taskValues, std::move(functions.values));
    add(&PluginApi::taskRetrying, std::move(functions.retrying));
    add(&PluginApi::taskSlow, std::move(functions.slow));
    add(&PluginApi::taskRetried, std::move(functions.retried));
    add(&PluginApi::taskPaused, std::move(functions.paused));
    add(&PluginApi::taskResumed, std::move(functions.resumed));
    return connections;
}

} // namespace legwork
