import { type NvidiaUpload, nvidiaKeyIds, nvidiaRimId } from '@spartan/abi'
import { readNvidiaRim } from '@spartan/attestation/nvidia'
import type { ReasonCode } from '@spartan/errors'
import { createSimulatedGpu } from '@spartan/simulator'
import { bytesToHex, type Hex, keccak256, zeroHash } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { ChainError } from '../../errors.ts'
import { assertGpuAccepted, type GpuEvidence } from '../../services/gpuEvidence.ts'
import type { ChainClients, ContractWrite } from './clients.ts'
import { createGpuBinding } from './gpuBinding.ts'

const AT = 1_780_000_000
const [GOOD, UNKNOWN] = [1, 4]
const PROVIDER: Hex = `0x${'11'.repeat(32)}`
const OTHER: Hex = `0x${'22'.repeat(32)}`
const at = (byte: string): Hex => `0x${byte.repeat(20)}`
const contracts = { attestationRegistry: at('01'), nvidiaEndorsements: at('02'), nvidiaRims: at('03') } as never
const RIMS = at('03')
const call = { providerId: PROVIDER, evidence: '0x', challengeBlock: 1n, possessionSignature: '0x' } as const

interface Answer {
  readonly status: number
  readonly thisUpdate: number
  readonly nextUpdate: number
}

/** The node's own: an hour old. */
const own: Answer = { status: GOOD, thisUpdate: AT - 3600, nextUpdate: AT + 86_400 }

let evidence: GpuEvidence
/** Ids: of certificates by their DER, of what the verifier asks for. */
let ids: Map<Hex, Hex>
let platformId: Hex
let [leaf, rims, answered]: [Hex, readonly Hex[], readonly Hex[]] = ['0x', [], []]

beforeAll(async () => {
  const gpu = await createSimulatedGpu({ now: AT })
  const nonce = new Uint8Array(32)
  evidence = (await gpu.issueEvidence(nonce, AT)) as GpuEvidence
  platformId = keccak256((await assertGpuAccepted(evidence, nonce, AT, true)).platformId)
  const { driverRim, vbiosRim, certificates } = evidence
  if (driverRim === undefined) throw new Error('no driver')
  const manifests = await Promise.all([driverRim, vbiosRim].map((rim) => readNvidiaRim(rim)))
  ids = new Map()
  for (const chain of [certificates, ...manifests.map((rim) => rim.certificates)])
    for (const [place, id] of nvidiaKeyIds(chain).entries()) ids.set(bytesToHex(chain[place] ?? new Uint8Array()), id)
  rims = manifests.map(nvidiaRimId)
  leaf = nvidiaKeyIds(certificates)[0] ?? '0x'
  const [device, signers] = [nvidiaKeyIds(certificates), manifests.map((rim) => nvidiaKeyIds(rim.certificates))]
  answered = [...new Set([...device.slice(1, -1), ...signers.flatMap((chain) => chain.slice(0, -1))])]
})

/** NVIDIA's stores and the registry behind an RPC endpoint: verdicts like theirs, without their cryptography. */
function fakeChain() {
  const state = {
    known: new Set<Hex>(),
    answers: new Map<Hex, Answer>(),
    holder: zeroHash as Hex,
    deniedAt: 0,
    sent: [] as string[],
  }
  const refuse = (code: ReasonCode) => {
    throw new ChainError(code)
  }
  const need = (id: Hex, code: ReasonCode) => state.known.has(id) || refuse(code)
  const verifier = () => {
    need(leaf, 'NVIDIA_CERTIFICATE_MISSING')
    for (const rim of rims) need(rim, 'NVIDIA_RIM_MISSING')
    for (const id of answered) {
      const answer = state.answers.get(id) ?? refuse('NVIDIA_OCSP_MISSING')
      if (answer && answer.status !== GOOD) refuse('NVIDIA_CERTIFICATE_STATUS_UNKNOWN')
      if (answer && answer.nextUpdate < AT) refuse('NVIDIA_OCSP_EXPIRED')
    }
    if (state.deniedAt !== 0) refuse('REGISTRY_PLATFORM_DENIED')
    if (state.holder !== zeroHash) refuse('REGISTRY_PLATFORM_IN_USE')
  }
  const simulate: ChainClients['simulate'] = async (_, { address, functionName, args }) => {
    if (functionName === 'bindGpu') return verifier()
    if (functionName === 'registerRoot') return
    const [id] = args as NvidiaUpload['args']
    need(id ?? '0x', address === RIMS ? 'NVIDIA_RIM_CERTIFICATE_MISSING' : 'NVIDIA_CERTIFICATE_MISSING')
    const stored = functionName === 'uploadOcsp' && id && state.answers.get(id)
    if (stored && stored.thisUpdate > own.thisUpdate) refuse('NVIDIA_OCSP_ROLLBACK')
  }
  const keep = ({ functionName, args }: ContractWrite) => {
    const [first = '0x', second = '0x', digest = '0x'] = args as readonly Hex[]
    if (functionName === 'uploadOcsp') return state.answers.set(first, own)
    if (functionName === 'uploadRim') return state.known.add(keccak256(`${first}${digest.slice(2)}`))
    return state.known.add(ids.get(functionName === 'registerRoot' ? first : second) ?? '0x')
  }
  const send: ChainClients['send'] = async (what, write) => {
    await simulate(what, write)
    state.sent.push(write.functionName)
    if (write.functionName !== 'bindGpu') keep(write)
    return zeroHash
  }
  const readContract = async ({
    functionName,
    args: [id, , platform] = [],
  }: {
    functionName: string
    args?: Hex[]
  }) => {
    const answer = state.answers.get(id ?? '0x')
    const views: Record<string, () => unknown> = {
      attestationKeyOf: () => need(id ?? '0x', 'NVIDIA_CERTIFICATE_MISSING'),
      rimOf: () => need(id ?? '0x', 'NVIDIA_RIM_MISSING'),
      ocspAnswers: () => [answer?.status ?? 0, BigInt(answer?.thisUpdate ?? 0), BigInt(answer?.nextUpdate ?? 0)],
      holderOf: () => (id === platformId ? state.holder : zeroHash),
      ROUTER: () => at('04'),
      standingOf: () => [0, platform === platformId ? state.deniedAt : 0],
    }
    return views[functionName]?.()
  }
  const reads = { readContract, getBlock: async () => ({ timestamp: BigInt(AT) }) }
  const clients = { simulate, send, public: reads } as unknown as ChainClients
  const { bindGpu } = createGpuBinding(clients, contracts)
  return Object.assign(state, {
    bind: (renews = false) => bindGpu({ ...call, platformId }, evidence, renews),
    /** What was sent since the last time. */
    take: () => state.sent.splice(0),
  })
}

/** A chain on which the GPU has been bound. */
async function boundChain() {
  const chain = fakeChain()
  await chain.bind()
  return Object.assign(chain, { first: chain.take() })
}

describe('bindGpu', () => {
  test('brings everything to empty stores, each of it once', async () => {
    const { first } = await boundChain()
    const count = (name: string) => first.filter((one) => one === name).length
    expect(count('uploadRim')).toBe(2)
    expect(count('registerAttestationKey')).toBe(1)
    expect(count('registerRoot')).toBe(2)
    expect(count('registerSigner')).toBe(1)
    expect(count('uploadOcsp')).toBe(answered.length)
    expect(first.at(-1)).toBe('bindGpu')
  })

  test('sends nothing else where nothing is lacking', async () => {
    const chain = await boundChain()
    await chain.bind()
    expect(chain.take()).toEqual(['bindGpu'])
  })

  test('brings only the document that is lacking', async () => {
    const chain = await boundChain()
    chain.known.delete(rims[1] ?? '0x')
    await chain.bind()
    expect(chain.take()).toEqual(['uploadRim', 'bindGpu'])
    chain.known.delete(leaf)
    await chain.bind()
    expect(chain.take()).toEqual(['registerAttestationKey', 'bindGpu'])
  })

  test('a newer answer of someone else stops no renewal', async () => {
    const chain = await boundChain()
    const again = fakeChain()
    again.known = chain.known
    for (const id of answered) again.answers.set(id, own)
    again.answers.set(answered[0] ?? '0x', { ...own, thisUpdate: AT - 60 })
    await again.bind(true)
    const uploads = answered.slice(1).map(() => 'uploadOcsp')
    expect(again.take()).toEqual([...uploads, 'bindGpu'])
    await again.bind(true)
    expect(again.take()).toEqual(['bindGpu'])
  })

  test('error: NVIDIA_CERTIFICATE_STATUS_UNKNOWN by a newer answer, again and again, costs nothing', async () => {
    const chain = await boundChain()
    chain.answers.set(answered[0] ?? '0x', { ...own, status: UNKNOWN, thisUpdate: AT - 60 })
    for (let retry = 0; retry < 3; retry++)
      await expect(chain.bind()).rejects.toMatchObject({ code: 'NVIDIA_CERTIFICATE_STATUS_UNKNOWN' })
    expect(chain.take()).toEqual([])
  })

  test('an older answer than the node’s is replaced, alone', async () => {
    const chain = fakeChain()
    chain.known = (await boundChain()).known
    for (const id of answered) chain.answers.set(id, own)
    chain.answers.set(answered[0] ?? '0x', { ...own, status: UNKNOWN, thisUpdate: AT - 7200 })
    await chain.bind()
    expect(chain.take()).toEqual(['uploadOcsp', 'bindGpu'])
  })

  test.each<[ReasonCode, Partial<ReturnType<typeof fakeChain>>]>([
    ['REGISTRY_PLATFORM_IN_USE', { holder: OTHER }],
    ['REGISTRY_PLATFORM_DENIED', { deniedAt: AT }],
  ])('error: %s before anything is paid for', async (code, change) => {
    const chain = Object.assign(fakeChain(), change)
    await expect(chain.bind()).rejects.toMatchObject({ code })
    expect(chain.take()).toEqual([])
  })
})
