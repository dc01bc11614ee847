import { createHash } from 'node:crypto'
import { BaseError } from '@spartan/errors'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedEvidenceError, matchEventLog, parseCcel, parseDstackEventLog, replayEventLog } from '../index.ts'

const sha384 = (...parts: readonly (string | Uint8Array)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha384')).digest()

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

interface Event {
  readonly register: number
  readonly type: number
  readonly data: Buffer
  readonly digest?: Buffer
}

const EVENTS: readonly Event[] = [
  { register: 1, type: 0x80000001, data: Buffer.from('SecureBoot') },
  { register: 2, type: 0x80000007, data: Buffer.from('Calling EFI Application from Boot Option') },
  { register: 1, type: 3, data: Buffer.from('for the reader only') },
  { register: 3, type: 6, data: Buffer.from('path of an image'), digest: sha384('the image') },
  { register: 4, type: 13, data: Buffer.from('workload') },
  { register: 2, type: 4, data: Buffer.alloc(4) },
]

function specId(algorithms: readonly (readonly [number, number])[]): Buffer {
  const pairs = algorithms.map(([id, size]) => Buffer.of(id & 0xff, id >> 8, size & 0xff, size >> 8))
  const head = Buffer.from('Spec ID Event03\0\0\0\0\0\0\x02\0\x02', 'latin1')
  const event = Buffer.concat([head, u32(algorithms.length), ...pairs, Buffer.of(0)])
  return Buffer.concat([u32(1), u32(3), Buffer.alloc(20), u32(event.length), event])
}

const encode = ({ register, type, data, digest = sha384(data) }: Event) =>
  Buffer.concat([u32(register), u32(type), u32(1), Buffer.of(0x0c, 0), digest, u32(data.length), data])

function ccel(events: readonly Event[] = EVENTS, filler = Buffer.alloc(300, 0xff)): Uint8Array {
  return new Uint8Array(Buffer.concat([specId([[0x0c, 48]]), ...events.map(encode), filler]))
}

/** The registers by an own replay. */
function registersOf(events: readonly Event[]): Uint8Array[] {
  const rtmrs = [0, 1, 2, 3].map(() => Buffer.alloc(48))
  for (const { register, type, data, digest = sha384(data) } of events) {
    const before = rtmrs[register - 1]
    if (type !== 3 && before) rtmrs[register - 1] = sha384(before, digest)
  }
  return rtmrs.map((bytes) => new Uint8Array(bytes))
}

const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof BaseError ? error.code : String(error)
  }
  return 'parsed'
}

const rejection = async (found: Promise<unknown>) => {
  const error = await found.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return error instanceof BaseError ? { code: error.code, message: error.message } : error
}

describe('CCEL', () => {
  test('default: replays to the registers and tells which data was measured', async () => {
    const matched = await matchEventLog({ log: parseCcel(ccel()), rtmrs: registersOf(EVENTS) })
    const shown = matched.events.map(({ index, register, measuredData }) => [
      index,
      register,
      measuredData && Buffer.from(measuredData).toString(),
    ])
    expect(shown).toEqual([
      [0, 0, 'SecureBoot'],
      [1, 1, 'Calling EFI Application from Boot Option'],
      [3, 2, undefined],
      [4, 3, 'workload'],
      [5, 1, '\0\0\0\0'],
    ])
  })

  test.each([
    ['0xFF', Buffer.alloc(64, 0xff)],
    ['zero', Buffer.alloc(64)],
    ['nothing', Buffer.alloc(0)],
  ])('behavior: %s behind the last event is unused space', (_, filler) => {
    expect(parseCcel(ccel(EVENTS, filler)).events).toHaveLength(EVENTS.length)
  })

  test('error: EVENT_LOG_RTMR_MISMATCH names the register', async () => {
    const log = parseCcel(ccel(EVENTS.filter(({ type }) => type !== 13)))
    const rtmrs = registersOf(EVENTS)
    expect(await rejection(matchEventLog({ log, rtmrs }))).toMatchObject({
      code: 'EVENT_LOG_RTMR_MISMATCH',
      message: expect.stringContaining('RTMR3'),
    })
    const { events } = await matchEventLog({ log, rtmrs, registers: [0, 1, 2] })
    expect(events.every(({ register }) => register !== 3)).toBe(true)
    expect(await rejection(matchEventLog({ log, rtmrs: [] }))).toMatchObject({ code: 'EVENT_LOG_RTMR_MISMATCH' })
  })

  test('behavior: order counts', async () => {
    const swapped = parseCcel(ccel([...EVENTS].reverse()))
    const found = rejection(matchEventLog({ log: swapped, rtmrs: registersOf(EVENTS) }))
    expect(await found).toMatchObject({ code: 'EVENT_LOG_RTMR_MISMATCH' })
  })

  const head = specId([[0x0c, 48]])
  const wrongSize = Buffer.concat([head, encode({ register: 1, type: 4, data: Buffer.alloc(4) })])
  wrongSize.writeUInt32LE(0x7fff_ffff, wrongSize.length - 8)
  test.each<[string, Buffer | Uint8Array, string]>([
    ['nothing', Buffer.alloc(0), 'EVENT_LOG_MALFORMED'],
    ['a TPM log', specId([[0x0b, 32]]), 'EVENT_LOG_ALGORITHM_UNSUPPORTED'],
    [
      'an algorithm twice',
      specId([
        [0x0c, 48],
        [0x0c, 48],
      ]),
      'EVENT_LOG_MALFORMED',
    ],
    ['no algorithm', specId([]), 'EVENT_LOG_MALFORMED'],
    ['a hundred algorithms', specId(Array.from({ length: 100 }, (_, id) => [id, 48] as const)), 'EVENT_LOG_MALFORMED'],
    ['MRTD', ccel([{ register: 0, type: 4, data: Buffer.alloc(4) }]), 'EVENT_LOG_REGISTER_UNKNOWN'],
    ['register 5', ccel([{ register: 5, type: 4, data: Buffer.alloc(4) }]), 'EVENT_LOG_REGISTER_UNKNOWN'],
    ['a size beyond the end', wrongSize, 'EVENT_LOG_MALFORMED'],
    ['something behind unused space', ccel(EVENTS, Buffer.from('ffffffff00', 'hex')), 'EVENT_LOG_MALFORMED'],
    ['more than any log area', new Uint8Array(5 * 1024 * 1024), 'EVENT_LOG_MALFORMED'],
  ])('error: %s', (_, bytes, code) => {
    expect(codeOf(() => parseCcel(new Uint8Array(bytes)))).toBe(code)
  })

  test('property: any truncation or mutation is read or refused as malformed, never anything else', () => {
    const good = ccel()
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(good.length),
        fc.uint8Array({ maxLength: 40 }),
        (at, flip, cut, more) => {
          const changed = Uint8Array.of(...good.subarray(0, cut), ...more)
          if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ flip
          try {
            parseCcel(changed)
          } catch (error) {
            if (!(error instanceof MalformedEvidenceError)) throw error
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('property: a flipped bit of what is measured never matches', async () => {
    const rtmrs = registersOf(EVENTS)
    await fc.assert(
      fc.asyncProperty(fc.nat(EVENTS.length - 1), fc.nat(48 * 8 - 1), async (index, bit) => {
        const events = EVENTS.map((event, at) => {
          const digest = Buffer.from(event.digest ?? sha384(event.data))
          if (at === index) digest[bit >> 3] = (digest[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          return { ...event, digest }
        })
        // What extends nothing is not measured.
        if (EVENTS[index]?.type === 3) return
        const found = await rejection(matchEventLog({ log: parseCcel(ccel(events)), rtmrs }))
        expect(found).toMatchObject({ code: 'EVENT_LOG_RTMR_MISMATCH' })
      }),
      { numRuns: 300 },
    )
  })
})

const RUNTIME = 0x08000001

function dstackEvent(name: string, payload: string, change: Record<string, unknown> = {}) {
  const digest = sha384(u32(RUNTIME), ':', name, ':', Buffer.from(payload, 'hex')).toString('hex')
  return { imr: 3, event_type: RUNTIME, digest, event: name, event_payload: payload, ...change }
}

const json = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

describe('dstack event log', () => {
  const boot = { imr: 0, event_type: 10, digest: sha384('table').toString('hex'), event: '', event_payload: 'aa' }
  const good = [boot, dstackEvent('app-id', '1234'), dstackEvent('system-ready', '')]

  test('default: replays, with names and payloads vouched for', async () => {
    const { rtmrs } = await replayEventLog(parseDstackEventLog(json(good)))
    const expected = good
      .slice(1)
      .reduce((rtmr, { digest }) => sha384(rtmr, Buffer.from(digest, 'hex')), Buffer.alloc(48))
    expect(Buffer.from(rtmrs[3])).toEqual(expected)
    const { events } = await matchEventLog({ log: parseDstackEventLog(json(good)), rtmrs })
    expect(
      events.map(({ name, measuredData }) => [name, measuredData && Buffer.from(measuredData).toString('hex')]),
    ).toEqual([
      ['', undefined],
      ['app-id', '1234'],
      ['system-ready', ''],
    ])
  })

  test.each([
    ['payload', { event_payload: '1235' }],
    ['name', { event: 'app-ie' }],
  ])('error: EVENT_LOG_EVENT_DIGEST_MISMATCH names the event with another %s', async (_, change) => {
    const log = parseDstackEventLog(json([boot, dstackEvent('app-id', '1234', change)]))
    expect(await rejection(replayEventLog(log))).toMatchObject({
      code: 'EVENT_LOG_EVENT_DIGEST_MISMATCH',
      message: expect.stringContaining('event 1'),
    })
  })

  test.each([
    ['another JSON value', '{}', 'EVENT_LOG_MALFORMED'],
    ['a key twice', '[{"imr":0,"imr":3}]', 'EVENT_LOG_MALFORMED'],
    ['register 4', [{ ...boot, imr: 4 }], 'EVENT_LOG_REGISTER_UNKNOWN'],
    ['a register as text', [{ ...boot, imr: '0' }], 'EVENT_LOG_REGISTER_UNKNOWN'],
    ['a short digest', [{ ...boot, digest: 'aa' }], 'EVENT_LOG_MALFORMED'],
    ['no digest', [{ ...boot, digest: undefined }], 'EVENT_LOG_MALFORMED'],
    ['a payload that is not hex', [{ ...boot, event_payload: 'zz' }], 'EVENT_LOG_MALFORMED'],
    ['a type that is not an integer', [{ ...boot, event_type: 1.5 }], 'EVENT_LOG_MALFORMED'],
    ['a number for an event', [1], 'EVENT_LOG_MALFORMED'],
    ['too many events', [...Array(65_537)].map(() => 0), 'EVENT_LOG_MALFORMED'],
  ])('error: %s', (_, value, code) => {
    expect(codeOf(() => parseDstackEventLog(json(value)))).toBe(code)
  })

  test('property: any text is read or refused as malformed, never anything else', () => {
    const text = JSON.stringify(good)
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(20), fc.string(), (at, removed, inserted) => {
        const changed = text.slice(0, at) + inserted + text.slice(at + removed)
        try {
          parseDstackEventLog(json(changed))
        } catch (error) {
          if (!(error instanceof MalformedEvidenceError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})
