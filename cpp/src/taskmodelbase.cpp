#include "taskmodelbase_p.h"

#include <QtCore/QCoreApplication>

namespace legwork {

namespace {

// For lupdate, which looks for the context beside the text.
class Texts {
    Q_DECLARE_TR_FUNCTIONS(TaskModel)
};

} // namespace

TaskModelBase::TaskModelBase(QObject *parent) : QAbstractListModel(parent), d(std::make_unique<TaskModelBasePrivate>())
{
}

TaskModelBase::~TaskModelBase() = default;

void TaskModelBase::classBegin() { d->isParsing = true; }

void TaskModelBase::componentComplete() { d->isParsing = false; }

bool isParsing(const TaskModelBase &base) { return TaskModelBasePrivate::of(base).isParsing; }

QString waitsForTask(const QString &name)
{
    return name.isEmpty() ? Texts::tr("Waiting for a task") : Texts::tr("Waiting for \"%1\"").arg(name);
}

QString waitsForTasks(std::int32_t count) { return Texts::tr("Waiting for %n tasks", nullptr, count); }

QString waitsForTurn(const QString &key)
{
    return key.isEmpty() ? Texts::tr("Waiting for its turn") : Texts::tr("Waiting for its turn (%1)").arg(key);
}

} // namespace legwork
