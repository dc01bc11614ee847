import {
  caExtensions,
  createNvidiaAuthority,
  extendedKeyUsage,
  leafExtensions,
  type NvidiaAuthority,
  OCSP_SIGNING,
} from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import type { NvidiaTrustAnchor } from '../roots/nvidia.ts'
import { type ChainCodes, DEVICE_CHAIN_CODES, parseChain, RIM_CHAIN_CODES, verifyChain } from './chain.ts'

const AT = 1_780_000_000
const validity = { from: AT - 100, until: AT + 100 }

interface Chain {
  readonly root: NvidiaAuthority
  readonly upper: NvidiaAuthority
  readonly lower: NvidiaAuthority
  readonly leaf: NvidiaAuthority
}

let good: Chain
let others: NvidiaAuthority

const ca = (
  commonName: string,
  issuer?: NvidiaAuthority,
  change: { readonly pathLength?: number; readonly until?: number } = {},
) =>
  createNvidiaAuthority({
    commonName,
    validity: { ...validity, until: change.until ?? validity.until },
    extensions: caExtensions(change.pathLength),
    ...(issuer && { issuer }),
  })
const leafOf = (issuer: NvidiaAuthority, extensions = leafExtensions()) =>
  createNvidiaAuthority({ commonName: 'Leaf', issuer, validity, extensions })

beforeAll(async () => {
  const root = await ca('Root')
  const upper = await ca('Upper', root, { pathLength: 1 })
  const lower = await ca('Lower', upper, { pathLength: 0 })
  good = { root, upper, lower, leaf: await leafOf(lower) }
  others = await ca('Root')
})

async function codeOf(
  chain: readonly (NvidiaAuthority | Uint8Array)[],
  role: NvidiaTrustAnchor['role'],
  codes: ChainCodes,
  anchor: NvidiaAuthority = good.root,
): Promise<string> {
  const trustAnchors = [{ role, certificate: anchor.certificate, simulated: true }]
  try {
    const bytes = chain.map((entry) => ('certificate' in entry ? entry.certificate : entry))
    await verifyChain(parseChain(bytes, codes.malformed), role, { at: AT, trustAnchors, codes })
    return 'accepted'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe.each([
  ['device', DEVICE_CHAIN_CODES],
  ['rim', RIM_CHAIN_CODES],
] as const)('a chain of role %s', (role, codes) => {
  const judge = (chain: readonly (NvidiaAuthority | Uint8Array)[], anchor?: NvidiaAuthority) =>
    codeOf(chain, role, codes, anchor)

  // The tests below read the codes from the tables: here is what the tables have to say.
  test('default: its codes', () => {
    const expected = {
      device: {
        malformed: 'NVIDIA_CERTIFICATE_MALFORMED',
        rootNotPinned: 'NVIDIA_ROOT_NOT_PINNED',
        rootSignatureInvalid: 'NVIDIA_ROOT_SIGNATURE_INVALID',
        leafMissing: 'NVIDIA_LEAF_MISSING',
        caInvalid: 'NVIDIA_CA_INVALID',
        certificate: {
          issuerMismatch: 'NVIDIA_CERTIFICATE_ISSUER_MISMATCH',
          signatureInvalid: 'NVIDIA_CERTIFICATE_SIGNATURE_INVALID',
          expired: 'NVIDIA_CERTIFICATE_EXPIRED',
          revoked: 'NVIDIA_CERTIFICATE_REVOKED',
        },
      },
      rim: {
        malformed: 'NVIDIA_RIM_CERTIFICATE_MALFORMED',
        rootNotPinned: 'NVIDIA_RIM_ROOT_NOT_PINNED',
        rootSignatureInvalid: 'NVIDIA_RIM_ROOT_SIGNATURE_INVALID',
        leafMissing: 'NVIDIA_RIM_SIGNER_MISSING',
        caInvalid: 'NVIDIA_RIM_CA_INVALID',
        certificate: {
          issuerMismatch: 'NVIDIA_RIM_CERTIFICATE_ISSUER_MISMATCH',
          signatureInvalid: 'NVIDIA_RIM_CERTIFICATE_SIGNATURE_INVALID',
          expired: 'NVIDIA_RIM_CERTIFICATE_EXPIRED',
          revoked: 'NVIDIA_RIM_CERTIFICATE_REVOKED',
        },
      },
    }
    expect(codes).toEqual(expected[role])
  })

  test('default: with and without its root', async () => {
    const { leaf, lower, upper, root } = good
    expect(await judge([leaf, lower, upper, root])).toBe('accepted')
    expect(await judge([leaf, lower, upper])).toBe('accepted')
  })

  test('error: a root of the same name and another key, and none that fits', async () => {
    const { leaf, lower, upper, root } = good
    expect(await judge([leaf, lower, upper, root], others)).toBe(codes.rootNotPinned)
    expect(await judge([leaf, lower, upper, others])).toBe(codes.rootNotPinned)
    expect(await judge([leaf, lower])).toBe(codes.rootNotPinned)
    // The name of the root is not its key.
    expect(await judge([leaf, lower, upper], others)).toBe(codes.certificate.signatureInvalid)
  })

  test('error: the pinned key in a root certificate that it did not sign', async () => {
    const { leaf, lower, upper, root } = good
    const forged = Uint8Array.from(root.certificate)
    const last = forged.length - 1
    forged[last] = (forged[last] ?? 0) ^ 1
    expect(await judge([leaf, lower, upper, forged])).toBe(codes.rootSignatureInvalid)
  })

  test('error: no leaf that signs', async () => {
    const { lower, upper, root } = good
    expect(await judge([lower, upper, root])).toBe(codes.leafMissing)
    expect(await judge([await leafOf(lower, caExtensions().slice(1)), lower, upper, root])).toBe(codes.leafMissing)
    expect(await judge([root])).toBe(codes.leafMissing)
  })

  test('error: a leaf that is to sign OCSP responses; one with another purpose is none', async () => {
    const { lower, upper, root } = good
    const leafFor = async (...purposes: readonly string[]) => {
      const usage = extendedKeyUsage(purposes)
      return judge([await leafOf(lower, [...leafExtensions(), usage]), lower, upper, root])
    }
    const [codeSigning, ocspSigning] = ['1.3.6.1.5.5.7.3.3', OCSP_SIGNING]
    expect(await leafFor(codeSigning)).toBe('accepted')
    expect(await leafFor(ocspSigning)).toBe(codes.leafMissing)
    expect(await leafFor(codeSigning, ocspSigning)).toBe(codes.leafMissing)
  })

  test('error: an issuer that is no CA, or has no length left', async () => {
    const { leaf, lower, upper, root } = good
    expect(await judge([await leafOf(leaf), leaf, lower, upper, root])).toBe(codes.caInvalid)
    // Only basic constraints, only key usage.
    for (const extensions of [caExtensions().slice(0, 1), caExtensions().slice(1)]) {
      const half = await createNvidiaAuthority({ commonName: 'Half', issuer: root, validity, extensions })
      expect(await judge([await leafOf(half), half, root])).toBe(codes.caInvalid)
    }
    const below = await ca('Below', lower)
    expect(await judge([await leafOf(below), below, lower, upper, root])).toBe(codes.caInvalid)
  })

  test('error: a certificate left out, out of order, forged, expired', async () => {
    const { leaf, lower, upper, root } = good
    expect(await judge([leaf, upper, root])).toBe(codes.certificate.issuerMismatch)
    expect(await judge([leaf, upper, lower, root])).toBe(codes.certificate.issuerMismatch)
    const impostor = await ca('Lower', upper)
    expect(await judge([leaf, impostor, upper, root])).toBe(codes.certificate.signatureInvalid)
    const old = await ca('Old', upper, { until: AT - 1 })
    expect(await judge([await leafOf(old), old, upper, root])).toBe(codes.certificate.expired)
    expect(await judge([])).toBe(codes.malformed)
    expect(await judge(Array.from({ length: 9 }, () => leaf))).toBe(codes.malformed)
  })
})
