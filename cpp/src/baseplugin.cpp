#include "legwork/baseplugin.h"

namespace legwork {

namespace {

// What the plugin is called that this thread is loading, and its file.
thread_local QString loadingName;
thread_local QString loadingPath;
thread_local quint64 constructedOwner = 0;

} // namespace

void BasePlugin::setLoading(const QString &name, const QString &path)
{
    loadingName = name;
    loadingPath = path;
    constructedOwner = 0;
}

quint64 BasePlugin::loadingOwner() { return constructedOwner; }

BasePlugin::BasePlugin(QObject *parent)
    : QObject(parent),
      m_own(std::make_unique<PluginApi>(loadingName.isEmpty() ? QStringLiteral("plugin") : loadingName)),
      m_api(m_own.get()), m_libraryPath(loadingPath)
{
    constructedOwner = m_own->m_owner;
}

BasePlugin::~BasePlugin() = default;

void BasePlugin::shutdown() { }

PluginApi &BasePlugin::api() const { return *m_api; }

QString BasePlugin::libraryPath() const { return m_libraryPath; }

QString BasePlugin::runInBackground(const QString &job, const QVariantList &args, const QVariantMap &options)
{
    return api().runInBackground(job, QVariant(args), QVariant(options));
}

QString BasePlugin::scheduleTask(const QString &job, const QVariantList &args, const QVariantMap &options)
{
    return api().scheduleTask(job, QVariant(args), QVariant(options));
}

bool BasePlugin::cancelTask(const QString &id) { return api().cancelTask(id); }

QList<QMetaObject::Connection> BasePlugin::connectTaskSignals(TaskSlots functions)
{
    QList<QMetaObject::Connection> connections;
    const auto add = [&](auto signal, auto &&function) {
        if (function)
            connections.append(connect(m_api, signal, this, std::move(function)));
    };
    add(&PluginApi::taskStarted, std::move(functions.started));
    add(&PluginApi::taskCompleted, std::move(functions.completed));
    add(&PluginApi::taskFailed, std::move(functions.failed));
    add(&PluginApi::taskCancelled, std::move(functions.cancelled));
    add(&PluginApi::taskPeriodic, std::move(functions.periodic));
    add(&PluginApi::taskProgress, std::move(functions.progress));
    return connections;
}

} // namespace legwork
