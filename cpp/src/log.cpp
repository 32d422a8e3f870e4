#include "log.h"

#include "inbox.h"

namespace legwork {

Q_LOGGING_CATEGORY(taskLog, "legwork.task")
Q_LOGGING_CATEGORY(poolLog, "legwork.pool")
Q_LOGGING_CATEGORY(pluginLog, "legwork.plugin")

void logLine(int level, bool aboutPool, ::rust::Str text)
{
    const auto message = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    const auto &category = aboutPool ? poolLog() : taskLog();
    if (level <= 1)
        qCCritical(category).noquote() << message;
    else if (level == 2)
        qCWarning(category).noquote() << message;
    else if (level == 3)
        qCInfo(category).noquote() << message;
    else
        qCDebug(category).noquote() << message;
}

} // namespace legwork
