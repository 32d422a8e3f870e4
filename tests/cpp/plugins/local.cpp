// A plugin whose code leaves something with the threads that it ran on.
#include <legwork/legwork.h>

namespace {

// Its destructor is registered with each worker that comes here.
struct Count {
    ~Count()
    {
        if (runs == 0)
            qFatal("it was never used, and is destroyed");
        runs = -1;
    }
    int runs = 0;
};
thread_local Count count;

} // namespace

class Local : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)

public:
    void initialize() override
    {
        for (int i = 0; i < 100; ++i) {
            runInBackground([] { ++count.runs; }).onComplete(this, [this] { ++m_heard; });
        }
    }

    Q_INVOKABLE int heard() const { return m_heard; }

private:
    int m_heard = 0;
};

#include "local.moc"
