import type { DcapEndorsements } from '@spartan/attestation'
import { all, type Fetched } from '../fetched.ts'
import type { Fetcher, FetchOptions } from '../fetcher.ts'
import { readJsonObject } from '../json.ts'
import type { SourceReport } from '../resource.ts'
import {
  type DcapRequest,
  fetchDcapEndorsements,
  fetchTcbEvaluations,
  type IntelSource,
  type TcbEvaluation,
} from './intel.ts'

/** What a verifier makes of one platform under one set of endorsements. */
export type TcbOutcome =
  | {
      readonly kind: 'evaluated'
      readonly tcbStatus: string
      readonly advisoryIds: readonly string[]
    }
  /** The evidence or the endorsements were refused before or instead of an evaluation: a revoked platform, for one. */
  | { readonly kind: 'refused'; readonly reasonCode: string }

/** Runs `packages/attestation` over the platform's evidence with these endorsements. */
export type EvaluateTcb = (endorsements: DcapEndorsements) => Promise<TcbOutcome>

/** The platform under the set that counts now, under the next one, and what is between them. */
export interface TcbForecast {
  readonly now: TcbOutcome
  readonly next: TcbOutcome
  /** Evaluation numbers of the TCB info of both sets. */
  readonly numbers: { readonly now: number; readonly next: number }
  /** Whether the next set judges this platform otherwise. */
  readonly changes: boolean
  readonly advisoriesAdded: readonly string[]
  readonly advisoriesGone: readonly string[]
  /** Whether a newer evaluation than the current one is published at all. */
  readonly recoveryPending: boolean
  /** The recovery behind the next set; undefined when none is pending or the source does not list it. */
  readonly recovery: (TcbEvaluation & ExpectedSwitch) | undefined
  readonly sources: { readonly now: readonly SourceReport[]; readonly next: readonly SourceReport[] }
}

/**
 * When the service is expected to give the next set to everyone. Intel announces no date; its documents say "commonly
 * approximately 6 weeks after public disclosure" (PCCS API specification, parameter `update`), and since 2024 the
 * standard set has followed at about 12 months.
 */
export interface ExpectedSwitch {
  /** Unix seconds. */
  readonly earliestAt: number
  readonly latestAt: number
}

const SIX_WEEKS_SECONDS = 42 * 86_400
const YEAR_SECONDS = 365 * 86_400

/** Both sets and the list of evaluations, not verified yet. */
export interface TcbSets {
  readonly now: Fetched<DcapEndorsements>
  readonly next: Fetched<DcapEndorsements>
  /** Newest first; empty when the source does not publish the list (older caches). */
  readonly evaluations: readonly TcbEvaluation[]
}

/** Fetches the standard and the early set. Failures: as `fetchDcapEndorsements`. */
export async function fetchTcbSets(
  fetcher: Fetcher,
  source: IntelSource,
  request: Pick<DcapRequest, 'tee' | 'fmspc' | 'ca'>,
  options: FetchOptions = {},
): Promise<TcbSets> {
  const [now, next, evaluations] = await all([
    fetchDcapEndorsements(fetcher, source, { ...request, update: 'standard' }, options),
    fetchDcapEndorsements(fetcher, source, { ...request, update: 'early' }, options),
    // The dates are a help, not a part of the judgement: a source without them still gives both sets.
    fetchTcbEvaluations(fetcher, source, request.tee, options).then(
      ({ endorsements }) => endorsements.evaluations,
      () => [],
    ),
  ])
  return { now, next, evaluations }
}

/**
 * Judges a platform by both sets and says what will change and when.
 *
 * Proves what `evaluate` proves. The dates are Intel's list as fetched and an estimate, and say so.
 */
export async function forecastTcb(sets: TcbSets, evaluate: EvaluateTcb): Promise<TcbForecast> {
  const now = await evaluate(sets.now.endorsements)
  const next = await evaluate(sets.next.endorsements)
  const [before, after] = [advisoriesOf(now), advisoriesOf(next)]
  const numbers = { now: numberOf(sets.now), next: numberOf(sets.next) }
  const recoveryPending = numbers.next > numbers.now
  const found = recoveryPending ? sets.evaluations.find(({ number }) => number === numbers.next) : undefined
  return {
    now,
    next,
    numbers,
    changes: judgementOf(now) !== judgementOf(next),
    advisoriesAdded: after.filter((id) => !before.includes(id)),
    advisoriesGone: before.filter((id) => !after.includes(id)),
    recoveryPending,
    recovery: found && {
      ...found,
      earliestAt: found.recoveryEventAt + SIX_WEEKS_SECONDS,
      latestAt: found.recoveryEventAt + YEAR_SECONDS,
    },
    sources: { now: sets.now.sources, next: sets.next.sources },
  }
}

const advisoriesOf = (outcome: TcbOutcome) => (outcome.kind === 'evaluated' ? outcome.advisoryIds : [])

/** Evaluation number of the TCB info. Read before any verdict, so that a platform that is refused has one too. */
function numberOf({ endorsements }: Fetched<DcapEndorsements>): number {
  const { tcbEvaluationDataNumber: number } = readJsonObject(endorsements.tcbInfo.body, 'TCB info')
  return typeof number === 'number' ? number : 0
}

const judgementOf = (outcome: TcbOutcome) =>
  outcome.kind === 'evaluated'
    ? [outcome.tcbStatus, ...[...outcome.advisoryIds].sort()].join(' ')
    : `refused ${outcome.reasonCode}`
