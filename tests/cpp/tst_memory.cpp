// What stays in memory of results, and what of bodies; and which thread destroys it.
#include "support.h"

#include <QtCore/QEventLoop>
#include <QtCore/QFile>
#include <QtCore/QFuture>
#include <QtCore/QSemaphore>
#include <QtCore/QTimer>

#include <functional>
#include <malloc.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace support;

namespace pictures {

constexpr qsizetype large = 4 << 20;

// As QImage, which Legwork does not link.
struct Image {
    std::vector<char> pixels = std::vector<char>(large, 1);
    qsizetype sizeInBytes() const { return static_cast<qsizetype>(pixels.size()); }
};

// Nobody can tell what it holds.
struct Unknown {
    std::vector<char> pixels = std::vector<char>(large, 1);
};

// It says so itself.
struct Says {
    std::vector<char> pixels = std::vector<char>(large, 1);
};
qsizetype legworkByteSize(const Says &picture) { return static_cast<qsizetype>(picture.pixels.size()); }

// It says nothing, as it throws.
struct Lies {
    std::vector<char> pixels = std::vector<char>(large, 1);
};
qsizetype legworkByteSize(const Lies &) { throw 7; }

} // namespace pictures

using namespace pictures;

namespace {

double residentMiB()
{
    QFile file("/proc/self/statm");
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toDouble() * 4096 / (1 << 20);
}

// An object that counts itself, and says where it was destroyed.
class Counted : public QObject {
public:
    explicit Counted(Ledger &ledger) : m_entry(ledger) { }

private:
    Entry m_entry;
};

} // namespace

class TestMemory : public support::TestCase {
    Q_OBJECT

    static constexpr int many = 60; // of 4 MiB

    void oneAfterTheOther(const std::function<void(std::function<void()>)> &submit)
    {
        int shown = 0;
        QEventLoop loop;
        std::function<void()> next = [&] { submit([&] { ++shown < many ? next() : loop.quit(); }); };
        next();
        loop.exec();
        QCOMPARE(shown, many);
    }

    // Shows many, in each way; no more may stay than twice what the history promises.
    template<typename T> void show(const std::function<T()> &make)
    {
        using Next = std::function<void()>;
        const auto before = residentMiB();
        const auto check = [&](const char *way) {
            const auto more = residentMiB() - before;
            QVERIFY2(more < 128, qPrintable(QString("%1: %2 MiB more").arg(way).arg(more)));
        };
        oneAfterTheOther([&](Next next) { legwork::run(make).onComplete(this, [next](const T &) { next(); }); });
        check("onComplete");
        oneAfterTheOther([&](Next next) { legwork::run(make).future().then(this, [next](const T &) { next(); }); });
        check("a QFuture");
        auto *manager = legwork::TaskManager::instance();
        oneAfterTheOther([&](Next next) {
            // Connected first, as what ends while nobody is connected is not told; and the end of an earlier
            // task may come yet.
            auto *once = new QObject(this);
            const auto id = std::make_shared<QString>();
            connect(manager, &legwork::TaskManager::taskCompleted, once, [once, next, id](const QString &ended) {
                if (ended != *id)
                    return;
                once->deleteLater();
                disconnect(legwork::TaskManager::instance(), nullptr, once, nullptr);
                next();
            });
            *id = legwork::run(make).id();
        });
        check("the signals");
        legwork::clearHistory();
    }

private slots:
    void initTestCase()
    {
        // Of what is as large as a result here, malloc is to give all back at once.
        mallopt(M_MMAP_THRESHOLD, 1 << 20);
    }

    void init()
    {
        takeWarnings();
        QCOMPARE(bool(legwork::setHistoryLimits({})), true);
        legwork::clearHistory();
    }

    // The first two have to come first: while there is a TaskManager, ends wait for the event loop.

    void b139_nor_do_they_without_an_event_loop()
    {
#ifdef __SANITIZE_ADDRESS__
        QSKIP("the sanitizer keeps what was freed");
#endif
        const auto before = residentMiB();
        const auto check = [&](const char *way) {
            const auto more = residentMiB() - before;
            QVERIFY2(more < 128, qPrintable(QString("%1: %2 MiB more").arg(way).arg(more)));
        };
        const auto both = [&](const auto &make) {
            for (int n = 0; n < many; ++n)
                legwork::run(make).wait();
            check("nobody");
            for (int n = 0; n < many; ++n)
                legwork::run(make).future().waitForFinished();
            check("a QFuture");
        };
        both([] { return Image(); });
        both([] { return Unknown(); });
        legwork::clearHistory();
    }

    void b148_results_do_not_wait_for_an_event_loop_that_never_runs()
    {
        Ledger ledger;
        for (int n = 0; n < 100; ++n) {
            QSemaphore done;
            legwork::run([&] {
                done.release();
                return std::make_shared<Entry>(ledger);
            });
            done.acquire();
        }
        // The last ones may still be on their way.
        QVERIFY2(ledger.alive.load() < 20, qPrintable(QString::number(ledger.alive.load())));
        QTRY_COMPARE(ledger.destroyed.load(), 100);
    }

    void b139_large_results_do_not_pile_up()
    {
#ifdef __SANITIZE_ADDRESS__
        QSKIP("the sanitizer keeps what was freed");
#endif
        show<Image>([] { return Image(); });
        show<Unknown>([] { return Unknown(); });
        show<QByteArray>([] { return QByteArray(large, 'x'); });
        show<std::vector<double>>([] { return std::vector<double>(large / sizeof(double), 1.5); });
        show<QVariantMap>([] { return QVariantMap{{"list", QVariantList{1, QByteArray(large, 'x')}}}; });
    }

    void b139_what_is_known_of_a_type()
    {
        using namespace legwork::detail;
        QCOMPARE(bytesOf(5), qint64(sizeof(int)));
        QCOMPARE(bytesOf(QByteArray(1000, 'x')), qint64(sizeof(QByteArray)) + 1000);
        QVERIFY(bytesOf(QString(1000, 'x')) >= 2000);
        QVERIFY(bytesOf(QStringList{QString(1000, 'x'), QString(1000, 'y')}) >= 4000);
        QVERIFY(bytesOf(std::string(1000, 'x')) >= 1000);
        QVERIFY(bytesOf(std::vector<QByteArray>{QByteArray(1000, 'x')}) >= 1000);
        QVERIFY(bytesOf(QHash<QString, QByteArray>{{"key", QByteArray(1000, 'x')}}) >= 1000);
        QVERIFY(bytesOf(std::map<std::string, std::vector<int>>{{"key", std::vector<int>(250)}}) >= 1000);
        QVERIFY(bytesOf(std::optional(QByteArray(1000, 'x'))) >= 1000);
        QVERIFY(bytesOf(QVariant(QByteArray(1000, 'x'))) >= 1000);
        QVERIFY(bytesOf(QVariantList{QVariantMap{{"key", QByteArray(1000, 'x')}}}) >= 1000);
        QVERIFY(bytesOf(Image()) >= large);
        QVERIFY(bytesOf(Says()) >= large);
        QCOMPARE(bytesOf(Unknown()), qint64(-1));
        QCOMPARE(bytesOf(Lies()), qint64(-1));
        QCOMPARE(bytesOf(std::vector<Unknown>(1)), qint64(-1));
        QCOMPARE(bytesOf(QVariant::fromValue(Unknown())), qint64(-1));
        QCOMPARE(bytesOf(QVariantList{1, QVariant::fromValue(Unknown())}), qint64(-1));
        QCOMPARE(bytesOf(std::make_shared<int>(1)), qint64(-1));
    }

    void b139_the_status_stays_of_what_the_history_does_not_keep()
    {
        auto *manager = legwork::TaskManager::instance();
        QString id;
        bool told = false;
        legwork::run([] { return Unknown(); }).onComplete(listener.get(), [&](const Unknown &picture) {
            told = picture.pixels.size() == large;
        });
        QTRY_VERIFY(told);
        {
            const auto task = legwork::run([] { return Unknown(); });
            id = task.id();
            QTRY_COMPARE(task.status(), legwork::Status::Completed);
            QCoreApplication::processEvents();
            // The handle keeps its own, and a copy of it does.
            const auto copy = task;
            QVERIFY(copy.result().has_value());
        }
        const auto info = manager->taskInfo(id).toMap();
        QCOMPARE(info["status"].toInt(), int(legwork::TaskManager::Completed));
        QVERIFY(!info["result"].isValid());
        // What says how large it is stays, as far as there is room.
        const auto said = legwork::run([] { return QByteArray("small"); }).id();
        QTRY_COMPARE(manager->taskInfo(said).toMap()["result"].toByteArray(), QByteArray("small"));
    }

    // The worker tells the future after the engine may have delivered the end, and let the result go.
    void b139_a_future_gets_a_result_that_the_history_does_not_keep()
    {
        struct Small {
            std::unique_ptr<int> number;
            Small() : number(std::make_unique<int>(5)) { }
            Small(const Small &other) : number(std::make_unique<int>(*other.number)) { }
            Small(Small &&) = default;
        };
        QCOMPARE(bool(legwork::setHistoryLimits({0, 0, 0ms})), true);
        for (int n = 0; n < 2'000; ++n) {
            auto future = legwork::run([] { return Small(); }).future();
            if (n % 2)
                QCoreApplication::processEvents();
            QCOMPARE(*future.result().number, 5);
        }
    }

    void b139_limits_are_checked_and_take_effect_at_once()
    {
        const auto limits = legwork::historyLimits();
        QCOMPARE(limits.tasks, 1'000);
        QCOMPARE(limits.bytes, 64 << 20);
        QCOMPARE(limits.age, 10min);
        for (const legwork::HistoryLimits &bad :
             {legwork::HistoryLimits{-1}, legwork::HistoryLimits{1, -1}, legwork::HistoryLimits{1, 1, -1ms},
              legwork::HistoryLimits{qint64(1) << 54},
              legwork::HistoryLimits{1, 1, std::chrono::hours(24 * 366 * 100)}}) {
            const auto change = legwork::setHistoryLimits(bad);
            QVERIFY(!change);
            QVERIFY2(change.error.startsWith("limits."), qPrintable(change.error));
        }
        QCOMPARE(legwork::historyLimits().tasks, 1'000);
        auto *manager = legwork::TaskManager::instance();
        QStringList ids;
        for (int n = 0; n < 5; ++n) {
            const auto task = legwork::run([] { return 1; });
            ids.append(task.id());
            task.wait();
        }
        const auto known = [&] {
            return std::count_if(ids.begin(), ids.end(), [&](const QString &id) {
                return manager->taskStatus(id) != legwork::TaskManager::UnknownTask;
            });
        };
        // Delivered, which is when they enter.
        QCoreApplication::processEvents();
        QCOMPARE(known(), 5);
        QVERIFY(legwork::setHistoryLimits({2}));
        QCOMPARE(known(), 2);
        QCOMPARE(legwork::clearHistory(), 2);
        QCOMPARE(known(), 0);
    }

    // ---- what bodies leave ------------------------------------------------------------------------

    void b144_what_a_body_deletes_later_is_gone_when_its_end_is_told()
    {
        Ledger ledger;
        for (int n = 0; n < 500; ++n) {
            const auto task = legwork::run([&ledger] { (new Counted(ledger))->deleteLater(); });
            task.wait();
            QCOMPARE(ledger.alive.load(), 0);
        }
        QCOMPARE(ledger.destroyed.load(), 500);
        // One that deletes another later, and one of a nested loop.
        legwork::run([&ledger] {
            auto *first = new Counted(ledger);
            connect(first, &QObject::destroyed, [&ledger] { (new Counted(ledger))->deleteLater(); });
            first->deleteLater();
            QEventLoop loop;
            QTimer::singleShot(1ms, &loop, [&] {
                (new Counted(ledger))->deleteLater();
                loop.quit();
            });
            loop.exec();
        }).wait();
        QCOMPARE(ledger.alive.load(), 0);
        // After a body that throws, too; a job's; a periodic task's runs.
        legwork::run([&ledger] {
            (new Counted(ledger))->deleteLater();
            throw 7;
        }).wait();
        QCOMPARE(ledger.alive.load(), 0);
        QVERIFY(legwork::registerJob("leaves", [&ledger] { (new Counted(ledger))->deleteLater(); }));
        legwork::runJob("leaves").wait();
        QVERIFY(legwork::unregisterJob("leaves"));
        QCOMPARE(ledger.alive.load(), 0);
        legwork::PeriodicOptions options;
        options.maxRuns = 3;
        int most = 0;
        legwork::runPeriodic(
            1ms,
            [&] {
                most = std::max(most, ledger.alive.load());
                (new Counted(ledger))->deleteLater();
            },
            options)
            .wait();
        QCOMPARE(most, 0);
        QCOMPARE(ledger.alive.load(), 0);
    }

    // In the order of an event loop: what was queued for an object before it is to be deleted comes first.
    void b144_what_a_body_posted_is_delivered_before_what_it_deletes_later()
    {
        Ledger ledger;
        QStringList heard;
        legwork::run([&] {
            auto *object = new Counted(ledger);
            QMetaObject::invokeMethod(
                object, [&heard] { heard << "queued"; }, Qt::QueuedConnection);
            object->deleteLater();
        }).wait();
        QCOMPARE(heard, QStringList("queued"));
        QCOMPARE(ledger.alive.load(), 0);
        // What hears of the deletion goes itself.
        legwork::run([&] {
            auto *first = new Counted(ledger);
            auto *second = new Counted(ledger);
            const auto hear = [&heard, second] {
                heard << "destroyed";
                second->deleteLater();
            };
            connect(first, &QObject::destroyed, second, hear, Qt::QueuedConnection);
            QMetaObject::invokeMethod(
                first, [first] { first->deleteLater(); }, Qt::QueuedConnection);
        }).wait();
        QCOMPARE(heard, QStringList({"queued", "destroyed"}));
        QCOMPARE(ledger.alive.load(), 0);
    }

    // A body that waits runs the other in place: what is its own is not to go under it.
    void b144_not_under_a_body_that_waits_for_another()
    {
        Ledger ledger;
        int during = -1;
        legwork::TaskManager::instance()->setMaxWorkers(1);
        legwork::run([&] {
            auto *mine = new Counted(ledger);
            mine->deleteLater();
            legwork::run([&ledger] { (new Counted(ledger))->deleteLater(); }).wait();
            during = ledger.alive.load();
            mine->setObjectName("still here");
        }).wait();
        legwork::TaskManager::instance()->setMaxWorkers(4);
        QVERIFY2(during >= 1, qPrintable(QString::number(during)));
        QTRY_COMPARE(ledger.alive.load(), 0);
    }

    // ---- which thread destroys a result -----------------------------------------------------------

    void b148_a_result_is_destroyed_on_the_managers_thread()
    {
        Ledger ledger;
        const auto made = [&ledger] {
            auto object = std::make_shared<Counted>(ledger);
            object->moveToThread(QCoreApplication::instance()->thread());
            return object;
        };
        const auto destroyedHere = [&ledger](const char *what) {
            // It may not have begun yet.
            QTRY_VERIFY2(ledger.destroyed > 0 && ledger.alive == 0, what);
            QVERIFY2(ledger.thread == QThread::currentThread(), what);
            ledger.destroyed = 0;
            ledger.thread = nullptr;
        };
        // Nobody hears of it: the worker lets it go.
        legwork::run(made);
        destroyedHere("of a task that nobody hears of");
        legwork::run(made).onComplete(this, [](const auto &) {});
        destroyedHere("of a task with a callback");
        legwork::run(made).future().then(this, [](const auto &) {});
        destroyedHere("of a future");
        // Too late for its time-out.
        legwork::TaskOptions options;
        options.timeout = 1ms;
        const auto late = legwork::run(
            [made](legwork::TaskContext &context) {
                while (!context.isCancelled())
                    QThread::yieldCurrentThread();
                return made();
            },
            options);
        QTRY_COMPARE(late.status(), legwork::Status::TimedOut);
        destroyedHere("of a task that timed out");
        // A periodic task's, in the place of which the next comes.
        legwork::PeriodicOptions twice;
        twice.maxRuns = 3;
        legwork::runPeriodic(1ms, made, twice);
        QTRY_COMPARE(ledger.destroyed.load(), 3);
        destroyedHere("of a periodic task");
        // A handle that another thread lets go.
        auto kept = std::make_unique<legwork::Task<std::shared_ptr<Counted>>>(legwork::run(made));
        kept->wait();
        legwork::run([&kept] { kept.reset(); }).wait();
        destroyedHere("of a handle that a worker had");
        // What was thrown, too.
        struct Thrown {
            std::shared_ptr<Counted> object;
        };
        legwork::run([made] { throw Thrown{made()}; });
        destroyedHere("what was thrown");
    }

    void b148_a_result_for_a_receiver_elsewhere_is_destroyed_there_or_here()
    {
        Ledger ledger;
        Elsewhere elsewhere;
        bool told = false;
        legwork::run([&ledger] {
            return std::make_shared<Entry>(ledger);
        }).onComplete(elsewhere.object(), [&told](const auto &) { told = true; });
        QTRY_VERIFY(told);
        QTRY_COMPARE(ledger.alive.load(), 0);
        QVERIFY(ledger.thread == QThread::currentThread() || ledger.thread == elsewhere.thread());
    }
};

LEGWORK_TEST_MAIN(TestMemory)
#include "tst_memory.moc"
