#include "legwork/run.h"

#include "bridge/bridge.h"

namespace legwork {

Task<QVariant> runJob(const QString &job, const QVariantList &args, TaskOptions options)
{
    return Task<QVariant>(detail::submitJob(job, args, detail::specOf(std::move(options))));
}

Task<QVariant> runScript(const QUrl &module, const QString &function, const QVariantList &args, TaskOptions options)
{
    return Task<QVariant>(detail::submitScript(module, function, args, detail::specOf(std::move(options))));
}

} // namespace legwork
