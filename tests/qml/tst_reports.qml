import QtQuick
import QtQuick.Controls
import Legwork
import LegworkTests

// What users of others reported, written as a user of this library would write it. Where each was reported, and what was
// seen here, is in tests/REPORTS.md.
Case {
    id: testCase

    name: "Reports"

    function init() {
        begin()
    }

    Component { id: views; QtObject { property var view } }

    // quickfuture 6
    function test_b397_what_has_finished_is_not_told_as_cancelled() {
        const id = run("echo", [5])
        const told = []
        TaskManager.promise(id).then(result => told.push(["finished", result]), error => told.push(["failed", error.kind]))
        waitFor(() => told.length > 0)
        const keeper = createTemporaryObject(views, testCase, { view: TaskManager.task(id) })
        keeper.view.completed.connect(result => told.push(["completed", result]))
        keeper.view.cancelled.connect(reason => told.push(["cancelled", reason]))
        flush()
        compare(told[0], ["finished", 5])
        verify(!told.some(one => one[0] === "cancelled"), JSON.stringify(told))
        compare([keeper.view.status, keeper.view.result], [TaskManager.Completed, 5])
    }

    Component {
        id: conversions

        ProgressBar {
            property alias task: conversion

            value: conversion.progress
            indeterminate: conversion.indeterminate

            Task { id: conversion; job: "progress" }
        }
    }

    // PCSX2 12294: the last page is 99 of 100, and then it is done.
    function test_b397_the_bar_of_what_has_completed_is_not_at_99() {
        const bar = createTemporaryObject(conversions, testCase)
        bar.task.args = [[[0, "page 0"], [0.5, "page 50"], [0.99, "page 99"]]]
        bar.task.start()
        tryCompare(bar.task, "status", TaskManager.Completed)
        compare([bar.value, bar.indeterminate], [1, false])
    }

    Component { id: models; TaskModel { } }

    // naturtag 209: a taxon was left before its pictures had come.
    function test_b397_the_bar_of_the_next_batch_begins_anew_after_one_that_was_cancelled() {
        const model = createTemporaryObject(models, testCase)
        const first = []
        for (let i = 0; i < 3; ++i)
            first.push(TaskManager.runInThread("obey"))
        run("echo", [1])
        tryCompare(model, "progress", 0.25)
        compare(model.cancelAll(), 3)
        for (const id of first)
            waitForEnd(id)
        tryCompare(model, "progress", -1)
        const next = [hold("a"), hold("b")]
        tryCompare(model, "progress", 0)
        Rig.release("a")
        waitForEnd(next[0])
        tryCompare(model, "progress", 0.5)
        Rig.release("b")
        tryCompare(model, "progress", -1)
        compare([model.runningCount, model.queuedCount], [0, 0])
    }

    Component {
        id: motorPages

        Item {
            id: page

            property bool shown: false
            property alias task: work
            property var log: []

            Task {
                id: work

                job: "obey"
                running: page.shown
                onStarted: page.log.push("started")
                onCancelled: page.log.push("stopped")
            }
        }
    }

    // qgroundcontrol 8371: start() and stop() broke the binding of `running`, so that it ran on in the next view.
    function test_b397_to_start_and_cancel_by_hand_does_not_break_the_binding_of_running() {
        const page = createTemporaryObject(motorPages, testCase)
        const logged = expected => waitFor(() => page.log.join(" ") === expected, expected + ", not " + page.log.join(" "))
        page.shown = true
        logged("started")
        page.task.cancel()
        logged("started stopped")
        page.task.start()
        logged("started stopped started")
        page.shown = false
        logged("started stopped started stopped")
        verify(!page.task.running)
        page.shown = true
        logged("started stopped started stopped started")
        page.task.restart()
        logged("started stopped started stopped started started")
        page.shown = false
        logged("started stopped started stopped started started stopped")
        verify(!page.task.running)
    }

    Component {
        id: pages

        Item {
            id: page

            property string text

            Task { job: "obey"; name: "Page"; running: true; onCompleted: page.text = "shown" }

            function load(number) {
                TaskManager.runInThread("echo", [number], { owner: page, onComplete: result => page.text = result })
            }
        }
    }

    Component { id: dashboards; Loader { } }

    // gleec-wallet 1248: pages were switched before they were loaded.
    function test_b397_pages_that_are_switched_quickly_leave_nothing_behind() {
        const dashboard = createTemporaryObject(dashboards, testCase)
        for (let i = 1; i <= 200; ++i) {
            dashboard.sourceComponent = null
            dashboard.sourceComponent = pages
            dashboard.item.load(i)
            if (i % 10 === 0)
                Rig.processEvents()
        }
        waitFor(() => dashboard.item.text === "200")
        dashboard.active = false
        waitFor(() => Rig.idle(), "what the pages had begun ends")
    }

    Component { id: disks; QtObject { property double used: 0 } }
    Component { id: copies; ExternalTask { name: "Copy" } }

    // caelestia-dots/shell 159: the sizes of disks were negative.
    function test_b397_sizes_of_more_than_two_gigabytes_arrive() {
        const disk = createTemporaryObject(disks, testCase)
        const total = 4534026528 * 1024
        const id = TaskManager.runInThread("echo", [{ used: 2746794732, total: total }], {
            onComplete: sizes => disk.used = sizes.total - sizes.used
        })
        waitForEnd(id)
        compare(disk.used, total - 2746794732)
        const copy = createTemporaryObject(copies, testCase)
        copy.start()
        copy.setProgress(2746794732, total, "bytes")
        tryVerify(() => copy.progress > 0)
        const amount = TaskManager.taskInfo(copy.taskId).amount
        compare([amount.done, amount.total], [2746794732, total])
        copy.complete(total)
        tryCompare(copy, "result", total)
    }

    Component {
        id: appPages

        BusyIndicator {
            property alias task: action

            running: action.running

            Task { id: action }
        }
    }

    // harbour-storeman 143: the indicator of a page remained after the end.
    function test_b397_a_busy_indicator_stops_whatever_the_end() {
        const page = createTemporaryObject(appPages, testCase)
        const ends = [
            [{ job: "fail", args: ["no network"] }, TaskManager.Failed],
            [{ job: "obey", timeoutMs: 1 }, TaskManager.TimedOut],
            [{ job: "no such job" }, TaskManager.Failed],
            [{ job: "echo", args: [1], timeoutMs: 0 }, TaskManager.Completed],
            [{ job: "obey" }, TaskManager.Cancelled]
        ]
        for (const [values, status] of ends) {
            Object.assign(page.task, values)
            if (values.job === "no such job")
                ignoreWarning(/no job is named "no such job"/)
            page.task.start()
            if (status === TaskManager.Cancelled) {
                verify(page.running)
                page.task.cancel()
            }
            tryCompare(page.task, "status", status)
            verify(!page.running, values.job)
        }
    }

    Component {
        id: details

        Item {
            id: detail

            property string taxon
            property string shown

            Task {
                id: loading

                job: "echo"
                args: [detail.taxon]
                onArgsChanged: loading.restart()
                onCompleted: result => detail.shown = result
            }
        }
    }

    // naturtag 212: what was asked for before came after what is shown now.
    function test_b397_a_detail_that_is_left_does_not_come_after_the_next() {
        const detail = createTemporaryObject(details, testCase)
        const shown = []
        detail.shownChanged.connect(() => shown.push(Number(detail.shown)))
        for (let i = 1; i <= 300; ++i) {
            detail.taxon = i
            if (i % 7 === 0)
                Rig.processEvents()
        }
        waitFor(() => detail.shown === "300")
        flush()
        compare(detail.shown, "300")
        compare(shown, shown.slice().sort((a, b) => a - b))
    }
}
