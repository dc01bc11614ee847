import { BaseError } from '@spartan/errors'
import { createSimulationRoot, workload } from '@spartan/simulator'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type EvidenceBundle,
  evidenceBundleToJson,
  presetPolicy,
  readEvidenceBundle,
  VENDOR_ANCHORS,
  verifyEvidence,
} from '../index.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000

let bundle: Extract<EvidenceBundle, { kind: 'tdx' }>
beforeAll(async () => {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'a', ppid: '00112233445566778899aabbccddeeff' })
  const evidence = await platform.issueQuote({ ...(await workload('trend')), reportData: new Uint8Array(64) })
  const { tdx: policy } = presetPolicy('strict')
  if (policy === 'refuse') throw new Error('refused')
  bundle = {
    kind: 'tdx',
    evidence,
    endorsements: await platform.endorsements(),
    policy,
    at: NOW,
    trustAnchors: [{ publicKey: root.publicKey, simulated: true }],
  }
})

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const codeOf = (value: Uint8Array) => {
  try {
    readEvidenceBundle(value)
  } catch (error) {
    return error instanceof BaseError ? error.code : error
  }
  return 'read'
}

describe('evidence bundle', () => {
  test('default: comes back as it was written, and verifies', async () => {
    const read = readEvidenceBundle(encode(evidenceBundleToJson(bundle)))
    expect(read).toEqual(bundle)
    if (read.kind !== 'tdx' || read.trustAnchors === 'vendor') throw new Error('another bundle')
    const { trustAnchors, at = 0 } = read
    expect(await verifyEvidence({ ...read, trustAnchors, at })).toMatchObject({ verdict: 'accepted' })
    const vendor = await verifyEvidence({ ...read, trustAnchors: VENDOR_ANCHORS.tdx, at })
    expect(vendor).toMatchObject({ verdict: 'refused', reasonCode: 'DCAP_ROOT_NOT_PINNED' })
    const refused = await verifyEvidence({ ...read, trustAnchors, at, policy: 'refuse' })
    expect(refused).toMatchObject({ verdict: 'refused', reasonCode: 'EVIDENCE_KIND_REFUSED', checks: [] })
  })

  test('behavior: NVIDIA has two parts, and vendor roots go by name', () => {
    const { nvidia: policy } = presetPolicy('strict')
    if (policy === 'refuse') throw new Error('refused')
    const other: EvidenceBundle = {
      kind: 'nvidia',
      evidence: { report: Uint8Array.of(1), certificateChain: Uint8Array.of(2) },
      endorsements: { ocsp: [], rims: [Uint8Array.of(3)], rimOcsp: [] },
      policy,
      at: undefined,
      trustAnchors: 'vendor',
    }
    expect(readEvidenceBundle(encode(evidenceBundleToJson(other)))).toEqual(other)
  })

  test.each<[string, (json: Record<string, unknown>) => unknown, string]>([
    ['another format', (json) => ({ ...json, format: 'spartan-evidence-bundle/2' }), 'EVIDENCE_BUNDLE_MALFORMED'],
    ['an unknown member', (json) => ({ ...json, more: 1 }), 'EVIDENCE_BUNDLE_MALFORMED'],
    ['a missing member', ({ at: _, ...json }) => json, 'EVIDENCE_BUNDLE_MALFORMED'],
    ['an unknown kind', (json) => ({ ...json, kind: 'abacus' }), 'EVIDENCE_BUNDLE_MALFORMED'],
    ['evidence of another kind', (json) => ({ ...json, kind: 'nvidia' }), 'EVIDENCE_BUNDLE_MALFORMED'],
    ['base64 that is not canonical', (json) => ({ ...json, evidence: 'AB==' }), 'EVIDENCE_BUNDLE_MALFORMED'],
    ['a policy of another kind', (json) => ({ ...json, kind: 'sgx' }), 'EVIDENCE_POLICY_KIND_MISMATCH'],
    ['half a policy', (json) => ({ ...json, policy: {} }), 'EVIDENCE_POLICY_MALFORMED'],
    [
      'endorsements of another kind',
      (json) => ({ ...json, endorsements: { vek: 'AA==' } }),
      'DCAP_ENDORSEMENTS_MALFORMED',
    ],
    [
      'anchors of another kind',
      (json) => ({ ...json, trustAnchors: [{ certificate: 'AA==' }] }),
      'EVIDENCE_ANCHOR_MALFORMED',
    ],
    ['an anchor by another name', (json) => ({ ...json, trustAnchors: 'mine' }), 'EVIDENCE_BUNDLE_MALFORMED'],
  ])('error: %s', (_, change, code) => {
    expect(codeOf(encode(change({ ...evidenceBundleToJson(bundle) })))).toBe(code)
  })

  test('error: more than a bundle can be', () => {
    expect(codeOf(new Uint8Array(16 * 1024 * 1024 + 1))).toBe('EVIDENCE_BUNDLE_MALFORMED')
  })

  test('property: any changed text is read or refused with a code, never anything else', () => {
    const text = JSON.stringify(evidenceBundleToJson(bundle))
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 10 }), (at, removed, inserted) => {
        const changed = text.slice(0, at) + inserted + text.slice(at + removed)
        expect(codeOf(new TextEncoder().encode(changed))).toBeTypeOf('string')
      }),
      { numRuns: 500 },
    )
  })
})
