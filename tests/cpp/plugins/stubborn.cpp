// A plugin with a task that does not care about being asked to stop.
#include <legwork/legwork.h>

#include <QtCore/QThread>

#include <atomic>

class Stubborn : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)

public:
    void initialize() override
    {
        runInBackground(
            [this] {
                m_runs = true;
                while (!m_free)
                    QThread::msleep(1);
            },
            {.name = "Deaf"});
    }

    Q_INVOKABLE int runs() const { return m_runs; }
    Q_INVOKABLE void release() { m_free = true; }

private:
    std::atomic<bool> m_runs = false;
    std::atomic<bool> m_free = false;
};

#include "stubborn.moc"
