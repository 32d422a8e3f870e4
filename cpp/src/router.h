// From the TaskManager of C++ to each PluginApi.
#ifndef LEGWORK_ROUTER_H
#define LEGWORK_ROUTER_H

#include <QtCore/QString>

namespace legwork {

class TaskFace;

// The PluginApi whose callbacks are called after those of `face`, of the task that is being told of:
// TaskManager::instance() stands for all of them. Null if the task is none of a PluginApi's. On the manager's thread.
TaskFace *behind(const TaskFace &face);

// Whether there may be one for some task.
bool hasBehind(const TaskFace &face);

} // namespace legwork

#endif
