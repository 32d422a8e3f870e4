import QtQml.Models
import QtQuick
import QtTest
import Duplicates
import DuplicatesSuite
import Legwork
import Legwork.Testing

// The finder in QML, as the window uses it: each test has a folder of its own.
TestCase {
    id: testCase
    name: "Finder"

    // More than a first block, so that the whole is read, too.
    readonly property int large: 20000

    property Folder folder: null
    // What happens between two tasks: called with the name of each that has completed.
    property var meanwhile: null
    property int workers: 0

    VirtualClock { id: clock }
    TaskSpy { id: spy }
    Component { id: folders; Folder { } }
    Rows { id: groupRows; kind: "groups" }
    Rows { id: failureRows; kind: "failures" }

    // What the window's lists show.
    Instantiator {
        id: shown
        model: groupRows
        delegate: QtObject {
            required property var paths
            required property int pending
        }
    }

    Instantiator {
        id: failed
        model: failureRows
        delegate: QtObject {
            required property string message
        }
    }

    Task { id: checksum; job: "checksum" }
    SignalSpy { id: stale; target: Finder; signalName: "staleChanged" }

    Connections {
        target: TaskManager
        function onTaskCompleted(id) {
            if (testCase.meanwhile)
                testCase.meanwhile(TaskManager.taskInfo(id).name)
        }
    }

    function initTestCase() {
        workers = TaskManager.maxWorkers
    }

    function init() {
        failOnWarning(/.?/)
        folder = folders.createObject(testCase)
        meanwhile = null
        spy.clear()
    }

    function cleanup() {
        TaskManager.maxWorkers = workers
        refresh()
        const running = Finder.running
        const left = pending()
        clock.pendingTasks().forEach(task => TaskManager.cancelTask(task.id))
        clock.runUntilIdle()
        folder.destroy()
        // What fails here fails in this test alone.
        verify(!running)
        // It goes on as long as the window is there, and nothing else does.
        compare(left, ["Free space"])
        compare(clock.pendingTasks(), [])
    }

    // Begins a search, and does all that can be done without time passing.
    function search() {
        verify(Finder.start(folder.path), Finder.error)
        clock.runUntilIdle()
        refresh()
    }

    // As the window does twelve times a second.
    function refresh() {
        Finder.refresh()
        groupRows.refresh()
        failureRows.refresh()
    }

    function pending() {
        return clock.pendingTasks().map(task => task.name)
    }

    function groups() {
        return Array.from({ length: shown.count }, (_, row) => Array.from(shown.objectAt(row).paths))
    }

    function test_equal_files_are_found_wherever_they_are() {
        folder.write("a", "small")
        folder.write("deep/er/b", "small")
        folder.write("c", "other")
        folder.write("large", "x", large)
        folder.write("deep/large", "x", large)
        folder.write("alone", "of its size")
        search()
        compare(Finder.folder, folder.path)
        compare(Finder.fraction, 1)
        compare([Finder.folders, Finder.files, Finder.groups, Finder.duplicates], [3, 6, 2, 2])
        compare(Finder.wasted, large + 5)
        compare(groups(), [["deep/large", "large"], ["a", "deep/er/b"]])
        compare(failed.count, 0)
    }

    function test_hard_links_are_one_file() {
        folder.write("m", "content")
        folder.link("a link", "m")
        folder.link("z/link", "m")
        search()
        compare([Finder.files, Finder.groups], [1, 0])
        folder.write("copy", "content")
        search()
        compare([Finder.files, Finder.wasted], [2, 7])
        compare(groups(), [["a link", "copy"]])
    }

    function test_links_and_empty_files_are_left_out() {
        folder.write("folder/file", "content")
        folder.symlink("link", folder.path + "/folder/file")
        folder.symlink("folder/loop", folder.path)
        folder.symlink("dangling", "nowhere")
        folder.write("empty", "")
        folder.write("folder/empty", "")
        search()
        compare([Finder.folders, Finder.files, Finder.groups, Finder.failed], [2, 1, 0, 0])
    }

    function test_a_file_that_is_gone_has_failed_and_the_others_are_found() {
        for (const name of ["a", "b", "c"])
            folder.write(name, "content")
        meanwhile = done => {
            if (done.startsWith("List"))
                folder.remove("c")
        }
        search()
        compare(Finder.failed, 1)
        compare(failed.count, 1)
        compare(failed.objectAt(0).message, `cannot read ${folder.path}/c: No such file or directory (os error 2)`)
        compare(groups(), [["a", "b"]])
    }

    // [changed]
    function test_a_file_that_changed_is_looked_at_again_after_half_a_second() {
        folder.write("a", "content")
        folder.write("b", "content")
        folder.write("of the new size", "content and more")
        meanwhile = done => {
            if (done.startsWith("List"))
                folder.write("b", "content and more")
        }
        search()
        verify(pending().includes(`Look again at ${folder.path}/b`))
        clock.fastForwardBy(499)
        refresh()
        verify(Finder.running)
        clock.fastForwardBy(1)
        refresh()
        verify(!Finder.running)
        compare(groups(), [["b", "of the new size"]])
        compare(Finder.failed, 0)
    }
    // [changed]

    function test_a_file_that_changes_again_has_failed() {
        for (const name of ["a", "b", "c"])
            folder.write(name, "content")
        // Of the size that it has then.
        folder.write("d", "longer than it was")
        meanwhile = done => {
            if (done.startsWith("List"))
                folder.write("c", "longer than it was")
            if (done.startsWith("Look again"))
                folder.write("c", "short")
        }
        search()
        clock.fastForwardBy(60000)
        refresh()
        compare(Finder.failed, 1)
        compare(failed.objectAt(0).message, folder.path + "/c changes while it is read")
        compare(groups(), [["a", "b"]])
    }

    function test_the_free_space_is_asked_for_every_two_seconds_for_half_an_hour() {
        search()
        compare(spy.times("taskPeriodic"), 1)
        verify(Finder.freeBytes >= 0 && Finder.freeBytes <= Finder.totalBytes)
        clock.fastForwardBy(1999)
        compare(spy.times("taskPeriodic"), 1)
        clock.fastForwardBy(1)
        compare(spy.times("taskPeriodic"), 2)
        clock.fastForwardBy(30 * 60000)
        compare(spy.times("taskPeriodic"), 902)
    }

    function test_the_time_left_is_told_after_two_seconds() {
        for (const name of ["a", "b", "c", "d"])
            folder.write(name, "x", large)
        const left = []
        // Some of the files take their time.
        meanwhile = done => {
            if (!/^(First block|Whole)/.test(done))
                return
            refresh()
            left.push(Finder.secondsLeft)
            if (left.length === 4)
                clock.advanceClock(1999)
            else if (left.length === 5)
                clock.advanceClock(1)
        }
        search()
        compare(left.length, 8)
        compare(left.splice(0, 5), [-1, -1, -1, -1, -1])
        verify(left.every(seconds => seconds >= 0), left.join())
        compare(groups(), [["a", "b", "c", "d"]])
    }

    function test_what_is_on_the_screen_is_read_first() {
        for (const name of ["1", "2", "3"]) {
            folder.write(name, name, large + 3 - Number(name))
            folder.write(name + " too", name, large + 3 - Number(name))
        }
        const read = []
        let hurried = ""
        meanwhile = done => {
            if (!done.startsWith("Whole"))
                return
            read.push(done.split("/").pop()[0])
            if (read.length > 1)
                return
            // Another group is on the screen, and no other.
            refresh()
            compare(shown.count, 3)
            const row = read[0] === "3" ? 1 : 2
            hurried = String(row + 1)
            compare(shown.objectAt(row).pending, 2)
            groupRows.lookAt(row, row)
        }
        // With one, tasks go in the order in which they were submitted.
        TaskManager.maxWorkers = 1
        search()
        compare(read.slice(1, 3), [hurried, hurried])
        compare(read.length, 6)
        compare(groups(), [["1", "1 too"], ["2", "2 too"], ["3", "3 too"]])
    }

    function test_a_search_that_is_stopped_keeps_what_it_has() {
        folder.write("a", "small")
        folder.write("b", "small")
        for (const name of ["x", "y", "z"])
            folder.write(name, "x", large)
        let wholes = 0
        meanwhile = done => {
            if (done.startsWith("Whole") && ++wholes === 1)
                Finder.stop()
        }
        TaskManager.maxWorkers = 1
        search()
        compare(wholes, 1)
        verify(Finder.stopped)
        compare(groups(), [["a", "b"]])
        compare(Finder.failed, 0)
        clock.fastForwardBy(3600000)
        compare(wholes, 1)
    }

    function test_another_search_takes_the_place_of_the_one_before() {
        const before = createTemporaryObject(folders, testCase)
        before.write("a", "content")
        before.write("b", "content")
        before.write("deep/c", "content")
        folder.write("other", "content")
        let begun = false
        meanwhile = done => {
            if (!done.startsWith("List") || begun)
                return
            begun = true
            verify(Finder.start(folder.path))
        }
        verify(Finder.start(before.path))
        clock.fastForwardBy(600000)
        refresh()
        verify(!Finder.running)
        compare([Finder.folder, Finder.folders, Finder.files], [folder.path, 1, 1])
        compare(groups(), [])
    }

    function test_a_folder_that_is_not_there_is_refused() {
        folder.write("a", "content")
        folder.write("b", "content")
        search()
        verify(!Finder.start(folder.path + "/c"))
        compare(Finder.error,
                `there is no folder ${folder.path}/c; give one that exists, or none for the current one`)
        // The search before is as it was.
        refresh()
        compare(Finder.folder, folder.path)
        compare(groups(), [["a", "b"]])
        search()
        compare(Finder.error, "")
    }

    function test_a_row_that_is_opened_has_a_checksum() {
        folder.write("a", "content")
        search()
        checksum.args = [folder.path + "/a"]
        checksum.start()
        clock.runUntilIdle()
        compare(checksum.result, "3fba5250be9ac259c56e7250c526bc83bacb4be825f2799d3d59e5b4878dd74e")
        checksum.args = [folder.path + "/b"]
        checksum.start()
        clock.runUntilIdle()
        verify(/^cannot read .*b: No such file/.test(checksum.error.message), checksum.error.message)
    }

    function test_the_window_is_told_once_that_there_are_new_numbers() {
        folder.write("a", "content")
        folder.write("b", "content")
        refresh()
        stale.clear()
        search()
        wait(0)
        clock.fastForwardBy(60000)
        wait(0)
        verify(Finder.stale)
        compare(stale.count, 1)
        refresh()
        verify(!Finder.stale)
        clock.fastForwardBy(60000)
        wait(0)
        verify(Finder.stale)
    }
}
