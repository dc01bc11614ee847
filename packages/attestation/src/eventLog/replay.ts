import { EvidenceRejectedError } from '../errors.ts'
import { concat, equalBytes, toHex } from '../internal/bytes.ts'
import { sha384 } from '../internal/hashes.ts'
import type { Verified } from '../result.ts'
import { DSTACK_RUNTIME_EVENT } from './dstack.ts'
import type { EventLog, LoggedEvent, ReplayedEvent, ReplayedEventLog, RtmrIndex } from './types.ts'

/** Every runtime measurement register. */
export const ALL_RTMRS = [0, 1, 2, 3] as const satisfies readonly RtmrIndex[]

/**
 * Extends the registers with every event of a log, from zero: RTMR ← SHA-384(RTMR ‖ digest).
 *
 * Proves: nothing yet; compare the registers with those of a verified quote ({@link matchEventLog}).
 *
 * @throws {EvidenceRejectedError} EVENT_LOG_EVENT_DIGEST_MISMATCH with the event's index, when the digest of a dstack event
 * is not that of its name and payload: then the name could be anything.
 */
export async function replayEventLog(log: EventLog): Promise<ReplayedEventLog> {
  const rtmrs: [Uint8Array, Uint8Array, Uint8Array, Uint8Array] = [ZERO, ZERO, ZERO, ZERO]
  const events: ReplayedEvent[] = []
  for (const event of log.events) {
    events.push({ ...event, measuredData: await measuredDataOf(event) })
    if (event.register !== undefined) rtmrs[event.register] = await sha384(concat(rtmrs[event.register], event.digest))
  }
  return { format: log.format, events, rtmrs }
}

const ZERO = new Uint8Array(48)

async function measuredDataOf(event: LoggedEvent): Promise<Uint8Array | undefined> {
  const { type, digest, claimedData } = event
  if (type !== DSTACK_RUNTIME_EVENT) return equalBytes(await sha384(claimedData), digest) ? claimedData : undefined
  if (equalBytes(await sha384(dstackPreimage(event)), digest)) return claimedData
  throw new EvidenceRejectedError('EVENT_LOG_EVENT_DIGEST_MISMATCH', {
    metaMessages: [`event ${event.index}, ${JSON.stringify(event.name)}`],
  })
}

/** Type (little-endian) ‖ ":" ‖ name ‖ ":" ‖ payload. Source: dstack, cc-eventlog, digest of runtime events. */
function dstackPreimage({ type, name, claimedData }: LoggedEvent): Uint8Array {
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, type, true)
  const colon = Uint8Array.of(0x3a)
  return concat(head, colon, new TextEncoder().encode(name), colon, claimedData)
}

/** Input of {@link matchEventLog}. */
export interface MatchEventLogInput {
  readonly log: EventLog
  /** RTMR0 to RTMR3 of a quote that has been verified, 48 bytes each. */
  readonly rtmrs: readonly Uint8Array[]
  /** Registers that the log has to account for: all four unless the log is known to cover only some. */
  readonly registers?: readonly RtmrIndex[]
}

/**
 * Replays a log and compares the registers with those of a quote.
 *
 * Proves: the events of these registers are, in this order and without gaps, what the registers were extended with, and
 * `measuredData` is what was hashed. Does not prove: what an event without `measuredData` was, that a name means what it
 * says where the software before it was not trusted (in dstack's digest `a:b` with payload `c` and `a` with payload `b:c` are
 * one), or anything about the quote itself.
 *
 * @throws {EvidenceRejectedError} EVENT_LOG_RTMR_MISMATCH with the register; EVENT_LOG_EVENT_DIGEST_MISMATCH.
 */
export async function matchEventLog(input: MatchEventLogInput): Promise<Verified<ReplayedEventLog>> {
  const { log, rtmrs, registers = ALL_RTMRS } = input
  const replayed = await replayEventLog(log)
  for (const register of registers) {
    const reported = rtmrs[register]
    if (reported !== undefined && equalBytes(replayed.rtmrs[register], reported)) continue
    const extending = replayed.events.filter((event) => event.register === register)
    throw new EvidenceRejectedError('EVENT_LOG_RTMR_MISMATCH', {
      metaMessages: [
        `RTMR${register}: the quote says ${reported ? toHex(reported) : 'nothing'}`,
        `the log gives ${toHex(replayed.rtmrs[register])} after ${extending.length} events, last event ${extending.at(-1)?.index ?? 'none'}`,
      ],
    })
  }
  const matched: readonly (RtmrIndex | undefined)[] = registers
  const events = replayed.events.filter(({ register }) => register !== undefined && matched.includes(register))
  const found: ReplayedEventLog = { ...replayed, events }
  return found as Verified<ReplayedEventLog>
}
