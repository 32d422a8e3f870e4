// A plugin that leaves code of its own in the less obvious places.
#include <legwork/legwork.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QThread>

#include <stdexcept>

namespace {

// Its destructor takes long where it is told of: the unloading has to wait for that.
struct Slow {
    Slow() = default;
    explicit Slow(QThread *slow) : thread(slow) { }
    ~Slow()
    {
        if (thread && thread == QThread::currentThread())
            QThread::msleep(100);
        thread = nullptr;
    }
    Slow(const Slow &) = default;
    Slow &operator=(const Slow &) = default;
    QThread *thread = nullptr;
};

struct Own {
    QString text;
};

struct Oops : std::runtime_error {
    using std::runtime_error::runtime_error;
    ~Oops() override { text.clear(); }
    QString text = QString::number(1);
};

} // namespace

// With this, a list of them registers converters, too.
Q_DECLARE_METATYPE(Own)

class Corners : public legwork::BasePlugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID LEGWORK_PLUGIN_IID)

public:
    ~Corners() override { m_count = 0; }

    void initialize() override
    {
        m_host = qApp->property("host").value<QObject *>();
        if (qApp->property("unloadIn").toString() == QLatin1String("initialize"))
            unloadMe();
    }

    void shutdown() override
    {
        if (qApp->property("unloadIn").toString() == QLatin1String("shutdown"))
            unloadMe();
        if (m_host)
            m_host->setProperty("shutdowns", m_host->property("shutdowns").toInt() + 1);
    }

    // A result that the mailbox of a thread is the last to let go.
    Q_INVOKABLE void slowResult(QObject *receiver)
    {
        runInBackground([thread = receiver->thread()] { return Slow(thread); }).onComplete(receiver, [receiver] {
            receiver->setProperty("heard", true);
            // By now it is being unloaded, and what is left of the result is in the mailbox's hands.
            QThread::msleep(100);
        });
    }

    // A callback that waits to be told of a refusal, with a receiver of the host's.
    Q_INVOKABLE void refusedFor(QObject *receiver)
    {
        runInBackground(std::function<void()>()).onError(receiver, [guard = Own{"guard"}, receiver] {
            receiver->setProperty("refused", guard.text);
        });
    }

    // A slot with a receiver of the host's, and one without.
    Q_INVOKABLE void connectFor(QObject *receiver)
    {
        connect(&api(), &legwork::PluginApi::taskCompleted, receiver,
                [guard = Own{"guard"}, receiver] { receiver->setProperty("heard", guard.text); });
        connect(&api(), &legwork::PluginApi::taskCompleted, [guard = Own{"guard"}] {});
    }

    // A failure of its own type, in a future that it has let go: 1 once it has failed.
    Q_INVOKABLE void failingFuture()
    {
        m_future = runInBackground([this](const legwork::TaskContext &) {
            while (!m_go)
                QThread::msleep(1);
            throw Oops("oops");
        });
        m_future.future();
    }
    Q_INVOKABLE void go() { m_go = true; }
    Q_INVOKABLE int failed() const { return m_future.status() == legwork::Status::Failed; }

    // A value of a type that Qt's registry gets to know.
    Q_INVOKABLE QString ownType() const
    {
        const auto value = QVariant::fromValue(Own{"own"});
        const auto list = QVariant::fromValue(QList<Own>{Own{"own"}});
        return value.metaType().id() > QMetaType::User && list.canConvert<QVariantList>()
                && value.value<Own>().text == QLatin1String("own")
            ? QString::fromLatin1(QMetaType(value.metaType().id()).name())
            : QString();
    }

    Q_INVOKABLE QString work()
    {
        return runInBackground([] { return 1; }).id();
    }

private:
    void unloadMe() { QMetaObject::invokeMethod(m_host, "unload", Qt::DirectConnection, Q_ARG(QString, "corners")); }

    QPointer<QObject> m_host;
    legwork::Task<void> m_future;
    std::atomic<bool> m_go = false;
    int m_count = 1;
};

#include "corners.moc"
