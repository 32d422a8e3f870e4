// Runs tst_notes.qml, with what is outside of the application.
#include <legwork/legwork.h>

#include <QtQml/QQmlContext>
#include <QtQml/QQmlEngine>
#include <QtQuickTest/quicktest.h>

#include <stdexcept>

using namespace std::chrono_literals;

class World : public QObject {
    Q_OBJECT
    Q_PROPERTY(QStringList written MEMBER written NOTIFY changed)
    Q_PROPERTY(int attempts MEMBER attempts NOTIFY changed)
    Q_PROPERTY(int failures MEMBER failures NOTIFY changed)
    Q_PROPERTY(bool hangs MEMBER hangs NOTIFY changed)

public:
    using QObject::QObject;

    QStringList written;
    int attempts = 0;
    int failures = 0; // the next so many attempts fail
    bool hangs = false;

    Q_INVOKABLE void reset()
    {
        written.clear();
        attempts = failures = 0;
        hangs = false;
    }

Q_SIGNALS:
    void changed();
};

class Setup : public QObject {
    Q_OBJECT

public slots:
    void qmlEngineAvailable(QQmlEngine *engine)
    {
        auto *world = new World(engine);
        engine->rootContext()->setContextProperty("world", world);
        // Bodies run on this thread, as the clock is virtual: they may use it.
        legwork::registerJob("save", [world](const QVariantList &args) { world->written += args[0].toString(); });
        legwork::registerJob("send", [world](legwork::TaskContext &context, const QVariantList &) {
            ++world->attempts;
            if (world->hangs && !context.sleep(1h))
                throw legwork::Cancelled();
            if (world->failures-- > 0)
                throw std::runtime_error("offline");
        });
        legwork::registerJob("nothing", [](const QVariantList &) {});
    }
};

QUICK_TEST_MAIN_WITH_SETUP(notes, Setup)

#include "tst_notes_qml.moc"
