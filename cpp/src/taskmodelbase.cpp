#include "legwork/taskmodelbase.h"

namespace legwork {

TaskModelBase::TaskModelBase(QObject *parent) : QAbstractListModel(parent) { }

void TaskModelBase::classBegin() { m_isParsing = true; }

void TaskModelBase::componentComplete() { m_isParsing = false; }

bool isParsing(const TaskModelBase &base) { return base.m_isParsing; }

} // namespace legwork
