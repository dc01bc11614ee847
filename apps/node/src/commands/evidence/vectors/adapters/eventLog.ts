import {
  type CommonClaims,
  decodeEvidence,
  EvidenceRejectedError,
  matchEventLog,
  parseCcel,
  parseDstackEventLog,
} from '@spartan/attestation'
import { fileLike } from '../files.ts'
import { type Judgement, judgementBy } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { sameBytes } from '../octets.ts'

/**
 * Holds accepted TDX evidence against what the entry carries besides: its event log has to lead to the registers, and its nonce has
 * to stand in REPORTDATA.
 */
export async function withWorkload(entry: VectorEntry, judgement: Judgement): Promise<Judgement> {
  const { claims } = judgement
  if (claims === undefined) return judgement
  const found = await judgementBy(async () => {
    expectNonce(entry, claims)
    const log = eventLogOf(entry)
    if (log) await matchEventLog({ log, rtmrs: RTMRS.map((name) => claims.measurements[name] ?? new Uint8Array()) })
  })
  if (found.verdict === 'accepted') return judgement
  return { ...found, failedCheck: 'event-log', skipped: judgement.skipped, checks: judgement.checks }
}

const RTMRS = ['rtmr0', 'rtmr1', 'rtmr2', 'rtmr3'] as const

function expectNonce(entry: VectorEntry, { reportData }: CommonClaims): void {
  const nonce = entry.file('nonce.dat')
  if (nonce === undefined || sameBytes(nonce, reportData)) return
  throw new EvidenceRejectedError('DCAP_REPORT_DATA_MISMATCH', { metaMessages: ['nonce.dat'] })
}

/** A CC event log of its own, or the log inside of a collector's JSON. */
function eventLogOf(entry: VectorEntry) {
  const ccel = fileLike(entry, /^ccel_data\./)
  if (ccel) return parseCcel(ccel)
  const container = entry.file('evidence.json')
  const log = container && decodeEvidence(container).beside.eventLog
  return log && parseDstackEventLog(log)
}
