// Awaiting tasks in a coroutine (C++20).
#include "support.h"

#include <stdexcept>

using namespace std::chrono_literals;
using namespace support;

namespace {

struct Mine {
    int code;
};

legwork::Coroutine load(QObject *receiver, Ledger &ledger, QStringList &log)
{
    const Entry local(ledger);
    try {
        const int number = co_await legwork::run([] { return 4; }).on(receiver);
        log.append(QString::number(number));
        log.append(QThread::currentThread() == receiver->thread() ? "there" : "elsewhere");
        co_await legwork::run([] {}).on(receiver);
        log.append("void");
        co_await legwork::run([]() -> int { throw Mine{7}; }).on(receiver);
    } catch (const Mine &mine) {
        log.append(QString("threw %1").arg(mine.code));
    }
    try {
        co_await legwork::run(static_cast<int (*)()>(nullptr)).on(receiver);
    } catch (const legwork::TaskException &error) {
        log.append(QString::fromUtf8(error.what()).left(16));
    }
    const auto later = legwork::runLater(1h, [] {});
    later.cancel();
    try {
        co_await later.on(receiver);
    } catch (const legwork::Cancelled &cancelled) {
        log.append(cancelled.reason() == legwork::CancelReason::User ? "cancelled" : "?");
    }
    // One that is kept for another has no result of this one's type.
    const auto kept = legwork::runLater(1h, [] { return QString("text"); }, {.key = "kept"});
    const auto other = legwork::run([] { return 5; }, {.key = "kept", .keyPolicy = legwork::KeyPolicy::Keep});
    kept.runNow();
    try {
        co_await other.on(receiver);
    } catch (const legwork::TaskException &error) {
        log.append(QString::fromUtf8(error.what()).left(22));
    }
    log.append("end");
}

legwork::Coroutine waits(QObject *receiver, Ledger &ledger, bool &resumed)
{
    const Entry local(ledger);
    co_await legwork::runLater(1h, [] {}).on(receiver);
    resumed = true;
}

legwork::Coroutine throwing(QObject *receiver)
{
    co_await legwork::run([] {}).on(receiver);
    throw std::runtime_error("at large");
}

} // namespace

class TestCoroutine : public QObject {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }

    void a_coroutine_resumes_on_its_receivers_thread()
    {
        const QStringList expected{
            "4", "there", "void", "threw 7", "the work is null", "cancelled", "the task that was kept", "end"};
        Ledger ledger;
        QStringList log;
        load(this, ledger, log);
        QVERIFY(log.isEmpty());
        QTRY_COMPARE(log, expected);
        QTRY_COMPARE(ledger.destroyed.load(), 1);

        Elsewhere elsewhere;
        QStringList other;
        load(elsewhere.object(), ledger, other);
        QTRY_COMPARE(ledger.destroyed.load(), 2);
        QCOMPARE(other, expected);
        QCOMPARE(ledger.thread.load(), elsewhere.thread());
    }

    void b80_a_coroutine_whose_receiver_goes_is_destroyed_with_its_locals()
    {
        Ledger ledger;
        bool resumed = false;
        auto receiver = std::make_unique<QObject>();
        waits(receiver.get(), ledger, resumed);
        QCOMPARE(ledger.alive.load(), 1);
        receiver.reset();
        QCOMPARE(ledger.alive.load(), 0);
        QVERIFY(!resumed);
    }

    void what_a_coroutine_throws_is_logged()
    {
        throwing(this);
        QStringList warnings;
        QTRY_VERIFY(!(warnings += takeWarnings()).isEmpty());
        QCOMPARE(warnings, QStringList{"a coroutine threw: at large"});
    }
};

LEGWORK_TEST_MAIN(TestCoroutine)
#include "tst_coroutine.moc"
