// The library's logging categories.
#ifndef LEGWORK_LOG_H
#define LEGWORK_LOG_H

#include <QtCore/QLoggingCategory>

namespace legwork {

// "legwork.task": a task, what it calls and what it brought; and what was wrong in a call about tasks.
Q_DECLARE_LOGGING_CATEGORY(taskLog)

// "legwork.pool": threads, time, the process.
Q_DECLARE_LOGGING_CATEGORY(poolLog)

// "legwork.plugin": plugins and their host.
Q_DECLARE_LOGGING_CATEGORY(pluginLog)

} // namespace legwork

#endif
