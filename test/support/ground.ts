import { createSimulatedGpu, type SimulatedPlatform } from '@spartan/simulator'
import { startChain } from '../../scripts/demo/chain.ts'
import { deployContracts, publishWorkload, WORKLOAD_ID } from '../../scripts/demo/contracts.ts'
import { createWorldSimulator } from '../../scripts/demo/simulatorServer.ts'

/** The machine of the worlds with one provider. */
export const PLATFORM = 'machine-a'

/**
 * What the worlds behind an RPC endpoint stand on: a chain at `port`, every contract in dev mode, one simulated machine,
 * and the image that it runs as a reference value. With `gpu` also NVIDIA's contracts under a simulated vendor, and a GPU of his.
 */
export async function startGround(port: number, options: { readonly gpu?: boolean } = {}) {
  const { rpcUrl, close } = await startChain(port)
  const root = await createWorldSimulator([PLATFORM])
  const gpu = options.gpu ? await createSimulatedGpu({ now: Math.floor(Date.now() / 1000) - 60 }) : undefined
  const contracts = await deployContracts(rpcUrl, root, () => {}, gpu)
  await publishWorkload(rpcUrl, contracts, root, PLATFORM)
  const platform: SimulatedPlatform | undefined = root.platforms.get(PLATFORM)
  if (platform === undefined) throw new Error(`the simulator has no platform ${PLATFORM}`)
  return {
    rpcUrl,
    root,
    gpu,
    platform,
    contracts: contracts.deployed,
    token: contracts.token,
    workloadId: WORKLOAD_ID,
    close,
  }
}

export type Ground = Awaited<ReturnType<typeof startGround>>
