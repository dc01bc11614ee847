import {
  caExtensions,
  cborArray,
  cborBytes,
  createNitroRoot,
  generatePkiKey,
  issuePkiCrl,
  leafExtensions,
  NITRO_LEVELS,
  pkiExtension,
  simulatedName,
} from '@spartan/simulator'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { AWS_NITRO_ROOT_G1, verifyNitroChain } from './index.ts'
import { appraised, chainReason, field, HOUR, judge, NOW, reasonOf, root } from './test/nitroCase.ts'

describe('chain of a document', () => {
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

  test('error: certificates of another curve or hash', async () => {
    expect(await chainReason({ algorithms: { root: 'ecdsa-p256' } })).toBe('NITRO_ROOT_MALFORMED')
    expect(await chainReason({ algorithms: { zonal: 'ecdsa-p521' } })).toBe('NITRO_CA_MALFORMED')
    const other = await createNitroRoot({ now: NOW, algorithms: { enclave: 'ecdsa-p256' } })
    const p256 = field('certificate', cborBytes(other.enclave))
    expect(await reasonOf(p256)).toBe('NITRO_CERTIFICATE_MALFORMED')
    const sha256 = toHex(root.enclave).replaceAll('2a8648ce3d040303', '2a8648ce3d040302')
    expect(await reasonOf(field('certificate', cborBytes(fromHex(sha256))))).toBe('NITRO_CERTIFICATE_MALFORMED')
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
    for (const name of ['crl', 'endorsement-age']) {
      expect(skipped.checks.find(({ id }) => id === name)).toMatchObject({ status: 'not-requested' })
    }
    const anyAge = await judge({}, appraised({ maxEndorsementAgeSeconds: 'any' }))
    expect(anyAge.checks.find(({ id }) => id === 'endorsement-age')).toMatchObject({ status: 'not-requested' })
    const { crls } = await root.endorsements({ revoked: ['zonal'] })
    expect(await reasonOf({}, { policy, endorsements: { crls: crls.slice(0, 1) } })).toBe('accepted')
    expect(await reasonOf({}, { policy, endorsements: { crls: crls.slice(1) } })).toBe('NITRO_CA_REVOKED')
  })

  test('error: NITRO_CERTIFICATE_REVOKED', async () => {
    const endorsements = await root.endorsements({ revoked: ['enclave'] })
    expect(await reasonOf({}, { endorsements })).toBe('NITRO_CERTIFICATE_REVOKED')
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

test('AWS_NITRO_ROOT_G1 is the certificate whose digest AWS publishes', async () => {
  expect(toHex(await sha256(AWS_NITRO_ROOT_G1.certificate))).toBe(
    '641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b',
  )
})
