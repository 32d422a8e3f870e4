// What a plugin inherits.
#ifndef LEGWORK_BASEPLUGIN_H
#define LEGWORK_BASEPLUGIN_H

#include <legwork/pluginapi.h>

#include <QtCore/QUrl>
#include <QtCore/QtPlugin>

#include <functional>
#include <memory>

// The interface id of a plugin. It names the version of the headers that the plugin was compiled
// with: the host refuses another one before any of the plugin's code runs.
#define LEGWORK_PLUGIN_IID "org.legwork.Plugin/0.1"

namespace legwork {

// What connectTaskSignals connects; those that are left out are not connected.
struct TaskSlots {
    std::function<void(const QString &id)> queued = {};
    std::function<void(const QString &id)> started = {};
    std::function<void(const QString &id, const QVariant &result)> completed = {};
    std::function<void(const QString &id, const QString &error)> failed = {};
    std::function<void(const QString &id)> cancelled = {};
    std::function<void(const QString &id, quint64 iteration, const QVariant &result)> periodic = {};
    std::function<void(const QString &id, double progress, const QString &message)> progress = {};
    std::function<void(const QString &id, quint64 attempt, const QString &error, double delayMs)> retrying = {};
    std::function<void(const QString &id, double ms)> slow = {};
    std::function<void(const QString &id, const QString &newId)> retried = {};
    std::function<void(const QString &id, const QVariant &values)> values = {};
    std::function<void(const QString &id, const QString &reason)> paused = {};
    std::function<void(const QString &id)> resumed = {};
};

class BasePluginPrivate;

// A plugin, in a library that PluginHost loads:
//
//     class Prices : public legwork::BasePlugin {
//         Q_OBJECT
//         Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)
//
//         void initialize() override
//         {
//             connectTaskSignals({.completed = [this](auto id, auto result) { ... }});
//             scheduleTask(fetchPrices, {.periodic = true, .intervalMs = 30'000});
//         }
//     };
//
// All work of a plugin goes through these functions, or through api(): what it submits by
// legwork::run belongs to nobody, and would still be at work when the library is unloaded. Nor may
// results of its own types stay with others: a Task or a QFuture that the host keeps.
class LEGWORK_EXPORT BasePlugin : public QObject {
    Q_OBJECT

public:
    explicit BasePlugin(QObject *parent = nullptr);
    ~BasePlugin() override;

    // Called once, on the manager's thread, when api() is there. What it throws is an error of
    // loading.
    virtual void initialize() = 0;

    // Called once, before anything of the plugin is taken away. Its tasks are cancelled after this,
    // those that it submits here, too: what has to be saved is saved here, or in a task that is
    // waited for here.
    virtual void shutdown();

    // The plugin's own tasks, while it is there. The host names their owner; without a host it is
    // "plugin".
    PluginApi &api() const;

    // The file that the host was given for this plugin, as an absolute path without symbolic links; empty
    // without a host. What lies beside the plugin is found by it: dladdr may name a copy.
    QString libraryPath() const;

    template<typename F, typename = std::enable_if_t<!std::is_convertible_v<F, QString>>>
    auto runInBackground(F &&work, TaskOptions options = {})
    {
        return api().runInBackground(std::forward<F>(work), std::move(options));
    }
    QString runInBackground(const QString &job, const QVariantList &args = {}, const QVariantMap &options = {});

    template<typename F, typename = std::enable_if_t<!std::is_convertible_v<F, QString>>>
    auto scheduleTask(F &&work, ScheduleOptions options = {})
    {
        return api().scheduleTask(std::forward<F>(work), std::move(options));
    }
    QString scheduleTask(const QString &job, const QVariantList &args, const QVariantMap &options);

    template<typename Row, typename F> auto stream(F &&work, TaskOptions options = {})
    {
        return api().stream<Row>(std::forward<F>(work), std::move(options));
    }
    template<typename T, typename F> auto then(const Task<T> &task, F &&work, TaskOptions options = {})
    {
        return api().then(task, std::forward<F>(work), std::move(options));
    }
    template<typename Tasks> auto all(const Tasks &tasks, GroupOptions options = {})
    {
        return api().all(tasks, std::move(options));
    }
    template<typename T> auto all(std::initializer_list<Task<T>> tasks, GroupOptions options = {})
    {
        return api().all(tasks, std::move(options));
    }
    Task<void> all(const QList<TaskRef> &tasks, GroupOptions options = {})
    {
        return api().all(tasks, std::move(options));
    }
    template<typename T> Task<T> any(const QList<Task<T>> &tasks, GroupOptions options = {})
    {
        return api().any(tasks, std::move(options));
    }
    template<typename T> Task<T> any(std::initializer_list<Task<T>> tasks, GroupOptions options = {})
    {
        return api().any(tasks, std::move(options));
    }

    // As those of PluginApi, of the same names: for the plugin's own tasks. What is wrong is in api().lastError().
    QString runScript(const QUrl &url, const QString &function, const QVariantList &args = {},
                      const QVariantMap &options = {});
    bool cancelTask(const QString &id);
    bool cancelIfQueued(const QString &id);
    bool runNow(const QString &id);
    QString retryTask(const QString &id);
    bool setInterval(const QString &id, Milliseconds interval);
    int pauseTask(const QString &id, const QString &reason = {});
    bool resumeTask(const QString &id);
    bool pauseKey(const QString &key, const QString &reason = {});
    bool resumeKey(const QString &key);
    bool pauseAll(const QString &reason = {});
    bool resumeAll();
    bool isPaused() const;
    void cancelKey(const QString &key);
    QVariantList tasksOfKey(const QString &key) const;
    int getTaskStatus(const QString &id);
    bool waitForTask(const QString &id, Milliseconds timeout = 30'000);
    QVariantMap taskInfo(const QString &id);
    QVariantList tasks() const;
    void cancelAll();
    bool waitForAll(Milliseconds timeout);

    template<typename F> Registration registerJob(const QString &name, F &&function)
    {
        return api().registerJob(name, std::forward<F>(function));
    }

    // Calls the functions for the plugin's own tasks, on its thread, until it is destroyed.
    QList<QMetaObject::Connection> connectTaskSignals(TaskSlots functions);

private:
    friend class BasePluginPrivate;
    const std::unique_ptr<BasePluginPrivate> d;
};

} // namespace legwork

#endif
