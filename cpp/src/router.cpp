#include "router.h"

#include "bridge/calls.h"
#include "inbox.h"
#include "pending.h"
#include "pluginapi_p.h"

#include "legwork/taskmanager.h"

#include <QtCore/QHash>
#include <QtCore/QPointer>

#include <atomic>
#include <type_traits>
#include <utility>

namespace legwork {

namespace {

using Apis = QHash<quint64, PluginApi *>;

// All of them, by owner.
Apis &apis()
{
    static auto &all = *new Apis;
    return all;
}

// Set once a slot was connected to an api's taskQueued, to its taskValues; read on the manager's thread.
std::atomic<bool> queuedIsHeard = false;
std::atomic<bool> valuesAreHeard = false;

// Passes the signals of TaskManager::instance() on to the PluginApi that has the task. There while
// there is an api. The callbacks of scripts come after all signals: see `behind`.
class PluginRouter : public QObject {
public:
    explicit PluginRouter(TaskManager *manager)
    {
        passWhatIsHeard(manager);
        pass(manager, &TaskManager::taskStarted, &PluginApi::taskStarted);
        pass(manager, &TaskManager::taskProgress, &PluginApi::taskProgress);
        pass(manager, &TaskManager::taskPeriodic, &PluginApi::taskPeriodic);
        pass(manager, &TaskManager::taskRetrying, &PluginApi::taskRetrying);
        pass(manager, &TaskManager::taskSlow, &PluginApi::taskSlow);
        pass(manager, &TaskManager::taskRetried, &PluginApi::taskRetried);
        pass(manager, &TaskManager::taskPaused, &PluginApi::taskPaused);
        pass(manager, &TaskManager::taskResumed, &PluginApi::taskResumed);
        pass(manager, &TaskManager::taskCompleted, &PluginApi::taskCompleted);
        pass(manager, &TaskManager::taskFailed, &PluginApi::taskFailed);
        pass(manager, &TaskManager::taskCancelled, &PluginApi::taskCancelled);
    }

    void passWhatIsHeard(TaskManager *manager)
    {
        if (queuedIsHeard && !std::exchange(m_passesQueued, true))
            pass(manager, &TaskManager::taskQueued, &PluginApi::taskQueued);
        if (valuesAreHeard && !std::exchange(m_passesValues, true))
            pass(manager, &TaskManager::taskValues, &PluginApi::taskValues);
    }

    // The one that has the task of which the signal of the moment tells; null for none.
    static PluginApi *addressee()
    {
        const auto owner = detail::ownerOfSignal();
        return owner ? apis().value(owner) : nullptr;
    }

private:
    template<typename Signal, typename... Rest>
    void pass(TaskManager *manager, Signal from, void (PluginApi::*to)(const QString &, Rest...))
    {
        connect(manager, from, this, [to](const QString &id, std::decay_t<Rest>... rest) {
            if (auto *api = addressee()) {
                // Its slots may be a plugin's, and delete it.
                const detail::Calling calling(PluginApiPrivate::of(*api).owner);
                Q_EMIT(api->*to)(id, rest...);
            }
        });
    }

    bool m_passesQueued = false;
    bool m_passesValues = false;
};

// Follows the instance, which goes with its application.
QPointer<PluginRouter> &router()
{
    static auto &pointer = *new QPointer<PluginRouter>;
    return pointer;
}

} // namespace

void updateRouter()
{
    if (apis().isEmpty()) {
        delete router().data();
    } else if (!router()) {
        if (auto *manager = TaskManagerBase::instance()) {
            router() = new PluginRouter(manager);
            router()->setParent(manager);
        }
    }
}

static void route(PluginApi &api)
{
    const auto route = [] {
        updateRouter();
        if (router())
            router()->passWhatIsHeard(TaskManagerBase::instance());
    };
    if (isManagerThread())
        route();
    else
        QMetaObject::invokeMethod(&api, route, Qt::QueuedConnection);
}

void routeQueued(PluginApi &api)
{
    queuedIsHeard = true;
    route(api);
}

void routeValues(PluginApi &api)
{
    valuesAreHeard = true;
    route(api);
}

void addApi(quint64 owner, PluginApi &api)
{
    apis().insert(owner, &api);
    updateRouter();
}

void removeApi(quint64 owner)
{
    apis().remove(owner);
    updateRouter();
}

bool pluginHearsFailure()
{
    const auto *api = PluginRouter::addressee();
    return api && PluginApiPrivate::hearsFailure(*api);
}

bool hasBehind(const TaskFace &face) { return router() && router()->parent() == &face; }

TaskFace *behind(const TaskFace &face) { return hasBehind(face) ? PluginRouter::addressee() : nullptr; }

} // namespace legwork
