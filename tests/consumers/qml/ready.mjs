export function fail(message) {
    throw new Error(message)
}

export function stay(progress, context) {
    context.progress(progress, "Page 3")
    context.sleep(600000)
}

export function refuse() {
    throw new Error("refused")
}
