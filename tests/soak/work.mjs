// What the soak has called on workers, in JavaScript.

export function sum(numbers, context) {
    let sum = 0
    for (const number of numbers) {
        sum += number
        context.progress(sum / 1000, "adding")
    }
    return sum
}

export function echo(value) {
    return value
}

export function fails() {
    throw new RangeError("at random")
}

export function endless() {
    for (;;)
        ;
}

export function sleeps(ms, context) {
    context.sleep(ms)
    return "slept"
}

export function sends(count, context) {
    for (let at = 0; at < count; ++at)
        context.send({ at: at })
    return count
}

export function later(value) {
    return Promise.resolve(value).then(first => first + 1)
}
