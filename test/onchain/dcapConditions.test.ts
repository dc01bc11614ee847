import { encodeTdxEvidence, endorsementStoreAbi, endorsementUploads } from '@spartan/abi'
import { createSimulationRoot, type EndorsementOptions, issueCrl, type Validity } from '@spartan/simulator'
import { bytesToHex, type Hex } from 'viem'
import { afterEach, describe, expect, test } from 'vitest'
import { registryWorld } from '../support/registryWorld.ts'
import { outcome } from '../support/vendorChain.ts'
import { type DcapChain, type DcapChainOptions, dcapChain } from '../vectors/support/dcapChain.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const DAY = 86_400
const MINUTES_10 = 600
/** No step may cost more: the cap of one transaction is 16.7 M (EIP-7825). */
const STEP_LIMIT = 8_000_000n

const open: DcapChain[] = []
afterEach(async () => {
  for (const chain of open.splice(0)) await chain.close()
})

/** A simulated platform with a quote, and a chain that trusts its root. */
async function world(options: Partial<DcapChainOptions> = {}, validity?: Validity) {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'a', ...(validity && { validity }) })
  const hex = bytesToHex(root.publicKey).slice(-128)
  const simulationRoot = [`0x${hex.slice(0, 64)}`, `0x${hex.slice(64)}`] as const
  const chain = await dcapChain({ time: NOW, simulationRoot, ...options })
  open.push(chain)
  const quote = await platform.issueQuote({ reportData: new Uint8Array(64).fill(7) })
  const uploads = async (wanted: EndorsementOptions = {}) =>
    endorsementUploads(quote, await platform.endorsements({ now: NOW, ...wanted }))
  const uploadAll = async (wanted: EndorsementOptions = {}) => {
    for (const upload of await uploads(wanted)) await chain.upload(upload)
  }
  return { root, platform, chain, quote, uploads, uploadAll, evidence: encodeTdxEvidence(quote) }
}

/** RFC 6979 A.2.5, "sample": the good signature of the probe. */
const PROBE_HASH = 'af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf'
const RETURN_ONE = '60015f5260205ff3'
/** What a chain may have at 0x100 in place of EIP-7951. */
const WRONG: Readonly<Record<string, Hex>> = {
  'says yes to everything': `0x${RETURN_ONE}`,
  'says no to everything': '0x00',
  'answers zero': '0x5f5f5260205ff3',
  'answers two': '0x60025f5260205ff3',
  'answers one byte': '0x60015f5360015ff3',
  'answers 64 bytes': '0x60015f5260405ff3',
  reverts: '0x5f5ffd',
  'reverts with a yes': '0x60015f5260205ffd',
}

describe('P-256 at 0x100', () => {
  test.each([['is missing', undefined], ...Object.entries(WRONG)])(
    'where it %s the fallback verifies, and refuses what is forged',
    async (_, answer) => {
      const { chain, uploads } = await world({ hardfork: 'prague', precompile: answer })
      const [root] = await uploads()
      if (root === undefined) throw new Error('no upload')
      const certificate = String(root.args[0])
      // The last digit of the signature.
      const forged = `${certificate.slice(0, -1)}${certificate.endsWith('0') ? '1' : '0'}` as Hex
      expect(await outcome(chain.upload({ ...root, args: [forged] }))).toBe('DCAP_ROOT_SIGNATURE_INVALID')
      expect(await outcome(chain.upload(root))).toBe('accepted')
    },
  )

  test('where it says yes to everything, a quote goes all the way, and a changed one does not', async () => {
    const precompile = WRONG['says yes to everything']
    const { chain, quote, uploadAll, evidence } = await world({ hardfork: 'prague', precompile })
    await uploadAll()
    expect((await chain.verify(evidence)).simulated).toBe(true)
    const changed = Uint8Array.from(quote)
    // Inside REPORTDATA.
    changed[48 + 520] = (changed[48 + 520] ?? 0) ^ 1
    expect(await outcome(chain.verify(encodeTdxEvidence(changed)))).toBe('DCAP_QUOTE_SIGNATURE_INVALID')
  })

  test('where it is missing a provider registers', async () => {
    const market = await registryWorld('prague')
    try {
      await market.admitWorkload()
      const { gasUsed } = await market.register(await market.prepare())
      // Two signatures by the fallback.
      expect(gasUsed).toBeGreaterThan(500_000n)
      expect(gasUsed).toBeLessThan(STEP_LIMIT)
    } finally {
      await market.close()
    }
  })

  test('security: one that knows the probe and nothing else is believed, and then nothing is accepted', async () => {
    const onlyProbe = `0x7f${PROBE_HASH}5f3514602857005b${RETURN_ONE}` as const
    const { uploadAll } = await world({ hardfork: 'prague', precompile: onlyProbe })
    expect(await outcome(uploadAll())).toBe('DCAP_ROOT_SIGNATURE_INVALID')
  })
})

describe('a clock that is ten minutes off', () => {
  const fresh = { from: NOW, until: NOW + 30 * DAY }
  const validity = { rootCrl: fresh, pckCrl: fresh, tcbInfo: fresh, qeIdentity: fresh }

  test.each([
    ['uploadRootCrl', 'rootCrl', 'DCAP_ROOT_CRL_EXPIRED', 'DCAP_ROOT_CRL_MISSING'],
    ['uploadPckCrl', 'pckCrl', 'DCAP_PCK_CRL_EXPIRED', 'DCAP_PCK_CRL_MISSING'],
    ['uploadTcbInfo', 'tcbInfo', 'DCAP_TCB_INFO_NOT_YET_VALID', 'DCAP_TCB_INFO_MISSING'],
    ['uploadQeIdentity', 'qeIdentity', 'DCAP_QE_IDENTITY_NOT_YET_VALID', 'DCAP_QE_IDENTITY_MISSING'],
  ] as const)(
    'slow: %s refuses what was issued just now, and keeps nothing of it',
    async (name, key, code, missing) => {
      const { chain, uploads, uploadAll, evidence } = await world({ time: NOW - MINUTES_10 })
      const early = await uploads({ validity: { [key]: fresh } })
      const upload = early.find(({ functionName }) => functionName === name)
      if (upload === undefined) throw new Error(`no ${name}`)
      const reasons = new Set<string>()
      for (const each of early) reasons.add(await outcome(chain.upload(each)))
      expect(reasons).toContain(code)
      const last = await outcome(chain.verify(evidence))
      // Without a CRL its issuer's certificates do not come in either.
      expect([missing, 'DCAP_PCK_MISSING']).toContain(last)
      await chain.travelTo(NOW)
      await uploadAll({ validity })
      expect((await chain.verify(evidence)).earliestExpiry).toBe(BigInt(fresh.until))
    },
  )

  test('slow: a PCK certificate issued just now has to wait', async () => {
    const { chain, uploadAll, evidence } = await world(
      { time: NOW - MINUTES_10 },
      { from: NOW, until: NOW + 365 * DAY },
    )
    expect(await outcome(uploadAll())).toBe('DCAP_PCK_EXPIRED')
    expect(await outcome(chain.verify(evidence))).toBe('DCAP_PCK_MISSING')
    await chain.travelTo(NOW)
    await uploadAll()
    expect(await outcome(chain.verify(evidence))).toBe('accepted')
  })

  test.each([
    ['rootCrl', 'DCAP_ROOT_CRL_EXPIRED'],
    ['pckCrl', 'DCAP_PCK_CRL_EXPIRED'],
    ['tcbInfo', 'DCAP_TCB_INFO_EXPIRED'],
    ['qeIdentity', 'DCAP_QE_IDENTITY_EXPIRED'],
  ] as const)('fast: the end of the %s comes early, for the upload and for what is there', async (key, code) => {
    const lapsed = { from: NOW - DAY, until: NOW + MINUTES_10 / 2 }
    const { chain, uploadAll, evidence } = await world({ time: NOW })
    await uploadAll({ validity: { [key]: lapsed } })
    expect(await outcome(chain.verify(evidence))).toBe('accepted')
    await chain.travelTo(NOW + MINUTES_10)
    expect(await outcome(chain.verify(evidence))).toBe(code)
    expect(await outcome(uploadAll({ validity: { [key]: lapsed } }))).toBe(code)
  })
})

describe('a long CRL', () => {
  const ENTRIES = 2_000
  const STEP = 150

  test(`${ENTRIES} revocations come in by steps below 8 M gas, each once, and the CRL at the end`, async () => {
    const { chain, root, platform, quote, uploadAll, evidence } = await world()
    await uploadAll()
    const { pckCa } = root.authorities
    const serials = Array.from({ length: ENTRIES }, (_, index) =>
      Uint8Array.from({ length: 20 }, (_, at) => (at === 0 ? 0x80 : at > 17 ? (index >> (8 * (19 - at))) & 0xff : 1)),
    )
    const crl = await issueCrl({
      issuerName: pckCa.commonName,
      issuerKey: pckCa.key,
      validity: { from: NOW, until: NOW + 20 * DAY },
      crlNumber: 2,
      // The platform's own is the last one.
      revokedSerials: [...serials.slice(1), platform.pck.serial],
    })
    const all = endorsementUploads(quote, { ...(await platform.endorsements({ now: NOW })), pckCrl: crl })
    const steps = all.filter(({ functionName }) => /^(recordRevocations|uploadPckCrl)$/.test(functionName))
    const last = steps.pop()
    expect(steps.length).toBe(Math.floor(ENTRIES / STEP))
    const gas: bigint[] = []
    for (const step of steps) {
      gas.push(await chain.upload(step))
      expect(await outcome(chain.verify(evidence))).toBe('accepted')
    }
    if (last === undefined) throw new Error('no upload of the CRL')
    gas.push(await chain.upload(last))
    console.log(`CRL of ${crl.length} bytes: gas of the steps ${gas.join(', ')}`)
    for (const used of gas) expect(used).toBeLessThan(STEP_LIMIT)
    const caId = last.args[0] as Hex
    // Once more: there is nothing left to record.
    const again = chain.upload({ functionName: 'recordRevocations', args: [caId, bytesToHex(crl), ENTRIES] })
    expect(await again).toBeLessThan(STEP_LIMIT)
    expect(await outcome(chain.verify(evidence))).toBe('DCAP_PCK_REVOKED')
    const revokedAt = (serial: Uint8Array | undefined) =>
      chain.client.readContract({
        address: chain.store.address,
        abi: endorsementStoreAbi,
        functionName: 'revokedAt',
        args: [caId, BigInt(bytesToHex(serial ?? new Uint8Array()))],
      })
    expect(await revokedAt(serials[0])).toBe(0n)
    for (const index of [1, STEP, STEP + 1, STEP * 2, ENTRIES - 1]) {
      expect(await revokedAt(serials[index])).toBe(BigInt(NOW))
    }
  })
})
