import type { ReasonCode } from '@spartan/errors'

/**
 * One reviewed line: a reason as vectors state it, and the codes that mean it. Several codes stand in a line only where one
 * text covers faults that we tell apart.
 */
export type ReasonRule = readonly [text: RegExp, codes: readonly ReasonCode[]]

/** How a stated reason and a code go together. */
export type ReasonMatch = 'stated' | 'other' | 'unreviewed'

/**
 * Whether a code is what a stated reason means, by the first rule whose text fits.
 *
 * `unreviewed`: no rule knows the text, so that nothing is claimed.
 */
export function matchReason(rules: readonly ReasonRule[], reason: string, code: ReasonCode): ReasonMatch {
  const rule = rules.find(([text]) => text.test(reason))
  if (!rule) return 'unreviewed'
  return rule[1].includes(code) ? 'stated' : 'other'
}
