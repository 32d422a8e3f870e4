import QtQuick
import Legwork
import LegworkTests

// Values to a task and back: the table of docs/values.md.
Case {
    id: values
    name: "Values"

    property var received: null

    // What comes of `value` in the signal, in the callback and in taskInfo; they have to agree.
    function echo(value) {
        received = null
        const id = run("echo", [value], { onComplete: result => values.received = [result] })
        waitFor(() => values.received !== null, "the callback")
        const signalled = eventsOf(id).filter(event => event[0] === "taskCompleted")[0][1]
        const known = TaskManager.taskInfo(id).result
        const text = v => v instanceof ArrayBuffer ? "bytes" : v === undefined ? "undefined" : JSON.stringify(v)
        compare(text(signalled), text(received[0]))
        compare(text(known), text(received[0]))
        return received[0]
    }

    // What the worker saw of it.
    function seen(value) {
        return eventsOf(run("seen", [value])).filter(event => event[0] === "taskCompleted")[0][1]
    }

    function made(kind) {
        return eventsOf(run("made", [kind])).filter(event => event[0] === "taskCompleted")[0][1]
    }

    function test_b14_undefined_and_null_stay_apart() {
        verify(echo(undefined) === undefined)
        verify(echo(null) === null)
        compare(seen(undefined), "undefined")
        compare(seen(null), "null")
    }

    function test_b14_booleans_and_numbers() {
        for (const value of [true, false, 0, -1, 2147483648, -2147483649, 9007199254740992, 0.1, -1e300]) {
            verify(echo(value) === value, String(value))
            compare(typeof echo(value), typeof value)
        }
        verify(Number.isNaN(echo(NaN)))
        verify(echo(Infinity) === Infinity)
        verify(echo(-Infinity) === -Infinity)
    }

    function test_b14_texts() {
        for (const text of ["", "plain", "with \u0000 a NUL", "\u{1F600} beyond the BMP", "x".repeat(100000)])
            verify(echo(text) === text, text.substring(0, 30))
        // Half a surrogate pair is no Unicode.
        compare(echo("a\ud800b"), "a\ufffdb")
    }

    function test_b14_bytes() {
        const buffer = new Uint8Array([0, 1, 254, 255]).buffer
        const back = echo(buffer)
        verify(back instanceof ArrayBuffer)
        compare(Array.from(new Uint8Array(back)), [0, 1, 254, 255])
        compare(seen(buffer), "Bytes(4)")
    }

    function test_b14_views_of_bytes() {
        const buffer = new Uint8Array([0, 1, 2, 253, 254, 255]).buffer
        for (const [view, expected] of [[new Uint8Array(buffer), [0, 1, 2, 253, 254, 255]],
                                        [new Uint8Array(buffer, 2, 3), [2, 253, 254]],
                                        [new Uint8ClampedArray(buffer, 5), [255]], [new Int8Array(buffer, 3, 1), [253]],
                                        [new DataView(buffer, 1, 2), [1, 2]], [new Uint8Array(0), []]]) {
            const back = echo(view)
            verify(back instanceof ArrayBuffer)
            compare(Array.from(new Uint8Array(back)), expected)
            compare(seen({ a: [view] }), `{"a": [Bytes(${expected.length})]}`)
        }
        // What only looks like one is a map.
        compare(seen({ buffer: buffer, byteOffset: 0, byteLength: 1 }),
                '{"buffer": Bytes(6), "byteLength": 1.0, "byteOffset": 0.0}')
    }

    function test_b14_dates_and_urls() {
        const date = new Date(Date.UTC(2026, 1, 28, 12, 34, 56, 789))
        const back = echo(date)
        verify(back instanceof Date)
        compare(back.getTime(), date.getTime())
        compare(echo(new Date(-1)).getTime(), -1)
        compare(seen(Qt.resolvedUrl("file:///tmp/a%20b")), "Url(file:///tmp/a%20b)")
        compare(String(echo(Qt.resolvedUrl("file:///tmp/a"))), "file:///tmp/a")
    }

    function test_b14_lists_and_maps_nest() {
        const value = { a: [1, "two", [true, null, []]], "": {}, "ä b": { deep: [{ deeper: 0.5 }] } }
        compare(JSON.stringify(echo(value)), JSON.stringify({ "": {}, a: value.a, "ä b": value["ä b"] }))
        let nested = []
        for (let depth = 0; depth < 63; ++depth)
            nested = [nested]
        compare(JSON.stringify(echo(nested)), JSON.stringify(nested))
        compare(echo(Array.from({ length: 10000 }, (_, index) => index)).length, 10000)
    }

    function test_b14_arguments_are_copied() {
        const list = [1, 2]
        hold("copy", undefined)
        TaskManager.maxWorkers = 1
        const id = TaskManager.runInThread("echo", [list])
        list[0] = 3
        Rig.release("copy")
        waitForEnd(id)
        compare(eventsOf(id)[1][1], [1, 2])
    }
}
