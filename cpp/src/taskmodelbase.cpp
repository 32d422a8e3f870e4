#include "taskmodelbase_p.h"

namespace legwork {

TaskModelBase::TaskModelBase(QObject *parent) : QAbstractListModel(parent), d(std::make_unique<TaskModelBasePrivate>())
{
}

TaskModelBase::~TaskModelBase() = default;

void TaskModelBase::classBegin() { d->isParsing = true; }

void TaskModelBase::componentComplete() { d->isParsing = false; }

bool isParsing(const TaskModelBase &base) { return TaskModelBasePrivate::of(base).isParsing; }

} // namespace legwork
