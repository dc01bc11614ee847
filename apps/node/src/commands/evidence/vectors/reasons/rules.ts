import type { ReasonCode } from '@spartan/errors'

/**
 * One reviewed line: a reason as vectors may state it, and the codes that mean it. Several codes stand in a line only where one
 * text covers faults that we tell apart.
 */
export type ReasonRule = readonly [text: RegExp, codes: readonly ReasonCode[]]

/** What a family of vectors states as reasons: known texts to the letter, and rules for texts that nobody has read yet. */
export interface ReasonTable {
  readonly texts: Readonly<Record<string, ReasonCode>>
  readonly rules: readonly ReasonRule[]
}

/** How a stated reason and a code go together. */
export type ReasonMatch = 'stated' | 'other' | 'unreviewed'

/**
 * Whether a code is what a stated reason means: by its very text where it is known, else by the first rule that fits.
 *
 * `unreviewed`: neither knows the text, so that nothing is claimed.
 */
export function matchReason({ texts, rules }: ReasonTable, reason: string, code: ReasonCode): ReasonMatch {
  const known = Object.hasOwn(texts, reason) ? texts[reason] : undefined
  if (known !== undefined) return known === code ? 'stated' : 'other'
  const rule = rules.find(([text]) => text.test(reason))
  if (!rule) return 'unreviewed'
  return rule[1].includes(code) ? 'stated' : 'other'
}
