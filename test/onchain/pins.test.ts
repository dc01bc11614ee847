/** What the stores trust from the start, read off their deployment: the very certificates and keys that the library has. */
import { endorsementStoreAbi, nitroEndorsementsAbi, nvidiaEndorsementsAbi, nvidiaRimsAbi } from '@spartan/abi'
import { NVIDIA_DEVICE_ROOT, NVIDIA_RIM_ROOT } from '@spartan/attestation/nvidia'
import { network } from 'hardhat'
import { type Hex, keccak256, parseEventLogs, zeroAddress, zeroHash } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AMD_ROOTS } from '../../packages/attestation/src/roots/amd.ts'
import { AMD_INTERMEDIATES } from '../../packages/attestation/src/roots/amdIntermediates.ts'
import { AWS_NITRO_ROOT_G1 } from '../../packages/attestation/src/roots/aws.ts'
import { INTEL_SGX_ROOT } from '../../packages/attestation/src/roots/intel.ts'

const start = () => network.create('local')
let chain: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
  chain = await start()
})
afterAll(() => chain.close())

/** No certificate is verified here. */
const CRYPTO = {
  sha384: zeroAddress,
  p384: zeroAddress,
  tables: zeroAddress,
  rsaPss: zeroAddress,
  parser: zeroAddress,
} as const
const SIMULATED = `0x${'5a'.repeat(32)}` as const

type Pins = readonly { readonly certificateHash: Hex; readonly simulated: boolean }[]

const vendor = (...certificates: readonly Uint8Array[]): Pins =>
  certificates.map((certificate) => ({ certificateHash: keccak256(certificate), simulated: false }))

/** Every pin of a deployment, in the order of the hashes. */
async function pinsOf(name: string, args: readonly unknown[]): Promise<{ address: Hex; pins: Pins }> {
  const { contract, deploymentTransaction } = await chain.viem.sendDeploymentTransaction(name, [...args])
  const client = await chain.viem.getPublicClient()
  const { logs } = await client.waitForTransactionReceipt({ hash: deploymentTransaction.hash })
  const events = parseEventLogs({ abi: nitroEndorsementsAbi, eventName: 'CertificatePinned', logs })
  expect(events.length).toBe(logs.length)
  return { address: contract.address, pins: sorted(events.map((event) => event.args)) }
}

const sorted = (pins: Pins): Pins => pins.toSorted((a, b) => (a.certificateHash < b.certificateHash ? -1 : 1))

test('AMD: root, ASK and ASVK of every line, nothing else', async () => {
  const { pins } = await pinsOf('SnpEndorsements', [CRYPTO, false, [], false])
  const intermediates = Object.values(AMD_INTERMEDIATES).flatMap(({ vcek, vlek }) => [vcek, vlek])
  expect(pins).toEqual(sorted(vendor(...AMD_ROOTS.map(({ certificate }) => certificate), ...intermediates)))
  expect(pins.length).toBe(9)
})

test('AWS: root G1, nothing else', async () => {
  const { address, pins } = await pinsOf('NitroEndorsements', [CRYPTO, false, [], false])
  expect(pins).toEqual(vendor(AWS_NITRO_ROOT_G1.certificate))
  const client = await chain.viem.getPublicClient()
  const read = { address, abi: nitroEndorsementsAbi, functionName: 'AWS_ROOT_G1' } as const
  expect(await client.readContract(read)).toBe(keccak256(AWS_NITRO_ROOT_G1.certificate))
})

test('NVIDIA: the device root and the root of manifests, each in its own store', async () => {
  const client = await chain.viem.getPublicClient()
  const devices = await pinsOf('NvidiaEndorsements', [CRYPTO, zeroAddress, false, [], false])
  expect(devices.pins).toEqual(vendor(NVIDIA_DEVICE_ROOT.certificate))
  const device = { address: devices.address, abi: nvidiaEndorsementsAbi, functionName: 'NVIDIA_DEVICE_ROOT' } as const
  expect(await client.readContract(device)).toBe(keccak256(NVIDIA_DEVICE_ROOT.certificate))
  const rims = await pinsOf('NvidiaRims', [CRYPTO, zeroAddress, false, [], false])
  expect(rims.pins).toEqual(vendor(NVIDIA_RIM_ROOT.certificate))
  const rim = { address: rims.address, abi: nvidiaRimsAbi, functionName: 'NVIDIA_RIM_ROOT' } as const
  expect(await client.readContract(rim)).toBe(keccak256(NVIDIA_RIM_ROOT.certificate))
})

test('Intel: the key of its root; no simulation root', async () => {
  const store = await chain.viem.deployContract('EndorsementStore', [false, zeroHash, zeroHash])
  const client = await chain.viem.getPublicClient()
  const contract = { address: store.address, abi: endorsementStoreAbi } as const
  const key = keccak256(INTEL_SGX_ROOT.publicKey.subarray(1))
  expect(await client.readContract({ ...contract, functionName: 'INTEL_ROOT_ID' })).toBe(key)
  expect(await client.readContract({ ...contract, functionName: 'simulationRootId' })).toBe(zeroHash)
})

test.each(['SnpEndorsements', 'NitroEndorsements', 'NvidiaEndorsements', 'NvidiaRims'])(
  '%s: a simulation root is pinned as one',
  async (name) => {
    const parser = name.startsWith('Nvidia') ? [zeroAddress] : []
    const { pins } = await pinsOf(name, [CRYPTO, ...parser, true, [SIMULATED], false])
    expect(pins.filter(({ simulated }) => simulated)).toEqual([{ certificateHash: SIMULATED, simulated: true }])
  },
)
