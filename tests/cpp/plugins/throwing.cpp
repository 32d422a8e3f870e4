// A plugin whose initialize() throws, after it has begun to work.
#include <legwork/legwork.h>

#include <stdexcept>

class Throwing : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)

public:
    void initialize() override
    {
        scheduleTask([] {}, {.periodic = true, .intervalMs = 1});
        throw std::runtime_error("no licence");
    }
};

#include "throwing.moc"
