import {
  createNvidiaAuthority,
  createOcspResponder,
  issueOcspResponse,
  leafExtensions,
  type OcspFields,
} from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { verifyNvidiaEvidence } from './index.ts'
import { AT, type SimulatedCase, simulatedCase, WINDOW } from './test/simulated.ts'

let gpu: SimulatedCase
beforeAll(async () => {
  gpu = await simulatedCase()
})

const judge = (ocsp: readonly Uint8Array[], change: Partial<SimulatedCase> = {}) =>
  verifyNvidiaEvidence({ ...gpu, ...change, endorsements: { ...gpu.endorsements, ocsp } })

/** Responses of which the one for the boot ROM's certificate is made with `options`. */
async function withBootRom(options: Partial<OcspFields>): Promise<readonly Uint8Array[]> {
  const [, bootRom, issuer] = gpu.device.chain
  if (!bootRom || !issuer) throw new Error('a chain of at least three')
  const changed = await issueOcspResponse({ certificate: bootRom, issuer, window: WINDOW, ...options })
  return [changed, ...gpu.endorsements.ocsp.slice(1)]
}

describe('default', () => {
  test.each(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const)('certificates named by %s', async (hash) => {
    expect(await judge(await withBootRom({ hash }))).toMatchObject({ verdict: 'accepted' })
  })

  test('behavior: a responder that the CA appointed, by name and by key, with a nonce', async () => {
    const [, , issuer] = gpu.device.chain
    if (!issuer) throw new Error('an issuer')
    const responder = await createOcspResponder(issuer, WINDOW)
    for (const byKey of [false, true]) {
      const responses = await withBootRom({ responder, byKey, nonce: new Uint8Array(32), criticalNonce: byKey })
      expect(await judge(responses)).toMatchObject({ verdict: 'accepted' })
    }
  })

  test('behavior: order and responses for other certificates do not matter', async () => {
    const other = await simulatedCase()
    expect(await judge([...other.endorsements.ocsp, ...gpu.endorsements.ocsp.toReversed()])).toMatchObject({
      verdict: 'accepted',
    })
  })

  test('behavior: skipped by name is listed, and a response that is there still counts', async () => {
    const policy = { ...gpu.policy, dangerouslySkip: ['ocsp'] as const }
    const result = await judge([], { policy })
    expect(result.verdict).toBe('accepted')
    expect(result.checks.find(({ id }) => id === 'ocsp')).toMatchObject({ status: 'not-requested' })
    expect(await judge(await withBootRom({ status: 'revoked' }), { policy })).toMatchObject({
      reasonCode: 'NVIDIA_CERTIFICATE_REVOKED',
    })
  })
})

describe('error', () => {
  test.each([
    ['NVIDIA_CERTIFICATE_REVOKED', { status: 'revoked' }],
    ['NVIDIA_CERTIFICATE_ON_HOLD', { status: 'on-hold' }],
    ['NVIDIA_CERTIFICATE_STATUS_UNKNOWN', { status: 'unknown' }],
    ['NVIDIA_OCSP_EXPIRED', { window: { from: AT - 10, until: AT - 1 } }],
    ['NVIDIA_OCSP_EXPIRED', { window: { from: AT + 1, until: AT + 10 } }],
    ['NVIDIA_OCSP_EXPIRED', { endless: true }],
  ] as const)('%s', async (reasonCode, options) => {
    expect(await judge(await withBootRom(options))).toMatchObject({ verdict: 'refused', reasonCode })
  })

  test('NVIDIA_OCSP_MISSING for every certificate above the leaf, one by one', async () => {
    for (const place of gpu.endorsements.ocsp.keys()) {
      const fewer = gpu.endorsements.ocsp.filter((_, index) => index !== place)
      expect(await judge(fewer)).toMatchObject({ reasonCode: 'NVIDIA_OCSP_MISSING' })
    }
  })

  test('NVIDIA_RIM_OCSP_MISSING and NVIDIA_RIM_CERTIFICATE_REVOKED', async () => {
    const { simulation, endorsements } = gpu
    const missing = { ...endorsements, rimOcsp: endorsements.rimOcsp.slice(1) }
    expect(await verifyNvidiaEvidence({ ...gpu, endorsements: missing })).toMatchObject({
      reasonCode: 'NVIDIA_RIM_OCSP_MISSING',
    })
    for (const [status, reasonCode] of [
      ['revoked', 'NVIDIA_RIM_CERTIFICATE_REVOKED'],
      ['on-hold', 'NVIDIA_RIM_CERTIFICATE_ON_HOLD'],
    ] as const) {
      const rimOcsp = await simulation.issueOcsp(simulation.rimChain, WINDOW, { status })
      expect(await verifyNvidiaEvidence({ ...gpu, endorsements: { ...endorsements, rimOcsp } })).toMatchObject({
        reasonCode,
      })
    }
  })

  test('NVIDIA_OCSP_RESPONDER_UNAUTHORIZED: appointed by another CA, without the purpose, expired', async () => {
    const [, bootRom, issuer, above] = gpu.device.chain
    if (!bootRom || !issuer || !above) throw new Error('a chain of at least four')
    const responders = [
      await createOcspResponder(above, WINDOW),
      await createOcspResponder(bootRom, WINDOW),
      await createOcspResponder(issuer, { from: AT - 10, until: AT - 1 }),
      await createNvidiaAuthority({ commonName: 'No purpose', issuer, validity: WINDOW, extensions: leafExtensions() }),
      above,
    ]
    for (const responder of responders) {
      expect(await judge(await withBootRom({ responder }))).toMatchObject({
        reasonCode: 'NVIDIA_OCSP_RESPONDER_UNAUTHORIZED',
      })
    }
  })

  test('NVIDIA_OCSP_SIGNATURE_INVALID: the right name, another key', async () => {
    const [, bootRom, issuer] = gpu.device.chain
    if (!bootRom || !issuer) throw new Error('a chain of at least three')
    const impostor = { ...issuer, key: (await simulatedCase()).device.chain[0]?.key ?? issuer.key }
    const forged = await issueOcspResponse({ certificate: bootRom, issuer, window: WINDOW, responder: impostor })
    expect(await judge([forged, ...gpu.endorsements.ocsp.slice(1)])).toMatchObject({
      reasonCode: 'NVIDIA_OCSP_SIGNATURE_INVALID',
    })
  })

  test('NVIDIA_OCSP_UNSUCCESSFUL and NVIDIA_OCSP_MALFORMED', async () => {
    const tryLater = Uint8Array.of(0x30, 3, 0x0a, 1, 3)
    expect(await judge([tryLater])).toMatchObject({ reasonCode: 'NVIDIA_OCSP_UNSUCCESSFUL' })
    const [first] = gpu.endorsements.ocsp
    for (const bytes of [
      new Uint8Array(),
      Uint8Array.of(0x30, 3, 0x0a, 1, 9),
      Uint8Array.from([...(first ?? []), 0]),
    ]) {
      expect(await judge([bytes])).toMatchObject({ reasonCode: 'NVIDIA_OCSP_MALFORMED' })
    }
  })
})
