import { decodeContractError, governanceAbi, referenceValuesAbi } from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import { network } from 'hardhat'
import { type Address, encodeFunctionData, zeroHash } from 'viem'
import { describe, expect, test } from 'vitest'
import { type DeployOptions, deployWorld } from '../../scripts/deploy/deploy.ts'
import { word } from '../support/registryWorld.ts'

const DAY = 86_400
const MEASUREMENT = word('measurement')
const [GOVERNOR, GUARDIAN, STRANGER] = [1, 2, 3]

async function chain() {
  const { viem, close } = await network.create('local')
  const publicClient = await viem.getPublicClient()
  const wallets = await viem.getWalletClients()
  const wallet = (index: number) => {
    const found = wallets[index]
    if (found === undefined) throw new Error(`no wallet ${index}`)
    return found
  }
  const production = {
    publicClient,
    walletClient: wallet(0),
    devMode: false,
    governor: wallet(GOVERNOR).account.address,
    guardian: wallet(GUARDIAN).account.address,
    minTcbEvaluationNumber: 17,
  } as never as DeployOptions
  return { viem, publicClient, wallet, production, close }
}

/** Reason code of a deployment that must be refused. */
const refusal = (options: DeployOptions) =>
  deployWorld(options).then(
    () => 'deployed',
    (error: unknown) => (error instanceof BaseError ? error.code : String(error)),
  )

describe('a deployment outside dev mode', () => {
  test('is refused without governor, lowest TCB evaluation number or a delay of a day', async () => {
    const { production, close } = await chain()
    const without = [
      { governor: undefined },
      { minTcbEvaluationNumber: undefined },
      { governorDelaySeconds: 0 },
      { governorDelaySeconds: DAY - 1 },
    ]
    for (const change of without) {
      expect(await refusal({ ...production, ...change })).toBe('DEPLOY_OPTIONS_INVALID')
    }
    await close()
  })

  test('lets the guardian revoke at once and do nothing else; the governor waits', async () => {
    const { viem, publicClient, wallet, production, close } = await chain()
    const { Governance, ReferenceValues } = await deployWorld(production)
    const values = { address: ReferenceValues, abi: referenceValuesAbi } as const
    const proposal = {
      ...values,
      functionName: 'propose',
      args: [MEASUREMENT, word('workload'), zeroHash, zeroHash],
    } as const
    const revocation = { ...values, functionName: 'revoke', args: [MEASUREMENT] } as const
    const errorOf = async (index: number, call: typeof proposal | typeof revocation) => {
      const account = wallet(index).account.address as Address
      return await publicClient.simulateContract({ ...call, account } as never).then(
        () => 'accepted',
        (error: unknown) => decodeContractError(error)?.name,
      )
    }
    expect(await errorOf(GUARDIAN, proposal)).toBe('AccessManagedUnauthorized')
    expect(await errorOf(GOVERNOR, proposal)).toBe('AccessManagerNotScheduled')
    expect(await errorOf(0, proposal)).toBe('AccessManagedUnauthorized')

    const data = encodeFunctionData(proposal)
    const governance = { address: Governance, abi: governanceAbi } as const
    const asGovernor = wallet(GOVERNOR)
    await asGovernor.writeContract({ ...governance, functionName: 'schedule', args: [ReferenceValues, data, 0] })
    await (await viem.getTestClient()).increaseTime({ seconds: 2 * DAY })
    await asGovernor.writeContract({ ...governance, functionName: 'execute', args: [ReferenceValues, data] })

    expect(await errorOf(STRANGER, revocation)).toBe('AccessManagedUnauthorized')
    await wallet(GUARDIAN).writeContract(revocation)
    const { timestamp } = await publicClient.getBlock()
    expect(await publicClient.readContract({ ...values, functionName: 'revokedAtOf', args: [MEASUREMENT] })).toBe(
      timestamp,
    )
    await close()
  })
})
