#include "legwork/taskmanagerbase.h"

#include "legwork/src/qt/manager.cxxqt.h"

#include <QtCore/QMetaMethod>

namespace legwork {

TaskManagerBase::TaskManagerBase(QObject *parent) : TaskFace(parent) { }

TaskFace &faceOf(TaskManagerBase &base) { return base; }

bool hearsStarted(const TaskManagerBase &base)
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskStarted);
    return base.isSignalConnected(signal);
}

bool hearsCompleted(const TaskManagerBase &base)
{
    static const auto signal = QMetaMethod::fromSignal(&TaskManager::taskCompleted);
    return base.isSignalConnected(signal);
}

} // namespace legwork
