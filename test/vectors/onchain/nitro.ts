import {
  encodeNitroEvidence,
  enumNumber,
  nitroCertificatesOf,
  nitroEndorsementsAbi,
  nitroMeasurement,
  nitroUploads,
  TEE_KINDS,
} from '@spartan/abi'
import {
  AWS_NITRO_ROOT_G1,
  type NitroClaims,
  type NitroTrustAnchor,
  parseNitro,
  vectorsNitroPolicy,
  verifyNitroChain,
  verifyNitroEvidence,
} from '@spartan/attestation'
import { bytesToHex, parseEventLogs, zeroHash } from 'viem'
import { startNitro } from '../../support/nitroWorld.ts'
import { codeOf } from '../../support/vendorChain.ts'
import { derOf, fileOf, filesOf, type VectorEntry } from '../support/manifest.ts'
import type { OnchainAdapter, Outcome, Verdict } from './types.ts'

const NONE = new Uint8Array()
const REPORT_DATA_BYTES = 64

/** Everything that a contract leaves to the appraisal policy is accepted. Published entries come without CRLs. */
const NO_POLICY = {
  ...vectorsNitroPolicy({ pcrs: 'any', publicKey: 'any', userData: 'any', nonce: 'any' }),
  debug: 'accept',
  maxClockSkewSeconds: Number.MAX_SAFE_INTEGER,
  dangerouslySkip: ['crl'],
} as const

/** AWS Nitro: whole documents, and one bundle of certificates alone. */
export const nitroAdapter: OnchainAdapter = {
  family: 'nitro',
  run: (entry) => (entry.id.startsWith('nitro/certs-') ? runBundle(entry) : runDocument(entry)),
}

/** Exact seconds, with fractions: documents are judged at their own timestamp. */
const timeOf = (entry: VectorEntry) => Date.parse(entry.verify_at ?? '') / 1000

const ownRootOf = (entry: VectorEntry) => {
  const pem = fileOf(entry, 'trusted_root.pem')
  return pem && derOf(pem)
}

function anchorsOf(entry: VectorEntry): readonly NitroTrustAnchor[] {
  const own = ownRootOf(entry)
  return own ? [{ certificate: own, simulated: true }] : [AWS_NITRO_ROOT_G1]
}

async function runDocument(entry: VectorEntry): Promise<Outcome> {
  const document = fileOf(entry, 'cose_sign1.cbor') ?? NONE
  return { library: await libraryOf(entry, document), contract: await contractOf(entry, document) }
}

async function libraryOf(entry: VectorEntry, evidence: Uint8Array): Promise<Verdict> {
  const result = await verifyNitroEvidence({
    evidence,
    endorsements: {},
    at: timeOf(entry),
    trustAnchors: anchorsOf(entry),
    policy: NO_POLICY,
  })
  return result.verdict === 'refused' ? { code: result.reasonCode } : { claims: claimsOf(result.claims) }
}

/** The library's claims as the contract has to say them. */
function claimsOf({ measurements, reportData, simulated, earliestExpiry }: NitroClaims) {
  const pcrs = new Map(Object.entries(measurements).map(([name, value]) => [Number(name.slice(3)), value] as const))
  const debug = [0, 1, 2].every((index) => pcrs.get(index)?.every((byte) => byte === 0) ?? true)
  const bound = reportData.length === REPORT_DATA_BYTES
  return {
    teeKind: `${enumNumber(TEE_KINDS, 'Nitro')}`,
    simulated: `${simulated}`,
    flags: debug ? '1' : '0',
    measurement: nitroMeasurement(pcrs),
    platformId: zeroHash,
    reportDataHigh: bound ? bytesToHex(reportData.subarray(0, 32)) : zeroHash,
    reportDataLow: bound ? bytesToHex(reportData.subarray(32)) : zeroHash,
    earliestExpiry: `${earliestExpiry}`,
  }
}

/** Certificates are registered when the document was made, and it is judged at the entry's time. */
async function contractOf(entry: VectorEntry, document: Uint8Array): Promise<Verdict> {
  const [at, made] = [Math.floor(timeOf(entry)), madeAt(document)]
  const chain = await startNitro(Math.min(at, made ?? at))
  try {
    const nitro = await chain.deploy({ simulationRoot: ownRootOf(entry), dangerouslySkipRevocation: true })
    const { evidence } = await encodeNitroEvidence(document)
    await nitro.parse(evidence)
    await nitro.register({ certificates: nitroCertificatesOf(document), crls: new Map() })
    const { timestamp } = await chain.client.getBlock()
    if (at > timestamp) await chain.travelTo(at)
    const claims = await nitro.verify(evidence)
    const { measurement, platformId, reportDataHigh, reportDataLow } = claims
    return {
      claims: {
        teeKind: `${claims.teeKind}`,
        simulated: `${claims.simulated}`,
        flags: `${claims.flags}`,
        measurement,
        platformId,
        reportDataHigh,
        reportDataLow,
        earliestExpiry: `${claims.earliestExpiry}`,
      },
    }
  } catch (error) {
    return { code: codeOf(error) }
  } finally {
    await chain.close()
  }
}

/** Unix seconds; undefined for what is no document. */
function madeAt(bytes: Uint8Array): number | undefined {
  try {
    return Math.floor(parseNitro(bytes).document.timestampMs / 1000)
  } catch {
    return undefined
  }
}

/** A bundle without a document: registering is all that the contract does with it. */
async function runBundle(entry: VectorEntry): Promise<Outcome> {
  const certificates = filesOf(entry, '.der')
  const chain = await startNitro(Math.floor(timeOf(entry)))
  try {
    const library = await verifyNitroChain({
      cabundle: certificates,
      endorsements: {},
      at: timeOf(entry),
      trustAnchors: anchorsOf(entry),
      dangerouslySkip: ['crl'],
    }).then(
      ({ earliestExpiry }): Verdict => ({ claims: { earliestExpiry: `${earliestExpiry}` } }),
      (error): Verdict => ({ code: codeOf(error) }),
    )
    return { library, contract: await bundleOnchain(chain, certificates) }
  } finally {
    await chain.close()
  }
}

async function bundleOnchain(
  chain: Awaited<ReturnType<typeof startNitro>>,
  certificates: readonly Uint8Array[],
): Promise<Verdict> {
  const nitro = await chain.deploy({ dangerouslySkipRevocation: true })
  const ends: bigint[] = []
  try {
    for (const call of await nitroUploads({ certificates, crls: new Map() }, { isBundle: true })) {
      await nitro.upload(call)
      const { number } = await chain.client.getBlock()
      const logs = await chain.client.getLogs({ address: nitro.store.address, fromBlock: number, toBlock: number })
      for (const { args } of parseEventLogs({ abi: nitroEndorsementsAbi, logs, eventName: 'CertificateRegistered' })) {
        ends.push(args.notAfter)
      }
    }
  } catch (error) {
    return { code: codeOf(error) }
  }
  const [first = 0n, ...rest] = ends
  return { claims: { earliestExpiry: `${rest.reduce((least, end) => (end < least ? end : least), first)}` } }
}
