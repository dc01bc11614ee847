import {
  decodeEvidence,
  MAX_EVIDENCE_CONTAINER_BYTES,
  marketplaceTdxPolicy,
  type TcbStatus,
  type TrustAnchor,
} from '@spartan/attestation'
import {
  dcapRequestOfQuote,
  EndorsementsError,
  fetchTcbSets,
  forecastTcb,
  type TcbForecast,
  type TcbOutcome,
  type TcbSets,
} from '@spartan/endorsements'
import type { Command } from 'commander'
import { UsageError } from '../../../errors.ts'
import { judgeDcap } from '../../../services/endorsementJudge.ts'
import { action, type Host } from '../../action.ts'
import { anchorsOf } from '../anchors.ts'
import { EVIDENCE_EXIT_CODES, evidenceExitCodeOf } from '../exitCodes.ts'
import { readInput } from '../input.ts'
import { fetcherOf, intelSource, type SourceOptions, withSources } from './options.ts'

const HELP = `
FILE is a TDX or SGX quote as \`inspect\` reads it. Its platform is judged by Intel's standard set, which counts now, and by the
early one, which will count next, so that there is time to update before clients refuse it.

Examples:
  spartan evidence tcb-status quote.bin
  spartan evidence tcb-status quote.bin --source azure --json

Exit codes: 0 the platform is and stays acceptable to the marketplace, 3 it is not or will not be, 2 usage, 4 could not check.`

/** `spartan evidence tcb-status FILE`. */
export function addTcbStatusCommand(evidence: Command, host: Host): void {
  withSources(evidence.command('tcb-status').argument('<file>', 'quote, or - for standard input'))
    .description('Say what the TCB status of a platform is, and what it will be.')
    .addHelpText('after', HELP)
    .action(
      action<SourceOptions>(
        host,
        async (output, options, file = '') => {
          const { kind, evidence: quote } = decodeEvidence(await readInput(file, host, MAX_EVIDENCE_CONTAINER_BYTES))
          if (kind !== 'tdx' && kind !== 'sgx') {
            throw new UsageError('CLI_USAGE_INVALID', { metaMessages: [`${kind}: only Intel publishes TCB statuses`] })
          }
          const fetcher = await fetcherOf(options)
          const request = dcapRequestOfQuote(quote)
          const sets = await fetchTcbSets(fetcher, intelSource(options), request)
          const at = Math.floor(fetcher.runtime.nowMs() / 1000)
          const forecast = await judgedForecast(sets, kind, quote, at, anchorsOf(kind, options.trustAnchor))
          const accepted = isAccepted(forecast.now) && isAccepted(forecast.next)
          output.result({ fmspc: request.fmspc, accepted, ...forecast }, textOf(request.fmspc, forecast))
          return accepted ? EVIDENCE_EXIT_CODES.accepted : EVIDENCE_EXIT_CODES.refused
        },
        evidenceExitCodeOf,
      ),
    )
}

/** Keeps both sets once they are found genuine. Throws ENDORSEMENTS_NOT_VERIFIED otherwise. */
async function judgedForecast(
  sets: TcbSets,
  tee: 'tdx' | 'sgx',
  evidence: Uint8Array,
  at: number,
  trustAnchors: readonly TrustAnchor[],
): Promise<TcbForecast> {
  const forecast = await forecastTcb(sets, async (endorsements): Promise<TcbOutcome> => {
    const { genuine, problem, value } = await judgeDcap(tee, { evidence, endorsements, at, trustAnchors })
    if (!genuine) {
      await Promise.all([sets.now.discard(), sets.next.discard()])
      const metaMessages = problem ? [`${problem.code}: ${problem.shortMessage}`, ...problem.metaMessages] : []
      throw new EndorsementsError('ENDORSEMENTS_NOT_VERIFIED', { metaMessages, cause: problem })
    }
    if (value.verdict === 'refused') return { kind: 'refused', reasonCode: value.reasonCode }
    const { tcbStatus, advisoryIds } = value.claims
    return { kind: 'evaluated', tcbStatus, advisoryIds }
  })
  await sets.now.keep()
  await sets.next.keep()
  return forecast
}

/** As the marketplace would, but for advisories, which a relying party accepts by name. */
function isAccepted(outcome: TcbOutcome): boolean {
  const { acceptedTcbStatuses } = marketplaceTdxPolicy({ measurements: 'any', reportData: 'any' })
  return outcome.kind === 'evaluated' && acceptedTcbStatuses.includes(outcome.tcbStatus as TcbStatus)
}

function textOf(fmspc: string, forecast: TcbForecast): string {
  const { now, next, numbers, changes, recoveryPending, recovery } = forecast
  const day = (at: number) => new Date(at * 1000).toISOString().slice(0, 10)
  const lines = [
    `platform  FMSPC ${fmspc}`,
    `now       ${outcomeText(now)} (evaluation ${numbers.now})`,
    `next      ${outcomeText(next)} (evaluation ${numbers.next})`,
    `changes   ${changes ? 'yes: the next set judges this platform otherwise' : 'no'}`,
  ]
  if (!recoveryPending) return [...lines, 'recovery  none is pending'].join('\n')
  if (!recovery) return [...lines, 'recovery  pending; the source gives no dates'].join('\n')
  return [
    ...lines,
    `recovery  disclosed ${day(recovery.recoveryEventAt)}, platforms need what was released by ${day(recovery.tcbDate)}`,
    `when      not announced; in the past ${day(recovery.earliestAt)} (6 weeks) to ${day(recovery.latestAt)} (12 months)`,
  ].join('\n')
}

function outcomeText(outcome: TcbOutcome): string {
  if (outcome.kind === 'refused') return `refused: ${outcome.reasonCode}`
  const { tcbStatus, advisoryIds } = outcome
  return advisoryIds.length === 0 ? tcbStatus : `${tcbStatus}, advisories ${advisoryIds.join(' ')}`
}
