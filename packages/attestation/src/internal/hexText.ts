/** Hex digits of a policy document: case and an 0x in front say nothing. */
const plain = (hex: string) => hex.toLowerCase().replace(/^0x/, '')

/** Whether two hex texts are the same bytes. */
export const sameHex = (left: string, right: string) => plain(left) === plain(right)

/** Whether a list of hex texts has these bytes. */
export const includesHex = (list: readonly string[], hex: string) => list.some((entry) => sameHex(entry, hex))
