/** A world with the contracts of NVIDIA's evidence: two TDX providers on machines of their own, and one GPU. */
import {
  assetRegistryAbi,
  attestationRegistryAbi,
  encodeNvidiaEvidence,
  enumNumber,
  type NvidiaUpload,
  nvidiaDeviceUploads,
  nvidiaEndorsementsAbi,
  nvidiaOcspUploads,
  nvidiaRimId,
  nvidiaRimsAbi,
  nvidiaRimUploads,
  reasonFromBytes32,
  TRUST_TIERS,
  type TrustTierName,
} from '@spartan/abi'
import { gpuBindingDigest, gpuNonce, keysetDigest, registrationChallenge } from '@spartan/protocol'
import {
  createNvidiaSimulation,
  type NvidiaDeviceOptions,
  type NvidiaSimulation,
  type OcspFields,
  type SimulatedPlatform,
  workload,
} from '@spartan/simulator'
import { type Abi, type Address, type Hex, hexToBytes } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Call } from './actor.ts'
import { listAsset } from './listing.ts'
import { type SimulatedNvidiaCase, simulatedNvidia, simulationRoots } from './nvidiaCase.ts'
import { type PreparedRegistration, prepareRegistration, registerCall, uploadEndorsements } from './registration.ts'
import { type RegistryWorld, registryWorld, WORKLOAD_ID } from './registryWorld.ts'

/** Life of the OCSP answers, seconds: shorter than that of a record. */
export const OCSP_SECONDS = 172_800
const OPERATOR = 2
const PRICES = { pricePerUnitIn: 1n, pricePerUnitOut: 1n, ownerShareBps: 0 }

/** A registered provider. */
export interface GpuProvider extends PreparedRegistration {
  /** Index of the wallet that owns it. */
  readonly sender: number
}

/** What a test changes in an otherwise acceptable binding. */
export interface BindingEdits {
  /** Whose challenge the GPU answers, if not that of the provider that binds it. */
  readonly answersTo?: GpuProvider
  readonly editReport?: (report: Uint8Array) => void
  /** Signs for the guest instead of the receipt key. */
  readonly possessionKey?: PrivateKeyAccount
}

/** Two answers about one certificate are the same here, whatever their signatures. */
const keyOf = (store: Address, { functionName, args: [id, content] }: NvidiaUpload) =>
  [store, functionName, id, functionName === 'uploadOcsp' ? '' : content].join()

/** What the stores of NVIDIA get. */
function gpuStores({ actor, client, contracts }: RegistryWorld, simulation: NvidiaSimulation) {
  const { NvidiaEndorsements, NvidiaRims } = contracts
  if (NvidiaEndorsements === undefined || NvidiaRims === undefined) throw new Error('no stores of NVIDIA')
  /** Calls that the stores have seen for good. */
  const known = new Set<string>()
  let isKept = false
  const now = async () => Number((await client.getBlock()).timestamp)
  const upload = async (address: Address, abi: Abi, uploads: readonly NvidiaUpload[]): Promise<void> => {
    for (const { functionName, args } of uploads) await actor(0).send({ address, abi, functionName, args })
  }
  const uploadNew = async (address: Address, abi: Abi, uploads: readonly NvidiaUpload[]): Promise<void> => {
    const fresh = uploads.filter((call) => !known.has(keyOf(address, call)))
    await upload(address, abi, fresh)
    if (!isKept) for (const call of fresh) known.add(keyOf(address, call))
  }
  return {
    /** A GPU with everything that the stores need of it; what every GPU needs goes there with the first one. */
    addGpu: async (options: Partial<NvidiaDeviceOptions> = {}): Promise<SimulatedNvidiaCase> => {
      const from = (await now()) - 3_600
      const gpu = await simulatedNvidia(options, simulation, { from, until: from + OCSP_SECONDS })
      await uploadNew(NvidiaEndorsements, nvidiaEndorsementsAbi, await nvidiaDeviceUploads(gpu.certificates, gpu.ocsp))
      for (const rim of [gpu.driverRim, gpu.vbiosRim]) {
        if (rim) await uploadNew(NvidiaRims, nvidiaRimsAbi, await nvidiaRimUploads(rim, gpu.rimOcsp))
      }
      return gpu
    },
    /** A newer answer of NVIDIA's for the boot ROM of a GPU. */
    answerForBootRom: async (gpu: SimulatedNvidiaCase, status: OcspFields['status'] & string): Promise<void> => {
      const from = await now()
      const window = { from, until: from + OCSP_SECONDS }
      const answers = await simulation.issueOcsp(gpu.device.chain.slice(1, 3), window, { status })
      await upload(NvidiaEndorsements, nvidiaEndorsementsAbi, await nvidiaOcspUploads(gpu.certificates, answers))
    },
    /** What the stores have from now on may be undone. */
    settle: (): void => {
      isKept = true
    },
  }
}

/** Bindings of GPUs to providers. */
function bindings({ actor, client, contracts, refusal }: RegistryWorld) {
  const registry = { address: contracts.AttestationRegistry, abi: attestationRegistryAbi } as const
  /** The call by which a provider binds a GPU that has answered its challenge, and its evidence. */
  const bindCall = async (provider: GpuProvider, gpu: SimulatedNvidiaCase, edits: BindingEdits = {}) => {
    const { keyset } = (edits.answersTo ?? provider).registration
    // One block back: a call simulated on the newest block cannot see that block's own hash.
    const block = await client.getBlock({ blockNumber: (await client.getBlockNumber()) - 1n })
    const challenge = registrationChallenge(block.number, block.hash, keyset.epoch)
    const nonce = hexToBytes(gpuNonce(keysetDigest(keyset), challenge))
    const { report } = await gpu.device.issueEvidence({ nonce })
    edits.editReport?.(report)
    const [driverRim, vbiosRim] = [gpu.driverRim, gpu.vbiosRim].map((rim) => rim && nvidiaRimId(rim))
    const evidence = await encodeNvidiaEvidence({ report, certificates: gpu.certificates, driverRim, vbiosRim })
    const hash = gpuBindingDigest(provider.registration.keyset, challenge, evidence)
    const possessionSignature = await (edits.possessionKey ?? provider.receiptKey).sign({ hash })
    const args = [provider.providerId, { evidence, challengeBlock: block.number, possessionSignature }]
    return { call: { ...registry, functionName: 'bindGpu', args } as Call, evidence }
  }
  return {
    registry,
    bindCall,
    /** Gas of the binding and the evidence. */
    bind: async (provider: GpuProvider, gpu: SimulatedNvidiaCase) => {
      const { call, evidence } = await bindCall(provider, gpu)
      const { gasUsed } = await actor(provider.sender).send(call)
      return { gasUsed, evidence }
    },
    bindRefusal: async (provider: GpuProvider, gpu: SimulatedNvidiaCase, edits?: BindingEdits) =>
      refusal(provider.sender, (await bindCall(provider, gpu, edits)).call),
  }
}

/** An asset for TDX providers of the workload with a GPU. */
async function listGpuAsset({ actor, client, contracts }: RegistryWorld, owner: number) {
  const { AssetRegistry, AttestationRegistry, TestToken = AttestationRegistry } = contracts
  const listing = { registry: AssetRegistry, token: TestToken, workloadId: WORKLOAD_ID, ...PRICES }
  const { assetId } = await listAsset(actor(owner), { ...listing, teeKinds: ['Tdx', 'NvidiaGpu'] })
  return {
    setMinimumTier: (name: TrustTierName) => {
      const args = [assetId, enumNumber(TRUST_TIERS, name)]
      return actor(owner).send({ address: AssetRegistry, abi: assetRegistryAbi, functionName: 'setMinimumTier', args })
    },
    /** Why a provider cannot serve it; undefined when it can. */
    objection: async ({ providerId }: GpuProvider): Promise<string | undefined> => {
      const call = { address: AttestationRegistry, abi: attestationRegistryAbi } as const
      const args = [providerId, assetId, 1] as const
      const [ok, reason] = await client.readContract({ ...call, functionName: 'canServeVersion', args })
      return ok ? undefined : reasonFromBytes32(reason)
    },
  }
}

/** Registers a provider with the evidence of a machine. */
async function registerOn(world: RegistryWorld, sender: number, machine: SimulatedPlatform): Promise<GpuProvider> {
  const { actor, client, contracts } = world
  await uploadEndorsements(actor(0), contracts.EndorsementStore, machine)
  const prepared = await prepareRegistration({
    client: client as never,
    registry: contracts.AttestationRegistry,
    owner: actor(sender).address,
    operator: actor(OPERATOR).address,
    workloadId: WORKLOAD_ID,
    platform: machine,
    measurements: await workload('integration'),
  })
  await actor(sender).send(registerCall(prepared))
  return { ...prepared, sender }
}

export async function gpuWorld() {
  const simulation = await createNvidiaSimulation({ now: new Date() })
  const world = await registryWorld('local', {
    tees: ['NvidiaGpu'],
    simulation: { nvidia: simulationRoots(simulation) },
  })
  await world.admitWorkload()
  const first = await registerOn(world, 1, world.platform)
  const second = await registerOn(world, 3, await world.root.createPlatform({ name: 'machine-b' }))
  const { settle, ...stores } = gpuStores(world, simulation)
  let clean: Hex
  return {
    ...world,
    ...stores,
    ...bindings(world),
    first,
    second,
    listGpuAsset: (owner: number) => listGpuAsset(world, owner),
    /** The world as it is now is what `reset` goes back to. */
    keep: async (): Promise<void> => {
      settle()
      clean = await world.test.snapshot()
    },
    reset: async (): Promise<void> => {
      await world.test.revert({ id: clean })
      clean = await world.test.snapshot()
    },
  }
}

export type GpuWorld = Awaited<ReturnType<typeof gpuWorld>>
