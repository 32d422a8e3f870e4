export const factor = 3
