import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createSimulationRoot, simulationRootFromJSON, workload } from './index.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000

async function verifies(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const key = await crypto.subtle.importKey(
    'raw',
    Uint8Array.from(publicKey),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['verify'],
  )
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  return crypto.subtle.verify(algorithm, key, Uint8Array.from(signature), Uint8Array.from(message))
}

describe('createSimulationRoot', () => {
  test('issues certificates that an independent X.509 implementation chains to the root', async () => {
    const root = await createSimulationRoot({ now: NOW })
    const platform = await root.createPlatform({ name: 'a', ppid: '00112233445566778899aabbccddeeff' })
    const [rootCa, pckCa, tcbSigner, pck] = [
      root.authorities.root,
      root.authorities.pckCa,
      root.authorities.tcbSigner,
      platform.pck,
    ].map(({ certificate }) => new X509Certificate(certificate))
    if (!rootCa || !pckCa || !tcbSigner || !pck) throw new Error('unreachable')
    expect(rootCa.verify(rootCa.publicKey)).toBe(true)
    expect(pckCa.verify(rootCa.publicKey)).toBe(true)
    expect(tcbSigner.verify(rootCa.publicKey)).toBe(true)
    expect(pck.verify(pckCa.publicKey)).toBe(true)
    expect(pck.checkIssued(pckCa)).toBe(true)
    expect([rootCa.ca, pckCa.ca, tcbSigner.ca, pck.ca]).toEqual([true, true, false, false])
    expect(tcbSigner.subject).toContain('CN=Intel SGX TCB Signing')
    expect(pck.subject).toContain('O=Spartan Simulation (not Intel)')
    expect(platform.pckChainPem.match(/BEGIN CERTIFICATE/g)).toHaveLength(3)
  })

  test('makes another key every time', async () => {
    const [one, two] = await Promise.all([createSimulationRoot({ now: NOW }), createSimulationRoot({ now: NOW })])
    expect(one.publicKey).not.toEqual(two.publicKey)
  })
})

describe('issueQuote', () => {
  test('signs header and body with the attestation key and binds the key into the QE report', async () => {
    const root = await createSimulationRoot({ now: NOW })
    const platform = await root.createPlatform({ name: 'a' })
    const measurements = await workload('trend')
    const quote = await platform.issueQuote({ reportData: new Uint8Array(64).fill(7), ...measurements })
    const attestationKey = quote.subarray(48 + 584 + 4 + 64, 48 + 584 + 4 + 128)
    const point = Uint8Array.of(4, ...attestationKey)
    expect(await verifies(point, quote.subarray(0, 632), quote.subarray(636, 700))).toBe(true)
    const qeReport = quote.subarray(770, 770 + 384)
    expect(await verifies(platform.pck.key.publicKey, qeReport, quote.subarray(1154, 1218))).toBe(true)
    const bound = await crypto.subtle.digest('SHA-256', Uint8Array.of(...attestationKey, ...platform.qe.authData))
    expect(qeReport.subarray(320, 352)).toEqual(new Uint8Array(bound))
    expect(quote.subarray(48 + 136, 48 + 184)).toEqual(measurements.mrTd)
    expect(quote.subarray(568, 632)).toEqual(new Uint8Array(64).fill(7))
  })

  test('refuses report data of another length instead of padding it', async () => {
    const root = await createSimulationRoot({ now: NOW })
    const platform = await root.createPlatform({ name: 'a' })
    await expect(platform.issueQuote({ reportData: new Uint8Array(32) })).rejects.toThrow('expected 64 bytes, got 32')
  })
})

describe('endorsements', () => {
  test('signs the exact text of TCB info and QE identity with the TCB signing key', async () => {
    const root = await createSimulationRoot({ now: NOW })
    const platform = await root.createPlatform({ name: 'a', fmspc: 'aabbccddeeff' })
    const { tcbInfo, qeIdentity } = await platform.endorsements({ platformStatus: 'OutOfDate' })
    const signer = root.authorities.tcbSigner.key.publicKey
    for (const document of [tcbInfo, qeIdentity]) {
      expect(await verifies(signer, document.body, document.signature)).toBe(true)
    }
    expect(JSON.parse(new TextDecoder().decode(tcbInfo.body))).toMatchObject({
      fmspc: 'AABBCCDDEEFF',
      tcbLevels: [{ tcbStatus: 'OutOfDate' }, {}, {}],
    })
  })
})

describe('toJSON', () => {
  test('carries a root and its platforms into another process', async () => {
    const root = await createSimulationRoot({ now: NOW })
    await root.createPlatform({ name: 'a' })
    const restored = await simulationRootFromJSON(JSON.parse(JSON.stringify(root.toJSON())))
    expect(restored.publicKey).toEqual(root.publicKey)
    const [before, after] = [root.platforms.get('a'), restored.platforms.get('a')]
    expect(after?.pckChainPem).toBe(before?.pckChainPem)
    const quote = await after?.issueQuote({ reportData: new Uint8Array(64) })
    const point = before?.attestationKey.publicKey ?? new Uint8Array(65)
    expect(
      await verifies(
        point,
        (quote ?? new Uint8Array()).subarray(0, 632),
        (quote ?? new Uint8Array()).subarray(636, 700),
      ),
    ).toBe(true)
  })
})

describe('workload', () => {
  test('derives the same measurements from the same name and others from another', async () => {
    const [one, again, other] = await Promise.all([workload('a'), workload('a'), workload('b')])
    expect(one).toEqual(again)
    expect(one.mrTd).not.toEqual(other.mrTd)
    expect(one.rtmr[3]).not.toEqual(other.rtmr[3])
  })
})
