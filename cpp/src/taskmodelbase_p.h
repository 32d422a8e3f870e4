// What a TaskModelBase keeps, and what the Rust half asks of it. On the object's thread.
#ifndef LEGWORK_TASKMODELBASE_P_H
#define LEGWORK_TASKMODELBASE_P_H

#include "legwork/taskmodelbase.h"

#include <QtCore/QString>

#include <cstdint>

namespace legwork {

class TaskModelBasePrivate {
public:
    static const TaskModelBasePrivate &of(const TaskModelBase &base) { return *base.d; }

    bool isParsing = false;
};

// Whether QML is about to set more properties.
bool isParsing(const TaskModelBase &base);

// What a task waits for, for people: translated in the context "TaskModel".
QString waitsForTask(const QString &name);
QString waitsForTasks(std::int32_t count);
QString waitsForTurn(const QString &key);

} // namespace legwork

#endif
