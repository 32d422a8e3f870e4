#include "legwork/pluginhost.h"

#include "receivers.h"

#include "legwork/src/qt/native.cxx.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonObject>
#include <QtCore/QLoggingCategory>
#include <QtCore/QPluginLoader>

#include <dlfcn.h>

#include <algorithm>
#include <vector>

Q_DECLARE_LOGGING_CATEGORY(legworkLog)

namespace legwork {

namespace {

// Whether a library is in the process.
bool isMapped(const QString &path)
{
    void *library = dlopen(QFile::encodeName(path).constData(), RTLD_LAZY | RTLD_NOLOAD);
    if (library)
        dlclose(library);
    return library != nullptr;
}

} // namespace

struct PluginHost::Plugin {
    QString name;
    QString path;
    std::unique_ptr<QPluginLoader> loader;
    std::unique_ptr<PluginApi> api;
    BasePlugin *plugin = nullptr;
    bool shutDown = false; // its shutdown() was called
};

PluginHost::PluginHost(QObject *parent) : QObject(parent) { }

PluginHost::~PluginHost()
{
    while (!m_plugins.empty()) {
        const auto name = m_plugins.back()->name;
        const auto report = unload(name, std::chrono::seconds(1));
        if (report.unloaded)
            continue;
        qCWarning(legworkLog).noquote().nospace()
            << "plugin " << name << " stays loaded, as the host goes: " << report.error;
        // Its code is still being run: nothing of it is destroyed.
        auto *kept = m_plugins.back().release();
        kept->api->setParent(nullptr);
        m_plugins.pop_back();
    }
}

BasePlugin *PluginHost::fail(const QString &message)
{
    if (m_lastError != message) {
        m_lastError = message;
        Q_EMIT lastErrorChanged();
    }
    return nullptr;
}

PluginHost::Plugin *PluginHost::find(const QString &name) const
{
    const auto found =
        std::find_if(m_plugins.begin(), m_plugins.end(), [&name](const auto &plugin) { return plugin->name == name; });
    return found == m_plugins.end() ? nullptr : found->get();
}

BasePlugin *PluginHost::load(const QString &path)
{
    const QFileInfo file(path);
    if (!file.isFile())
        return fail(QStringLiteral("%1: there is no such file").arg(path));
    const auto canonical = file.canonicalFilePath();

    auto loader = std::make_unique<QPluginLoader>(canonical);
    // By default Qt never unloads a plugin.
    loader->setLoadHints({});
    const auto metaData = loader->metaData();
    const auto iid = metaData.value(QLatin1String("IID")).toString();
    if (iid.isEmpty())
        return fail(QStringLiteral("%1 is no Qt plugin: %2").arg(path, loader->errorString()));
    if (iid != QLatin1String(LEGWORK_PLUGIN_IID)) {
        const auto prefix = QStringLiteral("org.legwork.Plugin/");
        if (iid.startsWith(prefix))
            return fail(QStringLiteral("%1 was compiled for Legwork %2; this is Legwork %3: compile it again")
                            .arg(path, iid.mid(prefix.size()), QStringLiteral(LEGWORK_PLUGIN_IID).mid(prefix.size())));
        return fail(QStringLiteral("%1 is a plugin for \"%2\"; expected \"%3\", by "
                                   "Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)")
                        .arg(path, iid, QStringLiteral(LEGWORK_PLUGIN_IID)));
    }
    auto name = metaData.value(QLatin1String("MetaData")).toObject().value(QLatin1String("name")).toString();
    if (name.isEmpty()) {
        name = file.baseName();
        if (name.startsWith(QLatin1String("lib")))
            name.remove(0, 3);
    }
    for (const auto &other : m_plugins) {
        if (other->path == canonical)
            return fail(QStringLiteral("%1 is loaded already, as %2").arg(path, other->name));
        if (other->name == name)
            return fail(
                QStringLiteral("%1: a plugin named %2 is loaded already, from %3").arg(path, name, other->path));
    }

    auto *object = loader->instance();
    auto *plugin = qobject_cast<BasePlugin *>(object);
    if (!plugin) {
        const auto error =
            object ? QStringLiteral("its class does not inherit legwork::BasePlugin") : loader->errorString();
        loader->unload();
        return fail(QStringLiteral("%1 was not loaded: %2").arg(path, error));
    }
    auto entry = std::make_unique<Plugin>();
    entry->name = name;
    entry->path = canonical;
    entry->loader = std::move(loader);
    entry->api = std::make_unique<PluginApi>(name);
    entry->plugin = plugin;
    plugin->m_api = entry->api.get();
    m_plugins.push_back(std::move(entry));

    QString error;
    bool failed = true;
    try {
        plugin->initialize();
        failed = false;
    } catch (const std::exception &thrown) {
        error = QString::fromUtf8(thrown.what());
    } catch (...) {
        error = QStringLiteral("something that is no std::exception");
    }
    if (failed) {
        const auto report = unload(name, std::chrono::seconds(1));
        return fail(
            QStringLiteral("%1: initialize() threw: %2%3")
                .arg(path, error, report.unloaded ? QString() : QStringLiteral("; it stays loaded: ") + report.error));
    }
    Q_EMIT pluginLoaded(name);
    Q_EMIT pluginsChanged();
    return plugin;
}

UnloadReport PluginHost::unload(const QString &name, std::chrono::milliseconds timeout)
{
    UnloadReport report;
    const auto refuse = [&](const QString &error) {
        report.error = error;
        fail(error);
        return report;
    };
    auto *entry = find(name);
    if (!entry)
        return refuse(QStringLiteral("no plugin named \"%1\" is loaded; loaded are: %2")
                          .arg(name.left(60), plugins().join(QStringLiteral(", "))));
    const auto owner = entry->api->m_owner;
    if (detail::isCalling(owner))
        return refuse(QStringLiteral("%1 cannot be unloaded in one of its own callbacks; do it later, from the event "
                                     "loop (QMetaObject::invokeMethod with Qt::QueuedConnection)")
                          .arg(name));
    QElapsedTimer timer;
    timer.start();
    if (!std::exchange(entry->shutDown, true)) {
        try {
            entry->plugin->shutdown();
        } catch (const std::exception &thrown) {
            qCCritical(legworkLog, "plugin %s: shutdown() threw: %s", qUtf8Printable(name), thrown.what());
        } catch (...) {
            qCCritical(legworkLog, "plugin %s: shutdown() threw", qUtf8Printable(name));
        }
    }
    const auto left = [&] { return std::max<qint64>(timeout.count() - timer.elapsed(), 0); };
    const auto answer = detail::unloadOwner(owner, left()).toMap();
    if (const auto error = answer.value(QStringLiteral("error")).toString(); !error.isEmpty()) {
        const auto running = answer.value(QStringLiteral("running")).toList();
        for (const auto &task : running) {
            const auto map = task.toMap();
            const auto taskName = map.value(QStringLiteral("name")).toString();
            report.running.append(taskName.isEmpty() ? map.value(QStringLiteral("id")).toString() : taskName);
        }
        return refuse(QStringLiteral("%1: %2").arg(name, error));
    }
    if (!detail::purge(owner, std::chrono::milliseconds(left())))
        return refuse(QStringLiteral("%1: a callback of it is still being called on another thread; it must not be "
                                     "unloaded yet")
                          .arg(name));

    // Nothing of its code is anywhere but in its own objects.
    const auto place =
        std::find_if(m_plugins.begin(), m_plugins.end(), [entry](const auto &plugin) { return plugin.get() == entry; });
    const auto gone = std::move(*place);
    m_plugins.erase(place);
    // This deletes the plugin, and closes its library.
    const bool closed = gone->loader->unload();
    report.libraryClosed = closed && !isMapped(gone->path);
    if (!report.libraryClosed)
        qCInfo(legworkLog).noquote().nospace()
            << "the library of plugin " << name << " stays in the process, though nothing of it is in use: "
            << (closed ? QStringLiteral("threads that ran it have thread_local objects of it, or it was compiled "
                                        "without -fno-gnu-unique")
                       : gone->loader->errorString());
    gone->api.reset();
    report.unloaded = true;
    Q_EMIT pluginUnloaded(name);
    Q_EMIT pluginsChanged();
    return report;
}

bool PluginHost::unloadPlugin(const QString &name, int timeoutMs)
{
    return unload(name, std::chrono::milliseconds(timeoutMs)).unloaded;
}

QStringList PluginHost::plugins() const
{
    QStringList names;
    for (const auto &plugin : m_plugins)
        names.append(plugin->name);
    return names;
}

BasePlugin *PluginHost::plugin(const QString &name) const
{
    const auto *entry = find(name);
    return entry ? entry->plugin : nullptr;
}

PluginApi *PluginHost::api(const QString &name) const
{
    const auto *entry = find(name);
    return entry ? entry->api.get() : nullptr;
}

QVariantList PluginHost::tasks(const QString &name) const
{
    const auto *entry = find(name);
    return entry ? entry->api->tasks() : QVariantList();
}

QString PluginHost::lastError() const { return m_lastError; }

} // namespace legwork
