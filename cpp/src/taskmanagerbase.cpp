#include "taskmanagerbase_p.h"

#include "router.h"
#include "taskface_p.h"

#include "legwork/src/qt/manager.cxxqt.h"

#include <QtCore/QMetaMethod>

#include <algorithm>
#include <vector>

namespace legwork {

// QObject tells it to its own classes only.
class TaskManagerBasePrivate {
public:
    static bool isConnected(const TaskManagerBase &base, const QMetaMethod &signal)
    {
        return base.isSignalConnected(signal);
    }
    static int failureReceivers(const TaskManagerBase &base)
    {
        return base.receivers(SIGNAL(taskFailed(QString, QString)));
    }
};

namespace {

QMetaMethod queuedSignal()
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskQueued);
    return signal;
}

} // namespace

TaskManagerBase::TaskManagerBase(QObject *parent) : TaskFace(parent) { }

void TaskManagerBase::connectNotify(const QMetaMethod &signal)
{
    TaskFace::connectNotify(signal);
    // Not for what every QObject has, such as destroyed().
    if (signal.methodIndex() >= QObject::staticMetaObject.methodCount())
        managerConnected();
    if (signal == queuedSignal())
        queuedConnected();
}

TaskFace &faceOf(TaskManagerBase &base) { return base; }

bool hearsStarted(const TaskManagerBase &base)
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskStarted);
    return TaskManagerBasePrivate::isConnected(base, signal);
}

bool hearsQueued(const TaskManagerBase &base) { return TaskManagerBasePrivate::isConnected(base, queuedSignal()); }

bool hearsCounts(const TaskManagerBase &base)
{
    static const auto active = QMetaMethod::fromSignal(&TaskManager::activeCountChanged);
    static const auto queued = QMetaMethod::fromSignal(&TaskManager::queuedCountChanged);
    return TaskManagerBasePrivate::isConnected(base, active) || TaskManagerBasePrivate::isConnected(base, queued);
}

bool hearsCompleted(const TaskManagerBase &base)
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskCompleted);
    return TaskManagerBasePrivate::isConnected(base, signal);
}

bool hearsFailure(const TaskManagerBase &base)
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskFailed);
    if (!TaskManagerBasePrivate::isConnected(base, signal))
        return false;
    // What passes it on to plugins hears of nothing itself.
    return !hasBehind(base) || pluginHearsFailure() || TaskManagerBasePrivate::failureReceivers(base) > 1;
}

bool hearsValues(const TaskManagerBase &base)
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskValues);
    return TaskManagerBasePrivate::isConnected(base, signal);
}

bool hearsAnything(const TaskManagerBase &base)
{
    // Never destroyed: another thread may end the process while this one is here.
    static const auto &all = *[] {
        auto *own = new std::vector<QMetaMethod>;
        const auto &meta = TaskManager::staticMetaObject;
        for (int index = QObject::staticMetaObject.methodCount(); index < meta.methodCount(); ++index) {
            if (meta.method(index).methodType() == QMetaMethod::Signal)
                own->push_back(meta.method(index));
        }
        return own;
    }();
    return calls(base) || std::any_of(all.begin(), all.end(), [&base](const auto &signal) {
               return TaskManagerBasePrivate::isConnected(base, signal);
           });
}

} // namespace legwork
