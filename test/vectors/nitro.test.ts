import {
  type AttestationResult,
  AWS_NITRO_ROOT_G1,
  type NitroClaims,
  type NitroEvidenceInput,
  type NitroPolicy,
  type NitroTrustAnchor,
  vectorsNitroPolicy,
  verifyNitroChain,
  verifyNitroEvidence,
} from '@spartan/attestation'
import { bytesToHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { NITRO_VECTOR_REASONS } from '../../apps/node/src/commands/evidence/vectors/reasons/nitro.ts'
import { derOf, fileOf, filesOf, hasVectors, type VectorEntry, vectorsOf } from './support/manifest.ts'

const hex = (bytes: Uint8Array) => bytesToHex(bytes).slice(2)

/** The `vectors` preset; the entries carry no CRLs, so that check is skipped by name. An unknown policy key fails. */
function policyOf(entry: VectorEntry): NitroPolicy {
  const { allow_debug: allowDebug, ...unknown } = entry.expected.policy ?? {}
  expect(unknown, 'policy keys without a meaning here').toEqual({})
  return {
    ...vectorsNitroPolicy({ pcrs: 'any', publicKey: 'any', userData: 'any', nonce: 'any' }),
    ...(allowDebug === true && { debug: 'accept' as const }),
    dangerouslySkip: ['crl'],
  }
}

function anchorsOf(entry: VectorEntry): readonly NitroTrustAnchor[] {
  const own = fileOf(entry, 'trusted_root.pem')
  return own ? [{ certificate: derOf(own), simulated: true }] : [AWS_NITRO_ROOT_G1]
}

/** Exact seconds, with fractions: documents are judged at their own timestamp. */
const timeOf = (entry: VectorEntry) => Date.parse(entry.verify_at ?? '') / 1000

const judge = (entry: VectorEntry, change: Partial<NitroEvidenceInput> = {}) =>
  verifyNitroEvidence({
    evidence: fileOf(entry, 'cose_sign1.cbor') ?? new Uint8Array(),
    endorsements: {},
    at: timeOf(entry),
    trustAnchors: anchorsOf(entry),
    policy: policyOf(entry),
    ...change,
  })

const isChain = ({ id }: VectorEntry) => id.startsWith('nitro/certs-')
const entries = vectorsOf('nitro')
const withTitle = (chosen: readonly VectorEntry[]) => chosen.map((entry) => [entry.id, entry] as const)
const named = (name: string): VectorEntry => {
  const entry = entries.find(({ id }) => id === `nitro/${name}`)
  if (!entry) throw new Error(`no ${name}`)
  return entry
}

function expectFields(result: AttestationResult<NitroClaims>, entry: VectorEntry): void {
  if (result.verdict === 'refused') throw result.error
  const { claims } = result
  const fields = entry.expected.fields ?? {}
  expect(claims.moduleId).toBe(fields.module_id)
  expect(claims.timestampMs).toBe(fields.timestamp)
  expect(Object.keys(claims.measurements).length).toBe(fields.n_pcrs)
  for (const [index, value] of Object.entries(fields.pcrs as Record<string, string>)) {
    expect(hex(claims.measurements[`pcr${index}`] ?? new Uint8Array())).toBe(value)
  }
  expect(claims.publicKey?.length ?? 0).toBe(fields.pubkey_len)
  expect((claims.userData?.length ?? 0) > 0).toBe(fields.has_user_data)
  expect(result.checks.find(({ id }) => id === 'crl')?.status, 'the skipped check is listed').toBe('not-requested')
}

describe.skipIf(!hasVectors)('AWS Nitro vectors', () => {
  test('there are as many as published', () => {
    expect(entries.length).toBe(12)
    expect(entries.filter(isChain).length).toBe(1)
  })

  test.each(withTitle(entries.filter((entry) => !isChain(entry))))('%s', async (_, entry) => {
    const result = await judge(entry)
    if (entry.expected.verdict === 'pass') return expectFields(result, entry)
    const stated = NITRO_VECTOR_REASONS[entry.expected.reason ?? '']
    expect(stated, `no code for the stated reason: ${entry.expected.reason}`).toBeDefined()
    expect(result).toMatchObject({ verdict: 'refused', reasonCode: stated })
  })

  test.each(withTitle(entries.filter(isChain)))('%s', async (_, entry) => {
    const input = {
      cabundle: filesOf(entry, '.der'),
      endorsements: {},
      at: timeOf(entry),
      trustAnchors: anchorsOf(entry),
      dangerouslySkip: ['crl'] as const,
    }
    const chain = await verifyNitroChain(input)
    expect(chain.simulated).toBe(false)
    const afterEnd = { ...input, at: chain.earliestExpiry + 1 }
    await expect(verifyNitroChain(afterEnd)).rejects.toMatchObject({ code: 'NITRO_CA_EXPIRED' })
  })

  test('a malleated twin has the evidence id of the original, another document another one', async () => {
    const ids = await Promise.all(
      ['malleable-twin-n-minus-s', 'dstack-attest'].map(async (name) => {
        const result = await judge(named(name))
        if (result.verdict === 'refused') throw result.error
        return hex(result.claims.evidenceId)
      }),
    )
    const twin = fileOf(named('malleable-twin-n-minus-s'), 'cose_sign1.cbor') ?? new Uint8Array()
    const original = Uint8Array.from(twin)
    original.set(mirrored(twin.subarray(-48)), twin.length - 48)
    const result = await judge(named('malleable-twin-n-minus-s'), { evidence: original })
    if (result.verdict === 'refused') throw result.error
    expect(hex(result.claims.evidenceId)).toBe(ids[0])
    expect(ids[0]).not.toBe(ids[1])
  })

  test('CRLs are demanded unless they are skipped by name', async () => {
    const entry = named('dstack-attest')
    const policy = { ...policyOf(entry), dangerouslySkip: [] }
    expect(await judge(entry, { policy })).toMatchObject({ reasonCode: 'NITRO_CRL_MISSING' })
  })
})

/** n − s on P-384. */
function mirrored(s: Uint8Array): Uint8Array {
  const n = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n
  const digits = (n - BigInt(bytesToHex(s))).toString(16).padStart(96, '0')
  return Uint8Array.from(Buffer.from(digits, 'hex'))
}
