import {
  decodeContractError,
  type EndorsementUpload,
  encodeTdxEvidence,
  endorsementStoreAbi,
  endorsementUploads,
  TCB_STATUSES,
} from '@spartan/abi'
import { createSimulationRoot, type EndorsementOptions, type SimulatedPlatform } from '@spartan/simulator'
import { bytesToHex, type Hex } from 'viem'
import { afterEach, describe, expect, test } from 'vitest'
import { issueCertificate, serialFrom } from '../../packages/simulator/src/certificates.ts'
import { outcome } from '../support/vendorChain.ts'
import { type DcapChain, dcapChain } from '../vectors/support/dcapChain.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const HOUR = 3600
const DAY = 24 * HOUR

const open: DcapChain[] = []
afterEach(async () => {
  for (const chain of open.splice(0)) await chain.close()
})

/** A chain whose store trusts a fresh simulation root, with one platform of that root and a quote. */
async function world() {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'a' })
  const hex = bytesToHex(root.publicKey).slice(-128)
  const chain = await dcapChain({ time: NOW, simulationRoot: [`0x${hex.slice(0, 64)}`, `0x${hex.slice(64)}`] })
  open.push(chain)
  const quote = await platform.issueQuote({ reportData: new Uint8Array(64).fill(7) })
  const uploads = async (options: EndorsementOptions = {}) =>
    endorsementUploads(quote, await platform.endorsements({ now: NOW, ...options }))
  return { root, platform, chain, quote, uploads, evidence: encodeTdxEvidence(quote) }
}

type Name = EndorsementUpload['functionName']

const pick = (uploads: readonly EndorsementUpload[], name: Name): EndorsementUpload => {
  const found = uploads.find(({ functionName }) => functionName === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

async function uploadAll(chain: DcapChain, uploads: readonly EndorsementUpload[]): Promise<void> {
  for (const upload of uploads) await chain.upload(upload)
}

describe('EndorsementStore', () => {
  test('a complete set lets the quote verify, flagged as simulated', async () => {
    const { chain, uploads, evidence } = await world()
    await uploadAll(chain, await uploads())
    const claims = await chain.verify(evidence)
    expect(claims.simulated).toBe(true)
    expect(TCB_STATUSES[claims.tcbStatus]).toBe('UpToDate')
  })

  test('a simulation root is refused outside of development mode, and its certificate without the key', async () => {
    const { chain, uploads, root } = await world()
    const hex = bytesToHex(root.publicKey).slice(-128)
    const deploy = chain.viem.deployContract('EndorsementStore', [false, `0x${hex.slice(0, 64)}`, `0x${hex.slice(64)}`])
    expect(await outcome(deploy)).toBe('DCAP_SIMULATION_ROOT_FORBIDDEN')
    const production = await dcapChain({ time: NOW })
    open.push(production)
    const [certificate] = await uploads()
    if (certificate === undefined) throw new Error('no upload')
    expect(await outcome(production.upload(certificate))).toBe('DCAP_ROOT_NOT_PINNED')
  })

  test.each([
    ['uploadRootCertificate', 'uploadRootCrl', 'DCAP_ROOT_MISSING'],
    ['uploadRootCrl', 'uploadPckCa', 'DCAP_ROOT_CRL_MISSING'],
    ['uploadPckCa', 'uploadPckCrl', 'DCAP_PCK_CA_MISSING'],
    ['uploadPckCrl', 'uploadPck', 'DCAP_PCK_CRL_MISSING'],
    ['uploadPck', 'verify', 'DCAP_PCK_MISSING'],
    ['uploadTcbSigner', 'uploadTcbInfo', 'DCAP_TCB_SIGNER_MISSING'],
    ['uploadTcbInfo', 'verify', 'DCAP_TCB_INFO_MISSING'],
    ['uploadQeIdentity', 'verify', 'DCAP_QE_IDENTITY_MISSING'],
  ] as const)('without %s, %s says %s', async (left, at, code) => {
    const { chain, uploads, evidence } = await world()
    let said: string | undefined
    for (const upload of await uploads()) {
      if (upload.functionName === left) continue
      const answer = await outcome(chain.upload(upload))
      if (answer === 'accepted') continue
      expect(upload.functionName).toBe(at)
      said = answer
      break
    }
    if (said === undefined) {
      expect(at).toBe('verify')
      said = await outcome(chain.verify(evidence))
    }
    expect(said).toBe(code)
  })

  test.each([
    ['uploadRootCrl', 'DCAP_ROOT_CRL_ROLLBACK'],
    ['uploadPckCrl', 'DCAP_PCK_CRL_ROLLBACK'],
    ['uploadTcbInfo', 'DCAP_TCB_INFO_ROLLBACK'],
    ['uploadQeIdentity', 'DCAP_QE_IDENTITY_ROLLBACK'],
  ] as const)('%s never goes back to an older one', async (name, code) => {
    const { chain, uploads } = await world()
    const older = { from: NOW - 2 * DAY, until: NOW + 10 * DAY }
    const validity = { rootCrl: older, pckCrl: older, tcbInfo: older, qeIdentity: older }
    await uploadAll(chain, await uploads())
    expect(await outcome(chain.upload(pick(await uploads({ validity }), name)))).toBe(code)
    // The same again changes nothing and is no error.
    expect(await outcome(chain.upload(pick(await uploads(), name)))).toBe('accepted')
  })

  test('of two documents of one date and number, the one that ends later stays', async () => {
    const { chain, uploads, evidence } = await world()
    const [long, short] = [10 * DAY, HOUR].map((life) => ({ from: NOW - DAY, until: NOW + life }))
    if (long === undefined || short === undefined) throw new Error('two windows')
    await uploadAll(chain, await uploads({ validity: { tcbInfo: long, qeIdentity: long } }))
    const { earliestExpiry } = await chain.verify(evidence)
    const twins = await uploads({ validity: { tcbInfo: short, qeIdentity: short } })
    for (const name of ['uploadTcbInfo', 'uploadQeIdentity'] as const) await chain.upload(pick(twins, name))
    expect((await chain.verify(evidence)).earliestExpiry).toBe(earliestExpiry)
  })

  test('of two certificates of one CA key, the one that ends later stays, unless it is revoked', async () => {
    const { chain, uploads, evidence, root } = await world()
    const all = await uploads()
    await uploadAll(chain, all)
    const { earliestExpiry } = await chain.verify(evidence)
    const { pckCa, root: issuer } = root.authorities
    const twin = await issueCertificate({
      serial: serialFrom(new Uint8Array(20).fill(0x42)),
      commonName: pckCa.commonName,
      subjectKey: pckCa.key,
      issuerName: issuer.commonName,
      issuerKey: issuer.key,
      validity: { from: NOW - DAY, until: NOW + 2 * HOUR },
      pathLength: 0,
      crlUrl: 'https://simulation.invalid/root.crl',
    })
    const { functionName, args } = pick(all, 'uploadPckCa')
    const older = { functionName, args: [args[0] as Hex, bytesToHex(twin)] }
    await chain.upload(older)
    expect((await chain.verify(evidence)).earliestExpiry).toBe(earliestExpiry)
    await chain.travelTo(NOW + HOUR)
    const window = { from: NOW + HOUR, until: NOW + 10 * DAY }
    await chain.upload(pick(await uploads({ revoked: ['pckCa'], validity: { rootCrl: window } }), 'uploadRootCrl'))
    expect(await outcome(chain.verify(evidence))).toBe('DCAP_PCK_CA_REVOKED')
    await chain.upload(older)
    expect((await chain.verify(evidence)).earliestExpiry).toBe(BigInt(NOW + 2 * HOUR))
  })

  test('a lower TCB evaluation number is refused even with a newer date', async () => {
    const { chain, uploads } = await world()
    await uploadAll(chain, await uploads({ tcbEvaluationNumber: 20 }))
    await chain.travelTo(NOW + DAY)
    const late = { from: NOW + HOUR, until: NOW + 10 * DAY }
    const lower = await uploads({ tcbEvaluationNumber: 19, validity: { tcbInfo: late, qeIdentity: late } })
    expect(await outcome(chain.upload(pick(lower, 'uploadTcbInfo')))).toBe('DCAP_TCB_INFO_ROLLBACK')
    expect(await outcome(chain.upload(pick(lower, 'uploadQeIdentity')))).toBe('DCAP_QE_IDENTITY_ROLLBACK')
  })

  test.each([
    ['pckCa', 'DCAP_PCK_CA_REVOKED'],
    ['pck', 'DCAP_PCK_REVOKED'],
    ['tcbSigner', 'DCAP_TCB_SIGNER_REVOKED'],
  ] as const)('a revocation of %s that comes later stops verification, for ever', async (who, code) => {
    const { chain, uploads, evidence } = await world()
    await uploadAll(chain, await uploads())
    await chain.travelTo(NOW + DAY)
    const list: Name = who === 'pck' ? 'uploadPckCrl' : 'uploadRootCrl'
    const crlAt = (from: number, revoked: EndorsementOptions['revoked'] = []) => {
      const window = { from, until: NOW + 10 * DAY }
      return uploads({ revoked, validity: { rootCrl: window, pckCrl: window } })
    }
    await chain.upload(pick(await crlAt(NOW + HOUR, [who]), list))
    expect(await outcome(chain.verify(evidence))).toBe(code)
    const again = await outcome(chain.upload(pick(await crlAt(NOW + 2 * HOUR), list)))
    // A revoked PCK CA can no longer bring a CRL of its own; the others can, without effect.
    expect(again).toBe('accepted')
    expect(await outcome(chain.verify(evidence))).toBe(code)
  })

  test.each([
    ['rootCrl', 'DCAP_ROOT_CRL_EXPIRED'],
    ['pckCrl', 'DCAP_PCK_CRL_EXPIRED'],
    ['tcbInfo', 'DCAP_TCB_INFO_EXPIRED'],
    ['qeIdentity', 'DCAP_QE_IDENTITY_EXPIRED'],
  ] as const)('when the %s runs out, verify says so', async (name, code) => {
    const { chain, uploads, evidence } = await world()
    const end = NOW + 2 * DAY
    await uploadAll(chain, await uploads({ validity: { [name]: { from: NOW - DAY, until: end } } }))
    const claims = await chain.verify(evidence)
    expect(claims.earliestExpiry).toBe(BigInt(end))
    await chain.travelTo(end)
    expect(await outcome(chain.verify(evidence))).toBe('accepted')
    await chain.travelTo(end + 1)
    expect(await outcome(chain.verify(evidence))).toBe(code)
  })

  test('nothing of another root is believed', async () => {
    const { chain, uploads, quote } = await world()
    await uploadAll(chain, await uploads())
    const stranger = await (await createSimulationRoot({ now: NOW })).createPlatform({ name: 'a' })
    const foreign = endorsementUploads(quote, await stranger.endorsements({ now: NOW }))
    expect(await outcome(chain.upload(pick(foreign, 'uploadRootCrl')))).toBe('DCAP_ROOT_CRL_SIGNATURE_INVALID')
    expect(await outcome(chain.upload(pick(foreign, 'uploadPckCrl')))).toBe('DCAP_PCK_CRL_SIGNATURE_INVALID')
    expect(await outcome(chain.upload(pick(foreign, 'uploadTcbSigner')))).toBe('DCAP_TCB_SIGNER_SIGNATURE_INVALID')
    const [kind, signerId] = pick(await uploads(), 'uploadTcbInfo').args as [number, Hex]
    for (const name of ['uploadTcbInfo', 'uploadQeIdentity'] as const) {
      const { args } = pick(foreign, name)
      const forged = { functionName: name, args: [kind, signerId, ...args.slice(2)] }
      expect(await outcome(chain.upload(forged))).toMatch(/_SIGNATURE_INVALID$/)
    }
  })

  test('recordRevocations takes a CRL in pieces, each where the last one stopped', async () => {
    const { chain, uploads, evidence, platform } = await world()
    await uploadAll(chain, await uploads())
    const { args } = pick(await uploads({ revoked: ['pck'] }), 'uploadPckCrl')
    const record = (count: number) => chain.upload({ functionName: 'recordRevocations', args: [...args, count] })
    await record(0)
    expect(await outcome(chain.verify(evidence))).toBe('accepted')
    await record(1)
    expect(await outcome(chain.verify(evidence))).toBe('DCAP_PCK_REVOKED')
    expect(await revokedAt(chain, args[0] as Hex, platform)).toBeGreaterThan(0n)
    // There is no more.
    await record(5)
  })

  test('a refusal decodes with its values', async () => {
    const { chain, uploads } = await world()
    const crl = pick(await uploads(), 'uploadRootCrl')
    const error = await chain.upload(crl).catch((caught: unknown) => caught)
    expect(decodeContractError(error)).toMatchObject({ name: 'DcapRootMissing', args: [crl.args[0]] })
  })
})

function revokedAt(chain: DcapChain, issuer: Hex, platform: SimulatedPlatform): Promise<bigint> {
  return chain.client.readContract({
    address: chain.store.address,
    abi: endorsementStoreAbi,
    functionName: 'revokedAt',
    args: [issuer, BigInt(bytesToHex(platform.pck.serial))],
  })
}
