import {
  type AttestationResult,
  type CcaClaims,
  type CcaEvidenceInput,
  type CcaPlatformReference,
  type CcaPolicy,
  type CcaTrustAnchor,
  MalformedEvidenceError,
  parseCca,
  parseCcaPlatformClaims,
  parseCcaRealmClaims,
  vectorsCcaPolicy,
  verifyCcaEvidence,
} from '@spartan/attestation'
import { bytesToHex, hexToBytes } from 'viem'
import { describe, expect, test } from 'vitest'
import { CCA_VECTOR_REASONS } from '../../apps/node/src/commands/evidence/vectors/reasons/cca.ts'
import { derOf, fileOf, filesOf, hasVectors, type VectorEntry, vectorsOf } from './support/manifest.ts'

const hex = (bytes: Uint8Array) => bytesToHex(bytes).slice(2)
const bytes = (digits: string) => hexToBytes(`0x${digits}`)
const json = (file: Uint8Array | undefined) => file && JSON.parse(new TextDecoder().decode(file))

/** SubjectPublicKeyInfo up to the point. */
const SPKI_HEADS: Readonly<Record<string, string>> = {
  'P-256': '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  'P-384': '3076301006072a8648ce3d020106052b81040022036200',
}

interface AnchorJson {
  readonly 'instance-id': string
  readonly 'implementation-id': string
  readonly pkey: { readonly crv: string; readonly x: string; readonly y: string }
}

function anchorOf(stored: AnchorJson): CcaTrustAnchor {
  const { crv, x, y } = stored.pkey
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  return {
    publicKey: Uint8Array.from(Buffer.concat([bytes(SPKI_HEADS[crv] ?? ''), point])),
    instanceId: bytes(stored['instance-id']),
    implementationId: bytes(stored['implementation-id']),
    simulated: true,
  }
}

/** Keys of the entry: the PEM key for whatever platform, or the store with its identifiers. */
function anchorsOf(entry: VectorEntry): readonly CcaTrustAnchor[] {
  const pem = fileOf(entry, 'cpak_pub.pem')
  if (pem) return [{ publicKey: derOf(pem), simulated: true }]
  const stores = ['ta.json', 'tastore.json', 'ta-bad.json'].flatMap((name) => json(fileOf(entry, name)) ?? [])
  return stores.map(anchorOf)
}

const ANYTHING = vectorsCcaPolicy({ platforms: 'any', realms: 'any', personalizationValue: 'any', challenge: 'any' })

/** The `vectors` preset with what the entry's own policy replaces. An unknown key fails the test. */
function policyOf(entry: VectorEntry): CcaPolicy {
  const { allow_debug: allowDebug, ...unknown } = entry.expected.policy ?? {}
  expect(unknown, 'policy keys without a meaning here').toEqual({})
  if (allowDebug !== true) return ANYTHING
  const acceptedLifecycles = ['secured', 'non-cca-platform-debug', 'recoverable-cca-platform-debug'] as const
  return { ...ANYTHING, acceptedLifecycles }
}

const judge = (entry: VectorEntry, change: Partial<CcaEvidenceInput> = {}) =>
  verifyCcaEvidence({
    evidence: fileOf(entry, 'token.cbor') ?? new Uint8Array(),
    at: entry.verify_at === null ? 0 : Date.parse(entry.verify_at) / 1000,
    trustAnchors: anchorsOf(entry),
    policy: policyOf(entry),
    ...change,
  })

const isClaims = ({ id }: VectorEntry) => id.startsWith('cca/claims-')
const entries = vectorsOf('cca')
const withTitle = (chosen: readonly VectorEntry[]) => chosen.map((entry) => [entry.id, entry] as const)

function expectFields(result: AttestationResult<CcaClaims>, entry: VectorEntry): void {
  if (result.verdict === 'refused') throw result.error
  const fields = entry.expected.fields ?? {}
  const { claims } = result
  expect(hex(claims.reportData)).toBe(fields.challenge)
  expect(hex(claims.measurements.rim)).toBe(fields.rim)
  expect(hex(claims.personalizationValue)).toBe(fields.perso)
  expect(hex(claims.implementationId)).toBe(fields.impl_id)
  expect(hex(claims.platformId)).toBe(fields.instance_id)
  expect(claims.softwareComponents.length).toBe(fields.n_sw)
}

describe.skipIf(!hasVectors)('CCA vectors', () => {
  test('there are as many as published', () => {
    expect(entries.length).toBe(17)
    expect(entries.filter(isClaims).length).toBe(3)
  })

  test.each(withTitle(entries.filter((entry) => !isClaims(entry))))('%s', async (_, entry) => {
    const result = await judge(entry)
    if (entry.expected.verdict === 'pass') return expectFields(result, entry)
    const stated = CCA_VECTOR_REASONS[entry.expected.reason ?? '']
    expect(stated, `no code for the stated reason: ${entry.expected.reason}`).toBeDefined()
    expect(result).toMatchObject({ verdict: 'refused', reasonCode: stated })
  })

  test.each(withTitle(entries.filter(isClaims)))('%s', (_, entry) => {
    const [claims = new Uint8Array()] = filesOf(entry, '.cbor')
    const parse = () => (entry.id.includes('platform') ? parseCcaPlatformClaims(claims) : parseCcaRealmClaims(claims))
    if (entry.expected.verdict === 'pass') return expect(parse().challenge.length).toBe(64)
    const code = CCA_VECTOR_REASONS[entry.expected.reason ?? '']
    expect(code, `no code for the stated reason: ${entry.expected.reason}`).toBeDefined()
    expect(parse).toThrow(MalformedEvidenceError)
    expect(parse).toThrow(expect.objectContaining({ code }))
  })

  test('the tokens of the published evidence sign exactly the published claims', () => {
    for (const entry of entries.filter((one) => one.expected.verdict === 'pass' && !isClaims(one))) {
      const { platform, realm } = parseCca(fileOf(entry, 'token.cbor') ?? new Uint8Array())
      expect(platform.message.payload).toEqual(fileOf(entry, 'platform_claims.cbor'))
      expect(realm.message.payload).toEqual(fileOf(entry, 'realm_claims.cbor'))
    }
  })

  test('keys chosen by their identifiers verify as well', async () => {
    for (const [name, store] of [
      ['coco-example-token', 'tastore.json'],
      ['rmm-legacy-profile-token01', 'ta.json'],
      ['es256-platform-token02', 'ta.json'],
    ] as const) {
      const entry = entries.find(({ id }) => id === `cca/${name}`)
      if (!entry) throw new Error(`no ${name}`)
      const trustAnchors = json(fileOf(entry, store)).map(anchorOf)
      expect(await judge(entry, { trustAnchors })).toMatchObject({ verdict: 'accepted' })
      const others = trustAnchors.map((anchor: CcaTrustAnchor) => ({ ...anchor, instanceId: new Uint8Array(33) }))
      expect(await judge(entry, { trustAnchors: others })).toMatchObject({ reasonCode: 'CCA_TRUST_ANCHOR_MISSING' })
    }
  })

  test('published reference values are met, and missed when one digit differs', async () => {
    const entry = entries.find(({ id }) => id === 'cca/coco-example-token')
    if (!entry) throw new Error('no coco-example-token')
    const store = json(fileOf(entry, 'rvstore.json'))
    const platforms: readonly CcaPlatformReference[] = store.platform.map((platform: Record<string, unknown>) => ({
      implementationId: platform['implementation-id'],
      configuration: platform['platform-configuration'],
      softwareComponents: (platform['sw-components'] as readonly Record<string, string>[]).map((component) => ({
        type: component['component-type'],
        measurement: component['measurement-value'],
        version: component.version ?? 'any',
        signerId: component['signer-id'],
      })),
    }))
    const [realm] = store.realm
    const policy: CcaPolicy = {
      ...ANYTHING,
      platforms,
      realms: [
        {
          initialMeasurement: realm['initial-measurement'],
          extensibleMeasurements: realm['extensible-measurements'],
        },
      ],
      personalizationValue: { expected: realm['personalization-value'] },
      challenge: { expected: String(entry.expected.fields?.challenge) },
    }
    const result = await judge(entry, { policy })
    expect(result.checks.map(({ status }) => status)).toEqual(result.checks.map(() => 'done'))
    const [first] = platforms
    if (!first) throw new Error('no reference values')
    const fewer = [{ ...first, softwareComponents: first.softwareComponents.slice(1) }]
    const code = 'CCA_PLATFORM_MEASUREMENT_NOT_ACCEPTED'
    expect(await judge(entry, { policy: { ...policy, platforms: fewer } })).toMatchObject({ reasonCode: code })
    const challenge = { expected: '00'.repeat(64) }
    expect(await judge(entry, { policy: { ...policy, challenge } })).toMatchObject({
      reasonCode: 'CCA_CHALLENGE_MISMATCH',
    })
  })
})
