/** Digits in lower case of hex as policies and command lines write it: either case, with or without 0x. */
export const plainHex = (hex: string) => hex.toLowerCase().replace(/^0x/, '')

/** Whether two hex texts say the same bytes. */
export const sameHex = (left: string, right: string) => plainHex(left) === plainHex(right)

/** Whether a list of hex texts has these bytes. */
export const includesHex = (list: readonly string[], hex: string) => list.some((entry) => sameHex(entry, hex))

/** Whether a policy's value is `any` or says these bytes. */
export const matchesHex = (expected: string, hex: string) => expected === 'any' || sameHex(expected, hex)
