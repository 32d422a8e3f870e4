// legwork::TaskManager, with signals that tell of all tasks: TaskManager::instance().
//
// It is generated (src/qt/manager.rs), as are some headers that it includes; none of them is for
// direct use.
#ifndef LEGWORK_TASKMANAGER_H
#define LEGWORK_TASKMANAGER_H

#include <legwork/taskmanagerbase.h>

#include "legwork/src/qt/manager.cxxqt.h"

#endif
