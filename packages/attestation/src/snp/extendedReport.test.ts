import { describe, expect, it } from 'vitest'
import { toBase64 } from '../internal/bytes.ts'
import { AMD_INTERMEDIATES } from '../roots/amdIntermediates.ts'
import { splitSnpExtendedReport } from './extendedReport.ts'

const VCEK = '63da758d-e664-4564-adc5-f4b93be8accd'
const VLEK = 'a8074bc2-a25a-483e-aae6-39c045a0b8a1'
const ASK = '4ab7b379-bbac-4fe4-a02f-05aef327c782'
const ARK = 'c0b406a4-a803-4952-9743-3fb6014cd0ae'
const CRL = '92f81bc3-5811-4d3d-97ff-d19f88dc67ea'

const REPORT = new Uint8Array(1184).fill(1, 0x50, 0x90)
const der = (...content: readonly number[]) => Uint8Array.of(0x30, content.length, ...content)

type Entry = readonly [guid: string, bytes: Uint8Array]

/** A report with a certificate table behind it, padded with zeros as hosts do. */
function extended(entries: readonly Entry[], report = REPORT): Uint8Array {
  const heads = 24 * (entries.length + 1)
  const table = new Uint8Array(heads + entries.reduce((sum, [, bytes]) => sum + bytes.length, 0) + 100)
  const view = new DataView(table.buffer)
  let place = heads
  entries.forEach(([guid, bytes], index) => {
    table.set(Buffer.from(guid.replaceAll('-', ''), 'hex'), 24 * index)
    view.setUint32(24 * index + 16, place, true)
    view.setUint32(24 * index + 20, bytes.length, true)
    table.set(bytes, place)
    place += bytes.length
  })
  return Uint8Array.of(...report, ...table)
}

const withSigningKey = (key: number) => {
  const report = REPORT.slice()
  report[0x48] = key << 2
  return report
}

describe('splitSnpExtendedReport', () => {
  it('default: report and endorsements, whatever their order', () => {
    const bytes = extended([
      [ARK, der(4)],
      [VCEK, der(1)],
      [CRL, der(3)],
      ['00112233-4455-6677-8899-aabbccddeeff', der(9)],
      [ASK, der(2)],
    ])
    expect(splitSnpExtendedReport(bytes)).toEqual({
      report: REPORT,
      endorsements: { vek: der(1), intermediate: der(2), crl: der(3), root: der(4) },
    })
  })

  it('behavior: a bare report has none', () => {
    expect(splitSnpExtendedReport(REPORT)).toEqual({ report: REPORT, endorsements: {} })
  })

  it('behavior: the report says which of VCEK and VLEK it is signed with', () => {
    const both: readonly Entry[] = [
      [VCEK, der(1)],
      [VLEK, der(2)],
    ]
    expect(splitSnpExtendedReport(extended(both)).endorsements).toEqual({ vek: der(1) })
    expect(splitSnpExtendedReport(extended(both, withSigningKey(1))).endorsements).toEqual({ vek: der(2) })
    expect(splitSnpExtendedReport(extended([[VCEK, der(1)]], withSigningKey(1))).endorsements).toEqual({})
  })

  it('behavior: certificates in PEM', () => {
    const ask = AMD_INTERMEDIATES.Genoa.vcek
    const pem = `-----BEGIN CERTIFICATE-----\n${toBase64(ask)}\n-----END CERTIFICATE-----\n`
    const bytes = extended([[ASK, new TextEncoder().encode(pem)]])
    expect(splitSnpExtendedReport(bytes).endorsements).toEqual({ intermediate: ask })
  })

  it.each<[string, Uint8Array]>([
    ['not terminated', Uint8Array.of(...REPORT, ...new Uint8Array(23))],
    [
      'one certificate twice',
      extended([
        [ASK, der(1)],
        [ASK, der(2)],
      ]),
    ],
    ['neither DER nor PEM', extended([[ASK, Uint8Array.of(1, 2, 3)]])],
    ['an empty certificate', extended([[ASK, new Uint8Array()]])],
    ['outside of the table', patched(extended([[ASK, der(1)]]), 1184 + 19, 0x7f)],
    ['too long', patched(extended([[ASK, der(1)]]), 1184 + 23, 0xff)],
    ['too many entries', extended(Array.from({ length: 16 }, () => ['00112233-4455-6677-8899-aabbccddeeff', der(1)]))],
  ])('error: a table that is %s', (_, bytes) => {
    expect(() => splitSnpExtendedReport(bytes)).toThrow(
      expect.objectContaining({ code: 'SNP_CERTIFICATE_TABLE_MALFORMED' }),
    )
  })

  it('error: SNP_REPORT_MALFORMED when there is no whole report', () => {
    expect(() => splitSnpExtendedReport(REPORT.subarray(1))).toThrow(
      expect.objectContaining({ code: 'SNP_REPORT_MALFORMED' }),
    )
  })
})

function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  bytes[at] = value
  return bytes
}
