// What the Rust half asks of a TaskManagerBase. On the object's thread.
#ifndef LEGWORK_TASKMANAGERBASE_P_H
#define LEGWORK_TASKMANAGERBASE_P_H

#include "legwork/taskmanagerbase.h"

namespace legwork {

TaskFace &faceOf(TaskManagerBase &base);
// Whether anything is connected to taskStarted, to taskQueued, to a signal of a count, to taskCompleted: what every
// task has; and to taskValues, which may be of very many.
bool hearsStarted(const TaskManagerBase &base);
bool hearsQueued(const TaskManagerBase &base);
bool hearsCounts(const TaskManagerBase &base);
bool hearsCompleted(const TaskManagerBase &base);
bool hearsValues(const TaskManagerBase &base);
// Whether a slot hears of the failure that is being told.
bool hearsFailure(const TaskManagerBase &base);
// Whether anything is connected to any of its signals, or a task has a function to call.
bool hearsAnything(const TaskManagerBase &base);

} // namespace legwork

#endif
