import QtQuick
import QtTest
import Legwork
import LegworkTests

// A failure that nobody hears of is logged, with where it was submitted. Not a Case, which hears of all.
TestCase {
    id: unheard

    readonly property string file: Qt.resolvedUrl("tst_unheard.qml")

    function init() {
        failOnWarning(/.?/)
        Rig.beginFunction()
        // What ended on the only worker was logged before that begins the next.
        TaskManager.maxWorkers = 1
    }

    // Until all that was submitted by now has ended, and was delivered.
    function settle() {
        let done = false
        TaskManager.runInThread("echo", [1], {onComplete: () => done = true})
        tryVerify(() => done)
    }

    function expectLog(job) {
        const place = file.replace(/[.]/g, "[.]") + ":[0-9]+"
        ignoreWarning(new RegExp(`job "${job}".*, submitted at ${place}, has failed, and nobody hears of it: no`))
    }

    Component {
        id: failing

        Task {
            job: "fail"
            args: ["no network"]
        }
    }

    Component {
        id: handled

        Task {
            property string heard: ""

            job: "fail"
            args: ["no network"]
            onFailed: error => heard = error.message
        }
    }

    Component {
        id: bound

        Task {
            readonly property bool bad: status === TaskManager.Failed

            job: "fail"
            args: ["no network"]
        }
    }

    name: "Unheard"

    function test_b394_a_call_without_functions() {
        expectLog("fail")
        TaskManager.runInThread("fail", ["no network"])
        settle()
    }

    function test_b394_functions_for_other_things() {
        expectLog("fail")
        TaskManager.runInThread("fail", ["no network"], {onComplete: () => {}, onProgress: () => {}})
        settle()
    }

    function test_b394_a_function_for_errors_or_for_the_end() {
        const heard = []
        TaskManager.runInThread("fail", ["no network"], {onError: error => heard.push(error.message)})
        TaskManager.runInThread("fail", ["no network"], {onEnd: end => heard.push(end.error.message)})
        tryCompare(heard, "length", 2)
        settle()
        compare(heard, ["no network", "no network"])
    }

    function test_b394_a_promise_hears() {
        let heard = ""
        const id = TaskManager.runLater(1, "fail", ["no network"])
        TaskManager.promise(id).catch(error => heard = error.message)
        tryVerify(() => heard !== "")
        settle()
    }

    function test_b394_an_element_that_nothing_is_connected_to() {
        ignoreWarning(/job "fail".*has failed, and nobody hears of it: no network/)
        const task = createTemporaryObject(failing, unheard, {running: true})
        settle()
        compare(task.status, TaskManager.Failed)
    }

    // It has failed by the time that the element looks how it is.
    function test_b394_an_element_whose_task_was_quick() {
        for (let at = 0; at < 20; ++at) {
            ignoreWarning(/job "fail".*has failed, and nobody hears of it: no network/)
            createTemporaryObject(failing, unheard, {running: true})
            settle()
        }
    }

    function test_b394_an_element_with_a_handler_or_a_binding() {
        const first = createTemporaryObject(handled, unheard, {running: true})
        tryCompare(first, "heard", "no network")
        const second = createTemporaryObject(bound, unheard, {running: true})
        tryCompare(second, "bad", true)
        settle()
    }

    function test_b394_a_periodic_task_once() {
        ignoreWarning(/run 1 of task .*has failed, and nobody hears of it: no network .logged once a task./)
        const id = TaskManager.runPeriodic(1, "fail", ["no network"], {maxRuns: 3})
        tryVerify(() => TaskManager.taskInfo(id).iteration === 3)
        settle()
    }
}
