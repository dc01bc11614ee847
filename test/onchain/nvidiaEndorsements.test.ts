import { createHash } from 'node:crypto'
import { type NvidiaUpload, nvidiaDeviceUploads, nvidiaKeyIds, nvidiaOcspUploads, nvidiaParserAbi } from '@spartan/abi'
import { NVIDIA_DEVICE_ROOT, NVIDIA_RIM_ROOT } from '@spartan/attestation'
import {
  caExtensions,
  createNvidiaAuthority,
  createOcspResponder,
  extendedKeyUsage,
  issueOcspResponse,
  leafExtensions,
  type NvidiaAuthority,
  OCSP_SIGNING,
  type OcspFields,
} from '@spartan/simulator'
import { bytesToHex, type Hex, keccak256, stringToHex, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { compositeDeviceId, tcbInfo } from '../../packages/simulator/src/nvidia/report.ts'
import { AT, type SimulatedNvidiaCase, simulatedNvidia, simulationRoots, WINDOW } from '../support/nvidiaCase.ts'
import { type NvidiaChain, type NvidiaStores, startNvidia } from '../support/nvidiaWorld.ts'
import { outcome } from '../support/vendorChain.ts'

const REAL = { deviceRoot: NVIDIA_DEVICE_ROOT.certificate, rimRoot: NVIDIA_RIM_ROOT.certificate }
const ALWAYS = { from: AT - 86_400, until: AT + 86_400 * 3_650 }

let chain: NvidiaChain
let stores: NvidiaStores
let gpu: SimulatedNvidiaCase
let akId: Hex
/** Attestation key, boot ROM, its CA, the CA above, root. */
let ak: NvidiaAuthority
let bootRom: NvidiaAuthority
let issuer: NvidiaAuthority
let above: NvidiaAuthority

beforeAll(async () => {
  chain = await startNvidia(AT)
  gpu = await simulatedNvidia()
  const [first, second, third, fourth] = gpu.device.chain
  if (!first || !second || !third || !fourth) throw new Error('a chain of at least four')
  ;[ak, bootRom, issuer, above] = [first, second, third, fourth]
  akId = nvidiaKeyIds(gpu.certificates)[0] ?? zeroHash
  stores = await chain.deploy({ simulation: simulationRoots(gpu.simulation) })
  await stores.uploadDevice(gpu.certificates, gpu.ocsp)
  await chain.keep()
})
afterEach(() => chain.reset())
afterAll(() => chain.close())

const keyOutcome = (id = akId, at = stores) => outcome(at.keyOf(id))
const later = (seconds: number) => ({ from: WINDOW.from + seconds, until: WINDOW.until })

/** Uploads OCSP responses for certificates of the device; the outcome of the last. */
async function uploadOcsp(...responses: readonly Uint8Array[]): Promise<string> {
  let last = 'nothing'
  for (const call of await nvidiaOcspUploads(gpu.certificates, responses)) last = await outcome(stores.device(call))
  return last
}

/** An answer for the boot ROM that is newer than the one there. */
async function answer(options: Partial<OcspFields> = {}): Promise<string> {
  return uploadOcsp(await issueOcspResponse({ certificate: bootRom, issuer, window: later(60), ...options }))
}

const withArgument = (call: NvidiaUpload | undefined, place: number, value: Hex): NvidiaUpload => {
  if (!call) throw new Error('no call')
  return { ...call, args: call.args.map((word, index) => (index === place ? value : word)) }
}

describe('certificates', () => {
  /** A certificate of these fields below the boot ROM's CA, and the outcome of registering it as `functionName`. */
  const register = async (
    functionName: 'registerCa' | 'registerAttestationKey',
    certificate: NvidiaAuthority,
    { parent = above, ids = 3, model = '' }: { parent?: NvidiaAuthority; ids?: number; model?: string } = {},
  ): Promise<string> => {
    const uploads = await nvidiaDeviceUploads([certificate.certificate, parent.certificate])
    const proof = uploads.at(-1)?.args.at(-1) ?? '0x'
    const id = nvidiaKeyIds(gpu.certificates)[ids] ?? zeroHash
    const der = bytesToHex(certificate.certificate)
    const args = functionName === 'registerCa' ? [id, der, proof] : [id, der, stringToHex(model), proof]
    return outcome(stores.device({ functionName, args }))
  }
  const authority = (fields: Partial<Parameters<typeof createNvidiaAuthority>[0]> = {}) =>
    createNvidiaAuthority({
      commonName: 'GPU Provisioner ICA 2',
      issuer: above,
      validity: ALWAYS,
      extensions: caExtensions(),
      ...fields,
    })

  test('a key reads as certified, until a window ends', async () => {
    const key = await stores.keyOf(akId)
    expect(key).toMatchObject({
      key: bytesToHex(ak.key.point),
      fwid: bytesToHex(gpu.device.fwid),
      simulated: true,
      earliestExpiry: BigInt(WINDOW.until),
    })
    await chain.travelTo(WINDOW.until)
    expect(await keyOutcome()).toBe('accepted')
    await chain.travelTo(WINDOW.until + 1)
    expect(await keyOutcome()).toBe('NVIDIA_OCSP_EXPIRED')
  })

  test('registering again changes nothing', async () => {
    for (const call of await nvidiaDeviceUploads(gpu.certificates)) {
      expect(await outcome(stores.device(call))).toBe('accepted')
    }
    expect(await keyOutcome()).toBe('accepted')
  })

  test('roots are pinned by role: nothing else is one', async () => {
    const root = (der: Uint8Array): NvidiaUpload => ({ functionName: 'registerRoot', args: [bytesToHex(der)] })
    expect(await outcome(stores.device(root(REAL.deviceRoot)))).toBe('accepted')
    for (const der of [REAL.rimRoot, simulationRoots(gpu.simulation).rimRoot, issuer.certificate, new Uint8Array()]) {
      expect(await outcome(stores.device(root(der)))).toBe('NVIDIA_ROOT_NOT_PINNED')
    }
    expect(await outcome(stores.rim(root(REAL.deviceRoot)))).toBe('NVIDIA_RIM_ROOT_NOT_PINNED')
    expect(await outcome(stores.rim(root(REAL.rimRoot)))).toBe('accepted')
    const production = await chain.deploy()
    const simulated = root(simulationRoots(gpu.simulation).deviceRoot)
    expect(await outcome(production.device(simulated))).toBe('NVIDIA_ROOT_NOT_PINNED')
  })

  test('what a CA may be', async () => {
    const good = await authority()
    expect(await register('registerCa', good)).toBe('accepted')
    expect(await register('registerCa', await authority({ extensions: leafExtensions() }))).toBe('NVIDIA_CA_INVALID')
    expect(await register('registerCa', await authority({ extensions: [] }))).toBe('NVIDIA_CA_INVALID')
    expect(await register('registerCa', good, { ids: 2 })).toBe('NVIDIA_CERTIFICATE_ISSUER_MISMATCH')
    // Below an attestation key nothing is issued.
    const below = await authority({ issuer: ak })
    expect(await register('registerCa', below, { parent: ak, ids: 0 })).toBe('NVIDIA_CA_INVALID')
    expect(await register('registerCa', good, { ids: 9 })).toBe('NVIDIA_CERTIFICATE_MISSING')
    for (const validity of [
      { from: AT - 10, until: AT - 1 },
      { from: AT + 100_000, until: AT + 200_000 },
    ]) {
      expect(await register('registerCa', await authority({ validity }))).toBe('NVIDIA_CERTIFICATE_EXPIRED')
    }
    const garbled = { ...good, certificate: good.certificate.slice(0, -1) }
    const calls = await nvidiaDeviceUploads([good.certificate, above.certificate])
    const parentId = nvidiaKeyIds(gpu.certificates)[3] ?? zeroHash
    const proof = calls.at(-1)?.args.at(-1) ?? '0x'
    const malformed = { functionName: 'registerCa', args: [parentId, bytesToHex(garbled.certificate), proof] } as const
    expect(await outcome(stores.device(malformed))).toBe('NVIDIA_CERTIFICATE_MALFORMED')
  })

  test('path length', async () => {
    const last = await authority({ extensions: caExtensions(0) })
    expect(await register('registerCa', last)).toBe('accepted')
    const below = await authority({ issuer: last })
    const chainBelow = [below.certificate, last.certificate, ...gpu.certificates.slice(3)]
    const call = (await nvidiaDeviceUploads([ak.certificate, ...chainBelow])).at(-2)
    expect(call?.functionName).toBe('registerCa')
    expect(await outcome(stores.device(withArgument(call, 1, bytesToHex(below.certificate))))).toBe('NVIDIA_CA_INVALID')
  })

  test('a signature counts by the issuer’s key alone, over exactly these bytes', async () => {
    const good = await authority()
    const call = (await nvidiaDeviceUploads([ak.certificate, good.certificate, ...gpu.certificates.slice(3)])).at(-2)
    const invalid = 'NVIDIA_CERTIFICATE_SIGNATURE_INVALID'
    expect(await outcome(stores.device(withArgument(call, 2, '0x')))).toBe(invalid)
    const hints = call?.args[2] ?? '0x'
    expect(await outcome(stores.device(withArgument(call, 2, `0x02${hints.slice(4)}`)))).toBe(invalid)
    // A serial number that nobody has signed.
    const forged = Uint8Array.from(good.certificate)
    forged[20] = (forged[20] ?? 0) ^ 1
    expect(await outcome(stores.device(withArgument(call, 1, bytesToHex(forged))))).toBe(invalid)
    const impostor = await authority({ issuer: { ...above, key: ak.key } })
    expect(await register('registerCa', impostor)).toBe(invalid)
  })

  test('an attestation key: no CA, below a boot ROM of a known chip, whose name is not the caller’s to choose', async () => {
    const key = (extensions = leafExtensions(), parent = bootRom) =>
      createNvidiaAuthority({ commonName: 'GH100 A01 GSP FMC LF', issuer: parent, validity: ALWAYS, extensions })
    const at = (parent: NvidiaAuthority, ids: number, model: string) => ({ parent, ids, model })
    const model = 'GH100 A01 GSP BROM'
    const good = await key()
    expect(await register('registerAttestationKey', good, at(bootRom, 1, model))).toBe('accepted')
    const wrong = 'NVIDIA_ARCHITECTURE_UNSUPPORTED'
    for (const name of ['GH200 A01 GSP BROM', 'GH100', '', 'LS_10 A01 FSP BROM']) {
      expect(await register('registerAttestationKey', good, at(bootRom, 1, name))).toBe(wrong)
    }
    const skipping = await key(leafExtensions(), issuer)
    expect(await register('registerAttestationKey', skipping, at(issuer, 2, 'GPU Provisioner ICA 1'))).toBe(wrong)
    const ca = await key(caExtensions())
    expect(await register('registerAttestationKey', ca, at(bootRom, 1, model))).toBe('NVIDIA_LEAF_MISSING')
    expect(await register('registerAttestationKey', await key([]), at(bootRom, 1, model))).toBe('NVIDIA_LEAF_MISSING')
    // Neither extension: nothing says which firmware holds the key, and evidence of it is refused.
    const chainOf = [good, ...gpu.device.chain.slice(1)].map(({ certificate }) => certificate)
    const [id = zeroHash] = nvidiaKeyIds(chainOf)
    expect((await stores.keyOf(id)).fwid).toBe('0x')
    expect(await keyOutcome(keccak256(akId))).toBe('NVIDIA_CERTIFICATE_MISSING')
    expect(await keyOutcome(nvidiaKeyIds(gpu.certificates)[1])).toBe('NVIDIA_LEAF_MISSING')
  })
})

describe('identity of the device', () => {
  const model = 'GH100 A01 GSP BROM'
  /** Registers everything below the boot ROM's issuer that is not there yet, the leaf last. */
  const registered = async (...chainBelow: readonly NvidiaAuthority[]): Promise<string> => {
    const certificates = [...chainBelow.map(({ certificate }) => certificate), ...gpu.certificates.slice(2)]
    let last = 'nothing'
    for (const call of await nvidiaDeviceUploads(certificates)) last = await outcome(stores.device(call))
    return last
  }
  const below = (parent: NvidiaAuthority, commonName: string, extensions: readonly Uint8Array[]) =>
    createNvidiaAuthority({ commonName, issuer: parent, validity: ALWAYS, extensions })

  test('is the key of its boot ROM, one for all its attestation keys', async () => {
    const hash = createHash('sha256').update(bootRom.key.spki).digest('hex')
    const { platformId } = await stores.keyOf(akId)
    expect(platformId).toBe(keccak256(`0x${hash}`))
    const other = await below(bootRom, 'GH100 A01 GSP FMC LF', leafExtensions())
    expect(await registered(other, bootRom)).toBe('accepted')
    const [id = zeroHash] = nvidiaKeyIds([other.certificate, ...gpu.certificates.slice(1)])
    expect((await stores.keyOf(id)).platformId).toBe(platformId)
  })

  test('a boot ROM certifies no other boot ROM, and none stands higher in the chain', async () => {
    const second = await below(bootRom, model, caExtensions())
    const leaf = await below(second, 'GH100 A01 GSP FMC LF', leafExtensions())
    expect(await registered(leaf, second, bootRom)).toBe('NVIDIA_ARCHITECTURE_UNSUPPORTED')
    const high = await below(above, model, caExtensions())
    const calls = await nvidiaDeviceUploads([
      (await below(high, 'GH100 A01 GSP FMC LF', leafExtensions())).certificate,
      high.certificate,
      ...gpu.certificates.slice(3),
    ])
    const outcomes = []
    for (const call of calls) outcomes.push(await outcome(stores.device(call)))
    expect(outcomes).toEqual([...calls.slice(1).map(() => 'accepted'), 'NVIDIA_ARCHITECTURE_UNSUPPORTED'])
  })

  test('a certificate for OCSP is none of an attestation key; one with another purpose is', async () => {
    for (const [purpose, expected] of [
      [OCSP_SIGNING, 'NVIDIA_LEAF_MISSING'],
      ['1.3.6.1.5.5.7.3.3', 'accepted'],
    ] as const) {
      const extensions = [...leafExtensions(), extendedKeyUsage([purpose])]
      expect(await registered(await below(bootRom, 'GH100 A01 GSP FMC LF', extensions), bootRom)).toBe(expected)
    }
  })
})

describe('firmware identity of the certificate', () => {
  const fwid = new Uint8Array(48).fill(9)
  /** An attestation key with these extensions: what its registration says, and what is kept. */
  const kept = async (...extensions: readonly Uint8Array[]): Promise<string> => {
    const fields = { commonName: 'GH100 A01 GSP FMC LF', issuer: bootRom, validity: ALWAYS, key: ak.key }
    const leaf = await createNvidiaAuthority({ ...fields, extensions: [...leafExtensions(), ...extensions] })
    const certificates = [leaf.certificate, ...gpu.certificates.slice(1)]
    const call = (await nvidiaDeviceUploads(certificates)).at(-1)
    if (!call) throw new Error('no call')
    const answer = await outcome(stores.device(call))
    return answer === 'accepted' ? (await stores.keyOf(nvidiaKeyIds(certificates)[0] ?? zeroHash)).fwid : answer
  }
  const edited = (extension: Uint8Array, from: string, to: string) =>
    Buffer.from(bytesToHex(extension).slice(2).replace(from, to), 'hex')

  test('is read from either extension, and a faulty one is refused', async () => {
    const [old, info] = [compositeDeviceId(fwid, ak.key), tcbInfo(fwid, 'GB100 A01 GSP')]
    const malformed = 'NVIDIA_CERTIFICATE_MALFORMED'
    expect(await kept(old)).toBe(bytesToHex(fwid))
    expect(await kept(info)).toBe(bytesToHex(fwid))
    expect(await kept(tcbInfo(fwid, 'GB100', '2.23.133.5.4.1'))).toBe(bytesToHex(fwid))
    expect(await kept(old, info)).toBe(malformed)
    for (const extension of [
      // Another version, another hash, no hashes, members out of their order, an unknown member.
      edited(old, '020101', '020102'),
      edited(old, '0609608648016503040202', '0609608648016503040201'),
      edited(info, 'a67e', 'a77e'),
      edited(info, '830101', '800101'),
      edited(info, '830101', '8b0101'),
    ]) {
      expect(await kept(extension)).toBe(malformed)
    }
  })

  test('evidence of a key without one is refused', async () => {
    expect(await kept()).toBe('0x')
    const fields = { commonName: 'GH100 A01 GSP FMC LF', issuer: bootRom, validity: ALWAYS, key: ak.key }
    const leaf = await createNvidiaAuthority({ ...fields, extensions: leafExtensions() })
    const certificates = [leaf.certificate, ...gpu.certificates.slice(1)]
    await stores.uploadDevice(certificates, [])
    const evidence = await stores.evidenceOf({ ...gpu, certificates })
    expect(await outcome(stores.verify(evidence))).toBe('NVIDIA_FWID_MISSING')
  })
})

describe('OCSP', () => {
  test('SHA-1 of the parser is SHA-1, at the ends of its blocks too', async () => {
    for (const size of [0, 1, 54, 55, 56, 63, 64, 65, 97, 119, 120, 500]) {
      const message = Uint8Array.from({ length: size }, (_, place) => (place * 37 + 5) & 0xff)
      const call = { address: chain.parser, abi: nvidiaParserAbi, functionName: 'sha1' } as const
      const found = await chain.client.readContract({ ...call, args: [bytesToHex(message)] })
      expect(found, `${size} bytes`).toBe(`0x${createHash('sha1').update(message).digest('hex')}`)
    }
  })

  test('every certificate above the leaf needs an answer, the leaf and the root none', async () => {
    const fresh = await chain.deploy({ simulation: simulationRoots(gpu.simulation) })
    await fresh.uploadDevice(gpu.certificates, [])
    for (const call of await nvidiaOcspUploads(gpu.certificates, gpu.ocsp)) {
      expect(await keyOutcome(akId, fresh)).toBe('NVIDIA_OCSP_MISSING')
      await fresh.device(call)
    }
    expect(await keyOutcome(akId, fresh)).toBe('accepted')
  })

  test.each(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const)('certificates named by %s', async (hash) => {
    expect(await answer({ hash })).toBe('accepted')
    expect((await stores.answerOf(nvidiaKeyIds(gpu.certificates)[1] ?? zeroHash))[1]).toBe(BigInt(later(60).from))
  })

  test('by the issuer or a responder that it appointed, named or by the hash of its key, with a nonce', async () => {
    const responder = await createOcspResponder(issuer, WINDOW)
    let seconds = 60
    for (const options of [
      { byKey: true },
      { responder },
      { responder, byKey: true, nonce: new Uint8Array(32), criticalNonce: true },
    ]) {
      seconds += 1
      expect(await answer({ ...options, window: later(seconds) })).toBe('accepted')
    }
    expect(await keyOutcome()).toBe('accepted')
  })

  test('a responder that may not answer', async () => {
    const responders = [
      await createOcspResponder(above, WINDOW),
      await createOcspResponder(bootRom, WINDOW),
      await createOcspResponder(issuer, { from: AT - 10, until: AT - 1 }),
      await createNvidiaAuthority({ commonName: 'No purpose', issuer, validity: WINDOW, extensions: leafExtensions() }),
      above,
    ]
    for (const responder of responders) expect(await answer({ responder })).toBe('NVIDIA_OCSP_RESPONDER_UNAUTHORIZED')
    // The right name, another key.
    expect(await answer({ responder: { ...issuer, key: ak.key } })).toBe('NVIDIA_OCSP_SIGNATURE_INVALID')
    const responder = await createOcspResponder(issuer, WINDOW)
    const forged = { ...responder, key: ak.key }
    expect(await answer({ responder: forged })).toBe('NVIDIA_OCSP_SIGNATURE_INVALID')
    expect(await answer({ responder: forged, byKey: true })).toBe('NVIDIA_OCSP_RESPONDER_UNAUTHORIZED')
  })

  test.each([
    ['revoked', 'NVIDIA_CERTIFICATE_REVOKED', 'NVIDIA_CERTIFICATE_REVOKED'],
    ['on-hold', 'NVIDIA_CERTIFICATE_ON_HOLD', 'accepted'],
  ] as const)('%s is kept and refuses; what a newer good answer changes', async (status, code, after) => {
    expect(await answer({ status })).toBe('accepted')
    expect(await keyOutcome()).toBe(code)
    // Not even one of the same second.
    expect(await answer()).toBe(status === 'revoked' ? code : 'NVIDIA_OCSP_ROLLBACK')
    expect(await answer({ window: later(61) })).toBe(after)
    expect(await keyOutcome()).toBe(after)
  })

  test('unknown takes nothing from a good answer while it lasts; behind it, it is kept and refuses', async () => {
    expect(await answer({ status: 'unknown' })).toBe('NVIDIA_OCSP_ROLLBACK')
    expect(await answer({ status: 'unknown', window: later(61) })).toBe('NVIDIA_OCSP_ROLLBACK')
    expect(await keyOutcome()).toBe('accepted')
    await chain.travelTo(WINDOW.until + 1)
    const window = { from: WINDOW.until, until: WINDOW.until + 600 }
    expect(await answer({ status: 'unknown', window })).toBe('accepted')
    expect(await keyOutcome()).toBe('NVIDIA_CERTIFICATE_STATUS_UNKNOWN')
    expect(await answer({ window: { from: WINDOW.until + 1, until: WINDOW.until + 600 } })).toBe('accepted')
  })

  test('an answer for the leaf, which needs none, counts where it is there', async () => {
    const [leaf] = gpu.device.chain
    if (!leaf) throw new Error('a leaf')
    const revoked = await issueOcspResponse({ certificate: leaf, issuer: bootRom, window: WINDOW, status: 'revoked' })
    expect(await uploadOcsp(revoked)).toBe('accepted')
    expect(await keyOutcome()).toBe('NVIDIA_CERTIFICATE_REVOKED')
  })

  test('never back, never outside its window, never without an end', async () => {
    expect(await answer({ window: later(-1) })).toBe('NVIDIA_OCSP_ROLLBACK')
    expect(await answer({ window: { from: AT - 10, until: AT - 1 } })).toBe('NVIDIA_OCSP_EXPIRED')
    expect(await answer({ window: { from: AT + 10_000, until: AT + 20_000 } })).toBe('NVIDIA_OCSP_EXPIRED')
    expect(await answer({ endless: true })).toBe('NVIDIA_OCSP_EXPIRED')
    // Of two good answers of one second the one that ends later stays.
    const [, id = zeroHash] = nvidiaKeyIds(gpu.certificates)
    expect(await answer({ window: { from: WINDOW.from, until: WINDOW.until - 600 } })).toBe('accepted')
    expect((await stores.answerOf(id))[2]).toBe(BigInt(WINDOW.until))
    expect(await answer({ window: { from: WINDOW.from, until: WINDOW.until + 600 } })).toBe('accepted')
    expect((await stores.answerOf(id))[2]).toBe(BigInt(WINDOW.until + 600))
  })

  test('only for the certificate that it names', async () => {
    const response = await issueOcspResponse({ certificate: bootRom, issuer, window: later(60) })
    const [call] = await nvidiaOcspUploads(gpu.certificates, [response])
    const ids = nvidiaKeyIds(gpu.certificates)
    const nameOf = async (place: number) => {
      const other = await nvidiaOcspUploads(gpu.certificates, gpu.ocsp)
      return other[place]?.args[1] ?? '0x'
    }
    // The certificate above it, with the name of its own issuer, and the root, for which nobody answers.
    const moved = withArgument(withArgument(call, 0, ids[2] ?? zeroHash), 1, await nameOf(1))
    expect(await outcome(stores.device(moved))).toBe('NVIDIA_OCSP_MISSING')
    const root = withArgument(call, 0, ids[4] ?? zeroHash)
    expect(await outcome(stores.device(root))).toBe('NVIDIA_CERTIFICATE_MISSING')
    const foreign = withArgument(call, 1, '0x3000')
    expect(await outcome(stores.device(foreign))).toBe('NVIDIA_CERTIFICATE_ISSUER_MISMATCH')
    // The same serial number under an issuer of another name, and under one of another key.
    for (const odd of [
      { ...issuer, name: above.name },
      { ...issuer, key: { ...issuer.key, point: above.key.point } },
    ]) {
      const answered = await issueOcspResponse({
        certificate: bootRom,
        issuer: odd,
        window: later(60),
        responder: issuer,
      })
      expect(await uploadOcsp(answered)).toBe('NVIDIA_OCSP_MISSING')
    }
  })

  test('a response that is none', async () => {
    const response = await issueOcspResponse({ certificate: bootRom, issuer, window: later(60) })
    const [call] = await nvidiaOcspUploads(gpu.certificates, [response])
    const given = (bytes: readonly number[]) =>
      outcome(stores.device(withArgument(call, 2, bytesToHex(Uint8Array.from(bytes)))))
    expect(await given([0x30, 3, 0x0a, 1, 3])).toBe('NVIDIA_OCSP_UNSUCCESSFUL')
    for (const bytes of [
      [],
      [0x30, 3, 0x0a, 1, 9],
      [0x30, 3, 0x0a, 1, 4],
      [...response, 0],
      [...response.slice(0, -1)],
    ]) {
      expect(await given(bytes)).toBe('NVIDIA_OCSP_MALFORMED')
    }
    // Every byte counts: a changed one is either no response, another one, or not what was signed.
    for (let place = 0; place < response.length; place += 7) {
      const bytes = [...response].map((byte, index) => (index === place ? byte ^ 1 : byte))
      expect(await given(bytes), `byte ${place}`).not.toBe('accepted')
    }
  })
})
