// What a script sees of its arguments, and what it may return.

export function seen(value) {
    if (value === null || typeof value !== "object")
        return Object.is(value, -0) ? "number -0" : `${value === null ? "null" : typeof value} ${value}`
    if (value instanceof Date)
        return `Date ${value.getTime()}`
    if (value instanceof ArrayBuffer)
        return `ArrayBuffer ${Array.from(new Uint8Array(value))}`
    if (Array.isArray(value))
        return `Array [${value.map(seen).join("; ")}]`
    if (Object.keys(value).length > 0)
        return `Object {${Object.keys(value).map(key => `${key}: ${seen(value[key])}`).join("; ")}}`
    return `object ${value}`
}

class Point {
    constructor() {
        this.x = 1
    }
    get twice() {
        return 2 * this.x
    }
}

const results = {
    "undefined": undefined,
    "null": null,
    "true": true,
    "3": 3,
    "2^53 - 1": 2 ** 53 - 1,
    "2^53": 2 ** 53,
    "-0": -0,
    "0.5": 0.5,
    "NaN": NaN,
    "text": "a\ud800b",
    "buffer": new Uint8Array([0, 255]).buffer,
    "view": new Uint8Array([1, 2, 3]).subarray(1),
    "wide view": new Float64Array(1),
    "date": new Date(-1),
    "invalid date": new Date(NaN),
    "url": new URL("https://example.org/a%20b"),
    "array": [1, [undefined, null]],
    "object": { a: { b: 0.5 } },
    "instance": new Point(),
    "map": new Map([[1, 2]]),
    "regular expression": /x/,
    "error": new Error("returned"),
    "function": () => 1
}

export function made(kind) {
    return results[kind]
}
