import {
  encodeNitroEvidence,
  nitroCertificateIds,
  nitroCertificatesOf,
  nitroMeasurement,
  p384HintsForTable,
} from '@spartan/abi'
import { parseNitro } from '@spartan/attestation'
import {
  type CborKey,
  cborArray,
  cborBytes,
  cborInteger,
  cborMap,
  cborNull,
  cborText,
  createNitroRoot,
  generatePkiKey,
  type NitroDocumentOptions,
  nitroPcrs,
  signCose,
} from '@spartan/simulator'
import { bytesToHex, concatHex, hexToBytes, sliceHex, zeroHash } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appraised, field, judge, NOW, root } from '../../packages/attestation/src/nitro/test/nitroCase.ts'
import { type NitroChain, type NitroStore, startNitro } from '../support/nitroWorld.ts'
import { outcome } from '../support/vendorChain.ts'

/** Offsets in the evidence. */
const SIGNATURE = 32
const SIGNED = 128
const ORDER = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n
/** What the contract leaves to the appraisal policy. */
const NO_POLICY = appraised({ debug: 'accept', maxDocumentAgeSeconds: 'any', maxEndorsementAgeSeconds: 'any' })
const DEBUG = 1
/** No slopes for any instruction: see `p384Hints`. */
const ALL_UNHINTED = { unhinted: 255 }
const FUZZ_CASES = Number(process.env.FUZZ_CASES ?? 40)

let chain: NitroChain
let nitro: NitroStore

beforeAll(async () => {
  chain = await startNitro(NOW)
  nitro = await chain.deploy({ simulationRoot: root.certificate })
  const { crls } = await root.endorsements()
  const certificates = nitroCertificatesOf(await root.issueDocument())
  await nitro.register({ certificates, crls: new Map(crls.map((crl, index) => [index, crl])) })
})
afterAll(() => chain.close())

const contractOf = (document: Uint8Array) => outcome(nitro.verifyDocument(document))

async function libraryOf(evidence: Uint8Array): Promise<string> {
  const result = await judge({}, { evidence, ...NO_POLICY })
  return result.verdict === 'refused' ? result.reasonCode : 'accepted'
}

/** Library and contract say this of a document. */
async function expectBoth(document: Uint8Array, code: string): Promise<void> {
  expect([await libraryOf(document), await contractOf(document)]).toEqual([code, code])
}

const claimsOf = async (options: NitroDocumentOptions) => nitro.verifyDocument(await root.issueDocument(options))
const pcrField = (...entries: readonly (readonly [CborKey, Uint8Array])[]) => cborMap(new Map(entries))
const filled = (size: number, value = 0) => cborBytes(new Uint8Array(size).fill(value))

/** Evidence of a good document, taken apart. */
async function goodEvidence() {
  const { evidence } = await encodeNitroEvidence(await root.issueDocument({ userData: new Uint8Array(64).fill(0xaa) }))
  const [, signedStop] = await nitro.parse(evidence)
  return { evidence, bytes: hexToBytes(evidence), signedStop: Number(signedStop) }
}

describe('NitroVerifier', () => {
  test('default: claims are those of the library', async () => {
    const document = await root.issueDocument({
      workload: 'trend',
      userData: Uint8Array.from({ length: 64 }, (_, i) => i),
    })
    const result = await judge({}, { evidence: document, ...NO_POLICY })
    if (result.verdict === 'refused') throw result.error
    const { claims } = result
    expect(await nitro.verifyDocument(document)).toEqual({
      teeKind: 5,
      simulated: claims.simulated,
      tcbStatus: 0,
      tcbEvaluationNumber: 0,
      flags: 0,
      earliestExpiry: BigInt(claims.earliestExpiry),
      tcb: '0x0000000000000000',
      product: '0x4e6974726f000000000000000000000000000000000000000000000000000000',
      platformId: zeroHash,
      measurement: nitroMeasurement(await nitroPcrs('trend')),
      reportDataHigh: bytesToHex(claims.reportData.subarray(0, 32)),
      reportDataLow: bytesToHex(claims.reportData.subarray(32)),
    })
  })

  test('indefinite map or not, tag 18 or not, optional fields null, absent or empty, fields in any order', async () => {
    for (const indefinite of [true, false]) {
      for (const tagged of [true, false]) await expectBoth(await root.issueDocument({ indefinite, tagged }), 'accepted')
    }
    const without = await root.issueDocument({ change: (fields) => void fields.delete('nonce') })
    await expectBoth(without, 'accepted')
    const reversed = await root.issueDocument({
      change: (fields) => {
        const entries = [...fields].reverse()
        fields.clear()
        for (const [key, value] of entries) fields.set(key, value)
      },
    })
    await expectBoth(reversed, 'accepted')
    await expectBoth(await root.issueDocument({ userData: new Uint8Array(), nonce: new Uint8Array() }), 'accepted')
  })

  test('report data: user data of exactly 64 bytes, else nothing', async () => {
    for (const size of [0, 63, 65]) {
      const claims = await claimsOf({ userData: new Uint8Array(size).fill(1) })
      expect([claims.reportDataHigh, claims.reportDataLow]).toEqual([zeroHash, zeroHash])
    }
    expect((await claimsOf({})).reportDataHigh).toBe(zeroHash)
    // Nonce and public key are not what the attester binds.
    const other = await claimsOf({ nonce: new Uint8Array(64).fill(1), publicKey: new Uint8Array(64).fill(1) })
    expect(other.reportDataHigh).toBe(zeroHash)
  })

  test('debug: PCR0 to PCR2 zero or absent, judged to the last byte', async () => {
    expect((await claimsOf({ debug: true })).flags).toBe(DEBUG)
    expect((await claimsOf(field('pcrs', pcrField([4, filled(48, 1)])))).flags).toBe(DEBUG)
    for (const [index, size] of [32, 48, 64].entries()) {
      expect((await claimsOf(field('pcrs', pcrField([index, filled(size)])))).flags).toBe(DEBUG)
      const last = new Uint8Array(size).with(size - 1, 1)
      expect((await claimsOf(field('pcrs', pcrField([index, cborBytes(last)])))).flags).toBe(0)
    }
  })

  test('measurement: every PCR with index and size, but those of the parent instance', async () => {
    const base = new Map(Array.from({ length: 32 }, (_, index) => [index, new Uint8Array(48).fill(index + 1)] as const))
    const measured = (pcrs: ReadonlyMap<number, Uint8Array>) =>
      claimsOf(field('pcrs', pcrField(...[...pcrs].map(([index, value]) => [index, cborBytes(value)] as const))))
    const { measurement } = await measured(base)
    expect(measurement).toBe(nitroMeasurement(base))
    expect((await measured(new Map([...base].reverse()))).measurement).toBe(measurement)
    for (const index of [0, 3, 4, 31]) {
      const changed = new Map(base).set(index, new Uint8Array(48))
      const { measurement: other } = await measured(changed)
      expect(other === measurement).toBe(index === 3 || index === 4)
      expect(other).toBe(nitroMeasurement(changed))
    }
    const shifted = new Map([...base].map(([index, value]) => [(index + 1) % 32, value] as const))
    const shorter = new Map(base).set(0, new Uint8Array(32).fill(1))
    const fewer = new Map([...base].filter(([index]) => index !== 31))
    // As hypervisors write them, and then not.
    const some = [0, 2, 16, 24, 31].map((index) => [index, new Uint8Array(48).fill(index + 1)] as const)
    for (const pcrs of [shifted, shorter, fewer, new Map(some), new Map(some.toReversed())]) {
      const { measurement: other } = await measured(pcrs)
      expect(other).not.toBe(measurement)
      expect(other).toBe(nitroMeasurement(pcrs))
    }
  })

  test('error: codes of the message', async () => {
    const good = await root.issueDocument()
    await expectBoth(Uint8Array.of(...good, 0), 'NITRO_TRAILING_BYTES')
    await expectBoth(new Uint8Array(), 'NITRO_DOCUMENT_MALFORMED')
    const key = await generatePkiKey('ecdsa-p384')
    for (const payload of [cborArray(), cborNull(), new Uint8Array(), cborMap(new Map()).subarray(0, 0)]) {
      await expectBoth(await signCose(payload, key), 'NITRO_DOCUMENT_MALFORMED')
    }
    const labels = (...entries: readonly (readonly [CborKey, Uint8Array])[]) => ({ protectedHeaders: new Map(entries) })
    const es384 = [1, cborInteger(-35)] as const
    const cases: readonly (readonly [string, NitroDocumentOptions])[] = [
      ['NITRO_DOCUMENT_MALFORMED', { unprotectedHeaders: new Map([[4, cborBytes(Uint8Array.of(1))]]) }],
      ['NITRO_ALGORITHM_UNSUPPORTED', labels([1, cborInteger(-7)])],
      ['NITRO_ALGORITHM_UNSUPPORTED', labels([1, cborInteger(34)])],
      ['NITRO_ALGORITHM_UNSUPPORTED', labels([1, cborText('ES384')])],
      ['NITRO_ALGORITHM_UNSUPPORTED', labels([4, cborNull()])],
      ['NITRO_ALGORITHM_UNSUPPORTED', labels()],
      ['NITRO_CRITICAL_HEADER_UNSUPPORTED', labels(es384, [2, cborArray(cborInteger(99))])],
      ['NITRO_CRITICAL_HEADER_UNSUPPORTED', labels(es384, [2, cborArray(cborInteger(1), cborText('1'))])],
      ['NITRO_CRITICAL_HEADER_UNSUPPORTED', labels([2, cborArray(cborInteger(1))])],
      ['NITRO_DOCUMENT_MALFORMED', labels(es384, [2, cborArray()])],
      ['NITRO_DOCUMENT_MALFORMED', labels(es384, [2, cborInteger(1)])],
      ['NITRO_DOCUMENT_MALFORMED', labels(es384, [2, cborArray(cborNull())])],
      ['accepted', labels(es384, [2, cborArray(cborInteger(1))])],
      ['accepted', labels([4, cborBytes(new Uint8Array(300))], es384)],
    ]
    for (const [code, options] of cases) await expectBoth(await root.issueDocument(options), code)
  })

  test('error: NITRO_FIELD_MISSING, NITRO_FIELD_UNKNOWN', async () => {
    for (const name of ['module_id', 'digest', 'timestamp', 'pcrs', 'certificate', 'cabundle']) {
      const codes = [await contractOf(await root.issueDocument(field(name, undefined)))]
      codes.push(await contractOf(await root.issueDocument(field(name, cborNull()))))
      expect(codes).toEqual(['NITRO_FIELD_MISSING', 'NITRO_FIELD_MALFORMED'])
    }
    for (const key of ['extra', 'nonce\0', 'Nonce', '', 1, -1]) {
      await expectBoth(await root.issueDocument(field(key, cborNull())), 'NITRO_FIELD_UNKNOWN')
    }
  })

  test.each([
    ['module_id', cborText('')],
    ['module_id', filled(8)],
    ['digest', cborText('SHA256')],
    ['digest', cborText('SHA384 ')],
    ['timestamp', cborInteger(0)],
    ['timestamp', cborInteger(-1)],
    ['timestamp', cborInteger(2 ** 53)],
    ['timestamp', cborText('1767472867402')],
    ['pcrs', pcrField()],
    ['pcrs', pcrField([32, filled(48)])],
    ['pcrs', pcrField([256, filled(48)])],
    ['pcrs', pcrField([2 ** 32, filled(48)])],
    ['pcrs', pcrField([-1, filled(48)])],
    ['pcrs', pcrField([0, filled(256)])],
    ['pcrs', pcrField([0, filled(16)])],
    ['pcrs', pcrField(['0', filled(48)])],
    ['pcrs', pcrField([0, filled(47)])],
    ['pcrs', pcrField([0, cborText('x'.repeat(48))])],
    ['pcrs', cborArray(filled(48))],
    ['certificate', filled(0)],
    ['certificate', filled(1025)],
    ['cabundle', cborArray()],
    ['cabundle', cborArray(filled(1025))],
    ['cabundle', cborArray(...Array.from({ length: 9 }, () => filled(1)))],
    ['public_key', filled(0)],
    ['public_key', filled(1025)],
    ['user_data', filled(513)],
    ['user_data', cborText('x')],
    ['nonce', filled(513)],
  ])('error: NITRO_FIELD_MALFORMED for %s', async (name, value) => {
    await expectBoth(await root.issueDocument(field(name, value)), 'NITRO_FIELD_MALFORMED')
  })

  test('error: NITRO_DOCUMENT_MALFORMED for indefinite lengths inside, keys twice, heads that are too long, texts not UTF-8', async () => {
    const raw = (...bytes: readonly (number | Uint8Array)[]) =>
      Uint8Array.from(bytes.flatMap((part) => (typeof part === 'number' ? [part] : [...part])))
    const values = [
      raw(0xbf, 0, filled(48), 0xff),
      raw(0xa2, 0, filled(48), 0, filled(48)),
      raw(0xa1, 0x18, 0, filled(48)),
      raw(0xb8, 1, 0, filled(48)),
      raw(0x5f, filled(48), 0xff),
    ]
    for (const value of values)
      await expectBoth(await root.issueDocument(field('pcrs', value)), 'NITRO_DOCUMENT_MALFORMED')
    const named = (from: string, to: string, document: Uint8Array) => {
      const renamed = Buffer.from(document)
      renamed.write(to, renamed.indexOf(from), 'latin1')
      return Uint8Array.from(renamed)
    }
    for (const indefinite of [true, false]) {
      const document = await root.issueDocument({ indefinite })
      await expectBoth(named('user_data', 'module_id', document), 'NITRO_DOCUMENT_MALFORMED')
      await expectBoth(named('user_data', 'timestamp', document), 'NITRO_DOCUMENT_MALFORMED')
    }
    await expectBoth(await root.issueDocument(field('module_id', raw(0x61, 0xff))), 'NITRO_DOCUMENT_MALFORMED')
    await expectBoth(await root.issueDocument(field('nonce', raw(0x43, 1))), 'NITRO_DOCUMENT_MALFORMED')
    await expectBoth(await root.issueDocument(field('nonce', raw(0xf8, 22))), 'NITRO_DOCUMENT_MALFORMED')
  })

  test('error: NITRO_CERTIFICATE_MISMATCH, NITRO_CERTIFICATE_MISSING: the chain in the document is the one that counts', async () => {
    const { evidence } = await goodEvidence()
    const ids = nitroCertificateIds(nitroCertificatesOf(await root.issueDocument()))
    for (const id of [zeroHash, ids[3] ?? '0x', ids[0] ?? '0x']) {
      expect(await outcome(nitro.verify(concatHex([id, sliceHex(evidence, 32)])))).toBe('NITRO_CERTIFICATE_MISMATCH')
    }
    const stranger = await createNitroRoot({ now: NOW })
    expect(await contractOf(await stranger.issueDocument())).toBe('NITRO_CERTIFICATE_MISSING')
    // A CA of the bundle is no signer, though it is registered: the document ends one certificate early.
    const [first = new Uint8Array(), second = new Uint8Array(), third = new Uint8Array(), instance = new Uint8Array()] =
      root.cabundle
    const early = await root.issueDocument({
      change: (fields) => {
        fields.set('certificate', cborBytes(instance))
        fields.set('cabundle', cborArray(...[first, second, third].map(cborBytes)))
      },
    })
    expect(await contractOf(early)).toBe('NITRO_CERTIFICATE_MISSING')
    expect(await libraryOf(early)).toBe('NITRO_CERTIFICATE_MALFORMED')
    // Certificates that are none, or in another order, have another id.
    const swapped = field('cabundle', cborArray(...[first, third, second, instance].map(cborBytes)))
    expect(await contractOf(await root.issueDocument(swapped))).toBe('NITRO_CERTIFICATE_MISSING')
    const none = field('cabundle', cborArray(cborBytes(first), filled(8)))
    expect(await contractOf(await root.issueDocument(none))).toBe('NITRO_CA_MALFORMED')
    const longer = field('certificate', cborBytes(Uint8Array.of(...root.enclave, 0)))
    await expectBoth(await root.issueDocument(longer), 'NITRO_CERTIFICATE_MALFORMED')
  })

  test('the twin with n − s is the same evidence: same claims, other bytes', async () => {
    const { evidence } = await goodEvidence()
    const document = await root.issueDocument({ userData: new Uint8Array(64).fill(5) })
    const twin = Uint8Array.from(document)
    const s = BigInt(bytesToHex(document.subarray(-48)))
    twin.set(hexToBytes(`0x${(ORDER - s).toString(16).padStart(96, '0')}`), twin.length - 48)
    expect(await nitro.verifyDocument(twin)).toEqual(await nitro.verifyDocument(document))
    expect((await encodeNitroEvidence(twin)).evidence).not.toBe(evidence)
  })

  test('no byte of the evidence may change: every field, every part of the chain, signature, hints', async () => {
    const filler = (size: number, value: number) => new Uint8Array(size).fill(value)
    const options = { userData: filler(64, 0xa1), nonce: filler(32, 0xa2), publicKey: filler(48, 0xa3) }
    const { evidence } = await encodeNitroEvidence(await root.issueDocument(options))
    const bytes = hexToBytes(evidence)
    const signedStop = Number((await nitro.parse(evidence))[1])
    const behind = (text: string, skip: number) => Buffer.from(bytes).indexOf(text) + text.length + skip
    const inside = (der: Uint8Array, at: number) => Buffer.from(bytes).indexOf(der) + at
    const [, , zonal = new Uint8Array()] = root.cabundle
    const places: readonly (readonly [string, number, string])[] = [
      ['id', 0, 'NITRO_CERTIFICATE_MISMATCH'],
      ['r', SIGNATURE, 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['s', SIGNED - 1, 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['context', SIGNED + 2, 'NITRO_DOCUMENT_MALFORMED'],
      ['protected header', SIGNED + 12, 'NITRO_DOCUMENT_MALFORMED'],
      ['algorithm', SIGNED + 16, 'NITRO_ALGORITHM_UNSUPPORTED'],
      ['external data', SIGNED + 17, 'NITRO_DOCUMENT_MALFORMED'],
      ['payload', SIGNED + 20, 'NITRO_DOCUMENT_MALFORMED'],
      ['field name', behind('module_id', -1), 'NITRO_FIELD_UNKNOWN'],
      ['module id', behind('module_id', 5), 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['digest', behind('SHA384', -1), 'NITRO_FIELD_MALFORMED'],
      ['timestamp', behind('timestamp', 8), 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['PCR index', behind('pcrs', 1), 'NITRO_DOCUMENT_MALFORMED'],
      ['PCR size', behind('pcrs', 3), 'NITRO_DOCUMENT_MALFORMED'],
      ['PCR0', behind('pcrs', 4), 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['certificate', inside(root.enclave, 30), 'NITRO_CERTIFICATE_MISMATCH'],
      [
        'signature of the certificate',
        inside(root.enclave, root.enclave.length - 1),
        'NITRO_DOCUMENT_SIGNATURE_INVALID',
      ],
      ['zonal CA', inside(zonal, 30), 'NITRO_CERTIFICATE_MISMATCH'],
      ['user data', bytes.indexOf(0xa1, behind('user_data', 2)), 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['nonce', bytes.indexOf(0xa2, behind('nonce', 2)), 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['public key', bytes.indexOf(0xa3, behind('public_key', 2)), 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['hint', signedStop + 1, 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
      ['last hint', bytes.length - 1, 'NITRO_DOCUMENT_SIGNATURE_INVALID'],
    ]
    for (const [name, at, code] of places) {
      const changed = bytesToHex(bytes.with(at, (bytes[at] ?? 0) ^ 1))
      expect([name, await outcome(nitro.verify(changed))]).toEqual([name, code])
    }
  })

  test('error: NITRO_DOCUMENT_SIGNATURE_INVALID for proofs that are short, long or none, and the signature of another document', async () => {
    const { evidence, bytes, signedStop } = await goodEvidence()
    const other = await encodeNitroEvidence(await root.issueDocument())
    const wrong = [
      bytes.subarray(0, -1),
      Uint8Array.of(...bytes, 0),
      bytes.subarray(0, signedStop),
      bytes.with(signedStop, 2),
      Uint8Array.from(bytes).fill(0, SIGNATURE, SIGNED),
      hexToBytes(concatHex([sliceHex(evidence, 0, 32), sliceHex(other.evidence, 32, 128), sliceHex(evidence, 128)])),
    ]
    for (const changed of wrong) {
      expect(await outcome(nitro.verify(bytesToHex(changed)))).toBe('NITRO_DOCUMENT_SIGNATURE_INVALID')
    }
    for (const size of [0, 31, 32, 128, 139, 150, signedStop - 1]) {
      expect(await outcome(nitro.verify(bytesToHex(bytes.subarray(0, size))))).toBe('NITRO_DOCUMENT_MALFORMED')
    }
  })

  test('a signature with the comb table of the key', async () => {
    const { evidence, bytes, signedStop } = await goodEvidence()
    const publicKey = parseKey(root.enclave)
    const signed = Uint8Array.from(bytes.subarray(SIGNED, signedStop))
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-384', signed))
    const hints = p384HintsForTable({ publicKey, signature: bytes.subarray(SIGNATURE, SIGNED), digest })
    const withTable = concatHex([sliceHex(evidence, 0, signedStop), '0x01', bytesToHex(hints ?? new Uint8Array())])
    expect(await outcome(nitro.verify(withTable))).toBe('CRYPTO_TABLE_MISSING')
    await chain.createTable(publicKey)
    expect(await nitro.verify(withTable)).toEqual(await nitro.verify(evidence))
  })

  test('a deployment for dear calldata: no slopes at all, and every step below 8 M gas', async () => {
    const sparse = await startNitro(NOW, 'P384Sparse')
    try {
      const store = await sparse.deploy({ simulationRoot: root.certificate, dangerouslySkipRevocation: true })
      const document = await root.issueDocument({ userData: new Uint8Array(64).fill(3) })
      const gas = await store.register({ certificates: nitroCertificatesOf(document), crls: new Map() }, ALL_UNHINTED)
      const { evidence } = await encodeNitroEvidence(document, ALL_UNHINTED)
      expect(await store.verify(evidence)).toEqual(await nitro.verifyDocument(document))
      gas.push(await store.gasOfVerify(evidence))
      expect(gas.filter((used) => used > 8_000_000n)).toEqual([])
      expect(await outcome(nitro.verify(evidence))).toBe('NITRO_DOCUMENT_SIGNATURE_INVALID')
      // The other way round it takes what P384 takes.
      expect(await outcome(store.verifyDocument(document))).toBe('accepted')
    } finally {
      await sparse.close()
    }
  })

  test('fuzz: form and code as in the library, whatever bytes of the payload change', async () => {
    const documents = [
      await root.issueDocument({ indefinite: true }),
      await root.issueDocument({ userData: new Uint8Array(64) }),
    ]
    let refused = 0
    for (let round = 0; round < FUZZ_CASES; round++) {
      const changed = mutated(documents[round % 2] ?? new Uint8Array(), round)
      const library = await outcome(Promise.resolve().then(() => parseNitro(changed)))
      const contract = await outcome(encodeNitroEvidence(changed).then(({ evidence }) => nitro.parse(evidence)))
      // The contract opens the certificates when it computes their ids; the library only later.
      const expected =
        library === 'accepted' && /^NITRO_(CA|CERTIFICATE)_MALFORMED$/.test(contract) ? contract : library
      expect(contract, `round ${round}`).toBe(expected)
      if (library !== 'accepted') refused++
    }
    expect(refused).toBeGreaterThan(FUZZ_CASES / 4)
  })
})

/** The point of a certificate's P-384 key. */
function parseKey(der: Uint8Array): Uint8Array {
  const at = bytesToHex(der).indexOf('2b8104002203620004') / 2
  return der.subarray(at + 8, at + 104)
}

/** A document with a byte changed, inserted or taken away, mostly where the structure is. The same in every run. */
function mutated(document: Uint8Array, seed: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  // The first 700 bytes hold the framing, the header and the PCRs; the last 250 the optional fields.
  const at = next(3) > 0 ? next(1_000) : document.length - 1 - next(250)
  const kind = next(4)
  const byte = next(256)
  if (kind === 0) return Uint8Array.from([...document.subarray(0, at), byte, ...document.subarray(at)])
  if (kind === 1) return Uint8Array.from([...document.subarray(0, at), ...document.subarray(at + 1)])
  return document.with(at, kind === 2 ? byte : (document[at] ?? 0) ^ (1 << next(8)))
}
