import type { AttestationResult, CheckOutcome } from '@spartan/attestation'

const MARKS = { done: '✓', failed: '✗', 'not-requested': '·' } as const
/** Longer values are cut in text; --json has them whole. */
const MAX_VALUE = 96

/** What the trail says of the checks behind the one that failed: one line each, since there is nothing more to say. */
const NOT_REACHED = 'not reached'

/** Every check in order with what it found, as a tree for people. */
export function formatChecks(checks: readonly CheckOutcome[]): readonly string[] {
  return checks.flatMap((check) => {
    const values = Object.entries(check.values).filter(([, value]) => value !== '')
    if (check.status === 'not-requested' && check.values.because === NOT_REACHED) {
      return [`${MARKS[check.status]} ${check.id}  ${check.title}  (${NOT_REACHED})`]
    }
    const last = values.length - 1
    return [
      `${MARKS[check.status]} ${check.id}  ${check.title}${check.reasonCode ? `  [${check.reasonCode}]` : ''}`,
      ...values.map(([name, value], index) => `  ${index === last ? '└' : '├'} ${name}: ${cut(value)}`),
    ]
  })
}

const cut = (value: string) => (value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value)

/** A result as plain JSON: bytes in hex. */
export function resultToJson(result: AttestationResult): Readonly<Record<string, unknown>> {
  const { verdict, checks } = result
  if (result.verdict === 'refused')
    return { verdict, reasonCode: result.reasonCode, problem: result.error.message, checks }
  return { verdict, claims: plain(result.claims), checks }
}

/** Bytes as hex, maps as objects, whatever is deeper the same. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Map) return plain(Object.fromEntries(value))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}
