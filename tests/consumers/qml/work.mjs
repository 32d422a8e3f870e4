export function sum(numbers, context) {
    let sum = 0
    numbers.forEach((number, done) => {
        sum += number
        context.progress(done / numbers.length, "adding")
    })
    return sum
}
