#include "tasklog.h"

#include <legwork/taskmanager.h>

using legwork::TaskManager;

QString shown(const QVariant &result)
{
    if (result.typeId() != QMetaType::QVariantMap)
        return result.toString();
    QStringList entries;
    const auto map = result.toMap();
    for (auto entry = map.begin(); entry != map.end(); ++entry)
        entries.append(entry.key() + " " + entry.value().toString());
    return entries.join(", ");
}

TaskLog::TaskLog(QObject *parent) : QObject(parent)
{
    const auto *tasks = TaskManager::instance();
    connect(tasks, &TaskManager::taskStarted, this, [this](const QString &id) { say(id, "begins"); });
    connect(tasks, &TaskManager::taskPeriodic, this, [this](const QString &id, quint64 run, const QVariant &result) {
        const auto text = shown(result);
        say(id, text.isEmpty() ? QString("run %1").arg(run) : QString("run %1: %2").arg(run).arg(text));
    });
    connect(tasks, &TaskManager::taskCompleted, this, [this](const QString &id, const QVariant &result) {
        const auto text = shown(result);
        say(id, text.isEmpty() ? QString("done") : "done: " + text);
    });
    connect(tasks, &TaskManager::taskFailed, this,
            [this](const QString &id, const QString &error) { say(id, "failed: " + error); });
    connect(tasks, &TaskManager::taskCancelled, this, [this](const QString &id) { say(id, "cancelled"); });
    connect(tasks, &TaskManager::taskProgress, this, &TaskLog::changed);
}

void TaskLog::say(const QString &id, const QString &what)
{
    const auto info = TaskManager::instance()->taskInfo(id).toMap();
    emit line(QString("%1: %2 %3").arg(info["owner"].toString(), info["name"].toString(), what));
    emit changed();
}
