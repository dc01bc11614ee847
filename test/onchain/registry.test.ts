import {
  attestationRegistryAbi,
  encodeTdxEvidence,
  enumNumber,
  PROVIDER_STATUSES,
  reasonFromBytes32,
  referenceValuesAbi,
  TCB_STATUSES,
  TEE_KINDS,
  tdxMeasurement,
} from '@spartan/abi'
import { authorisationDigest, keysetDigest, registrationChallenge, reportData } from '@spartan/protocol'
import { workload } from '@spartan/simulator'
import { getContract, type Hex, hexToBytes } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, test } from 'vitest'
import { type RegistryWorld, registryWorld, word } from '../support/registryWorld.ts'

const DAY = 86_400n
const [ACTIVE, GRACE, REVOKED] = (['Active', 'Grace', 'Revoked'] as const).map((name) =>
  enumNumber(PROVIDER_STATUSES, name),
)

let world: RegistryWorld
let quote: Uint8Array

beforeEach(async () => {
  world = await registryWorld()
  quote = await world.admitWorkload()
  return () => world.close()
})

const registryOf = ({ contracts, client }: RegistryWorld) =>
  getContract({ address: contracts.AttestationRegistry, abi: attestationRegistryAbi, client })

const invalidation = (id: Hex, evidence: Hex) => ({
  address: world.contracts.AttestationRegistry,
  abi: attestationRegistryAbi,
  functionName: 'invalidate',
  args: [id, evidence],
})

describe('register with the real verifier', () => {
  test('stores the claims of the evidence', async () => {
    const prepared = await world.prepare()
    const { gasUsed } = await world.register(prepared)
    const registry = registryOf(world)
    const record = await registry.read.recordOf([prepared.providerId])
    expect(record).toMatchObject({
      epoch: 1n,
      teeKind: enumNumber(TEE_KINDS, 'Tdx'),
      tcbStatus: enumNumber(TCB_STATUSES, 'UpToDate'),
      simulated: true,
      revokedAt: 0n,
    })
    expect(record.measurement).toBe(tdxMeasurement(quote))
    expect(record.receiptSigner.toLowerCase()).toBe(prepared.receiptKey.address.toLowerCase())
    expect(await registry.read.statusOf([prepared.providerId])).toBe(ACTIVE)
    expect(gasUsed).toBeLessThanOrEqual(350_000n)
  })

  test('the next epoch takes over at once', async () => {
    const first = await world.prepare()
    await world.register(first)
    await world.register(await world.prepare())
    const registry = registryOf(world)
    const [old, current] = await Promise.all([
      registry.read.recordAt([first.providerId, 1n]),
      registry.read.recordOf([first.providerId]),
    ])
    expect(current.epoch).toBe(2n)
    expect(old.validUntil).toBe(current.registeredAt)
  })
})

describe('register refuses', () => {
  test('evidence of a TD in debug mode, and evidence changed after signing', async () => {
    const debug = await world.prepare({ quote: { tdAttributes: Uint8Array.of(1, 0, 0, 0x10, 0, 0, 0, 0) } })
    expect(await world.registerRefusal(debug)).toBe('DCAP_TD_DEBUG')
    const changed = await world.prepare({
      editQuote: (bytes) => {
        // Inside REPORTDATA, which the quote signature covers.
        bytes[48 + 520] = (bytes[48 + 520] ?? 0) ^ 1
      },
    })
    expect(await world.registerRefusal(changed)).toBe('DCAP_QUOTE_SIGNATURE_INVALID')
  })

  test('another measurement, another workload, a revoked workload', async () => {
    expect(await world.registerRefusal(await world.prepare({ quote: await workload('other') }))).toBe(
      'REGISTRY_WORKLOAD_UNKNOWN',
    )
    expect(await world.registerRefusal(await world.prepare({ keyset: { workloadId: word('other') } }))).toBe(
      'REGISTRY_WORKLOAD_MISMATCH',
    )
    await world.actor(0).send({
      address: world.contracts.ReferenceValues,
      abi: referenceValuesAbi,
      functionName: 'revoke',
      args: [tdxMeasurement(quote)],
    })
    expect(await world.registerRefusal(await world.prepare())).toBe('REGISTRY_WORKLOAD_REVOKED')
  })

  test('a stale challenge and a challenge used before', async () => {
    const prepared = await world.prepare()
    await world.register(prepared)
    const keyset = { ...prepared.registration.keyset, epoch: 2n }
    const replayed = { ...prepared, registration: { ...prepared.registration, keyset } }
    expect(await world.registerRefusal(replayed)).toBe('REGISTRY_KEYSET_NOT_BOUND')
    const late = await world.prepare()
    await world.test.mine({ blocks: 257 })
    expect(await world.registerRefusal(late)).toBe('REGISTRY_CHALLENGE_STALE')
  })

  test('another caller, and evidence stolen by another owner', async () => {
    const prepared = await world.prepare()
    expect(await world.registerRefusal({ ...prepared, sender: 3 })).toBe('REGISTRY_CALLER_NOT_ALLOWED')
    const thief = world.actor(3).address
    const stolen = await world.prepare({ sentKeyset: { owner: thief } })
    expect(await world.registerRefusal({ ...stolen, sender: 3 })).toBe('REGISTRY_KEYSET_NOT_BOUND')
  })

  test('a receipt key of another provider, and one whose possession is not proven', async () => {
    const first = await world.prepare()
    await world.register(first)
    const reused = await world.prepare({ receiptKey: first.receiptKey, sender: 3 })
    expect(await world.registerRefusal(reused)).toBe('REGISTRY_KEY_IN_USE')
    const other = privateKeyToAccount(generatePrivateKey())
    expect(await world.registerRefusal(await world.prepare({ possessionKey: other }))).toBe(
      'REGISTRY_POSSESSION_NOT_PROVEN',
    )
  })

  test('another chain, another registry, an ended keyset', async () => {
    const refusalOf = async (keyset: object) => await world.registerRefusal(await world.prepare({ keyset }))
    expect(await refusalOf({ chainId: 1n })).toBe('REGISTRY_KEYSET_WRONG_CHAIN')
    expect(await refusalOf({ registry: world.contracts.Ledger })).toBe('REGISTRY_KEYSET_WRONG_REGISTRY')
    expect(await refusalOf({ notAfter: 1n })).toBe('REGISTRY_KEYSET_EXPIRED')
  })

  test('simulated evidence outside dev mode', async () => {
    const registry = await world.productionRegistry()
    expect(await world.registerRefusal(await world.prepare({ registry }))).toBe('REGISTRY_SIMULATED_NOT_ALLOWED')
  })
})

describe('renew and registerFor', () => {
  test('fresh evidence of the same keyset prolongs the record, whoever sends it', async () => {
    const prepared = await world.prepare()
    await world.register(prepared)
    const { keyset } = prepared.registration
    const registry = registryOf(world)
    const before = await registry.read.recordOf([prepared.providerId])
    await world.travel(DAY)
    const renewal = async () => {
      const block = await world.client.getBlock({ blockNumber: (await world.client.getBlockNumber()) - 1n })
      const challenge = registrationChallenge(block.number, block.hash, keyset.epoch)
      const bound = hexToBytes(reportData(keysetDigest(keyset), challenge))
      const { evidence } = encodeTdxEvidence(
        await world.platform.issueQuote({ reportData: bound, ...(await workload('integration')) }),
      )
      return {
        address: world.contracts.AttestationRegistry,
        abi: attestationRegistryAbi,
        functionName: 'renew',
        args: [prepared.providerId, evidence, block.number],
      }
    }
    await world.actor(5).send(await renewal())
    const after = await registry.read.recordOf([prepared.providerId])
    expect([after.epoch, after.registeredAt, after.keysetDigest]).toEqual([
      1n,
      before.registeredAt,
      before.keysetDigest,
    ])
    expect(after.validUntil).toBeGreaterThan(before.validUntil)
    const late = await renewal()
    await world.test.mine({ blocks: 257 })
    expect(await world.refusal(5, late)).toBe('REGISTRY_CHALLENGE_STALE')
  })

  test('a relayer registers with the signature of the owner, and with no other', async () => {
    const owner = privateKeyToAccount(generatePrivateKey())
    const prepared = await world.prepare({ keyset: { owner: owner.address } })
    const { keyset, challengeBlock, endpoint } = prepared.registration
    const block = await world.client.getBlock({ blockNumber: challengeBlock })
    const challenge = registrationChallenge(block.number, block.hash, keyset.epoch)
    const deadline = block.timestamp + DAY
    const call = async (signer: typeof owner) => ({
      address: world.contracts.AttestationRegistry,
      abi: attestationRegistryAbi,
      functionName: 'registerFor',
      args: [
        prepared.registration,
        {
          signer: owner.address,
          deadline,
          signature: await signer.sign({ hash: authorisationDigest(keyset, challenge, endpoint, deadline) }),
        },
      ],
    })
    const stranger = privateKeyToAccount(generatePrivateKey())
    expect(await world.refusal(5, await call(stranger))).toBe('REGISTRY_AUTHORISATION_INVALID')
    await world.actor(5).send(await call(owner))
    expect((await registryOf(world).read.recordOf([prepared.providerId])).owner).toBe(owner.address)
  })
})

describe('clocks and chains', () => {
  test('without the history contract of EIP-2935 the last 256 blocks are fresh, older ones are refused', async () => {
    await world.test.setCode({ address: '0x0000F90827F1C53a10cb7A02335B175320002935', bytecode: '0x' })
    const prepared = await world.prepare()
    await world.test.mine({ blocks: 250 })
    expect(await world.registerRefusal(prepared)).toBeUndefined()
    await world.test.mine({ blocks: 10 })
    expect(await world.registerRefusal(prepared)).toBe('REGISTRY_CHALLENGE_STALE')
  })

  test('a sequencer clock ten minutes ahead registers; receipts count from its time on, not from the node’s', async () => {
    const nodeTime = (await world.client.getBlock()).timestamp
    await world.travel(600n)
    const prepared = await world.prepare()
    await world.register(prepared)
    const reasonAt = async (finishedAt: bigint) => {
      const [, reason] = await registryOf(world).read.receiptSignerAt([prepared.providerId, 1n, finishedAt])
      return reasonFromBytes32(reason)
    }
    expect(await reasonAt(nodeTime)).toBe('REGISTRY_NOT_YET_ATTESTED')
    expect(await reasonAt(nodeTime + 660n)).toBeUndefined()
  })

  test('a sequencer clock ten minutes behind refuses endorsements of its future', async () => {
    const now = Number((await world.client.getBlock()).timestamp)
    const ahead = { from: now + 600, until: now + Number(DAY) }
    const upload = world.uploadEndorsements({ now: now + 600, validity: { tcbInfo: ahead }, tcbEvaluationNumber: 99 }, [
      'uploadTcbInfo',
    ])
    await expect(upload).rejects.toThrow()
    expect(await world.registerRefusal(await world.prepare())).toBeUndefined()
  })
})

describe('invalidate', () => {
  test('leaves good evidence alone', async () => {
    const prepared = await world.prepare()
    await world.register(prepared)
    const call = invalidation(prepared.providerId, prepared.evidence)
    expect(await world.refusal(5, call)).toBe('REGISTRY_EVIDENCE_STILL_VALID')
    const other = invalidation(prepared.providerId, '0x1234')
    expect(await world.refusal(5, other)).toBe('REGISTRY_EVIDENCE_UNKNOWN')
  })

  test('anyone ends a provider whose platform was revoked', async () => {
    const prepared = await world.prepare()
    await world.register(prepared)
    await world.travel(60n)
    const now = Number((await world.client.getBlock()).timestamp)
    await world.uploadEndorsements({ now, revoked: ['pck'], crlNumber: 2 }, ['uploadPckCrl'])
    const call = invalidation(prepared.providerId, prepared.evidence)
    expect(await world.refusal(5, call)).toBeUndefined()
    await world.actor(5).send(call)
    const registry = registryOf(world)
    expect(await registry.read.statusOf([prepared.providerId])).toBe(REVOKED)
    const [ok, reason] = await registry.read.canServe([prepared.providerId, 1n, world.actor(5).address])
    expect([ok, reasonFromBytes32(reason)]).toEqual([false, 'REGISTRY_PROVIDER_REVOKED'])
  })

  test('puts a provider whose TCB is behind into grace instead of ending it', async () => {
    const prepared = await world.prepare()
    await world.register(prepared)
    await world.travel(60n)
    const now = Number((await world.client.getBlock()).timestamp)
    await world.uploadEndorsements({ now, platformStatus: 'OutOfDate', tcbEvaluationNumber: 99 }, ['uploadTcbInfo'])
    expect(await world.registerRefusal(await world.prepare())).toBe('DCAP_TCB_STATUS_NOT_ACCEPTED')
    const call = invalidation(prepared.providerId, prepared.evidence)
    await world.actor(5).send(call)
    await world.travel(1n)
    const registry = registryOf(world)
    expect(await registry.read.statusOf([prepared.providerId])).toBe(GRACE)
    const { revokedAt, activeUntil, validUntil } = await registry.read.recordOf([prepared.providerId])
    expect([revokedAt, validUntil - activeUntil]).toEqual([0n, 3n * DAY])
    expect(await world.refusal(5, call)).toBe('REGISTRY_PROVIDER_IN_GRACE')
  })

  test('does not count the revocation of the TCB signer against the provider', async () => {
    const prepared = await world.prepare()
    await world.register(prepared)
    await world.travel(60n)
    const now = Number((await world.client.getBlock()).timestamp)
    await world.uploadEndorsements({ now, revoked: ['tcbSigner'], crlNumber: 2 }, ['uploadRootCrl'])
    const call = invalidation(prepared.providerId, prepared.evidence)
    expect(await world.refusal(5, call)).toBe('REGISTRY_EVIDENCE_INCONCLUSIVE')
  })

  test('does not count endorsements that merely lapsed: that is what grace is for', async () => {
    const now = Number((await world.client.getBlock()).timestamp)
    const short = { from: now - 60, until: now + Number(DAY) }
    await world.uploadEndorsements({ now: now + 1, validity: { tcbInfo: short }, tcbEvaluationNumber: 99 }, [
      'uploadTcbInfo',
    ])
    const prepared = await world.prepare()
    await world.register(prepared)
    await world.travel(2n * DAY)
    expect(await registryOf(world).read.statusOf([prepared.providerId])).toBe(GRACE)
    const call = invalidation(prepared.providerId, prepared.evidence)
    expect(await world.refusal(5, call)).toBe('REGISTRY_EVIDENCE_INCONCLUSIVE')
  })
})
