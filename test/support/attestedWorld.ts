import { createSessionKey } from '@spartan/protocol'
import { workload } from '@spartan/simulator'
import type { Role } from '../../scripts/demo/chain.ts'
import { WORLD_WORKLOAD } from '../../scripts/demo/simulatorServer.ts'
import { actorOf } from './actor.ts'
import { type ChannelTerms, openChannel } from './channel.ts'
import { fund } from './funding.ts'
import { startGround } from './ground.ts'
import { listAsset } from './listing.ts'
import { approveOperator, prepareRegistration, registerCall, uploadEndorsements } from './registration.ts'

/**
 * Chain, contracts and a simulated machine, without node and dApp: for tests and benchmarks of the contracts.
 * Everything on the way is real; only the hardware is simulated. Calls are sent by role.
 */
export async function startAttestedWorld(port: number) {
  const ground = await startGround(port)
  const { rpcUrl, contracts, token, platform, workloadId } = ground
  const actor = (role: Role) => actorOf(rpcUrl, role)
  const { client } = actor('deployer')
  return {
    ...ground,
    client,
    actor,
    uploadEndorsements: () => uploadEndorsements(actor('deployer'), contracts.EndorsementStore, platform),
    register: async (owner: Role, operator: Role) => {
      const registry = contracts.AttestationRegistry
      const addresses = { owner: actor(owner).address, operator: actor(operator).address }
      await approveOperator(actor(owner), registry, addresses.operator)
      const measurements = await workload(WORLD_WORKLOAD)
      const plan = { client, registry, ...addresses, workloadId, platform, measurements }
      const prepared = await prepareRegistration(plan)
      const { gasUsed } = await actor(operator).send(registerCall(prepared))
      return { ...prepared, gasUsed }
    },
    listAsset: (terms: { pricePerUnitIn: bigint; pricePerUnitOut: bigint; ownerShareBps: number }) =>
      listAsset(actor('assetOwner'), { registry: contracts.AssetRegistry, token, workloadId, ...terms }),
    fund: (role: Role, amount: bigint) => fund(actor(role), { token, ledger: contracts.Ledger }, amount),
    openChannel: async (role: Role, terms: Omit<ChannelTerms, 'voucherSigner'>) => {
      const session = createSessionKey()
      const signed = { ...terms, voucherSigner: session.signer }
      return { session, ...(await openChannel(actor(role), contracts.ChannelEscrow, signed)) }
    },
  }
}

export type AttestedWorld = Awaited<ReturnType<typeof startAttestedWorld>>
export type RegisteredProvider = Awaited<ReturnType<AttestedWorld['register']>>
