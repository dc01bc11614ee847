import { bytesToHex, concatHex, hexToBytes, keccak256, sliceHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { encodeTdxEvidence, endorsementUploads, tdxMeasurement } from './dcap.ts'

const KEY_HEAD = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'

/** Not a certificate: just the key head and a key, which is all that the encoder looks at. */
const certificate = (fill: number) => hexToBytes(`0x3000${KEY_HEAD}${fill.toString(16).padStart(2, '0').repeat(64)}`)
const key = (fill: number) => `0x${fill.toString(16).padStart(2, '0').repeat(64)}` as const

const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${btoa(String.fromCharCode(...der))}\n-----END CERTIFICATE-----\n`

const CHAIN = [certificate(1), certificate(2), certificate(3)]

interface Parts {
  readonly chain?: string
  readonly authentication?: number
  readonly innerType?: number
  readonly version?: number
  readonly trailing?: Uint8Array
}

/** A quote that is layout only. */
function quoteOf({ chain, authentication = 32, innerType = 5, version = 4, trailing }: Parts = {}): Uint8Array {
  const text = new TextEncoder().encode(chain ?? `${CHAIN.map(pem).join('')}\0`)
  const cut = 770 + 450 + authentication + 6
  const quote = new Uint8Array(cut + text.length + (trailing?.length ?? 0))
  const view = new DataView(quote.buffer)
  quote.fill(7, 48, 632)
  view.setUint16(0, version, true)
  view.setUint32(632, cut + text.length - 636, true)
  view.setUint16(764, 6, true)
  view.setUint32(766, cut + text.length - 770, true)
  view.setUint16(770 + 448, authentication, true)
  view.setUint16(cut - 6, innerType, true)
  view.setUint32(cut - 4, text.length, true)
  quote.set(text, cut)
  quote.set(trailing ?? [], cut + text.length)
  return quote
}

const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'no error'
}

describe('encodeTdxEvidence', () => {
  it('cuts the chain away and puts the id of the PCK certificate in front', () => {
    const quote = quoteOf()
    const { evidence, pckId, certificates } = encodeTdxEvidence(quote)
    const caId = keccak256(concatHex([keccak256(key(3)), key(2)]))
    expect(pckId).toBe(keccak256(concatHex([caId, keccak256(bytesToHex(certificate(1)))])))
    expect(sliceHex(evidence, 0, 32)).toBe(pckId)
    expect(sliceHex(evidence, 32)).toBe(bytesToHex(quote.subarray(0, 770 + 450 + 32 + 6)))
    expect(certificates).toEqual(CHAIN)
  })

  it('takes QE authentication data of any length and zero padding behind the quote', () => {
    for (const authentication of [0, 64, 1000]) {
      const { evidence } = encodeTdxEvidence(quoteOf({ authentication, trailing: new Uint8Array(70) }))
      expect(evidence.length).toBe(2 + 2 * (32 + 770 + 450 + authentication + 6))
    }
  })

  it('refuses what it cannot cut, with the code', () => {
    const good = quoteOf()
    const longer = quoteOf()
    longer[632] = (longer[632] ?? 0) ^ 1
    const two = CHAIN.slice(1).map(pem).join('')
    expect(codeOf(() => encodeTdxEvidence(new Uint8Array(47)))).toBe('DCAP_QUOTE_MALFORMED')
    expect(codeOf(() => encodeTdxEvidence(good.subarray(0, 1200)))).toBe('DCAP_QUOTE_MALFORMED')
    expect(codeOf(() => encodeTdxEvidence(good.subarray(0, good.length - 1)))).toBe('DCAP_QUOTE_MALFORMED')
    expect(codeOf(() => encodeTdxEvidence(longer))).toBe('DCAP_QUOTE_MALFORMED')
    expect(codeOf(() => encodeTdxEvidence(quoteOf({ version: 5 })))).toBe('DCAP_QUOTE_VERSION_UNSUPPORTED')
    expect(codeOf(() => encodeTdxEvidence(quoteOf({ trailing: Uint8Array.of(0, 1) })))).toBe('DCAP_TRAILING_BYTES')
    for (const parts of [{ innerType: 3 }, { chain: two }, { chain: `${two}x${pem(certificate(1))}` }, { chain: '' }]) {
      expect(codeOf(() => encodeTdxEvidence(quoteOf(parts)))).toBe('DCAP_CERTIFICATION_DATA_UNSUPPORTED')
    }
    const keyless = [certificate(1), Uint8Array.of(0x30, 0), certificate(3)].map(pem).join('')
    expect(codeOf(() => encodeTdxEvidence(quoteOf({ chain: keyless })))).toBe('DCAP_PCK_CA_MALFORMED')
  })
})

describe('endorsementUploads', () => {
  it('lists the calls in the order of the checks, each with the id of its issuer', () => {
    const signed = { body: Uint8Array.of(1), signature: new Uint8Array(64), issuerChain: [certificate(4)] }
    const uploads = endorsementUploads(quoteOf(), {
      rootCaCrl: Uint8Array.of(5),
      pckCrl: Uint8Array.of(6),
      pckCrlIssuerChain: [],
      tcbInfo: signed,
      qeIdentity: signed,
    })
    expect(uploads.map(({ functionName }) => functionName)).toEqual([
      'uploadRootCertificate',
      'uploadRootCrl',
      'uploadPckCa',
      'uploadPckCrl',
      'uploadPck',
      'uploadTcbSigner',
      'uploadTcbInfo',
      'uploadTcbSigner',
      'uploadQeIdentity',
    ])
    const rootId = keccak256(key(3))
    expect(uploads[1]?.args).toEqual([rootId, '0x05'])
    expect(uploads[3]?.args).toEqual([keccak256(concatHex([rootId, key(2)])), '0x06'])
    const signerId = keccak256(concatHex([rootId, keccak256(bytesToHex(certificate(4)))]))
    expect(uploads[6]?.args).toEqual([signerId, '0x01', `0x${'00'.repeat(64)}`])
  })
})

describe('tdxMeasurement', () => {
  it('hashes every measurement field and nothing else', () => {
    const base = quoteOf()
    const measured = (offset: number) => {
      const changed = base.slice()
      changed[offset] = (changed[offset] ?? 0) ^ 1
      return tdxMeasurement(changed) !== tdxMeasurement(base)
    }
    // mrSeam, tdAttributes, xfam, mrTd, mrConfigId, mrOwner, mrOwnerConfig, rtmr0..3.
    for (const at of [16, 63, 120, 128, 135, 136, 184, 232, 280, 328, 376, 424, 472, 519]) {
      expect(measured(48 + at)).toBe(true)
    }
    // teeTcbSvn, mrSignerSeam, seamAttributes, report data.
    for (const at of [0, 15, 64, 112, 520, 583]) expect(measured(48 + at)).toBe(false)
  })

  it('refuses a quote that is too short', () => {
    expect(codeOf(() => tdxMeasurement(new Uint8Array(631)))).toBe('DCAP_QUOTE_MALFORMED')
  })
})
