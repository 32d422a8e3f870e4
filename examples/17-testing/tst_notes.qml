// Hours of an application, in no time. `world` is of tst_notes_qml.cpp, which qmllint does not know: what is outside of the
// application.
// qmllint disable unqualified
import QtQuick
import QtTest
import Legwork
import Legwork.Testing

//! [clock]
TestCase {
    id: testCase
    name: "Notes"

    property Notes notes: null

    VirtualClock { id: clock }
    TaskSpy { id: spy }
    Component { id: component; Notes { } }

    function init() {
        world.reset()
        notes = component.createObject(testCase)
    }

    function cleanup() {
        notes.destroy()
        wait(0)
        clock.runUntilIdle()
        compare(clock.pendingTasks(), [])
    }

    function test_it_is_saved_half_a_minute_after_the_last_change() {
        notes.type("Dear")
        clock.fastForwardBy(29000)
        compare(notes.saved, 0)
        clock.fastForwardBy(1000)
        compare(notes.saved, 1)
        compare(world.written, ["Dear"])
    }
    //! [clock]

    function test_of_many_changes_the_last_is_saved() {
        for (let change = 1; change <= 100; ++change) {
            notes.type(change.toString())
            clock.fastForwardBy(10000)
        }
        clock.fastForwardBy(600000)
        compare(world.written, ["100"])
    }

    function test_a_pause_of_the_typist_saves_in_between() {
        notes.type("one")
        clock.fastForwardBy(60000)
        notes.type("two")
        clock.fastForwardBy(60000)
        compare(world.written, ["one", "two"])
    }

    function test_it_is_sent_every_quarter_of_an_hour() {
        clock.fastForwardBy(60 * 60000)
        compare(world.attempts, 4)
        compare(notes.sent, 4)
    }

    function test_what_was_not_sent_is_tried_again_soon() {
        world.failures = 2
        clock.fastForwardBy(20 * 60000)
        compare(world.attempts, 3)
        compare(notes.sent, 1)
        compare(notes.trouble, [])
    }

    function test_after_three_failures_there_is_trouble_and_the_next_quarter_goes_on() {
        world.failures = 3
        clock.fastForwardBy(45 * 60000)
        compare(notes.trouble, ["offline"])
        compare(notes.sent, 1)
    }

    function test_a_server_that_hangs_is_given_up_after_two_minutes() {
        world.hangs = true
        const before = clock.now
        clock.fastForwardBy(15 * 60000)
        compare(clock.now - before, 17 * 60000)
        compare(notes.trouble.length, 1)
    }

    //! [spy]
    function test_a_reminder_comes_in_time() {
        spy.taskId = notes.remind(20, "stand up")
        verify(!spy.wait(19 * 60000))
        verify(spy.wait(60000))
        compare(notes.reminders, ["stand up"])
        compare(spy.times("taskCompleted"), 1)
    }
    //! [spy]

    function test_a_reminder_is_taken_back() {
        const reminder = notes.remind(20, "stand up")
        clock.fastForwardBy(10 * 60000)
        TaskManager.cancelTask(reminder)
        clock.fastForwardBy(60 * 60000)
        compare(notes.reminders, [])
    }

    function test_what_is_pending_is_listed() {
        notes.type("Dear")
        notes.remind(20, "stand up")
        const pending = clock.pendingTasks()
        compare(pending.map(task => task.name), ["Save", "Send", "Reminder"])
        compare(pending.map(task => task.dueInMs), [30000, 15 * 60000, 20 * 60000])
        compare(pending[0].status, TaskManager.Delayed)
    }
}
