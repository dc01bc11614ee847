import { encodeNvidiaReport, generatePkiKey, nvidiaText, nvidiaVbios } from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { MalformedEvidenceError } from '../errors.ts'
import { nvidiaEndorsementsFromJson, nvidiaEndorsementsToJson } from './endorsements.ts'
import { parseOpaqueFields } from './opaque.ts'
import { parseSpdmReport } from './spdm.ts'

const NONCE = new Uint8Array(32).fill(5)
let report: Uint8Array
beforeAll(async () => {
  const key = await generatePkiKey('ecdsa-p384')
  const measurements = [1, 2, 3].map((value) => new Uint8Array(48).fill(value))
  report = await encodeNvidiaReport({ nonce: NONCE, measurements, opaque: [[3, nvidiaText('580.95.05')]] }, key)
})

const RESPONSE = 37
const FIRST_BLOCK = RESPONSE + 8

function codeOf(run: () => unknown): string {
  try {
    run()
    return 'parsed'
  } catch (error) {
    if (!(error instanceof MalformedEvidenceError)) throw error
    return error.code
  }
}
const withByte = (at: number, value: number) => {
  const changed = Uint8Array.from(report)
  changed[at] = value
  return changed
}

describe('a report', () => {
  test('default: read by its lengths', () => {
    const { requesterNonce, measurements, signedBytes, signature, paddingBytes } = parseSpdmReport(report)
    expect(requesterNonce).toEqual(NONCE)
    expect([...measurements.keys()]).toEqual([1, 2, 3])
    expect([signedBytes.length, signature.length, paddingBytes]).toEqual([report.length - 96, 96, 0])
  })

  test.each([
    ['another request', 1, 0xe1, 'NVIDIA_REPORT_MALFORMED'],
    ['no signature asked for', 2, 0, 'NVIDIA_REPORT_MALFORMED'],
    ['one measurement asked for', 3, 1, 'NVIDIA_REPORT_MALFORMED'],
    ['another slot', 36, 1, 'NVIDIA_REPORT_MALFORMED'],
    ['another version of the response', RESPONSE, 0x12, 'NVIDIA_REPORT_VERSION_UNSUPPORTED'],
    ['another response', RESPONSE + 1, 0x61, 'NVIDIA_REPORT_MALFORMED'],
    ['more blocks', RESPONSE + 4, 4, 'NVIDIA_REPORT_MALFORMED'],
    ['fewer blocks', RESPONSE + 4, 2, 'NVIDIA_REPORT_MALFORMED'],
    ['a longer record', RESPONSE + 7, 1, 'NVIDIA_REPORT_MALFORMED'],
    ['index 0', FIRST_BLOCK, 0, 'NVIDIA_REPORT_MALFORMED'],
    ['one index twice', FIRST_BLOCK, 2, 'NVIDIA_REPORT_MALFORMED'],
    ['another specification', FIRST_BLOCK + 1, 2, 'NVIDIA_REPORT_MALFORMED'],
    ['another block size', FIRST_BLOCK + 2, 50, 'NVIDIA_REPORT_MALFORMED'],
    ['a raw value', FIRST_BLOCK + 4, 0x81, 'NVIDIA_REPORT_MALFORMED'],
    ['another value size', FIRST_BLOCK + 5, 47, 'NVIDIA_REPORT_MALFORMED'],
  ] as const)('error: %s', (_, at, value, code) => {
    expect(codeOf(() => parseSpdmReport(withByte(at, value)))).toBe(code)
  })

  test('error: every truncation, and what is too long', () => {
    for (let length = 0; length < report.length; length++) {
      expect(codeOf(() => parseSpdmReport(report.subarray(0, length)))).toBe('NVIDIA_REPORT_MALFORMED')
    }
    expect(codeOf(() => parseSpdmReport(new Uint8Array(65_537)))).toBe('NVIDIA_REPORT_MALFORMED')
  })
})

describe('opaque fields', () => {
  const fields = (...list: readonly (readonly [number, readonly number[] | Uint8Array])[]) =>
    Uint8Array.from(
      list.flatMap(([type, value]) => [type & 255, type >> 8, value.length & 255, value.length >> 8, ...value]),
    )

  test('default: decoded by their types, unknown ones kept', () => {
    const decoded = parseOpaqueFields(
      fields(
        [3, nvidiaText('550.90.07')],
        [6, nvidiaVbios('96.00.74.00.1C')],
        [11, [0xaa]],
        [12, [1, 0, 0, 0, 2, 1, 0, 0]],
        [21, [0x55]],
        [22, [8, 7, 6, 5, 4, 3, 2, 1]],
        [34, [1, 0]],
        [35, nvidiaText('GB100')],
        [36, [2, 0]],
        [300, [9]],
      ),
    )
    expect(decoded).toMatchObject({
      driverVersion: '550.90.07',
      vbiosVersion: '96.00.74.00.1C',
      nvdec0Enabled: true,
      measurementCounts: [1, 258],
      protectedPcie: false,
      switchPdis: ['0102030405060708'],
      version: 1,
      chipInfo: 'GB100',
      mode: 'protected-pcie',
      fwid: undefined,
    })
    expect(decoded.raw.get(300)).toEqual(Uint8Array.of(9))
  })

  test('behavior: a switch writes its version as text', () => {
    expect(parseOpaqueFields(fields([6, new TextEncoder().encode('96.10.55.00.01')])).vbiosVersion).toBe(
      '96.10.55.00.01',
    )
  })

  test.each([
    ['a field twice', fields([3, nvidiaText('550.90.07')], [3, nvidiaText('550.90.07')])],
    ['a field beyond the end', Uint8Array.of(3, 0, 9, 0, 1)],
    ['half a head', Uint8Array.of(3, 0, 0)],
    ['a driver version of other form', fields([3, nvidiaText('latest')])],
    ['text that is too long', fields([17, new Uint8Array(60_000).fill(0x41)])],
    ['text with control characters', fields([17, [1, 2, 3]])],
    ['a VBIOS version of other form', fields([6, nvidiaText('96.00')])],
    ['two bytes of a flag', fields([11, [0xaa, 0]])],
    ['counts of odd length', fields([12, [1, 0, 0]])],
    ['identities of odd length', fields([22, [1]])],
    ['an empty version', fields([34, []])],
  ])('error: NVIDIA_OPAQUE_MALFORMED: %s', (_, bytes) => {
    expect(codeOf(() => parseOpaqueFields(bytes))).toBe('NVIDIA_OPAQUE_MALFORMED')
  })
})

describe('endorsements as JSON', () => {
  test('default: come back as they were', () => {
    const endorsements = { ocsp: [Uint8Array.of(1)], rims: [Uint8Array.of(2), Uint8Array.of(3)], rimOcsp: [] }
    const json: unknown = JSON.parse(JSON.stringify(nvidiaEndorsementsToJson(endorsements)))
    expect(nvidiaEndorsementsFromJson(json)).toEqual(endorsements)
  })

  test.each([
    [null],
    [[]],
    [{ ocsp: [], rims: [] }],
    [{ ocsp: [], rims: [], rimOcsp: ['%'] }],
    [{ ocsp: [1], rims: [], rimOcsp: [] }],
    [{ ocsp: [], rims: [], rimOcsp: [], more: [] }],
    [{ ocsp: Array.from({ length: 33 }, () => ''), rims: [], rimOcsp: [] }],
  ])('error: NVIDIA_ENDORSEMENTS_MALFORMED', (json) => {
    expect(codeOf(() => nvidiaEndorsementsFromJson(json))).toBe('NVIDIA_ENDORSEMENTS_MALFORMED')
  })
})
