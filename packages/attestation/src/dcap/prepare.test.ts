import { createSimulationRoot, type EndorsementOptions } from '@spartan/simulator'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { verifySgxEvidence } from '../sgx/evidence.ts'
import { vectorsSgxPolicy } from '../sgx/policy.ts'
import { type TdxEvidenceInput, verifyTdxEvidence } from '../tdx/evidence.ts'
import { vectorsTdxPolicy } from '../tdx/policy.ts'
import { prepareDcapEndorsements } from './prepare.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const DAY = 86_400

async function makeGood() {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'a' })
  const endorsements = await platform.endorsements()
  const trustAnchors = [{ publicKey: root.publicKey, simulated: true }]
  const quote = await platform.issueQuote({ reportData: new Uint8Array(64) })
  return { root, platform, endorsements, trustAnchors, quote }
}

let good: Awaited<ReturnType<typeof makeGood>>
beforeAll(async () => {
  good = await makeGood()
})

const prepare = (endorsements: Partial<typeof good.endorsements> = good.endorsements) =>
  prepareDcapEndorsements({ tee: 'tdx', endorsements, at: NOW, trustAnchors: good.trustAnchors })

async function reasonOf(input: Pick<TdxEvidenceInput, 'endorsements'> & Partial<TdxEvidenceInput>) {
  const policy = vectorsTdxPolicy({ measurements: 'any', reportData: 'any' })
  const { quote: evidence, trustAnchors } = good
  const result = await verifyTdxEvidence({ evidence, at: NOW, trustAnchors, policy, ...input })
  return result.verdict === 'accepted' ? 'accepted' : result.reasonCode
}

const prepared = async (options: EndorsementOptions) => prepare(await good.platform.endorsements(options))

describe('prepareDcapEndorsements', () => {
  test('default: gives the same result as endorsements as received, with the same checks', async () => {
    const endorsements = await prepare()
    expect(endorsements.earliestExpiry).toBe(NOW - 3_600 + 30 * DAY)
    const input = { evidence: good.quote, at: NOW, trustAnchors: good.trustAnchors }
    const policy = vectorsTdxPolicy({ measurements: 'any', reportData: 'any' })
    const raw = await verifyTdxEvidence({ ...input, policy, endorsements: good.endorsements })
    for (let round = 0; round < 2; round++) {
      expect(await verifyTdxEvidence({ ...input, policy, endorsements })).toEqual(raw)
    }
  })

  test('behavior: a second quote of a platform costs two signature checks', async () => {
    const endorsements = await prepare()
    await reasonOf({ endorsements })
    const verify = vi.spyOn(crypto.subtle, 'verify')
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    const evidence = await good.platform.issueQuote({ reportData: new Uint8Array(64).fill(1) })
    verify.mockClear()
    importKey.mockClear()
    expect(await reasonOf({ endorsements, evidence })).toBe('accepted')
    expect([verify.mock.calls.length, importKey.mock.calls.length]).toEqual([2, 0])
    verify.mockRestore()
    importKey.mockRestore()
  })

  test('behavior: as received, nothing is checked twice', async () => {
    const verify = vi.spyOn(crypto.subtle, 'verify')
    expect(await reasonOf({ endorsements: good.endorsements })).toBe('accepted')
    // Root, PCK CA, PCK, two CRLs, TCB signer, TCB info, QE identity, QE report, quote.
    expect(verify.mock.calls.length).toBe(10)
    verify.mockRestore()
  })

  test('behavior: validity, trust anchors and revocation are judged at every use', async () => {
    const endorsements = await prepare()
    expect(await reasonOf({ endorsements })).toBe('accepted')
    expect(await reasonOf({ endorsements, at: NOW + 40 * DAY })).toBe('DCAP_ROOT_CRL_EXPIRED')
    expect(await reasonOf({ endorsements, at: NOW - 2 * 3_600 })).toBe('DCAP_ROOT_CRL_EXPIRED')
    expect(await reasonOf({ endorsements, trustAnchors: [] })).toBe('DCAP_ROOT_NOT_PINNED')
    expect(await reasonOf({ endorsements: await prepared({ revoked: ['pck'] }) })).toBe('DCAP_PCK_REVOKED')
    const family = await good.root.createPlatform({ name: 'family', fmspc: '00806f050000' })
    const evidence = await family.issueQuote({ reportData: new Uint8Array(64) })
    expect(await reasonOf({ endorsements, evidence })).toBe('DCAP_TCB_INFO_MISSING')
  })

  test('behavior: what the caller does to the bytes afterwards changes nothing', async () => {
    const own = await good.platform.endorsements()
    const endorsements = await prepare(own)
    own.tcbInfo.body.fill(0)
    own.rootCaCrl.fill(0)
    expect(await reasonOf({ endorsements })).toBe('accepted')
    expect(await reasonOf({ endorsements: own })).toBe('DCAP_ROOT_CRL_MALFORMED')
  })

  test('error: a CRL of another authority for that of the root', async () => {
    const { pckCrl: rootCaCrl } = good.endorsements
    await expect(prepare({ ...good.endorsements, rootCaCrl })).rejects.toMatchObject({
      code: 'DCAP_ROOT_CRL_ISSUER_MISMATCH',
    })
  })

  test('behavior: what is missing is still missing', async () => {
    const { pckCrl: _, ...rest } = good.endorsements
    expect(await reasonOf({ endorsements: await prepare(rest) })).toBe('DCAP_PCK_CRL_MISSING')
  })

  test('behavior: prepared for TDX, an SGX quote finds endorsements for another TEE', async () => {
    const result = await verifySgxEvidence({
      evidence: await good.platform.issueSgxQuote({ reportData: new Uint8Array(64) }),
      endorsements: await prepare(),
      at: NOW,
      trustAnchors: good.trustAnchors,
      policy: vectorsSgxPolicy({ measurements: 'any', reportData: 'any' }),
    })
    expect(result).toMatchObject({ reasonCode: 'DCAP_TCB_INFO_ID_MISMATCH' })
  })

  test('error: the code of the first endorsement that does not hold', async () => {
    const { tcbInfo, pckCrl } = good.endorsements
    const spoiled = (bytes: Uint8Array) =>
      Uint8Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte))
    const changed = (change: Partial<typeof good.endorsements>) => prepare({ ...good.endorsements, ...change })
    await expect(prepare({})).rejects.toMatchObject({ code: 'DCAP_ROOT_MISSING' })
    await expect(changed({ pckCrl: spoiled(pckCrl) })).rejects.toMatchObject({ code: 'DCAP_PCK_CRL_SIGNATURE_INVALID' })
    await expect(changed({ pckCrlIssuerChain: [] })).rejects.toMatchObject({ code: 'DCAP_PCK_CA_MISSING' })
    await expect(changed({ tcbInfo: { ...tcbInfo, signature: new Uint8Array(64) } })).rejects.toMatchObject({
      code: 'DCAP_TCB_INFO_SIGNATURE_INVALID',
    })
    await expect(prepared({ revoked: ['tcbSigner'] })).rejects.toMatchObject({ code: 'DCAP_TCB_SIGNER_REVOKED' })
  })
})
