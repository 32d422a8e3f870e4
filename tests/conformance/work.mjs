// The functions of the scenarios, as a script has them: see README.md.

export function value(it) {
    return it
}

export function nothing() {
}

export function fail(message) {
    throw new Error(message)
}

export function sendAndWait(value, context) {
    context.send(value)
    endless()
}

// Sends, and rests in calls of its context until it is asked to stop.
export function sendAndRest(value, context) {
    context.send(value)
    for (;;)
        context.sleep(1)
}

export function endless() {
    for (;;)
        ;
}

export function half(context) {
    context.progress(0.5, "half")
    endless()
}
