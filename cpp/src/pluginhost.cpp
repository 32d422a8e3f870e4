#include "legwork/pluginhost.h"

#include "bridge/calls.h"
#include "bridge/futures.h"
#include "mailbox.h"
#include "pending.h"
#include "pluginfile.h"


#include <QtCore/QElapsedTimer>
#include <QtCore/QFileInfo>
#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QLoggingCategory>
#include <QtCore/QMetaType>
#include <QtCore/QPluginLoader>
#include <QtCore/QPointer>

#include <dlfcn.h>

#include <algorithm>
#include <vector>

Q_DECLARE_LOGGING_CATEGORY(legworkLog)

namespace legwork {

struct PluginHost::Plugin {
    QString name;
    QString path; // where the author put it
    std::unique_ptr<PluginFile> file;
    std::unique_ptr<QPluginLoader> loader;
    std::unique_ptr<PluginApi> api;
    QPointer<BasePlugin> plugin; // null where somebody else deleted it
    const void *library = nullptr; // where its code is
    bool shutDown = false; // its shutdown() was called
    const char *within = nullptr; // the function of it that is being called
};

namespace {

// Where the library that holds something is in memory; null if that is not known.
const void *libraryOf(const void *something)
{
    Dl_info info = {};
    return something && dladdr(something, &info) ? info.dli_fbase : nullptr;
}

// A type's id is kept in its description, which is the one thing of Qt's private parts that is written
// here (see ARCHITECTURE.md). From Qt 6.5 on one gets at it as a const object, which it is not for a type
// that is registered while the program runs: Qt itself writes it in this way.
void setTypeId(QMetaType type, int id)
{
    const_cast<QtPrivate::QMetaTypeInterface *>(type.iface())->typeId.storeRelaxed(id);
}

// Qt keeps a pointer to the description of each type that it has met in a QVariant, a queued
// connection or a property, by the type's name. Of a library that goes it has to forget them: the
// next one that has a type of that name would be taken for it.
QList<QMetaType> forgetTypesOf(const void *library)
{
    QList<QMetaType> types;
    if (!library)
        return types;
    // Ids are given out from here on, and the gaps are filled first.
    constexpr int longestGap = 1024;
    for (int id = QMetaType::User + 1, gap = 0; gap < longestGap; ++id, ++gap) {
        if (!QMetaType::isRegistered(id))
            continue;
        gap = 0;
        const QMetaType type(id);
        if (libraryOf(type.iface()) != library)
            continue;
        QMetaType::unregisterMetaType(type);
        // Its converters are taken out by destructors of the library, which ask for the id. With none
        // there, that would register the type again.
        setTypeId(type, id);
        types.append(type);
    }
    return types;
}

// A type with no more than a name, which nobody asks for.
QMetaType newPlaceholder()
{
    using Interface = QtPrivate::QMetaTypeInterface;
    constexpr ushort revision = 0;
    static int count = 0;
    const auto name = QByteArrayLiteral("legwork::Placeholder") + QByteArray::number(++count);
    // Qt may look at both as long as the process lives; the list keeps them from being leaks.
    static auto &all = *new QList<const Interface *>;
    all.append(new Interface{revision, alignof(char), sizeof(char), 0, 0, nullptr, qstrdup(name.constData()), nullptr,
                             nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr});
    return QMetaType(all.last());
}

// Registers a type under a certain id, which is free.
void registerAs(QMetaType type, int id)
{
    QList<QMetaType> fillers;
    setTypeId(type, 0);
    // Earlier gaps are filled first. Should another thread have taken the id meanwhile, a later one comes.
    while (type.id() < id) {
        QMetaType::unregisterMetaType(type);
        fillers.append(newPlaceholder());
        fillers.last().id();
    }
    for (const auto &filler : fillers)
        QMetaType::unregisterMetaType(filler);
}

struct Buried {
    QMetaType type;
    int id = 0;
    QMetaType placeholder;
};

// The types of libraries that stayed in the process and may be opened again, by their file. On the
// manager's thread.
QHash<QString, QList<Buried>> &buriedTypes()
{
    static auto &types = *new QHash<QString, QList<Buried>>;
    return types;
}

// The library stays. Its types are found no more by their names, which a newer version may have, too. The
// ids stay taken, as Qt keeps the converters by them, which are taken out when the library goes.
void buryTypes(const PluginFile &file, const QList<QMetaType> &types)
{
    QList<Buried> buried;
    for (const auto &type : types) {
        const Buried entry{type, type.id(), newPlaceholder()};
        registerAs(entry.placeholder, entry.id);
        buried.append(entry);
    }
    if (!buried.isEmpty() && !file.isCopy())
        buriedTypes().insert(file.path(), buried);
}

// It is going to be opened. If that is what stayed there, it is in use again, as it was.
void unburyTypes(const PluginFile &file)
{
    const auto types = buriedTypes().take(file.path());
    if (!isMapped(file.path()))
        return;
    for (const auto &entry : types)
        QMetaType::unregisterMetaType(entry.placeholder);
    for (const auto &entry : types)
        registerAs(entry.type, entry.id);
}

} // namespace

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
        // Its code is still being run: nothing of it is destroyed, ever. A copy of its file may go: it is
        // mapped.
        m_plugins.back()->file.reset();
        static auto &kept = *new std::vector<std::unique_ptr<Plugin>>;
        kept.push_back(std::move(m_plugins.back()));
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

    for (const auto &other : m_plugins) {
        if (other->path == canonical)
            return fail(QStringLiteral("%1 is loaded already, as %2").arg(path, other->name));
    }

    auto opened = std::make_unique<PluginFile>(canonical);
    const auto &place = opened->path();
    const auto withoutCopy = [&](QString text) { return text.replace(place, canonical); };
    if (!opened->error().isEmpty())
        return fail(QStringLiteral("%1 was not loaded: %2").arg(path, opened->error()));
    // By default Qt never unloads a plugin. What it is told to do when it has the file's name is added to
    // that in newer versions, so it has to hear of this before.
    auto loader = std::make_unique<QPluginLoader>();
    loader->setLoadHints({});
    loader->setFileName(place);
    const auto metaData = loader->metaData();
    const auto iid = metaData.value(QLatin1String("IID")).toString();
    if (iid.isEmpty())
        return fail(QStringLiteral("%1 is no Qt plugin: %2").arg(path, withoutCopy(loader->errorString())));
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
        if (other->name == name)
            return fail(
                QStringLiteral("%1: a plugin named %2 is loaded already, from %3").arg(path, name, other->path));
    }

    unburyTypes(*opened);
    QObject *object = nullptr;
    QString thrownText;
    BasePlugin::setLoading(name, canonical);
    try {
        object = loader->instance();
    } catch (const std::exception &thrown) {
        thrownText = QStringLiteral("its constructor threw: ") + QString::fromUtf8(thrown.what());
    } catch (...) {
        thrownText = QStringLiteral("its constructor threw something that is no std::exception");
    }
    const auto constructed = BasePlugin::loadingOwner();
    BasePlugin::setLoading({}, {});
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
        return fail(QStringLiteral("%1 was not loaded: %2").arg(path, error));
    }
    opened->opened();
    auto entry = std::make_unique<Plugin>();
    entry->name = name;
    entry->path = canonical;
    entry->file = std::move(opened);
    entry->loader = std::move(loader);
    entry->api = std::move(plugin->m_own);
    entry->plugin = plugin;
    entry->library = libraryOf(plugin->metaObject());
    auto &loaded = *m_plugins.emplace_back(std::move(entry));
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
        return fail(
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
    Plugin *entered = nullptr;
    const auto refuse = [&](const QString &error) {
        if (entered)
            entered->within = nullptr;
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
            qCCritical(legworkLog, "plugin %s: shutdown() threw: %s", qUtf8Printable(name), thrown.what());
        } catch (...) {
            qCCritical(legworkLog, "plugin %s: shutdown() threw", qUtf8Printable(name));
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
    const auto place =
        std::find_if(m_plugins.begin(), m_plugins.end(), [entry](const auto &plugin) { return plugin.get() == entry; });
    const auto gone = std::move(*place);
    m_plugins.erase(place);
    // The api after the plugin, whose destructor may use it, and both before the library is closed: the
    // slots that are connected to the api may be the plugin's, whoever is their receiver.
    const auto *library = gone->library;
    delete gone->plugin.data();
    gone->api.reset();
    // What the destructor left, and futures that nobody has.
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
        qCInfo(legworkLog).noquote().nospace()
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
