import {
  ANY_SNP_PRODUCT,
  type AttestationResult,
  marketplaceCcaPolicy,
  marketplaceNitroPolicy,
  marketplaceSgxPolicy,
  marketplaceSnpPolicy,
  marketplaceTdxPolicy,
  parseCca,
  parseNitro,
  parseNvidiaEvidence,
  prepareDcapEndorsements,
  prepareSnpChain,
  type SnpPolicy,
  verifyCcaEvidence,
  verifyNitroEvidence,
  verifyNvidiaEvidence,
  verifySgxEvidence,
  verifySnpEvidence,
  verifyTdxEvidence,
} from '@spartan/attestation'
import {
  createCcaPlatform,
  createNitroRoot,
  createSimulationRoot,
  createSnpSimulation,
  createVtpm,
  type QuoteOptions,
  workload,
} from '@spartan/simulator'
import { simulatedCase } from '../../packages/attestation/src/nvidia/test/simulated.ts'

/** One format of evidence with a good piece of it, for the properties that hold for all. */
export interface FuzzFormat {
  readonly name: string
  readonly good: Uint8Array
  /** Byte ranges that a signature covers, end exclusive. */
  readonly signed: readonly (readonly [start: number, stop: number])[]
  readonly judge: (evidence: Uint8Array) => Promise<AttestationResult>
}

const NOW = Date.UTC(2026, 5, 1) / 1000

/** The same platform for every DCAP quote, with endorsements prepared once: what a quote says is what is fuzzed. */
async function dcap(tee: 'sgx' | 'tdx') {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'fuzz', ppid: '00112233445566778899aabbccddeeff' })
  const trustAnchors = [{ publicKey: root.publicKey, simulated: true }]
  const issued = await platform.endorsements(tee === 'sgx' ? { sgx: { tcbInfoVersion: 3 } } : {})
  const endorsements = await prepareDcapEndorsements({ tee, endorsements: issued, at: NOW, trustAnchors })
  return { platform, given: { endorsements, at: NOW, trustAnchors } }
}

async function tdxQuote(name: string, signedEnd: number, options: Partial<QuoteOptions>): Promise<FuzzFormat> {
  const { platform, given } = await dcap('tdx')
  const good = await platform.issueQuote({ ...(await workload('fuzz')), reportData: new Uint8Array(64), ...options })
  const policy = marketplaceTdxPolicy({ measurements: 'any', reportData: 'any' })
  return {
    name,
    good,
    signed: [[0, signedEnd]],
    judge: (evidence) => verifyTdxEvidence({ ...given, evidence, policy }),
  }
}

const tdxV4 = () => tdxQuote('TDX quote v4', 632, {})
const tdxV5 = () => tdxQuote('TDX quote v5 with a TD 1.5', 702, { version: 5, td15: {} })

async function sgxQuote(name: string, signedEnd: number, version: 3 | 5): Promise<FuzzFormat> {
  const { platform, given } = await dcap('sgx')
  const good = await platform.issueSgxQuote({ version, reportData: new Uint8Array(64) })
  const policy = marketplaceSgxPolicy({ measurements: 'any', reportData: 'any' })
  return {
    name,
    good,
    signed: [[0, signedEnd]],
    judge: (evidence) => verifySgxEvidence({ ...given, evidence, policy }),
  }
}

const sgxV3 = () => sgxQuote('SGX quote v3', 432, 3)
const sgxV5 = () => sgxQuote('SGX quote v5', 438, 5)

const ccaLegacy = () => ccaToken('legacy', 'eat')
const cca2024 = () => ccaToken('2024', 'cmw')

async function ccaToken(profile: 'legacy' | '2024', collection: 'eat' | 'cmw'): Promise<FuzzFormat> {
  const platform = await createCcaPlatform()
  const good = await platform.issueToken({ challenge: new Uint8Array(64).fill(7), profile, collection })
  const tokens = parseCca(good)
  const anything = { platforms: 'any', realms: 'any', personalizationValue: 'any', challenge: 'any' } as const
  return {
    name: `CCA token of profile ${profile}`,
    good,
    signed: [tokens.platform.message, tokens.realm.message].flatMap(signedRanges),
    judge: (evidence) =>
      verifyCcaEvidence({
        evidence,
        at: NOW,
        trustAnchors: [platform.trustAnchor],
        policy: marketplaceCcaPolicy(anything),
      }),
  }
}

async function nitroDocument(): Promise<FuzzFormat> {
  const root = await createNitroRoot({ now: NOW })
  const good = await root.issueDocument({ indefinite: true, userData: new Uint8Array(64).fill(7) })
  const endorsements = await root.endorsements()
  const anything = { pcrs: 'any', publicKey: 'any', userData: 'any', nonce: 'any' } as const
  return {
    name: 'AWS Nitro document',
    good,
    signed: signedRanges(parseNitro(good).message),
    judge: (evidence) =>
      verifyNitroEvidence({
        evidence,
        endorsements,
        at: NOW,
        trustAnchors: [root.trustAnchor],
        policy: marketplaceNitroPolicy(anything),
      }),
  }
}

async function nvidiaReport(): Promise<FuzzFormat> {
  const gpu = await simulatedCase()
  const { report: good, certificateChain } = gpu.evidence
  const { signedBytes, signature } = parseNvidiaEvidence(gpu.evidence).report
  return {
    name: 'NVIDIA report',
    good,
    signed: [[0, signedBytes.length + signature.length]],
    judge: (report) => verifyNvidiaEvidence({ ...gpu, evidence: { report, certificateChain } }),
  }
}

/** A chip of the Genoa line under a chain that was verified before. */
async function snpChip() {
  const vendor = await createSnpSimulation({ now: NOW, product: 'Genoa' })
  const machine = await vendor.createMachine()
  const chain = await prepareSnpChain({
    endorsements: await machine.endorsements(),
    at: NOW,
    trustAnchors: [{ certificate: vendor.ark.certificate, simulated: true }],
    dangerouslySkip: [],
  })
  const anything = { measurements: 'any', reportData: 'any', minTcb: ANY_SNP_PRODUCT, vtpm: 'any' } as const
  const policy: SnpPolicy = { ...marketplaceSnpPolicy(anything), acceptedTcbStatuses: ['UpToDate', 'Unknown'] }
  const judge = (evidence: Uint8Array) => verifySnpEvidence({ evidence, chain, at: NOW, policy })
  return { machine, judge }
}

/** Signed part, r and s without their padding. */
const SNP_SIGNED = [
  [0, 0x2a0],
  [0x2a0, 0x2d0],
  [0x2e8, 0x318],
] as const

async function snpReport(): Promise<FuzzFormat> {
  const { machine, judge } = await snpChip()
  return { name: 'SNP report', good: await machine.issueReport(), signed: SNP_SIGNED, judge }
}

async function snpHclReport(): Promise<FuzzFormat> {
  const { machine, judge } = await snpChip()
  const vtpm = await createVtpm()
  const padded = await vtpm.issueHclReport(machine)
  // Zeros may follow, so cutting some of them off changes nothing.
  const good = padded.subarray(0, 1236 + vtpm.runtimeData.length)
  const report = SNP_SIGNED.map(([start, stop]) => [32 + start, 32 + stop] as const)
  const signed = [...report, [1236, good.length] as const]
  return { name: 'SNP report in Azure’s HCL report', good, signed, judge }
}

/** Payload and signature of a message, which are views of the evidence. */
function signedRanges({ payload, signature }: { readonly payload: Uint8Array; readonly signature: Uint8Array }) {
  return [payload, signature].map(({ byteOffset, length }) => [byteOffset, byteOffset + length] as const)
}

/** Every format of evidence. */
export const FUZZ_FORMATS: readonly (() => Promise<FuzzFormat>)[] = [
  tdxV4,
  tdxV5,
  sgxV3,
  sgxV5,
  ccaLegacy,
  cca2024,
  nitroDocument,
  nvidiaReport,
  snpReport,
  snpHclReport,
]
