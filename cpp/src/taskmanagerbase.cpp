#include "legwork/taskmanagerbase.h"

#include "legwork/src/qt/manager.cxxqt.h"

#include <QtCore/QMetaMethod>

namespace legwork {

TaskManagerBase::TaskManagerBase(QObject *parent) : TaskFace(parent) { }

void TaskManagerBase::connectNotify(const QMetaMethod &signal)
{
    TaskFace::connectNotify(signal);
    managerConnected();
}

TaskFace &faceOf(TaskManagerBase &base) { return base; }

bool hearsStarted(const TaskManagerBase &base)
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskStarted);
    return base.isSignalConnected(signal);
}

bool hearsCounts(const TaskManagerBase &base)
{
    static const auto active = QMetaMethod::fromSignal(&TaskManager::activeCountChanged);
    static const auto queued = QMetaMethod::fromSignal(&TaskManager::queuedCountChanged);
    return base.isSignalConnected(active) || base.isSignalConnected(queued);
}

bool hearsCompleted(const TaskManagerBase &base)
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskCompleted);
    return base.isSignalConnected(signal);
}

} // namespace legwork
