import QtQml.Models

// In the place of a TaskStats: the same face, over figures that are the same each time.
ListModel {
    id: standIn

    enum By { Jobs, Lanes, Owners }

    property bool active: true
    property bool ticking: true
    property int interval: 1000
    property int by: 0
    property var since: null

    function refresh() {}

    function reset() {
        clear()
    }

    function times(count: int, p50Ms: real, p95Ms: real, maxMs: real): var {
        return { count: count, p50Ms: p50Ms, p95Ms: p95Ms, maxMs: maxMs, totalMs: count * p50Ms }
    }

    function add(name: string, runs: int, running: var, waiting: var) {
        append({ name: name, runs: runs, running: running, waiting: waiting, delivery: times(runs, 0.2, 1, 12) })
    }
}
