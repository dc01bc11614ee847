import { BaseError, type ReasonCode } from '@spartan/errors'
import { messageOf } from '../../../errors.ts'
import { adapterOf } from './adapters/adapters.ts'
import { type ClaimDifference, compareClaims } from './claims.ts'
import { EXCEPTIONS } from './exceptions.ts'
import type { Adapter, Judgement } from './judgement.ts'
import type { ReadEntry, VectorEntry } from './manifest.ts'
import { reasonsOf } from './reasons/reasons.ts'
import { matchReason, type ReasonMatch } from './reasons/rules.ts'

/** What the runner says of one entry. */
export interface VectorReport {
  readonly id: string
  /** `error`: the entry could not be judged; never right, whatever was expected. */
  readonly verdict: 'pass' | 'fail' | 'error'
  readonly reasonCode: ReasonCode | null
  /** Name of the check that refused, and of those that were done. */
  readonly failedCheck: string | null
  readonly doneChecks: readonly string[]
  readonly expected: 'pass' | 'fail' | null
  readonly expectedReason: string | null
  readonly ok: boolean
  /** Checks left out by name: the entry carries no such endorsement. */
  readonly skipped: readonly string[]
  /**
   * Whether the code is what the stated reason means. `unreviewed`: the table of reasons does not know the text, so that
   * nobody can say; such an entry is not right.
   */
  readonly reason: ReasonMatch | null
  /** Codes of other faults of the entry that the verifier meets before the stated one. */
  readonly refusedBefore: readonly ReasonCode[]
  /** Checks of endorsements which the entry does carry that were taken away to get behind those faults. */
  readonly judgedWithout: readonly string[]
  /** Claims that differ from what the manifest says of good evidence. */
  readonly differences: readonly ClaimDifference[]
  /** Clause of the vendor's document by which an expectation is held to be wrong (reviewed; aim: none). */
  readonly exception: string | null
  readonly problem: string
}

/** Judges an entry. Never throws: what cannot be judged is an error of this entry alone. */
export async function judgeEntry(entry: ReadEntry): Promise<VectorReport> {
  if ('problem' in entry) return errorReport(entry.id, null, null, entry.problem)
  const { expected } = entry
  try {
    const report =
      expected.verdict === 'pass' ? await judgeGood(entry) : await judgeNegative(entry, expected.reason ?? '')
    const exception = EXCEPTIONS[entry.id] ?? null
    return exception === null ? report : { ...report, exception, ok: true }
  } catch (error) {
    return errorReport(entry.id, expected.verdict, expected.reason ?? null, error)
  }
}

async function judgeGood(entry: VectorEntry): Promise<VectorReport> {
  const judgement = await adapterOf(entry).judge(entry, [])
  const differences = judgement.claims ? compareClaims(entry, judgement.claims) : []
  return {
    ...reportOf(entry, judgement),
    ok: judgement.verdict === 'accepted' && differences.length === 0,
    differences,
  }
}

/**
 * A negative is right when it is refused for its stated reason. Where a second fault in an endorsement is met before, it is
 * judged again without the check of that endorsement, by name, until the stated reason shows or nothing is left to take away.
 * Being refused in the first place is not up to that: an entry that is accepted as it stands is wrong.
 */
async function judgeNegative(entry: VectorEntry, reason: string): Promise<VectorReport> {
  const adapter = adapterOf(entry)
  const reasons = reasonsOf(entry.family)
  const first = await adapter.judge(entry, [])
  const refusedBefore: ReasonCode[] = []
  const without: string[] = []
  let found = first
  while (found.reasonCode !== undefined) {
    const match = matchReason(reasons, reason, found.reasonCode)
    const report = {
      ...reportOf(entry, found),
      skipped: first.skipped,
      reason: match,
      refusedBefore,
      judgedWithout: [...without],
    }
    if (match === 'stated') return { ...report, ok: true }
    // Nobody has read this text: that the refusal is for this reason could not be checked.
    if (match === 'unreviewed') return report
    const removable = removableCheck(adapter, found, without)
    if (removable === undefined) break
    refusedBefore.push(found.reasonCode)
    without.push(removable)
    found = await adapter.judge(entry, without)
  }
  return { ...reportOf(entry, first), ok: false, reason: first.reasonCode === undefined ? null : 'other' }
}

function removableCheck(adapter: Adapter, { failedCheck }: Judgement, without: readonly string[]): string | undefined {
  const known = failedCheck !== undefined && adapter.endorsementChecks.includes(failedCheck)
  return known && !without.includes(failedCheck) ? failedCheck : undefined
}

function reportOf({ id, expected }: VectorEntry, judgement: Judgement): VectorReport {
  return {
    id,
    verdict: judgement.verdict === 'accepted' ? 'pass' : 'fail',
    reasonCode: judgement.reasonCode ?? null,
    failedCheck: judgement.failedCheck ?? null,
    doneChecks: judgement.checks.flatMap(({ id, status }) => (status === 'done' ? [id] : [])),
    expected: expected.verdict,
    expectedReason: expected.reason ?? null,
    ok: false,
    skipped: judgement.skipped,
    reason: null,
    refusedBefore: [],
    judgedWithout: [],
    differences: [],
    exception: null,
    problem: judgement.problem,
  }
}

function errorReport(
  id: string,
  expected: VectorReport['expected'],
  expectedReason: string | null,
  error: unknown,
): VectorReport {
  return {
    id,
    verdict: 'error',
    reasonCode: error instanceof BaseError ? error.code : null,
    failedCheck: null,
    doneChecks: [],
    expected,
    expectedReason,
    ok: false,
    skipped: [],
    reason: null,
    refusedBefore: [],
    judgedWithout: [],
    differences: [],
    exception: null,
    problem: messageOf(error),
  }
}
