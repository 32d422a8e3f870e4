// What a BasePlugin keeps, and what PluginHost does with it. On the thread that loads it.
#ifndef LEGWORK_BASEPLUGIN_P_H
#define LEGWORK_BASEPLUGIN_P_H

#include "legwork/baseplugin.h"

#include <QtCore/QString>

#include <memory>

namespace legwork {

class BasePluginPrivate {
public:
    BasePluginPrivate();

    static BasePluginPrivate &of(BasePlugin &plugin) { return *plugin.d; }

    // The name and the file of the plugin that this thread is about to construct; empty for none.
    static void setLoading(const QString &name, const QString &path);
    // The owner of the last plugin that this thread has constructed since; 0 for none.
    static quint64 loadingOwner();

    // The host takes it, as it has to outlive the plugin there.
    std::unique_ptr<PluginApi> own;
    PluginApi *const api;
    const QString libraryPath;
};

} // namespace legwork

#endif
