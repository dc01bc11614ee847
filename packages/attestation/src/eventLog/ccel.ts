import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../errors.ts'
import { equalBytes, isZero, u16, u32 } from '../internal/bytes.ts'
import type { Unverified } from '../result.ts'
import type { EventLog, LoggedEvent, RtmrIndex } from './types.ts'

/** TPM_ALG_ID. Source: TCG Algorithm Registry. */
const TPM_ALG_SHA384 = 0x000c
const SHA384_SIZE = 48
/** Recorded for the reader; extends nothing. Source: TCG PC Client Platform Firmware Profile, §10.4.1. */
const EV_NO_ACTION = 3
/** "Spec ID Event03" with its NUL. Source: TCG PC Client Platform Firmware Profile, §10.4.5.1. */
const SPEC_ID_SIGNATURE = new TextEncoder().encode('Spec ID Event03\0')
/** Head of TCG_PCClientPCREvent: register, type, SHA-1 digest, size of the event. */
const FIRST_EVENT_HEAD = 32
const SPEC_ID_HEAD = 28
/** Larger than any log area that firmware reserves (64 KiB to 1 MiB). */
const MAX_LOG_BYTES = 4 * 1024 * 1024
const MAX_ALGORITHMS = 8

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** Sizes of digests by algorithm, as the log's head declares them. */
type Algorithms = ReadonlyMap<number, number>

/**
 * Parses the CC event log of a TD: the area that the CCEL ACPI table points to, with what the firmware left unused behind the
 * last event (0xFF or zero bytes, nothing else).
 *
 * Registers: the log counts from MRTD, so that 1 to 4 are RTMR0 to RTMR3. Source: UEFI 2.10 §38.4.1 and Intel TDX Guest
 * Hypervisor Communication Interface; events as TCG_PCR_EVENT2.
 *
 * Proves: the layout. Does not prove: that any of it was measured; see {@link matchEventLog}.
 *
 * @throws {MalformedEvidenceError} EVENT_LOG_MALFORMED, EVENT_LOG_ALGORITHM_UNSUPPORTED, EVENT_LOG_REGISTER_UNKNOWN.
 */
export function parseCcel(bytes: Uint8Array): Unverified<EventLog> {
  if (bytes.length > MAX_LOG_BYTES) fail(MAX_LOG_BYTES, `at most ${MAX_LOG_BYTES} bytes`, `${bytes.length}`)
  const cursor: Cursor = { bytes, at: 0 }
  const algorithms = readSpecId(cursor)
  const events: LoggedEvent[] = []
  while (!atUnusedArea(cursor)) events.push(readEvent(cursor, algorithms, events.length))
  return { format: 'ccel', events }
}

function readSpecId(cursor: Cursor): Algorithms {
  const register = take32(cursor, 'the first event')
  const type = take32(cursor, 'the first event')
  const digest = take(cursor, 20, 'the SHA-1 digest of the first event')
  const size = take32(cursor, 'the size of the first event')
  if (type !== EV_NO_ACTION || register > 1) fail(0, 'EV_NO_ACTION', `type ${type}, register ${register}`)
  if (!isZero(digest)) fail(8, 'a digest of zeros', 'something else')
  const event: Cursor = { bytes: take(cursor, size, 'the specification id'), at: 0 }
  if (event.bytes.length < SPEC_ID_HEAD || !equalBytes(event.bytes.subarray(0, 16), SPEC_ID_SIGNATURE)) {
    fail(FIRST_EVENT_HEAD, 'Spec ID Event03', 'something else')
  }
  event.at = SPEC_ID_HEAD - 4
  const count = take32(event, 'the number of algorithms')
  if (count === 0 || count > MAX_ALGORITHMS) fail(56, `1 to ${MAX_ALGORITHMS} algorithms`, `${count}`)
  const algorithms = new Map<number, number>()
  for (let index = 0; index < count; index++) {
    const pair = take(event, 4, 'an algorithm')
    if (algorithms.has(u16(pair, 0))) fail(60 + 4 * index, 'each algorithm once', `${u16(pair, 0)} again`)
    algorithms.set(u16(pair, 0), u16(pair, 2))
  }
  const [vendorSize = 0] = take(event, 1, 'the size of the vendor information')
  take(event, vendorSize, 'the vendor information')
  if (event.at !== event.bytes.length) fail(FIRST_EVENT_HEAD + event.at, 'the end of the specification id', 'more')
  if (algorithms.get(TPM_ALG_SHA384) !== SHA384_SIZE) {
    fail(60, 'SHA-384 of 48 bytes', [...algorithms.keys()].join(' '), 'EVENT_LOG_ALGORITHM_UNSUPPORTED')
  }
  return algorithms
}

function readEvent(cursor: Cursor, algorithms: Algorithms, index: number): LoggedEvent {
  const start = cursor.at
  const register = take32(cursor, 'a register')
  const type = take32(cursor, 'an event type')
  const digest = readDigests(cursor, algorithms)
  const size = take32(cursor, 'the size of an event')
  const claimedData = take(cursor, size, 'an event')
  return { index, register: rtmrOf(register, type, start), type, digest, name: '', claimedData }
}

/** The SHA-384 digest, when every algorithm of the log's head is there exactly once. */
function readDigests(cursor: Cursor, algorithms: Algorithms): Uint8Array {
  const count = take32(cursor, 'the number of digests')
  if (count !== algorithms.size) fail(cursor.at - 4, `${algorithms.size} digests`, `${count}`)
  const digests = new Map<number, Uint8Array>()
  for (let read = 0; read < count; read++) {
    const algorithm = u16(take(cursor, 2, 'an algorithm'), 0)
    const size = algorithms.get(algorithm)
    if (size === undefined || digests.has(algorithm)) {
      return fail(cursor.at - 2, 'each declared algorithm once', `algorithm ${algorithm}`)
    }
    digests.set(algorithm, take(cursor, size, 'a digest'))
  }
  return digests.get(TPM_ALG_SHA384) ?? fail(cursor.at, 'a SHA-384 digest', 'none')
}

function rtmrOf(register: number, type: number, at: number): RtmrIndex | undefined {
  if (type === EV_NO_ACTION) return undefined
  switch (register) {
    case 1:
      return 0
    case 2:
      return 1
    case 3:
      return 2
    case 4:
      return 3
    default:
      // Register 0 is MRTD, which nothing can extend once the TD runs.
      return fail(at, 'a register from 1 to 4', `${register}`, 'EVENT_LOG_REGISTER_UNKNOWN')
  }
}

/** Whether the rest is unused: it starts like no event, and then it must be all 0xFF or all zero. */
function atUnusedArea({ bytes, at }: Cursor): boolean {
  if (at === bytes.length) return true
  const filler = bytes[at]
  const rest = bytes.subarray(at)
  if (filler === 0xff) {
    // No register has a number that ends in 0xFF: what follows has to be filler to the end.
    const odd = rest.findIndex((byte) => byte !== 0xff)
    return odd === -1 || fail(at + odd, 'unused bytes 0xFF', `0x${rest[odd]?.toString(16)}`)
  }
  return filler === 0 && isZero(rest)
}

function take(cursor: Cursor, length: number, what: string): Uint8Array {
  const stop = cursor.at + length
  if (stop > cursor.bytes.length) fail(cursor.at, `${what} of ${length} bytes`, 'the end')
  const taken = cursor.bytes.subarray(cursor.at, stop)
  cursor.at = stop
  return taken
}

const take32 = (cursor: Cursor, what: string) => u32(take(cursor, 4, what), 0)

function fail(offset: number, expected: string, got: string, code: ReasonCode = 'EVENT_LOG_MALFORMED'): never {
  throw new MalformedEvidenceError(code, { offset, expected, got })
}
