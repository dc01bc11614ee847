/** A word of the hints of `P384.verify`: a number, a slope, or a single byte. */
export interface HintWord {
  readonly at: number
  readonly bytes: number
  readonly kind: 'number' | 'slope' | 'byte'
}

/** Where the parts of the hints are (docs/specs/p384.md, 3). */
export const HINTS = { y: 0, k: 48, flags: 96, place: 97, unhinted: 98, multiples: 99, program: 99 + 16 * 48 } as const

const SLOPE = 48

/** The words of hints for any key, by their program. */
export function wordsOf(hints: Uint8Array): readonly HintWord[] {
  const slopes = (at: number, count: number): HintWord[] =>
    Array.from({ length: count }, (_, index) => ({ at: at + SLOPE * index, bytes: SLOPE, kind: 'slope' }))
  const byte = (at: number): HintWord => ({ at, bytes: 1, kind: 'byte' })
  const words: HintWord[] = [
    { at: HINTS.y, bytes: 48, kind: 'number' },
    { at: HINTS.k, bytes: 48, kind: 'number' },
    ...[HINTS.flags, HINTS.place, HINTS.unhinted].map(byte),
    ...slopes(HINTS.multiples, 16),
    byte(HINTS.program),
  ]
  let [at, place, unhinted] = [HINTS.program + 1, hints[HINTS.place] ?? 0, hints[HINTS.unhinted] ?? 0]
  const hasInverse = unhinted > 0
  while (at < hints.length) {
    if (hasInverse && unhinted === 0) {
      words.push(...slopes(at, 1))
      at += SLOPE
      unhinted = -1
    }
    const code = hints[at] ?? 0
    const adds = code < 0xe0
    const doublings = adds ? code >> 5 : code & 31
    const count = unhinted > 0 ? 0 : doublings + (adds ? 1 : 0) + (place <= 48 && place > 1 ? doublings : 0)
    words.push(byte(at), ...slopes(at + 1, count))
    at += 1 + SLOPE * count
    place -= doublings
    if (unhinted > 0) unhinted--
  }
  return words
}
