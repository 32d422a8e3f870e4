// What a PluginApi keeps, and what BasePlugin, PluginHost and the router ask of it.
#ifndef LEGWORK_PLUGINAPI_P_H
#define LEGWORK_PLUGINAPI_P_H

#include "legwork/pluginapi.h"

#include <QtCore/QString>
#include <QtCore/QVariant>

#include <optional>

namespace legwork {

// `owner` may be asked for from any thread, all else on the object's.
class PluginApiPrivate {
public:
    PluginApiPrivate(PluginApi &api, const QString &name);

    static const PluginApiPrivate &of(const PluginApi &api) { return *api.d; }

    // A job by its name, or, with a module, a function of that.
    // Whether anything is connected to its taskFailed.
    static bool hearsFailure(const PluginApi &api);

    QString submit(const QVariant *module, const QString &work, const QVariant &args, const QVariant &options,
                   bool schedule);
    // The id, if it is a task of its own; else null, with the error.
    detail::Id ownTask(const QString &id);
    // Whole milliseconds up to 100 years, or the error.
    std::optional<qint64> milliseconds(const QVariant &time, const QString &what, qint64 least = 0);
    bool waited(int result, qint64 ms, const QString &what);
    bool fail(const QString &message);

    PluginApi &q;
    const QString name;
    const quint64 owner; // as the engine numbers it
    QString lastError;
};

} // namespace legwork

#endif
