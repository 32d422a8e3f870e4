// The example 13-limits, played.
#include "example.h"

#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>

namespace {

using namespace example;

class TestLimits : public QObject {
    Q_OBJECT

private slots:
    void eight_plugins_that_hang_do_not_hold_four_others_up()
    {
#ifdef LEGWORK_EXAMPLE_HAS_LEGWORK
        QSignalSpy reached(legwork::TaskManager::instance(), &legwork::TaskManager::limitReached);
#endif
        for (const char *name : {"Works 9", "Works 10", "Works 11", "Works 12"})
            QTRY_VERIFY2_WITH_TIMEOUT(done(name) >= 50, name, 10'000);
        for (int n = 1; n <= 8; ++n)
            QCOMPARE(done(QString("Hangs %1").arg(n)), 0);
#ifdef LEGWORK_EXAMPLE_HAS_LEGWORK
        auto *manager = legwork::TaskManager::instance();
        // What hangs has a worker each, and a hundred wait; more is refused.
        QTRY_COMPARE_WITH_TIMEOUT(manager->property("queuedCount").toInt(), 800, 10'000);
        QTRY_VERIFY(reached.size() >= 8);
        for (const auto &told : std::as_const(reached)) {
            QVERIFY(told[0].toString().startsWith("Hangs"));
            QCOMPARE(told[1].toString(), "maxQueued");
        }
        QTRY_COMPARE(manager->property("activeCount").toInt(), 8);
        const int before = done("Works 9");
        QTRY_VERIFY(done("Works 9") > before);
#endif
    }

private:
    // What is said of a plugin: in the label beside its name, or in its own.
    static int done(const QString &plugin)
    {
        const auto labels = parts("QLabel", "QQuickLabel");
        for (qsizetype i = 0; i < labels.size(); ++i) {
            const auto said = text(labels[i]);
            if (said.startsWith(plugin + ": "))
                return said.section(' ', 2, 2).toInt();
            if (said == plugin && i + 1 < labels.size() && labels[i]->isWidgetType())
                return beside(labels, plugin);
        }
        return -1;
    }

    static int beside(const QObjectList &labels, const QString &plugin)
    {
        for (auto *label : labels) {
            auto *form = qobject_cast<QFormLayout *>(qobject_cast<QWidget *>(label)->parentWidget()->layout());
            if (auto *name = qobject_cast<QLabel *>(form->labelForField(qobject_cast<QWidget *>(label)));
                name && name->text() == plugin)
                return text(label).toInt();
        }
        return -1;
    }
};

void start() { play<TestLimits>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int argc, char **argv) { return run(argc, argv); }

#include "tst_limits.moc"
