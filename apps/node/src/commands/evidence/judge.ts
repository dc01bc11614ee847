import {
  type AttestationResult,
  type DecodedEvidence,
  type EvidenceInput,
  type EvidenceKind,
  matchEventLog,
  parseCcel,
  parseDstackEventLog,
  verifyEvidence,
} from '@spartan/attestation'
import { BaseError } from '@spartan/errors'
import { keccak256 } from 'viem'
import { CannotCheckError } from '../../errors.ts'
import type { Output } from '../output.ts'
import { formatChecks, resultToJson } from './checksTree.ts'
import { EVIDENCE_EXIT_CODES, exitCodeOfRefusal } from './exitCodes.ts'

/** Evidence in the form that the verifier of its kind takes. */
export function evidenceOf(decoded: DecodedEvidence, certificates: Uint8Array | undefined): EvidenceInput['evidence'] {
  if (decoded.kind !== 'nvidia') return decoded.evidence
  const certificateChain = certificates ?? decoded.beside.certificates
  if (certificateChain === undefined) throw new CannotCheckError('CLI_CERTIFICATES_MISSING')
  return { report: decoded.evidence, certificateChain }
}

/** Judges, and holds accepted TDX evidence against its event log where there is one. */
export async function judge(input: EvidenceInput, eventLog: Uint8Array | undefined): Promise<AttestationResult> {
  const result = await verifyEvidence({ ...input, keccak256 })
  if (eventLog === undefined || result.verdict === 'refused') return result
  return withEventLog(result, eventLog)
}

const TITLE = 'The event log leads to the measurement registers'

async function withEventLog(
  result: Extract<AttestationResult, { verdict: 'accepted' }>,
  bytes: Uint8Array,
): Promise<AttestationResult> {
  const check = { id: 'event-log', title: TITLE }
  try {
    if (result.claims.tee !== 'tdx')
      throw new CannotCheckError('EVIDENCE_KIND_UNSUPPORTED', { metaMessages: ['event log'] })
    const isJson = new TextDecoder().decode(bytes.subarray(0, 16)).trimStart().startsWith('[')
    const log = isJson ? parseDstackEventLog(bytes) : parseCcel(bytes)
    const { measurements } = result.claims
    const rtmrs = ['rtmr0', 'rtmr1', 'rtmr2', 'rtmr3'].map((name) => measurements[name] ?? new Uint8Array())
    const { events } = await matchEventLog({ log, rtmrs })
    const measured = events.filter(({ measuredData }) => measuredData !== undefined).length
    const values = { format: log.format, events: `${events.length}`, eventsWhoseDataWasMeasured: `${measured}` }
    return { ...result, checks: [...result.checks, { ...check, status: 'done', values }] }
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    const { code: reasonCode, shortMessage, metaMessages } = error
    const values = { problem: [shortMessage, ...metaMessages].join(' ') }
    const checks = [...result.checks, { ...check, status: 'failed' as const, reasonCode, values }]
    return { verdict: 'refused', reasonCode, error, checks }
  }
}

/** What a judgement is printed with. */
export interface Judged {
  readonly kind: EvidenceKind
  readonly result: AttestationResult
  /** Unix seconds. */
  readonly at: number
  /** Where policy and trust come from, for people. */
  readonly notes: Readonly<Record<string, string>>
  /** Commands and options that help on after a refusal, for people. */
  readonly next?: readonly string[]
}

/** Prints a judgement; returns the exit code. */
export function printJudgement({ kind, result, at, notes, next = [] }: Judged, output: Output): number {
  const json = { kind, at, ...notes, ...resultToJson(result) }
  const head = [['evidence', kind], ['judged as of', new Date(at * 1000).toISOString()], ...Object.entries(notes)].map(
    ([name = '', value]) => `${name.padEnd(14)}${value}`,
  )
  output.result(json, [...head, '', ...formatChecks(result.checks), '', ...verdictLines(result), ...next].join('\n'))
  return result.verdict === 'accepted' ? EVIDENCE_EXIT_CODES.accepted : exitCodeOfRefusal(result.reasonCode)
}

function verdictLines(result: AttestationResult): readonly string[] {
  if (result.verdict === 'refused') {
    const could = exitCodeOfRefusal(result.reasonCode) === EVIDENCE_EXIT_CODES.cannotCheck
    return [`${could ? 'COULD NOT CHECK' : 'REFUSED'}  ${result.error.message}`]
  }
  const { product, trustTier, tcbStatus, simulated, advisoryIds, platformId, earliestExpiry } = result.claims
  return [
    `ACCEPTED  ${product}, trust tier ${trustTier}, TCB ${tcbStatus}${simulated ? ', SIMULATED: proves nothing about hardware' : ''}`,
    ...(advisoryIds.length > 0 ? [`advisories    ${advisoryIds.join(' ')}`] : []),
    `platform      ${platformId === undefined ? 'the evidence hides it' : Buffer.from(platformId).toString('hex')}`,
    `valid until   ${untilText(earliestExpiry)}`,
  ]
}

/** Device certificates of NVIDIA end in the year 9999; keys of CCA never. */
function untilText(seconds: number): string {
  const end = new Date(seconds * 1000)
  return Number.isNaN(end.getTime()) ? 'unlimited' : end.toISOString()
}
