import type { ReasonCode } from '@spartan/errors'
import { isJsonObject, parseUniqueJson } from '../any/json.ts'
import { MalformedEvidenceError } from '../errors.ts'
import { fromHex } from '../internal/bytes.ts'
import type { Unverified } from '../result.ts'
import type { EventLog, LoggedEvent, RtmrIndex } from './types.ts'

/** Events that dstack's guest agent extends into RTMR3. Source: dstack, cc-eventlog, runtime events. */
export const DSTACK_RUNTIME_EVENT = 0x0800_0001
/** EV_NO_ACTION: recorded, extends nothing. */
const EV_NO_ACTION = 3
const MAX_LOG_BYTES = 4 * 1024 * 1024
const MAX_EVENTS = 65_536

/**
 * Parses a dstack event log: a JSON array of `{ imr, event_type, digest, event, event_payload }`, registers counted from
 * RTMR0, digest and payload in hex.
 *
 * Proves: the form. Does not prove: that any of it was measured; see {@link matchEventLog}.
 *
 * @throws {MalformedEvidenceError} EVENT_LOG_MALFORMED, EVENT_LOG_REGISTER_UNKNOWN.
 */
export function parseDstackEventLog(bytes: Uint8Array): Unverified<EventLog> {
  const json = parseUniqueJson(bytes, 'EVENT_LOG_MALFORMED', MAX_LOG_BYTES)
  if (!Array.isArray(json)) return fail('the log', 'an array', typeof json)
  if (json.length > MAX_EVENTS) return fail('the log', `at most ${MAX_EVENTS} events`, `${json.length}`)
  return { format: 'dstack', events: json.map(readEvent) }
}

function readEvent(value: unknown, index: number): LoggedEvent {
  const where = `event ${index}`
  if (!isJsonObject(value)) return fail(where, 'an object', typeof value)
  const { imr, event_type: type, digest, event: name, event_payload: payload } = value
  if (typeof type !== 'number' || !Number.isInteger(type) || type < 0 || type > 0xffff_ffff) {
    return fail(where, 'event_type, an unsigned 32-bit number', JSON.stringify(type))
  }
  if (typeof name !== 'string') return fail(where, 'event, a text', typeof name)
  return {
    index,
    register: type === EV_NO_ACTION ? undefined : registerOf(imr, where),
    type,
    digest: hex(digest, `${where}: digest`, 48),
    name,
    claimedData: hex(payload, `${where}: event_payload`),
  }
}

function registerOf(imr: unknown, where: string): RtmrIndex {
  if (imr === 0 || imr === 1 || imr === 2 || imr === 3) return imr
  return fail(where, 'imr from 0 to 3', JSON.stringify(imr), 'EVENT_LOG_REGISTER_UNKNOWN')
}

function hex(value: unknown, where: string, size?: number): Uint8Array {
  const valid = typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(value)
  if (!valid) return fail(where, 'hex', typeof value)
  if (size !== undefined && value.length !== 2 * size) return fail(where, `${size} bytes`, `${value.length / 2}`)
  return fromHex(value)
}

function fail(where: string, expected: string, got: string, code: ReasonCode = 'EVENT_LOG_MALFORMED'): never {
  throw new MalformedEvidenceError(code, { offset: 0, expected, got }, { details: where })
}
