import {
  type CborKey,
  caExtensions,
  cborArray,
  cborBytes,
  cborInteger,
  cborMap,
  cborNull,
  cborText,
  createNitroRoot,
  generatePkiKey,
  issuePkiCrl,
  leafExtensions,
  NITRO_LEVELS,
  type NitroDocumentOptions,
  type NitroRootOptions,
  nitroPcrs,
  pkiExtension,
  type SimulatedNitroRoot,
  simulatedName,
} from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { concat, toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import {
  AWS_NITRO_ROOT_G1,
  appraiseNitro,
  marketplaceNitroPolicy,
  type NitroEvidenceInput,
  type NitroPcrReference,
  type NitroPolicy,
  nitroEndorsementsFromJson,
  nitroEndorsementsToJson,
  parseNitro,
  strictNitroPolicy,
  verifyNitro,
  verifyNitroChain,
  verifyNitroEvidence,
} from './index.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const HOUR = 3600
const ANYTHING = marketplaceNitroPolicy({ pcrs: 'any', publicKey: 'any', userData: 'any', nonce: 'any' })

let root: SimulatedNitroRoot
beforeAll(async () => {
  root = await createNitroRoot({ now: NOW })
})

const judge = async (
  options: NitroDocumentOptions = {},
  change: Partial<NitroEvidenceInput> = {},
  from: SimulatedNitroRoot = root,
) =>
  verifyNitroEvidence({
    evidence: await from.issueDocument(options),
    endorsements: await from.endorsements(),
    at: NOW,
    trustAnchors: [from.trustAnchor],
    policy: ANYTHING,
    ...change,
  })

const reasonOf = async (...input: Parameters<typeof judge>) => {
  const result = await judge(...input)
  return result.verdict === 'refused' ? result.reasonCode : 'accepted'
}

const field = (name: CborKey, value: Uint8Array | undefined): NitroDocumentOptions => ({
  change: (fields) => void (value ? fields.set(name, value) : fields.delete(name)),
})
const appraised = (policy: Partial<NitroPolicy>) => ({ policy: { ...ANYTHING, ...policy } })
/** Reason for a chain that was made in another way. */
const chainReason = async (options: Partial<NitroRootOptions>, change: Partial<NitroEvidenceInput> = {}) =>
  reasonOf({}, change, await createNitroRoot({ now: NOW, ...options }))

describe('verifyNitroEvidence', () => {
  test('default: accepts, with claims and every check listed in order', async () => {
    const [userData, nonce, publicKey] = [Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5, 6)]
    const policy = {
      userData: { expected: '0x0102' },
      nonce: { expected: '03' },
      publicKey: { expected: '040506' },
    }
    const result = await judge({ workload: 'trend', userData, nonce, publicKey }, appraised(policy))
    if (result.verdict === 'refused') throw result.error
    expect(result.claims).toMatchObject({
      tee: 'nitro',
      simulated: true,
      trustTier: 'simulated',
      tcbStatus: 'Unknown',
      platformId: undefined,
      moduleId: 'i-00000000000000000-enc0000000000000000',
      timestampMs: NOW * 1000,
      reportData: userData,
      userData,
      nonce,
      publicKey,
      endorsementAgeSeconds: HOUR,
      // The signing certificate ends first.
      earliestExpiry: NOW + 1.5 * HOUR,
    })
    expect(result.claims.measurements.pcr0).toEqual((await nitroPcrs('trend')).get(0))
    expect(result.checks.filter(({ status }) => status !== 'done').map(({ id }) => id)).toEqual(['pcrs'])
  })

  test('behavior: indefinite map or not, tag 18 or not, fields null or absent', async () => {
    for (const indefinite of [true, false]) {
      for (const tagged of [true, false]) expect(await reasonOf({ indefinite, tagged })).toBe('accepted')
    }
    const result = await judge({ change: (fields) => void fields.delete('nonce') })
    expect(result).toMatchObject({ verdict: 'accepted', claims: { nonce: undefined } })
    const empty = await judge({ userData: new Uint8Array() })
    expect(empty).toMatchObject({ verdict: 'accepted', claims: { userData: new Uint8Array() } })
  })

  test('behavior: the evidence id is the hash of what is signed, with and without tag', async () => {
    const tagged = await root.issueDocument({ tagged: true })
    const { toBeSigned } = parseNitro(tagged).message
    for (const evidence of [tagged, tagged.subarray(1)]) {
      const result = await judge({}, { evidence })
      expect(result.verdict === 'accepted' && result.claims.evidenceId).toEqual(await sha256(toBeSigned))
    }
  })

  test('error: codes of the message', async () => {
    const good = await root.issueDocument()
    expect(await reasonOf({}, { evidence: concat(good, new Uint8Array(1)) })).toBe('NITRO_TRAILING_BYTES')
    expect(await reasonOf({}, { evidence: new Uint8Array() })).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(await reasonOf({}, { evidence: new Uint8Array(20_000) })).toBe('NITRO_DOCUMENT_MALFORMED')
    const unprotectedHeaders = new Map([[4, cborBytes(Uint8Array.of(1))]])
    expect(await reasonOf({ unprotectedHeaders })).toBe('NITRO_DOCUMENT_MALFORMED')
    const protectedHeaders = new Map([[1, cborInteger(-7)]])
    expect(await reasonOf({ protectedHeaders })).toBe('NITRO_ALGORITHM_UNSUPPORTED')
    const critical = new Map([
      [1, cborInteger(-35)],
      [2, cborArray(cborInteger(99))],
    ])
    expect(await reasonOf({ protectedHeaders: critical })).toBe('NITRO_CRITICAL_HEADER_UNSUPPORTED')
  })

  test('error: NITRO_FIELD_MISSING, NITRO_FIELD_UNKNOWN', async () => {
    for (const name of ['module_id', 'digest', 'timestamp', 'pcrs', 'certificate', 'cabundle']) {
      expect(await reasonOf(field(name, undefined))).toBe('NITRO_FIELD_MISSING')
      expect(await reasonOf(field(name, cborNull()))).toBe('NITRO_FIELD_MALFORMED')
    }
    expect(await reasonOf(field('extra', cborNull()))).toBe('NITRO_FIELD_UNKNOWN')
    expect(await reasonOf(field(1, cborNull()))).toBe('NITRO_FIELD_UNKNOWN')
  })

  const zeros = (size: number) => cborBytes(new Uint8Array(size))
  const pcrs = (...entries: readonly (readonly [CborKey, Uint8Array])[]) => cborMap(new Map(entries))
  test.each([
    ['module_id', cborText('')],
    ['module_id', zeros(8)],
    ['digest', cborText('SHA256')],
    ['timestamp', cborInteger(0)],
    ['timestamp', cborInteger(-1)],
    ['timestamp', cborText('1767472867402')],
    ['pcrs', pcrs()],
    ['pcrs', pcrs([32, zeros(48)])],
    ['pcrs', pcrs([-1, zeros(48)])],
    ['pcrs', pcrs(['0', zeros(48)])],
    ['pcrs', pcrs([0, zeros(47)])],
    ['pcrs', pcrs([0, cborText('x'.repeat(48))])],
    ['pcrs', cborArray(zeros(48))],
    ['certificate', zeros(0)],
    ['certificate', zeros(1025)],
    ['cabundle', cborArray()],
    ['cabundle', cborArray(zeros(1025))],
    ['cabundle', cborArray(...Array.from({ length: 9 }, () => zeros(1)))],
    ['public_key', zeros(0)],
    ['public_key', zeros(1025)],
    ['user_data', zeros(513)],
    ['user_data', cborText('x')],
    ['nonce', zeros(513)],
  ])('error: NITRO_FIELD_MALFORMED for %s', async (name, value) => {
    expect(await reasonOf(field(name, value))).toBe('NITRO_FIELD_MALFORMED')
  })

  test('error: indefinite lengths anywhere but in the outermost map', async () => {
    const indefinite = Uint8Array.of(0xbf, 0x00, ...zeros(48), 0xff)
    expect(await reasonOf(field('pcrs', indefinite))).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(await reasonOf({ indefinite: true, ...field('pcrs', indefinite) })).toBe('NITRO_DOCUMENT_MALFORMED')
  })

  test('error: codes of a bundle with another root, another order or a stranger inside', async () => {
    const stranger = await createNitroRoot({ now: NOW })
    expect(await reasonOf({}, { trustAnchors: [AWS_NITRO_ROOT_G1] })).toBe('NITRO_ROOT_NOT_PINNED')
    expect(await reasonOf({}, { trustAnchors: [] })).toBe('NITRO_ROOT_NOT_PINNED')
    const bundle = (...certificates: readonly Uint8Array[]) =>
      field('cabundle', cborArray(...certificates.map(cborBytes)))
    const [, ...below] = stranger.cabundle
    expect(await reasonOf(bundle(...stranger.cabundle, root.certificate))).toBe('NITRO_ROOT_NOT_PINNED')
    expect(await reasonOf(bundle(...root.cabundle.toReversed()))).toBe('NITRO_ROOT_NOT_PINNED')
    // The pinned root in front of a stranger's chain: the names of the simulation are the same, the keys are not.
    expect(await reasonOf(bundle(root.certificate, ...below))).toBe('NITRO_CA_SIGNATURE_INVALID')
    expect(await reasonOf(bundle(root.certificate))).toBe('NITRO_CERTIFICATE_ISSUER_MISMATCH')
    const [first, second, third, fourth] = root.cabundle
    if (!first || !second || !third || !fourth) throw new Error('no bundle')
    expect(await reasonOf(bundle(first, third, fourth))).toBe('NITRO_CA_ISSUER_MISMATCH')
    const [, , , instance = first] = stranger.cabundle
    expect(await reasonOf(bundle(first, second, third, instance))).toBe('NITRO_CA_SIGNATURE_INVALID')
    expect(await reasonOf(bundle(first, second.subarray(1), third, fourth))).toBe('NITRO_CA_MALFORMED')
  })

  test('error: codes of use and path length', async () => {
    expect(await chainReason({ pathLengths: { regional: 1 } })).toBe('NITRO_CA_PATH_LENGTH_EXCEEDED')
    expect(await chainReason({ pathLengths: { root: 2 } })).toBe('NITRO_CA_PATH_LENGTH_EXCEEDED')
    expect(await chainReason({ pathLengths: { root: 3 } })).toBe('accepted')
    expect(await chainReason({ extensions: { root: leafExtensions() } })).toBe('NITRO_ROOT_MALFORMED')
    expect(await chainReason({ extensions: { instance: leafExtensions() } })).toBe('NITRO_CA_MALFORMED')
    const crlSigner = [
      caExtensions()[0] ?? new Uint8Array(),
      pkiExtension('2.5.29.15', Uint8Array.of(3, 2, 1, 2), true),
    ]
    expect(await chainReason({ extensions: { zonal: crlSigner } })).toBe('NITRO_CA_MALFORMED')
    expect(await chainReason({ extensions: { enclave: caExtensions(0) } })).toBe('NITRO_CERTIFICATE_MALFORMED')
    const both = [...caExtensions().slice(0, 1), ...leafExtensions()]
    expect(await chainReason({ extensions: { enclave: both } })).toBe('NITRO_CERTIFICATE_MALFORMED')
    expect(await chainReason({ extensions: { enclave: [] } })).toBe('NITRO_CERTIFICATE_MALFORMED')
  })

  test('error: codes of the signing certificate', async () => {
    const stranger = await createNitroRoot({ now: NOW })
    const other = field('certificate', cborBytes(stranger.enclave))
    expect(await reasonOf(other)).toBe('NITRO_CERTIFICATE_SIGNATURE_INVALID')
    const cut = field('certificate', cborBytes(root.enclave.subarray(0, -1)))
    expect(await reasonOf(cut)).toBe('NITRO_CERTIFICATE_MALFORMED')
  })

  test('error: codes of validity, in both directions', async () => {
    const [past, future] = [
      { from: 0, until: NOW - 1 },
      { from: NOW + 1, until: NOW + HOUR },
    ]
    for (const level of NITRO_LEVELS) {
      const expected = { root: 'NITRO_ROOT_EXPIRED', enclave: 'NITRO_CERTIFICATE_EXPIRED' }
      const code = level === 'root' || level === 'enclave' ? expected[level] : 'NITRO_CA_EXPIRED'
      expect(await chainReason({ validity: { [level]: past } })).toBe(code)
      expect(await chainReason({ validity: { [level]: future } })).toBe(code)
    }
    expect(await chainReason({ validity: { enclave: past, instance: past } })).toBe('NITRO_CERTIFICATE_EXPIRED')
    expect(await chainReason({ validity: { enclave: { from: NOW, until: NOW } } })).toBe('accepted')
  })

  test('error: codes of the CRLs', async () => {
    const { crls } = await root.endorsements()
    const [ofRoot = new Uint8Array(), ofRegional = new Uint8Array()] = crls
    const given = (...list: readonly Uint8Array[]) => reasonOf({}, { endorsements: { crls: list } })
    expect(await given(ofRegional, ofRoot)).toBe('accepted')
    expect(await given()).toBe('NITRO_CRL_MISSING')
    expect(await given(ofRoot)).toBe('NITRO_CRL_MISSING')
    expect(await given(ofRoot, ofRegional.subarray(1))).toBe('NITRO_CRL_MALFORMED')
    const issuerKey = await generatePkiKey('ecdsa-p384')
    const forge = (name: string) =>
      issuePkiCrl({
        issuer: simulatedName(name, 'AWS'),
        issuerKey,
        validity: { from: NOW, until: NOW },
        crlNumber: 1,
        revokedSerials: [],
      })
    expect(await given(ofRoot, ofRegional, await forge('nobody'))).toBe('NITRO_CRL_ISSUER_MISMATCH')
    // A leaf is no issuer of CRLs, whatever its name.
    expect(await given(ofRoot, ofRegional, await forge('enclave.nitro-enclaves'))).toBe('NITRO_CRL_ISSUER_MISMATCH')
    expect(await given(ofRoot, await forge('regional.nitro-enclaves'))).toBe('NITRO_CRL_SIGNATURE_INVALID')
    const expired = await root.endorsements({ validity: { from: NOW - 2, until: NOW - 1 } })
    expect(await reasonOf({}, { endorsements: expired })).toBe('NITRO_CRL_EXPIRED')
    for (const level of ['regional', 'zonal'] as const) {
      const endorsements = await root.endorsements({ revoked: [level] })
      expect(await reasonOf({}, { endorsements })).toBe('NITRO_CA_REVOKED')
    }
  })

  test('behavior: a missing CRL can be skipped by name, a given one is checked even so', async () => {
    const { policy } = appraised({ dangerouslySkip: ['crl'] })
    const skipped = await judge({}, { policy, endorsements: {} })
    expect(skipped).toMatchObject({ verdict: 'accepted', claims: { endorsementAgeSeconds: undefined } })
    expect(skipped.checks.find(({ id }) => id === 'crl')).toMatchObject({ status: 'not-requested' })
    const { crls } = await root.endorsements({ revoked: ['zonal'] })
    expect(await reasonOf({}, { policy, endorsements: { crls: crls.slice(0, 1) } })).toBe('accepted')
    expect(await reasonOf({}, { policy, endorsements: { crls: crls.slice(1) } })).toBe('NITRO_CA_REVOKED')
  })

  test('error: NITRO_CERTIFICATE_REVOKED', async () => {
    const endorsements = await root.endorsements({ revoked: ['enclave'] })
    expect(await reasonOf({}, { endorsements })).toBe('NITRO_CERTIFICATE_REVOKED')
  })

  test('error: NITRO_DOCUMENT_SIGNATURE_INVALID', async () => {
    const evidence = await root.issueDocument({ userData: new Uint8Array(32).fill(0xaa) })
    const changed = Uint8Array.from(evidence)
    changed[changed.indexOf(0xaa)] = 0xab
    expect(await reasonOf({}, { evidence: changed })).toBe('NITRO_DOCUMENT_SIGNATURE_INVALID')
  })
})

describe('verifyNitroChain', () => {
  test('default: a bundle alone, or with the signing certificate', async () => {
    const { cabundle, enclave: certificate } = root
    const input = {
      cabundle,
      endorsements: await root.endorsements(),
      at: NOW,
      trustAnchors: [root.trustAnchor],
      dangerouslySkip: [],
    }
    const alone = await verifyNitroChain(input)
    expect(alone).toMatchObject({ simulated: true, signingKey: undefined, oldestIssue: NOW - HOUR })
    expect(alone.checks.find(({ id }) => id === 'certificate')).toMatchObject({ status: 'not-requested' })
    const whole = await verifyNitroChain({ ...input, certificate })
    expect(whole.signingKey).toMatchObject({ type: 'ec', curve: 'P-384' })
    await expect(verifyNitroChain({ ...input, cabundle: [] })).rejects.toMatchObject({ code: 'NITRO_ROOT_NOT_PINNED' })
  })
})

describe('appraiseNitro', () => {
  test('error: NITRO_DEBUG_MODE', async () => {
    expect(await reasonOf({ debug: true })).toBe('NITRO_DEBUG_MODE')
    expect(await reasonOf({ debug: true }, appraised({ debug: 'accept' }))).toBe('accepted')
    const without = cborMap(new Map([[4, cborBytes(new Uint8Array(48).fill(1))]]))
    expect(await reasonOf(field('pcrs', without))).toBe('NITRO_DEBUG_MODE')
  })

  test('error: NITRO_DOCUMENT_NOT_YET_VALID, NITRO_DOCUMENT_TOO_OLD', async () => {
    const at = (seconds: number) => ({ timestampMs: (NOW + seconds) * 1000 })
    expect(await reasonOf(at(300))).toBe('accepted')
    expect(await reasonOf(at(301))).toBe('NITRO_DOCUMENT_NOT_YET_VALID')
    expect(await reasonOf(at(-3600))).toBe('accepted')
    expect(await reasonOf(at(-3601))).toBe('NITRO_DOCUMENT_TOO_OLD')
    expect(await reasonOf(at(-3601), appraised({ maxDocumentAgeSeconds: 'any' }))).toBe('accepted')
    const { pcrs, publicKey, userData, nonce } = ANYTHING
    const policy = strictNitroPolicy({ pcrs, publicKey, userData, nonce })
    expect(await reasonOf(at(-301), { policy })).toBe('NITRO_DOCUMENT_TOO_OLD')
  })

  test('error: NITRO_ENDORSEMENTS_TOO_OLD', async () => {
    expect(await reasonOf({}, appraised({ maxEndorsementAgeSeconds: HOUR }))).toBe('accepted')
    expect(await reasonOf({}, appraised({ maxEndorsementAgeSeconds: HOUR - 1 }))).toBe('NITRO_ENDORSEMENTS_TOO_OLD')
  })

  test('error: NITRO_PCRS_NOT_ACCEPTED', async () => {
    const values = await nitroPcrs('workload')
    const hex = (index: number) => toHex(values.get(index) ?? new Uint8Array())
    const loose: NitroPcrReference = {
      pcr0: hex(0),
      pcr1: 'any',
      pcr2: 'any',
      pcr3: 'any',
      pcr4: 'any',
      pcr8: 'any',
      others: {},
    }
    const exact = {
      ...loose,
      pcr1: hex(1),
      pcr2: hex(2),
      pcr3: hex(3),
      pcr4: hex(4),
      pcr8: `0x${hex(8).toUpperCase()}`,
    }
    expect(await reasonOf({}, appraised({ pcrs: [loose] }))).toBe('accepted')
    expect(await reasonOf({}, appraised({ pcrs: [{ ...exact, others: { 15: hex(15) } }] }))).toBe('accepted')
    for (const pcrs of [
      [],
      [{ ...loose, pcr0: hex(1) }],
      [{ ...loose, pcr8: hex(0) }],
      [{ ...loose, others: { 15: hex(0) } }],
      [{ ...loose, others: { 16: hex(15) } }],
      [{ ...loose, others: { PCR15: hex(15) } }],
    ]) {
      expect(await reasonOf({}, appraised({ pcrs }))).toBe('NITRO_PCRS_NOT_ACCEPTED')
    }
    expect(await reasonOf({ workload: 'other' }, appraised({ pcrs: [loose] }))).toBe('NITRO_PCRS_NOT_ACCEPTED')
  })

  test('error: codes of what the enclave put in', async () => {
    const value = Uint8Array.of(1, 2, 3)
    const expected = { expected: '010203' }
    const given = { publicKey: value, userData: value, nonce: value }
    expect(await reasonOf(given, appraised({ publicKey: expected, userData: expected, nonce: expected }))).toBe(
      'accepted',
    )
    for (const [name, code] of [
      ['publicKey', 'NITRO_PUBLIC_KEY_MISMATCH'],
      ['userData', 'NITRO_USER_DATA_MISMATCH'],
      ['nonce', 'NITRO_NONCE_MISMATCH'],
    ] as const) {
      expect(await reasonOf({}, appraised({ [name]: expected }))).toBe(code)
      expect(await reasonOf(given, appraised({ [name]: { expected: '' } }))).toBe(code)
      expect(await reasonOf({}, appraised({ [name]: { expected: '' } }))).toBe('accepted')
    }
  })

  test('default: takes what verifyNitro has verified', async () => {
    const verified = await verifyNitro({
      evidence: parseNitro(await root.issueDocument()),
      endorsements: await root.endorsements(),
      at: NOW,
      trustAnchors: [root.trustAnchor],
      dangerouslySkip: [],
    })
    const result = await appraiseNitro(verified, ANYTHING)
    expect(result).toMatchObject({ verdict: 'accepted' })
    expect(result.checks[0]).toMatchObject({ id: 'document-format', status: 'not-requested' })
  })
})

describe('endorsements', () => {
  test('default: as JSON and back', async () => {
    const endorsements = await root.endorsements()
    const json = JSON.parse(JSON.stringify(nitroEndorsementsToJson(endorsements)))
    expect(nitroEndorsementsFromJson(json)).toEqual(endorsements)
  })

  test('error: NITRO_ENDORSEMENTS_MALFORMED', () => {
    for (const json of [
      undefined,
      null,
      [],
      {},
      { crls: 'x' },
      { crls: [1] },
      { crls: ['*'] },
      { crls: [], more: 1 },
    ]) {
      const code = 'NITRO_ENDORSEMENTS_MALFORMED'
      expect(() => nitroEndorsementsFromJson(json)).toThrow(expect.objectContaining({ code }))
    }
  })
})

test('AWS_NITRO_ROOT_G1 is the certificate whose digest AWS publishes', async () => {
  expect(toHex(await sha256(AWS_NITRO_ROOT_G1.certificate))).toBe(
    '641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b',
  )
})
