import { ccaEndorsementsAbi, ccaTrustAnchorId, governanceAbi } from '@spartan/abi'
import { createCcaPlatform, generatePkiKey } from '@spartan/simulator'
import { network } from 'hardhat'
import { bytesToHex, concatHex, encodeFunctionData, type Hex, keccak256 } from 'viem'
import { describe, expect, test } from 'vitest'
import { issue, P256_PLATFORM } from '../support/ccaCases.ts'
import { codeOf, evidenceOf, startCca } from '../support/ccaWorld.ts'

const DAY = 86_400
const [GOVERNOR, GUARDIAN, STRANGER] = [1, 2, 3]
/** Role of the one function that the guardian may call. */
const GUARDIAN_ROLE = 1n

/** A store outside dev mode: governor and guardian are other accounts than the deployer's. */
async function production(timelockSeconds = DAY, devMode = false) {
  const { viem } = await network.create('local')
  const client = await viem.getPublicClient()
  const test_ = await viem.getTestClient()
  const wallets = await viem.getWalletClients()
  const wallet = (index: number) => {
    const found = wallets[index]
    if (found === undefined) throw new Error(`no wallet ${index}`)
    return found
  }
  const governance = await viem.deployContract('Governance', [wallet(GOVERNOR).account.address])
  const store = await viem.deployContract('CcaEndorsements', [governance.address, BigInt(timelockSeconds), devMode])
  const call = { address: store.address, abi: ccaEndorsementsAbi } as const
  const propose = async (by: number, publicKey: Hex, instanceId: Hex, implementationId: Hex, simulated: boolean) => {
    const args = [publicKey, instanceId, implementationId, simulated] as const
    const request = { ...call, functionName: 'proposeTrustAnchor', args, account: wallet(by).account } as const
    await client.simulateContract(request)
    await wallet(by).writeContract(request as never)
  }
  const revoke = async (by: number, id: Hex) => {
    const request = { ...call, functionName: 'revokeTrustAnchor', args: [id], account: wallet(by).account } as const
    await client.simulateContract(request)
    await wallet(by).writeContract(request as never)
  }
  const anchorOf = (id: Hex) => client.readContract({ ...call, functionName: 'trustAnchorOf', args: [id] })
  const govern = (functionName: 'grantRole' | 'setTargetFunctionRole', args: readonly unknown[]) =>
    wallet(GOVERNOR).writeContract({ address: governance.address, abi: governanceAbi, functionName, args } as never)
  return { client, test: test_, store, propose, revoke, anchorOf, govern, wallet }
}

const good = {
  key: bytesToHex(P256_PLATFORM.key.spki),
  id: ccaTrustAnchorId(P256_PLATFORM.key.point),
  instanceId: bytesToHex(P256_PLATFORM.instanceId),
  implementationId: bytesToHex(P256_PLATFORM.implementationId),
}

describe('CcaEndorsements', () => {
  test('keeps keys of both curves with what they are for', async () => {
    const { propose, anchorOf, client } = await production()
    const p384 = await generatePkiKey('ecdsa-p384')
    await propose(GOVERNOR, good.key, good.instanceId, good.implementationId, false)
    await propose(GOVERNOR, bytesToHex(p384.spki), good.instanceId, good.implementationId, false)
    const now = Number((await client.getBlock()).timestamp)
    const platform = keccak256(concatHex([good.instanceId, good.implementationId]))
    expect(await anchorOf(ccaTrustAnchorId(p384.point))).toEqual({
      curve: 2,
      simulated: false,
      activeFrom: BigInt(now + DAY),
      revokedAt: 0n,
      platform,
    })
    expect(await anchorOf(good.id)).toMatchObject({ curve: 1, platform })
    expect(await anchorOf(keccak256('0x'))).toMatchObject({ curve: 0 })
  })

  test('error: CCA_TRUST_ANCHOR_MALFORMED, CCA_SIMULATED_ANCHOR_FORBIDDEN, CCA_TRUST_ANCHOR_EXISTS', async () => {
    const { propose, revoke } = await production()
    const { key, instanceId, implementationId } = good
    const by = (publicKey: Hex, id = instanceId, simulated = false) =>
      codeOf(propose(GOVERNOR, publicKey, id, implementationId, simulated))
    const changed = (hex: Hex, place: number) => {
      const bytes = Buffer.from(hex.slice(2), 'hex')
      bytes[place] = (bytes[place] ?? 0) ^ 1
      return bytesToHex(bytes)
    }
    const p384 = bytesToHex((await generatePkiKey('ecdsa-p384')).spki)
    const p521 = bytesToHex((await generatePkiKey('ecdsa-p521')).spki)
    for (const bad of [
      '0x' as Hex,
      `${key}00` as Hex,
      key.slice(0, -2) as Hex,
      p521,
      // Algorithm, point format, x, y: a point off its curve is no key.
      ...[5, 26, 30, 90].map((place) => changed(key, place)),
      ...[5, 23, 40, 119].map((place) => changed(p384, place)),
      // x beyond the field.
      `0x${key.slice(2, 56)}${'ff'.repeat(32)}${key.slice(120)}` as Hex,
      `0x${p384.slice(2, 50)}${'ff'.repeat(48)}${p384.slice(146)}` as Hex,
    ]) {
      expect(await by(bad), bad).toBe('CCA_TRUST_ANCHOR_MALFORMED')
    }
    for (const id of [instanceId.slice(0, -2), `${instanceId}00`, `0x02${instanceId.slice(4)}`, '0x'] as Hex[]) {
      expect(await by(key, id)).toBe('CCA_TRUST_ANCHOR_MALFORMED')
    }
    expect(await by(key, instanceId, true)).toBe('CCA_SIMULATED_ANCHOR_FORBIDDEN')
    expect(await by(key)).toBe('accepted')
    expect(await by(key)).toBe('CCA_TRUST_ANCHOR_EXISTS')
    // Nor for another platform, nor ever again.
    expect(await by(key, changed(instanceId, 9))).toBe('CCA_TRUST_ANCHOR_EXISTS')
    await revoke(GOVERNOR, good.id)
    expect(await by(key)).toBe('CCA_TRUST_ANCHOR_EXISTS')
  })

  test('the guardian revokes at once and proposes nothing; a stranger does neither', async () => {
    const { propose, revoke, anchorOf, govern, wallet, store } = await production()
    const { key, id, instanceId, implementationId } = good
    await propose(GOVERNOR, key, instanceId, implementationId, false)
    const selector = encodeFunctionData({ abi: ccaEndorsementsAbi, functionName: 'revokeTrustAnchor', args: [id] })
    await govern('setTargetFunctionRole', [store.address, [selector.slice(0, 10)], GUARDIAN_ROLE])
    await govern('grantRole', [GUARDIAN_ROLE, wallet(GUARDIAN).account.address, 0])
    for (const by of [GUARDIAN, STRANGER]) {
      await expect(propose(by, key, instanceId, implementationId, false)).rejects.toThrow('AccessManagedUnauthorized')
    }
    await expect(revoke(STRANGER, id)).rejects.toThrow('AccessManagedUnauthorized')
    expect(await codeOf(revoke(GUARDIAN, keccak256('0x')))).toBe('CCA_TRUST_ANCHOR_MISSING')
    await revoke(GUARDIAN, id)
    expect((await anchorOf(id)).revokedAt).toBeGreaterThan(0n)
    expect(await codeOf(revoke(GUARDIAN, id))).toBe('CCA_TRUST_ANCHOR_REVOKED')
  })

  test('error: CCA_TIMELOCK_TOO_SHORT outside dev mode', async () => {
    await expect(production(DAY - 1)).rejects.toThrow('CcaTimelockTooShort')
    await production(DAY - 1, true)
  })

  test('error: CCA_TRUST_ANCHOR_NOT_YET_ACTIVE, CCA_TRUST_ANCHOR_REVOKED', async () => {
    const world = await startCca(1000)
    const test_ = await world.viem.getTestClient()
    const { trustAnchor } = P256_PLATFORM
    const evidence = await evidenceOf(await issue(), trustAnchor)
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_MISSING' })
    await world.propose(trustAnchor)
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_NOT_YET_ACTIVE' })
    await test_.increaseTime({ seconds: 998 })
    await test_.mine({ blocks: 1 })
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_NOT_YET_ACTIVE' })
    await test_.increaseTime({ seconds: 2 })
    await test_.mine({ blocks: 1 })
    expect(await world.judgeEvidence(evidence)).toMatchObject({ simulated: true })
    await world.revoke(trustAnchor)
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_REVOKED' })
  })

  test('error: CCA_TRUST_ANCHOR_CURVE_MISMATCH', async () => {
    const world = await startCca()
    const other = await createCcaPlatform()
    // The same machine with a key on another curve.
    const { instanceId, implementationId } = P256_PLATFORM
    const anchor = { publicKey: other.key.spki, instanceId, implementationId, simulated: true }
    await world.propose(anchor)
    const evidence = await evidenceOf(await issue(), anchor)
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_CURVE_MISMATCH' })
  })
})
