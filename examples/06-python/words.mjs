// Runs on a worker, in a JavaScript engine of its own.

export function count(text, context) {
    const lines = text.split("\n")
    let words = 0
    lines.forEach((line, number) => {
        words += line.split(/\s+/).filter(word => word !== "").length
        context.progress((number + 1) / lines.length)
    })
    return { lines: lines.length, words: words }
}
