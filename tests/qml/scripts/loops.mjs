// Loops of every shape, for tst_scripts.qml to cancel. Each ends by itself after `ms`.

export function whileDate(ms) {
    const end = Date.now() + ms
    let n = 0
    while (Date.now() < end)
        n++
    return n
}

export function doWhile(ms) {
    const end = Date.now() + ms
    let n = 0
    do
        n += 0.5
    while (end > Date.now())
    return n
}

export function forCount(ms) {
    const end = Date.now() + ms
    let n = 0
    for (let i = 0; i < 1e12; i++) {
        n += i % 7
        if (i % 1000 === 0 && Date.now() > end)
            break
    }
    return n
}

export function forEver(ms) {
    const end = Date.now() + ms
    for (;;) {
        if (Date.now() > end)
            return
    }
}

export function forOf(ms) {
    const end = Date.now() + ms
    let n = 0
    while (Date.now() < end) {
        for (const value of [1, 2, 3, 4, 5, 6, 7, 8])
            n += value
    }
    return n
}

export function forIn(ms) {
    const end = Date.now() + ms
    let n = 0
    while (Date.now() < end) {
        for (const key in { a: 1, b: 2, c: 3 })
            n += key.length
    }
    return n
}

export function nested(ms) {
    const end = Date.now() + ms
    let n = 0
    while (Date.now() < end) {
        for (let i = 0; i < 10; i++) {
            let j = 0
            do
                n += i * j
            while (++j < 10)
        }
    }
    return n
}

export function labelled(ms) {
    const end = Date.now() + ms
    outer: while (Date.now() < end) {
        for (let i = 0; ; i++) {
            if (i > 20)
                continue outer
        }
    }
}

function until(end) {
    let n = 0
    while (Date.now() < end)
        n++
    return n
}

export function calls(ms) {
    return until(Date.now() + ms)
}

// A short one again and again, so that it is met at its beginning and at its end, too.
function aMoment() {
    let n = 0
    for (let i = 0; i < 50; i++)
        n += i < Date.now() ? 1 : 2
    return n
}

function repeat(ms, work) {
    const end = Date.now() + ms
    let n = 0
    while (Date.now() < end)
        n += work() ? 1 : 0
    return n
}

export function recursion(ms) {
    const down = depth => depth === 0 ? aMoment() : down(depth - 1) + 1
    return repeat(ms, () => down(20))
}

const numbers = Array.from({ length: 20 }, (_, i) => (i * 7) % 20)

export const forEach = ms => repeat(ms, () => numbers.forEach(aMoment))
export const map = ms => repeat(ms, () => numbers.map(aMoment).length)
export const filter = ms => repeat(ms, () => numbers.filter(aMoment).length)
export const some = ms => repeat(ms, () => numbers.some(() => aMoment() < 0))
export const reduce = ms => repeat(ms, () => numbers.reduce((sum, value) => sum + value + aMoment(), 0))
export const sort = ms => repeat(ms, () => numbers.slice().sort((a, b) => a - b + 0 * aMoment()).length)
export const from = ms => repeat(ms, () => Array.from(numbers, aMoment).length)
export const typed = ms => repeat(ms, () => new Float64Array(numbers).map(aMoment).some(value => value < 0 * aMoment()))
export const each = ms => repeat(ms, () => new Map([[1, 2], [3, 4]]).forEach(aMoment))
export const replace = ms => repeat(ms, () => "abcdef".replace(/[a-f]/g, () => String(aMoment())))
export const reviver = ms => repeat(ms, () => JSON.parse("[1, 2, {\"a\": 3}]", (key, value) => aMoment() && value))
export const toJson = ms => repeat(ms, () => JSON.stringify([{ toJSON: () => aMoment() }, { a: 1 }], (key, value) => aMoment() && value))

export function getter(ms) {
    const object = { get slow() { return aMoment() }, set slow(value) { aMoment() } }
    return repeat(ms, () => object.slow = object.slow + 1)
}

export function converted(ms) {
    const object = { valueOf: aMoment, toString: () => String(aMoment()), [Symbol.toPrimitive]: aMoment }
    const plain = { valueOf: aMoment, toString: () => String(aMoment()) }
    return repeat(ms, () => object + 1 > 0 && plain < 1e9 && `${plain}`.length && plain != object)
}

export function proxy(ms) {
    const object = new Proxy({}, { get: aMoment, has: () => aMoment() > 0, set: () => aMoment() > 0, ownKeys: () => [String(aMoment())] })
    return repeat(ms, () => object.x && "y" in object && (object.z = 1) && Reflect.ownKeys(object).length)
}

export function classes(ms) {
    class Base { constructor() { this.n = aMoment() } get twice() { return 2 * aMoment() } }
    class Derived extends Base { constructor() { super(); this.m = aMoment() } }
    return repeat(ms, () => new Derived().twice)
}

function* counted(most) {
    for (let i = 0; i < most; i++)
        yield aMoment()
}

export function generator(ms) {
    return repeat(ms, () => {
        let n = 0
        for (const value of counted(10))
            n += value
        return n
    })
}

export function iterator(ms) {
    const some = { [Symbol.iterator]: () => ({ i: 0, next() { return { value: aMoment(), done: ++this.i > 5 } } }) }
    return repeat(ms, () => [...some].length + new Set(some).size)
}

export function swallows(ms) {
    const end = Date.now() + ms
    while (Date.now() < end) {
        try {
            until(end)
        } catch (error) {
            aMoment()
        }
    }
}

export function atLast(ms) {
    const end = Date.now() + ms
    while (Date.now() < end) {
        try {
            try {
                until(end)
            } finally {
                aMoment()
            }
        } catch (error) {
            if (aMoment() < 0)
                throw error
        } finally {
            aMoment()
        }
    }
}

export function matches(ms) {
    return repeat(ms, () => /(a+b?)+c/.test("aaaabaaaabx") || "a,b,c".split(/,/).length)
}

export function evaluated(ms) {
    const loop = Function("end", "let n = 0; while (Date.now() < end) n++; return n")
    return loop(Date.now() + ms)
}

export function asks(ms, context) {
    const end = Date.now() + ms
    while (Date.now() < end && !context.cancelled)
        ;
}

export function reports(ms, context) {
    return repeat(ms, () => context.progress(0.5, "half"))
}

export function sleeps(ms, context) {
    return repeat(ms, () => context.sleep(1))
}

export function promised(ms) {
    return Promise.resolve(ms).then(until).then(() => until(Date.now() + ms)).then(() => repeat(ms, aMoment))
}

export function chained(ms) {
    const end = Date.now() + ms
    const step = n => Date.now() < end && n < 2000 ? Promise.resolve(n + 1).then(step) : repeat(end - Date.now(), aMoment)
    return step(0)
}

export function leaves(ms) {
    const end = Date.now() + ms
    return { get result() { return until(end) }, list: [{ get deeper() { return aMoment() } }] }
}
