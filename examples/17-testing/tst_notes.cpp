// Hours of an application, in no time: each test has a clock of its own, and moves it.
#include "notes.h"

#include <legwork/testing.h>

#include <QtTest/QtTest>

#include <memory>

using namespace std::chrono_literals;
using legwork::testing::TaskSpy;
using legwork::testing::VirtualClock;

class TestNotes : public QObject {
    Q_OBJECT

    std::unique_ptr<VirtualClock> clock;
    std::unique_ptr<Notes> notes;
    QStringList written;
    QList<int> attempts; // the minute of each
    int failures = 0; // the next so many attempts fail

    int seconds() const { return int(std::chrono::duration_cast<std::chrono::seconds>(clock->now()).count()); }

private slots:
    //! [init]
    void init()
    {
        clock = std::make_unique<VirtualClock>();
        QVERIFY2(clock->isActive(), qPrintable(clock->errorString()));
        //! [init]
        written.clear();
        attempts.clear();
        failures = 0;
        const auto write = [this](const QString &text) { written += text; };
        const auto send = [this](legwork::TaskContext &) {
            attempts += seconds();
            if (failures-- > 0)
                throw std::runtime_error("offline");
        };
        notes = std::make_unique<Notes>(Notes::World{write, send});
    }

    void cleanup()
    {
        notes.reset();
        QVERIFY(clock->runUntilIdle());
        QVERIFY(clock->pendingTasks().isEmpty());
        clock.reset();
    }

    //! [saved]
    void it_is_saved_half_a_minute_after_the_last_change()
    {
        notes->type("Dear");
        clock->fastForwardBy(29s);
        QCOMPARE(notes->saved, 0);
        clock->fastForwardBy(1s);
        QCOMPARE(notes->saved, 1);
        QCOMPARE(written, QStringList{"Dear"});
    }
    //! [saved]

    void of_many_changes_the_last_is_saved()
    {
        for (int change = 1; change <= 100; ++change) {
            notes->type(QString::number(change));
            clock->fastForwardBy(10s);
        }
        clock->fastForwardBy(10min);
        QCOMPARE(written, QStringList{"100"});
    }

    void a_pause_of_the_typist_saves_in_between()
    {
        notes->type("one");
        clock->fastForwardBy(1min);
        notes->type("two");
        clock->fastForwardBy(1min);
        QCOMPARE(written, (QStringList{"one", "two"}));
    }

    void it_is_sent_every_quarter_of_an_hour()
    {
        clock->fastForwardBy(1h);
        QCOMPARE(attempts, (QList<int>{900, 1800, 2700, 3600}));
        QCOMPARE(notes->sent, 4);
    }

    void what_was_not_sent_is_tried_again_soon()
    {
        failures = 2;
        clock->fastForwardBy(20min);
        QCOMPARE(attempts, (QList<int>{900, 930, 990}));
        QCOMPARE(notes->sent, 1);
        QVERIFY(notes->trouble.isEmpty());
    }

    void after_three_failures_there_is_trouble_and_the_next_quarter_goes_on()
    {
        failures = 3;
        clock->fastForwardBy(45min);
        QCOMPARE(notes->trouble, QStringList{"offline"});
        QCOMPARE(notes->sent, 1);
    }

    void a_server_that_hangs_is_given_up_after_two_minutes()
    {
        const auto hang = [](legwork::TaskContext &context) {
            if (!context.sleep(1h))
                throw legwork::Cancelled();
        };
        notes = std::make_unique<Notes>(Notes::World{[](const QString &) {}, hang});
        clock->fastForwardBy(15min);
        QCOMPARE(seconds(), 17 * 60);
        QCOMPARE(notes->trouble.size(), 1);
    }

    //! [spy]
    void a_reminder_comes_in_time()
    {
        TaskSpy spy(notes->remind(20min, "stand up"));
        QVERIFY(!spy.wait(19min));
        QVERIFY(spy.wait(1min));
        QCOMPARE(notes->reminders, QStringList{"stand up"});
        QCOMPARE(spy.times("taskCompleted"), 1);
    }
    //! [spy]

    void a_reminder_is_taken_back()
    {
        auto reminder = notes->remind(20min, "stand up");
        clock->fastForwardBy(10min);
        reminder.cancel();
        clock->fastForwardBy(1h);
        QVERIFY(notes->reminders.isEmpty());
    }

    //! [pending]
    void closed_notes_leave_nothing_behind()
    {
        notes->type("Dear");
        notes->remind(20min, "stand up");
        QCOMPARE(clock->pendingTasks().size(), 3);
        QCOMPARE(clock->pendingTasks().first().name, QString("Save"));
        notes.reset();
        clock->runUntilIdle();
        QVERIFY(clock->pendingTasks().isEmpty());
    }
    //! [pending]
};

QTEST_GUILESS_MAIN(TestNotes)

#include "tst_notes.moc"
