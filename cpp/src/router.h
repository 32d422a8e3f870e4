// From the TaskManager of C++ to each PluginApi. On the manager's thread.
#ifndef LEGWORK_ROUTER_H
#define LEGWORK_ROUTER_H

#include <QtCore/QtGlobal>

namespace legwork {

class PluginApi;
class TaskFace;

// Has an api hear of the tasks of its owner, until it is taken out.
void addApi(quint64 owner, PluginApi &api);
void removeApi(quint64 owner);

// Passes taskQueued on from here on, to all apis: without a slot for it nobody is to pay for it. From any thread.
void routeQueued(PluginApi &api);
// The same of taskValues.
void routeValues(PluginApi &api);

// Has the router there, if there are apis, and an application for them.
void updateRouter();

// The PluginApi with callbacks that are called after those of `face`, of the task that is being told of:
// TaskManager::instance() stands for all of them. Null if the task is none of a PluginApi's.
TaskFace *behind(const TaskFace &face);

// Whether there may be one for some task.
bool hasBehind(const TaskFace &face);

// Whether a slot is connected to taskFailed of the PluginApi that has the task which is being told of.
bool pluginHearsFailure();

} // namespace legwork

#endif
