#include "legwork/pluginhost.h"

#include "baseplugin_p.h"
#include "log.h"
#include "mailbox.h"
#include "bridge/calls.h"
#include "bridge/futures.h"
#include "pending.h"
#include "pluginapi_p.h"
#include "pluginfile.h"
#include "plugintypes.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonObject>
#include <QtCore/QPluginLoader>
#include <QtCore/QPointer>

#include <algorithm>
#include <utility>
#include <vector>

namespace legwork {

namespace {

// A plugin that is loaded.
struct LoadedPlugin {
    QString name;
    QString path; // where the author put it
    std::unique_ptr<PluginFile> file;
    std::unique_ptr<QPluginLoader> loader;
    std::unique_ptr<PluginApi> api;
    QPointer<BasePlugin> plugin; // null once it was deleted elsewhere
    const void *library = nullptr; // where its code is
    bool shutDown = false; // its shutdown() was called
    const char *within = nullptr; // the function of it that is being called
};

} // namespace

class PluginHostPrivate {
public:
    explicit PluginHostPrivate(PluginHost &host) : q(host) { }

    BasePlugin *fail(const QString &message);
    LoadedPlugin *find(const QString &name) const;

    PluginHost &q;
    std::vector<std::unique_ptr<LoadedPlugin>> plugins;
    QString lastError;
};

BasePlugin *PluginHostPrivate::fail(const QString &message)
{
    if (lastError != message) {
        lastError = message;
        Q_EMIT q.lastErrorChanged();
    }
    return nullptr;
}

LoadedPlugin *PluginHostPrivate::find(const QString &name) const
{
    const auto found =
        std::find_if(plugins.begin(), plugins.end(), [&name](const auto &plugin) { return plugin->name == name; });
    return found == plugins.end() ? nullptr : found->get();
}

PluginHost::PluginHost(QObject *parent) : QObject(parent), d(std::make_unique<PluginHostPrivate>(*this)) { }

PluginHost::~PluginHost()
{
    while (!d->plugins.empty()) {
        const auto name = d->plugins.back()->name;
        const auto report = unload(name, std::chrono::seconds(1));
        if (report.unloaded)
            continue;
        qCWarning(pluginLog).noquote().nospace()
            << "plugin " << name << " stays loaded, as the host goes: " << report.error;
        // Its code is still being run: nothing of it is destroyed, ever. A copy of its file may go: it is
        // mapped.
        d->plugins.back()->file.reset();
        static auto &kept = *new std::vector<std::unique_ptr<LoadedPlugin>>;
        kept.push_back(std::move(d->plugins.back()));
        d->plugins.pop_back();
    }
}

BasePlugin *PluginHost::load(const QString &path)
{
    const QFileInfo file(path);
    if (!file.isFile())
        return d->fail(QStringLiteral("%1: there is no such file").arg(path));
    const auto canonical = file.canonicalFilePath();

    for (const auto &other : d->plugins) {
        if (other->path == canonical)
            return d->fail(QStringLiteral("%1 is loaded already, as %2").arg(path, other->name));
    }

    auto opened = std::make_unique<PluginFile>(canonical);
    const auto &place = opened->path();
    const auto withoutCopy = [&](QString text) { return text.replace(place, canonical); };
    if (!opened->error().isEmpty())
        return d->fail(QStringLiteral("%1 was not loaded: %2").arg(path, opened->error()));
    // By default Qt never unloads a plugin. What it is told to do when it has the file's name is added to
    // that in newer versions, so it has to hear of this before.
    auto loader = std::make_unique<QPluginLoader>();
    loader->setLoadHints({});
    loader->setFileName(place);
    const auto metaData = loader->metaData();
    const auto iid = metaData.value(QLatin1String("IID")).toString();
    if (iid.isEmpty())
        return d->fail(QStringLiteral("%1 is no Qt plugin: %2").arg(path, withoutCopy(loader->errorString())));
    if (iid != QLatin1String(LEGWORK_PLUGIN_IID)) {
        const auto prefix = QStringLiteral("org.legwork.Plugin/");
        if (iid.startsWith(prefix))
            return d->fail(
                QStringLiteral("%1 was compiled for Legwork %2; this is Legwork %3: compile it again")
                    .arg(path, iid.mid(prefix.size()), QStringLiteral(LEGWORK_PLUGIN_IID).mid(prefix.size())));
        return d->fail(QStringLiteral("%1 is a plugin for \"%2\"; expected \"%3\", by "
                                      "Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)")
                           .arg(path, iid, QStringLiteral(LEGWORK_PLUGIN_IID)));
    }
    auto name = metaData.value(QLatin1String("MetaData")).toObject().value(QLatin1String("name")).toString();
    if (name.isEmpty()) {
        name = file.baseName();
        if (name.startsWith(QLatin1String("lib")))
            name.remove(0, 3);
    }
    for (const auto &other : d->plugins) {
        if (other->name == name)
            return d->fail(
                QStringLiteral("%1: a plugin named %2 is loaded already, from %3").arg(path, name, other->path));
    }

    unburyTypes(*opened);
    QObject *object = nullptr;
    QString thrownText;
    BasePluginPrivate::setLoading(name, canonical);
    try {
        object = loader->instance();
    } catch (const std::exception &thrown) {
        thrownText = QStringLiteral("its constructor threw: ") + QString::fromUtf8(thrown.what());
    } catch (...) {
        thrownText = QStringLiteral("its constructor threw something that is no std::exception");
    }
    const auto constructed = BasePluginPrivate::loadingOwner();
    BasePluginPrivate::setLoading({}, {});
    auto *plugin = qobject_cast<BasePlugin *>(object);
    if (!plugin) {
        auto error = !thrownText.isEmpty() ? thrownText
            : object                       ? QStringLiteral("its class does not inherit legwork::BasePlugin")
                                           : withoutCopy(loader->errorString());
        // Its constructor may have begun to work before it threw.
        const auto rest =
            constructed ? detail::unloadOwner(constructed, 1000).toMap().value(QStringLiteral("error")) : QVariant();
        if (!rest.toString().isEmpty() || (constructed && !detail::purge(constructed, std::chrono::seconds(1)))) {
            error += QStringLiteral("; its library stays, as its tasks still run");
            loader.release();
        } else {
            if (constructed)
                detail::unwatch(constructed);
            loader->unload();
        }
        return d->fail(QStringLiteral("%1 was not loaded: %2").arg(path, error));
    }
    opened->opened();
    auto entry = std::make_unique<LoadedPlugin>();
    entry->name = name;
    entry->path = canonical;
    entry->file = std::move(opened);
    entry->loader = std::move(loader);
    entry->api = std::move(BasePluginPrivate::of(*plugin).own);
    entry->plugin = plugin;
    entry->library = libraryOf(plugin->metaObject());
    auto &loaded = *d->plugins.emplace_back(std::move(entry));
    loaded.within = "initialize()";

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
    loaded.within = nullptr;
    if (failed) {
        const auto report = unload(name, std::chrono::seconds(1));
        return d->fail(
            QStringLiteral("%1: initialize() threw: %2%3")
                .arg(path, error, report.unloaded ? QString() : QStringLiteral("; it stays loaded: ") + report.error));
    }
    Q_EMIT pluginLoaded(name);
    Q_EMIT pluginsChanged();
    // A slot may have unloaded it.
    return this->plugin(name);
}

UnloadReport PluginHost::unload(const QString &name, std::chrono::milliseconds timeout)
{
    UnloadReport report;
    LoadedPlugin *entered = nullptr;
    const auto refuse = [&](const QString &error) {
        if (entered)
            entered->within = nullptr;
        report.error = error;
        d->fail(error);
        return report;
    };
    auto *entry = d->find(name);
    if (!entry)
        return refuse(QStringLiteral("no plugin named \"%1\" is loaded; loaded are: %2")
                          .arg(name.left(60), plugins().join(QStringLiteral(", "))));
    const auto owner = PluginApiPrivate::of(*entry->api).owner;
    if (detail::isCalling(owner))
        return refuse(QStringLiteral("%1 cannot be unloaded in one of its own callbacks; do it later, from the event "
                                     "loop (QMetaObject::invokeMethod with Qt::QueuedConnection)")
                          .arg(name));
    if (!detail::mayUnload(owner))
        return refuse(
            QStringLiteral("%1 cannot be unloaded in a slot that hears of one of its tasks, or in such a task; "
                           "do it later, from the event loop (QMetaObject::invokeMethod with "
                           "Qt::QueuedConnection)")
                .arg(name));
    if (entry->within)
        return refuse(QStringLiteral("%1 cannot be unloaded during its %2; do it later, from the event "
                                     "loop (QMetaObject::invokeMethod with Qt::QueuedConnection)")
                          .arg(name, QString::fromLatin1(entry->within)));
    QElapsedTimer timer;
    timer.start();
    if (!std::exchange(entry->shutDown, true) && entry->plugin) {
        entry->within = "shutdown()";
        try {
            entry->plugin->shutdown();
        } catch (const std::exception &thrown) {
            qCCritical(pluginLog, "plugin %s: shutdown() threw: %s", qUtf8Printable(name), thrown.what());
        } catch (...) {
            qCCritical(pluginLog, "plugin %s: shutdown() threw", qUtf8Printable(name));
        }
        entry->within = nullptr;
    }
    entry->within = "unloading";
    entered = entry;
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
    const auto place = std::find_if(d->plugins.begin(), d->plugins.end(),
                                    [entry](const auto &plugin) { return plugin.get() == entry; });
    const auto gone = std::move(*place);
    d->plugins.erase(place);
    // The api after the plugin, as the plugin's destructor may use it, and both before the library is closed: the
    // slots that are connected to the api may be the plugin's, also those of other receivers.
    const auto *library = gone->library;
    delete gone->plugin.data();
    gone->api.reset();
    // What the destructor left, and futures that nothing else holds.
    const bool over = detail::purge(owner, std::chrono::seconds(1));
    detail::unwatch(owner);
    const bool known = over && library != libraryOf(&BasePlugin::staticMetaObject);
    const auto types = known ? forgetTypesOf(library) : QList<QMetaType>();
    const bool closed = over && gone->loader->unload();
    if (!over)
        gone->loader.release(); // a callback that its destructor left is being destroyed elsewhere
    report.codeGone = closed && !isMapped(gone->file->path());
    if (!report.codeGone)
        buryTypes(*gone->file, types);
    if (!report.codeGone)
        qCInfo(pluginLog).noquote().nospace()
            << "the library of plugin " << name << " stays in the process, though nothing of it is in use: "
            << (closed     ? QStringLiteral("threads that ran it have thread_local objects of it, or it was compiled "
                                                "without -fno-gnu-unique")
                    : over ? gone->loader->errorString().replace(gone->file->path(), gone->path)
                           : QStringLiteral("another thread destroys a callback of it"));
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
    for (const auto &plugin : d->plugins)
        names.append(plugin->name);
    return names;
}

BasePlugin *PluginHost::plugin(const QString &name) const
{
    const auto *entry = d->find(name);
    return entry ? entry->plugin : nullptr;
}

PluginApi *PluginHost::api(const QString &name) const
{
    const auto *entry = d->find(name);
    return entry ? entry->api.get() : nullptr;
}

QVariantList PluginHost::tasks(const QString &name) const
{
    const auto *entry = d->find(name);
    return entry ? entry->api->tasks() : QVariantList();
}

QString PluginHost::lastError() const { return d->lastError; }

} // namespace legwork
