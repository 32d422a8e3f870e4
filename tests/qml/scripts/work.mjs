// What tst_scripts.qml has called on workers.

import { factor } from "./factor.mjs"

let calls = 0

export function sum(...numbers) {
    numbers.pop()
    return numbers.reduce((a, b) => a + b, 0)
}

export function echo(value) {
    return value
}

export function scaled(value) {
    return value * factor
}

export function nothing() {
}

export function argumentsOf() {
    return arguments.length
}

export function about(context) {
    return { keys: Object.keys(context), cancelled: context.cancelled, taskId: context.taskId,
             iteration: context.iteration, attempt: context.attempt, frozen: Object.isFrozen(context) }
}

// Fails in its first two attempts, as `how` says: "plain", "permanent" or "later".
export function flaky(how, context) {
    if (context.attempt > 2)
        return context.attempt
    const error = new Error(`attempt ${context.attempt}`)
    if (how === "permanent")
        error.permanent = true
    if (how === "later")
        error.retryAfterMs = 1
    throw error
}

export function count() {
    return ++calls
}

export function report(steps, context) {
    for (let step = 1; step <= steps; ++step)
        context.progress(step / steps, "step " + step)
    return steps
}

export function copyFiles(files, context) {
    context.progress(files, 4, "files")
    context.progress(undefined, "looking")
}

export function say(context) {
    context.progress(0.5, "half")
    context.progress(undefined, "looking")
    return "said"
}

export function wrongProgress(context) {
    context.progress(7, "seven")
    return "went on"
}

export function fails() {
    throw new RangeError("no such price")
}

export function failsPlainly() {
    throw new Error("no such price")
}

export function failsWith(value) {
    throw value
}

export function failsWithText() {
    throw { toString: () => "as it says" }
}

export function failsWithItself() {
    const value = {}
    value.again = value
    throw value
}

export function rejects(value) {
    return Promise.reject(value)
}

export function failsDeep() {
    fails()
}

export function returnsError() {
    return new Error("returned")
}

export function returnsFunction() {
    return { inside: [() => 1] }
}

export function returnsGetter() {
    return { get broken() { throw new Error("the getter threw") } }
}

export function returnsItself() {
    const value = {}
    value.again = value
    return value
}

export function endless() {
    for (;;)
        ;
}

export function endlessGetter() {
    return { get forever() { endless() } }
}

export function stubborn() {
    for (;;) {
        try {
            endless()
        } catch (error) {
            // It is not to be caught.
        }
    }
}

export function busy(ms) {
    const end = Date.now() + ms
    while (Date.now() < end)
        ;
    return ms
}

export function sleeps(ms, context) {
    context.sleep(ms)
    return "slept"
}

export function blocks(context) {
    const inner = context.blocking(() => context.blocking(() => 20) + 1)
    try {
        context.blocking(() => { throw new Error("the disk is gone") })
    } catch (error) {
        return `${inner} ${error.message}`
    }
}

export function blocksUntilCancelled(context) {
    context.blocking(() => {
        for (;;)
            context.sleep(1000)
    })
}

// Runs on until it is asked, or all `names` of the same kind are seen running: see together.
export function untilCancelled(context) {
    while (!context.cancelled)
        ;
    return "stopped by itself"
}

export function later(value) {
    return Promise.resolve(value)
        .then(first => new Promise(resolve => resolve(first + 1)))
        .then(second => second + 1)
}

export function laterFails() {
    return Promise.resolve().then(() => { throw new TypeError("too late") })
}

export function manySteps(steps) {
    let promise = Promise.resolve(0)
    for (let step = 0; step < steps; ++step)
        promise = promise.then(value => value + 1)
    return promise
}

export function never() {
    return new Promise(() => {})
}

export function globals() {
    return Object.getOwnPropertyNames(Function('return this')()).filter(name => /^(Qt|qsTr|TaskManager|WorkerScript|XMLHttpRequest|Rig)$/.test(name))
}

export function leaves() {
    Function('return this')().left = 1
}

export function undeclared() {
    left = 1
}

export function logs() {
    console.warn("from a worker")
}
