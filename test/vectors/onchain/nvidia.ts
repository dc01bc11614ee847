import { enumNumber, type NvidiaRimParts, nvidiaMeasurement, nvidiaTcb, TEE_KINDS } from '@spartan/abi'
import {
  NVIDIA_DEVICE_ROOT,
  type NvidiaClaims,
  pairRims,
  parseNvidiaEvidence,
  readNvidiaRim,
  vectorsNvidiaPolicy,
  verifyNvidiaEvidence,
  verifyRim,
} from '@spartan/attestation'
import { bytesToHex, type Hex, hexToBytes, hexToString, keccak256, padHex, stringToHex } from 'viem'
import { NVIDIA_VECTOR_REASONS } from '../../../apps/node/src/commands/evidence/vectors/reasons/nvidia.ts'
import { type NvidiaChain, type NvidiaStores, startNvidia } from '../../support/nvidiaWorld.ts'
import { codeOf } from '../../support/vendorChain.ts'
import { comparedRims, type NvidiaVector, nvidiaVectors } from '../support/nvidiaVectors.ts'
import type { OnchainAdapter, Outcome, Verdict } from './types.ts'

/** Before every entry: the chain goes on to the entry's own time and back. */
const BEFORE_ALL = Date.UTC(2023, 0, 1) / 1000
const DIGEST_BYTES = 48

interface World {
  readonly chain: NvidiaChain
  readonly stores: NvidiaStores
  /** Time of the chain's last block, Unix seconds. */
  now: number
}

let world: Promise<World> | undefined

/** One chain for all entries. No entry carries OCSP responses, and most no manifests: both are skipped by name, on both sides. */
async function startWorld(): Promise<World> {
  const chain = await startNvidia(BEFORE_ALL)
  const stores = await chain.deploy({ dangerouslySkipRevocation: true, dangerouslySkipRims: true })
  await chain.keep()
  return { chain, stores, now: BEFORE_ALL }
}

/** NVIDIA GPUs and switches: evidence, and reference manifests on their own. */
export const nvidiaAdapter: OnchainAdapter = {
  family: 'nvidia-gpu',
  run: async (entry) => {
    const all = nvidiaVectors()
    const vector = all.find(({ name }) => `nvidia-gpu/${name}` === entry.id)
    if (!vector) return { notApplicable: 'roots alone: there is nothing to verify' }
    world ??= startWorld()
    return judge(vector, all, await world)
  },
}

/** Stores keep what earlier entries uploaded, each under its own hash, until an entry lies before the chain's time. */
async function travelTo(world: World, at: number): Promise<void> {
  if (at < world.now) await world.chain.reset()
  await world.chain.travelTo(at)
  world.now = at
}

async function judge(vector: NvidiaVector, all: readonly NvidiaVector[], world: World): Promise<Outcome> {
  const { stores } = world
  const atTime = async (judged: NvidiaVector, onchain: () => Promise<Verdict>): Promise<Verdict> => {
    await travelTo(world, judged.at)
    return onchain().catch((error) => ({ code: codeOf(error) }))
  }
  const { rim } = vector
  if (!rim) {
    const rims = await rimsOf(vector, all)
    return {
      library: await libraryOf(vector, rims),
      contract: await atTime(vector, () => contractOf(stores, vector, rims)),
    }
  }
  // Genuine by itself: the evidence that names it must be refused with it.
  const partner = isGenuineMismatch(vector) && all.find((other) => isNegativeFor(other, vector))
  if (partner) {
    return {
      library: await libraryOf(partner, [rim]),
      contract: await atTime(partner, () => contractOf(stores, partner, [rim])),
    }
  }
  return {
    library: await libraryOfRim(vector, rim),
    contract: await atTime(vector, () => contractOfRim(stores, rim)),
  }
}

const isGenuineMismatch = ({ expected }: NvidiaVector) =>
  expected.verdict === 'fail' && NVIDIA_VECTOR_REASONS[expected.reason ?? ''] === 'NVIDIA_MEASUREMENT_MISMATCH'

const isNegativeFor = (other: NvidiaVector, { name }: NvidiaVector) =>
  other.evidence !== undefined &&
  other.expected.verdict === 'fail' &&
  name in (other.expected.fields.rim_comparison ?? {})

/** Manifests to judge evidence with: those that it is said to meet; of negative evidence all that are authentic. */
async function rimsOf(vector: NvidiaVector, all: readonly NvidiaVector[]): Promise<readonly Uint8Array[]> {
  const { verdict, fields } = vector.expected
  const named = comparedRims(vector, all).filter(({ name }) => {
    return verdict === 'fail' || fields.rim_comparison?.[name]?.mismatched_indexes.length === 0
  })
  const { usable } = await pairRims(named, vector)
  return usable.map(({ document }) => document)
}

async function libraryOf(vector: NvidiaVector, rims: readonly Uint8Array[]): Promise<Verdict> {
  const { evidence, at, trustAnchors, expected } = vector
  if (!evidence) throw new Error(`${vector.name} has no evidence`)
  const nonce = expected.nonce ? { expected: expected.nonce } : ('any' as const)
  const dangerouslySkip = ['ocsp', 'driver-rim', 'vbios-rim', 'rim-ocsp'] as const
  const policy = { ...vectorsNvidiaPolicy({ nonce }), dangerouslySkip }
  const result = await verifyNvidiaEvidence({ evidence, endorsements: { rims }, at, trustAnchors, policy })
  return result.verdict === 'refused' ? { code: result.reasonCode } : { claims: claimsOf(result.claims) }
}

/** The library's claims as the contract has to say them. */
function claimsOf(claims: NvidiaClaims): Readonly<Record<string, string>> {
  const { driverVersion, vbiosVersion, protectedPcie, mode } = claims
  const chip = claims.product.replace('NVIDIA ', '')
  return {
    teeKind: `${enumNumber(TEE_KINDS, 'NvidiaGpu')}`,
    product: padHex(stringToHex(chip), { size: 32, dir: 'right' }),
    simulated: `${claims.simulated}`,
    flags: claims.secureBoot ? '0' : '1',
    measurement: nvidiaMeasurement({ chip, driverVersion, vbiosVersion, mode, protectedPcie }),
    platformId: keccak256(claims.platformId),
    nonce: bytesToHex(claims.reportData),
    tcb: nvidiaTcb(claims),
    earliestExpiry: `${claims.earliestExpiry}`,
  }
}

async function contractOf(stores: NvidiaStores, vector: NvidiaVector, rims: readonly Uint8Array[]): Promise<Verdict> {
  if (!vector.evidence) throw new Error(`${vector.name} has no evidence`)
  const { opaque, certificates: parsed } = parseNvidiaEvidence(vector.evidence)
  // Some chains come without their root, which the store wants.
  const last = parsed.at(-1)
  const root = last && last.issuer === last.subject ? [] : [NVIDIA_DEVICE_ROOT.certificate]
  const certificates = [...parsed.map(({ document }) => document.bytes), ...root]
  await stores.uploadDevice(certificates, [])
  const found: { driverRim?: NvidiaRimParts; vbiosRim?: NvidiaRimParts } = {}
  for (const document of rims) {
    const parts = await readNvidiaRim(document)
    await stores.uploadRim(parts, [])
    const text = new TextDecoder().decode(parts.signedContent)
    const isDriver = text.includes(`colloquialVersion="${opaque.driverVersion}"`)
    found[isDriver ? 'driverRim' : 'vbiosRim'] = parts
  }
  const given = { report: vector.evidence.report, certificates, ocsp: [], rimOcsp: [], ...found }
  const claims = await stores.verify(await stores.evidenceOf(given))
  // Whose nonce it has to be is for the caller of the verifier to say.
  const nonce = vector.expected.nonce
  if (nonce && claims.reportDataHigh !== `0x${nonce.toLowerCase()}`) return { code: 'NVIDIA_NONCE_MISMATCH' }
  const { product, measurement, platformId, reportDataHigh, tcb } = claims
  const words = { product, measurement, platformId, nonce: reportDataHigh, tcb }
  const { teeKind, simulated, flags, earliestExpiry } = claims
  const numbers = { teeKind: `${teeKind}`, flags: `${flags}`, earliestExpiry: `${earliestExpiry}` }
  return { claims: { ...words, ...numbers, simulated: `${simulated}` } }
}

async function libraryOfRim({ at, trustAnchors }: NvidiaVector, document: Uint8Array): Promise<Verdict> {
  const input = { document, at, trustAnchors, ocsp: [], revocation: 'dangerouslySkip' } as const
  try {
    const { content, chain } = await verifyRim(input)
    const active = content.measurements.filter((measurement) => measurement.active)
    const values = active.map(({ index, values: alternatives }) => [
      index,
      alternatives.map((value) => bytesToHex(value)).join(' '),
    ])
    return {
      claims: {
        edition: content.edition,
        product: content.product,
        version: content.version,
        simulated: `${chain.simulated}`,
        earliestExpiry: `${chain.earliestExpiry}`,
        ...Object.fromEntries(values),
      },
    }
  } catch (error) {
    return { code: codeOf(error) }
  }
}

async function contractOfRim(stores: NvidiaStores, document: Uint8Array): Promise<Verdict> {
  const rimId = await stores.uploadRim(await readNvidiaRim(document), [])
  const [{ edition, product, version, active, measurements }, simulated, earliestExpiry] = await stores.rimOf(rimId)
  const values = readPacked(measurements)
  const bits = values.reduce((sum, [index]) => sum | (1n << BigInt(index)), 0n)
  if (bits !== active) throw new Error('the bits of the manifest are not those of its values')
  return {
    claims: {
      edition: ['', 'GPU', 'SWITCH'][edition] ?? '',
      product: textOf(product),
      version: textOf(version),
      simulated: `${simulated}`,
      earliestExpiry: `${earliestExpiry}`,
      ...Object.fromEntries(values),
    },
  }
}

const textOf = (word: Hex) => hexToString(word, { size: 32 })

/** Index and alternatives of each active measurement, as `NvidiaRimDocument` packs them. */
function readPacked(packed: Hex): readonly (readonly [index: number, values: string])[] {
  const bytes = hexToBytes(packed)
  const found: [number, string][] = []
  for (let at = 0; at < bytes.length; ) {
    const [index = 0, count = 0] = bytes.subarray(at, at + 2)
    const starts = Array.from({ length: count }, (_, place) => at + 2 + place * DIGEST_BYTES)
    found.push([index, starts.map((start) => bytesToHex(bytes.subarray(start, start + DIGEST_BYTES))).join(' ')])
    at += 2 + count * DIGEST_BYTES
  }
  return found
}
