#include "legwork/taskmanagerbase.h"

namespace legwork {

TaskManagerBase::TaskManagerBase(QObject *parent) : TaskFace(parent) { }

TaskFace &faceOf(TaskManagerBase &base) { return base; }

} // namespace legwork
