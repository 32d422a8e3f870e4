import QtQuick
import Legwork

// Where QML has submitted a task, and a failure that nobody hears of.
Case {
    id: locations

    readonly property string file: Qt.resolvedUrl("tst_locations.qml")
    // This line and what is on it are named in a test.
    function submit() { return TaskManager.runInThread("echo", [1]) }
    readonly property int lineOfSubmit: 10

    function locationOf(id) {
        return TaskManager.taskInfo(id).sourceLocation
    }

    Component {
        id: declared

        Task {
            job: "echo"
            args: [1]
        }
    }

    Component {
        id: grouped

        TaskGroup {
            Task { job: "echo"; args: [1] }
        }
    }

    Component {
        id: shown

        TaskMonitor {
            width: 400
            height: 300
            model: TaskModel { filter: TaskModel.All }
        }
    }

    name: "Locations"
    when: windowShown
    visible: true
    width: 400
    height: 300

    function test_b393_the_line_of_javascript_that_submits() {
        compare(locationOf(submit()), `${file}:${lineOfSubmit}`)
        const ids = [
            TaskManager.runLater(1, "echo", [1]),
            TaskManager.runPeriodic(3600000, "echo", [1]),
            TaskManager.runScript(Qt.resolvedUrl("scripts/work.mjs"), "nothing"),
            TaskManager.all([submit()]),
            TaskManager.any([submit()])
        ]
        for (const id of ids) {
            const at = locationOf(id)
            verify(at.startsWith(`${file}:`), at)
            verify(Number(at.slice(file.length + 1)) > lineOfSubmit, at)
        }
        TaskManager.cancelTask(ids[1])
    }

    function test_b393_the_file_of_an_element_and_the_line_of_its_start() {
        const task = createTemporaryObject(declared, locations, {running: true})
        // Not that of what creates it.
        compare(locationOf(task.taskId), file)
        waitFor(() => task.status === TaskManager.Completed)
        task.start()
        const at = locationOf(task.taskId)
        verify(at.startsWith(`${file}:`), at)
        const group = createTemporaryObject(grouped, locations)
        verify(group.start())
        verify(locationOf(group.taskId).startsWith(`${file}:`))
    }

    function test_b393_the_monitors_details_have_it() {
        const id = submit()
        waitForEnd(id)
        const monitor = createTemporaryObject(shown, locations)
        const list = findChild(monitor, "list")
        const row = () => {
            list.forceLayout()
            list.positionViewAtEnd()
            for (let at = 0; at < list.count; ++at) {
                if (list.itemAtIndex(at)?.taskId === id)
                    return list.itemAtIndex(at)
            }
            return null
        }
        waitFor(() => row() !== null, "its row")
        const text = monitor.describe(row())
        verify(text.includes(`Submitted at: ${file}:${lineOfSubmit}\n`), text)
    }
}
