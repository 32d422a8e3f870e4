// Loads plugins, and unloads them while they work.
#ifndef LEGWORK_PLUGINHOST_H
#define LEGWORK_PLUGINHOST_H

#include <legwork/baseplugin.h>

#include <chrono>
#include <memory>

namespace legwork {

// What became of PluginHost::unload.
struct UnloadReport {
    // The plugin is gone, and nothing of its code is kept.
    bool unloaded = false;
    // Whether its library has left the process, too. It stays where g++ has marked it so, unless it is
    // compiled with -fno-gnu-unique; and, by the C library, until the workers have ended that have
    // thread_local objects of it. It may be loaded again all the same, also as another version.
    bool codeGone = false;
    // Why it is not unloaded, else empty.
    QString error = {};
    // The names of the tasks that still run, or their ids where they have none.
    QStringList running = {};

    explicit operator bool() const { return unloaded; }
};

class PluginHostPrivate;

// Loads plugins from libraries, gives each its PluginApi, and unloads them. All of it is for the
// thread of the QCoreApplication.
class LEGWORK_EXPORT PluginHost : public QObject {
    Q_OBJECT
    Q_PROPERTY(QStringList plugins READ plugins NOTIFY pluginsChanged)
    Q_PROPERTY(QString lastError READ lastError NOTIFY lastErrorChanged)

public:
    explicit PluginHost(QObject *parent = nullptr);
    // Unloads all plugins, with a second for each. What does not end by then stays loaded and is
    // never destroyed; the log names it.
    ~PluginHost() override;

    // Loads a library and initializes its plugin. Its name is "name" of the metadata, else the file's
    // name without "lib" and its suffix. Null on an error: there is no such file, it is no plugin of
    // Legwork's, or of another version's (which is found out before any of its code runs), the name
    // is taken, the file is cut off, or initialize() threw; or its library looks for others beside itself, has
    // changed, and its old version is still in the process.
    //
    // What is opened is a copy of the file where the user may write that, in QDir::tempPath(): it may be
    // overwritten while the plugin works, and what is loaded next is what lies there then. The copy goes when
    // the plugin is unloaded. BasePlugin::libraryPath() names the file itself.
    BasePlugin *load(const QString &path);

    // Ends a plugin and closes its library. First its shutdown() is called; then new work of it is
    // refused, its jobs are unregistered, its tasks cancelled and waited for, at most for `timeout`;
    // its callables, callbacks and results are destroyed, those in the history and on their way, too.
    // What was still to be told of its tasks comes without results.
    //
    // While some of its tasks still run, all of it stays loaded, and the report names them; call it
    // again to wait more. Not to be called by the plugin itself, nor in a slot or a callback that hears
    // of one of its tasks: that is refused, and nothing is done. Delivers nothing, and processes no
    // events, meanwhile. Callbacks that wait for another thread are not called, and are destroyed by
    // this one.
    //
    // What others keep of the plugin has to be dropped before: results of its types in a QVariant, a
    // Task or a QFuture; exceptions in errors; a QString that was a literal in it (QStringLiteral refers
    // to the library: copy its characters). What the plugin itself left elsewhere, it has to remove in
    // shutdown() or its destructor, and at once: an object that it leaves to deleteLater() is destroyed
    // when its code is gone.
    Q_INVOKABLE bool unloadPlugin(const QString &name, int timeoutMs = 5'000);
    UnloadReport unload(const QString &name, std::chrono::milliseconds timeout = std::chrono::seconds(5));

    // The names of the loaded plugins, in the order in which they came.
    QStringList plugins() const;
    // Null for an unknown one.
    BasePlugin *plugin(const QString &name) const;
    PluginApi *api(const QString &name) const;
    // What is known of a plugin's tasks, as PluginApi::tasks gives it.
    Q_INVOKABLE QVariantList tasks(const QString &name) const;

    QString lastError() const;

Q_SIGNALS:
    void pluginLoaded(const QString &name);
    void pluginUnloaded(const QString &name);
    void pluginsChanged();
    void lastErrorChanged();

private:
    const std::unique_ptr<PluginHostPrivate> d;
};

} // namespace legwork

#endif
