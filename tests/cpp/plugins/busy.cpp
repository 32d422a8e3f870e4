// A plugin that is at work in every way while it is unloaded.
#include <legwork/legwork.h>

#include <QtCore/QCoreApplication>

#include <atomic>

namespace {

// Known to this library only: its code, its destructor and its type descriptor leave with it.
struct Quote {
    Quote() = default;
    explicit Quote(int c) : cents(c), text(QString::number(c)) { }
    ~Quote() { cents = -1; }
    Quote(const Quote &) = default;
    Quote &operator=(const Quote &) = default;
    int cents = 0;
    QString text;
};

struct Oops : std::exception {
    const char *what() const noexcept override { return "oops"; }
};

} // namespace

class Busy : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID FILE "busy.json")

public:
    using legwork::BasePlugin::BasePlugin;

    void initialize() override
    {
        connectTaskSignals({
            .completed = [this](const QString &, const QVariant &) { ++m_completed; },
            .periodic = [this](const QString &, quint64, const QVariant &) { ++m_periodic; },
        });
        registerJob("busy.quote", [](const QVariantList &args) { return Quote(args.value(0).toInt()); });
        // Periodic, with its own type as the result.
        scheduleTask(
            [](legwork::TaskContext &context) { return Quote(static_cast<int>(context.iteration())); },
            {.name = "Beat", .periodic = true, .intervalMs = 1, .onComplete = [this](const QVariant &) { ++m_heard; }});
        scheduleTask([] { return Quote(0); }, {.name = "Later", .delayMs = 3'600'000});
        // Running until it is asked to stop.
        runInBackground(
            [guard = Quote(7)](legwork::TaskContext &context) {
                while (context.sleep(std::chrono::milliseconds(5)))
                    context.setProgress(0.5, guard.text);
                context.checkpoint();
            },
            {.name = "Running"});
        // Done elsewhere, until it is asked to stop.
        m_fetch = legwork::External<Quote>(
            {.name = "Fetch", .owner = &api(), .onStop = [this, guard = Quote(9)] { m_fetch.fail(guard.text); }});
        legwork::External<Quote>({.owner = &api()}).complete(Quote(1));
        // By a call that knows of no plugin.
        legwork::run(
            [guard = Quote(8)](legwork::TaskContext &context) {
                while (context.sleep(std::chrono::milliseconds(5))) { }
                if (guard.cents != 8)
                    qFatal("the body's capture is gone");
            },
            {.name = "Run", .owner = &api()});
        // Enough for some to be done, some to run, and some to wait.
        for (int i = 0; i < 200; ++i) {
            const auto task = runInBackground([quote = Quote(i)] {
                if (quote.cents % 10 == 3)
                    throw Oops();
                return quote;
            });
            task.onComplete(this,
                            [this, quote = Quote(i)](const Quote &result) { m_heard += result.cents == quote.cents; });
            task.onError(this, [this](const legwork::TaskError &) { ++m_heard; });
        }
    }

    void shutdown() override { setProperty("wasShutDown", true); }

    // Calls `f` of the host's for each callback, on the receiver's thread.
    Q_INVOKABLE void hearOn(QObject *receiver)
    {
        runInBackground([] { return Quote(1); }).onComplete(receiver, [receiver, guard = Quote(5)](const Quote &) {
            QMetaObject::invokeMethod(receiver, "enter", Qt::DirectConnection);
            if (guard.cents != 5)
                qFatal("the callback's capture is gone");
        });
    }

    Q_INVOKABLE int heard() const { return m_heard; }

private:
    legwork::External<Quote> m_fetch;
    int m_completed = 0;
    int m_periodic = 0;
    int m_heard = 0;
};

#include "busy.moc"
