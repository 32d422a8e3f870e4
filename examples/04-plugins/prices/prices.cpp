// A plugin with a periodic task: prices, twice a second.
#include <legwork/baseplugin.h>

#include <QtCore/QRandomGenerator>

namespace {

// Stands for a request to a server. One task calls it again and again, so it may remember.
class Fetch {
public:
    QVariantMap operator()()
    {
        for (double *price : {&m_anvil, &m_rope})
            *price *= 1 + (QRandomGenerator::global()->generateDouble() - 0.5) / 50;
        return {{"anvil", QString::number(m_anvil, 'f', 2)}, {"rope", QString::number(m_rope, 'f', 2)}};
    }

private:
    double m_anvil = 120;
    double m_rope = 8.5;
};

} // namespace

//! [plugin]
class Prices : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)

    void initialize() override { scheduleTask(Fetch(), {.name = "Fetch prices", .periodic = true, .intervalMs = 500}); }
};
//! [plugin]

#include "prices.moc"
