import { CLAIM_FLAGS, type ClaimFlag, snpMeasurement, snpPlatformId, snpProductTag } from '@spartan/abi'
import {
  ANY_SNP_PRODUCT,
  type SnpClaims,
  type SnpPolicy,
  type SnpTcb,
  vectorsSnpPolicy,
  verifySnpEvidence,
} from '@spartan/attestation/snp'
import { bytesToHex, type Hex, zeroHash } from 'viem'
import { SNP_VECTOR_REASONS } from '../../../apps/node/src/commands/evidence/vectors/reasons/snp.ts'
import { type SnpChain, type SnpOnchainClaims, startSnp } from '../../support/snpWorld.ts'
import type { VectorEntry } from '../support/manifest.ts'
import { type SnpVector, snpVectors } from '../support/snpVectors.ts'
import type { OnchainAdapter, Outcome, Verdict } from './types.ts'

/** Before every entry's time. */
const CHAIN_START = Date.UTC(2020, 0, 1) / 1000
const NO_POLICY: SnpPolicy = {
  ...vectorsSnpPolicy({ measurements: 'any', reportData: 'any', minTcb: ANY_SNP_PRODUCT, vtpm: 'any' }),
  debug: 'accept',
}

/** Codes that only an appraisal policy gives. */
const OF_POLICY: ReadonlySet<string> = new Set([
  'SNP_ALIAS_CHECK_INCOMPLETE',
  'SNP_CSP_NOT_ALLOWED',
  'SNP_DEBUG_ALLOWED',
  'SNP_MIGRATION_AGENT_ALLOWED',
  'SNP_TCB_BELOW_MINIMUM',
  'SNP_VMPL_TOO_HIGH',
])

let started: Promise<SnpChain> | undefined
let vectors: ReadonlyMap<string, SnpVector> | undefined

/**
 * AMD SEV-SNP: whole reports. Azure's HCL wrapper and vTPM quotes are not carried on-chain: of those entries the report inside is
 * judged. Entries come without AMD's CRL, which both sides then pass over by name; the contract calls that simulated.
 */
export const snpAdapter: OnchainAdapter = {
  family: 'sev-snp',
  run: async (entry) => {
    vectors ??= new Map(snpVectors().map((vector) => [vector.id, vector]))
    const vector = vectors.get(entry.id)
    if (vector === undefined) return { notApplicable: 'no report' }
    started ??= startSnp(CHAIN_START)
    return judgeSnpVector(await started, entry, vector)
  },
}

/** An entry that only the appraisal policy refuses is left to it: its claims are right, and both sides say the same ones. */
async function judgeSnpVector(chain: SnpChain, { expected }: VectorEntry, vector: SnpVector): Promise<Outcome> {
  const outcome = { library: await libraryOf(vector), contract: await contractOf(chain, vector) }
  const same = JSON.stringify(outcome.library) === JSON.stringify(outcome.contract)
  const ofPolicy = OF_POLICY.has(SNP_VECTOR_REASONS[expected.reason ?? ''] ?? '')
  return same && ofPolicy && outcome.library.claims
    ? { notApplicable: `both sides accept it and claim the same; the appraisal policy refuses it: ${expected.reason}` }
    : outcome
}

async function libraryOf(vector: SnpVector): Promise<Verdict> {
  const { report: evidence, endorsements, trustAnchors, at } = vector
  const policy: SnpPolicy = { ...NO_POLICY, dangerouslySkip: endorsements.crl ? [] : ['crl'] }
  const result = await verifySnpEvidence({ evidence, endorsements, trustAnchors, at, policy })
  return result.verdict === 'refused'
    ? { code: result.reasonCode }
    : { claims: textOf(claimsOf(result.claims, vector)) }
}

async function contractOf(chain: SnpChain, { report, endorsements, trustAnchors, at }: SnpVector): Promise<Verdict> {
  await chain.reset()
  await chain.travelTo(at)
  const store = await chain.deploy({
    simulationRoots: trustAnchors.filter(({ simulated }) => simulated).map(({ certificate }) => certificate),
    dangerouslySkipCrl: endorsements.crl === undefined,
  })
  const { code, claims } = await store.judge(report, endorsements)
  return claims ? { claims: textOf(claims) } : { code: code ?? 'none' }
}

/** What the contract has to claim, from the library's claims. */
function claimsOf(claims: SnpClaims, { report, endorsements }: SnpVector): SnpOnchainClaims {
  const { productLine, cspId, platformId, reportData } = claims
  return {
    teeKind: 3,
    simulated: claims.simulated || endorsements.crl === undefined,
    tcbStatus: 0,
    tcbEvaluationNumber: 0,
    flags: flagsOf(claims),
    earliestExpiry: BigInt(claims.earliestExpiry),
    tcb: tcbOf(claims.tcbs.reported, productLine),
    product: snpProductTag(productLine, cspId),
    platformId: platformId ? snpPlatformId(platformId) : zeroHash,
    measurement: snpMeasurement(report),
    reportDataHigh: bytesToHex(reportData.subarray(0, 32)),
    reportDataLow: bytesToHex(reportData.subarray(32)),
  }
}

function flagsOf(claims: SnpClaims): number {
  const { guestPolicy, platformInfo, tcbs, currentFirmware, committedFirmware } = claims
  const below = (tcb: SnpTcb, minimum: SnpTcb) =>
    (['bootLoader', 'tee', 'snp', 'microcode', 'fmc'] as const).some((name) => tcb[name] < minimum[name])
  const firmware = ({ major, minor, build }: typeof currentFirmware) => `${major}.${minor}.${build}`
  const set: Readonly<Record<ClaimFlag, boolean>> = {
    DEBUG: guestPolicy.debugAllowed,
    MIGRATABLE: guestPolicy.migrationAgentAllowed,
    SHARED_KEY: claims.endorsementKey === 'vlek',
    SMT_ALLOWED: guestPolicy.smtAllowed,
    NO_ALIAS_CHECK: !platformInfo.aliasCheckComplete,
    PROVISIONAL_FIRMWARE:
      firmware(currentFirmware) !== firmware(committedFirmware) ||
      below(tcbs.committed, tcbs.current) ||
      below(tcbs.current, tcbs.launch),
    LAUNCHED_BELOW_TCB: below(tcbs.launch, tcbs.reported),
    CXL_ALLOWED: guestPolicy.cxlAllowed,
    PAGE_SWAP_ALLOWED: !guestPolicy.pageSwapDisabled,
    MULTI_SOCKET: !guestPolicy.singleSocket,
    NO_AES_256_XTS: !guestPolicy.aes256Xts,
    RAPL_ON: !guestPolicy.raplDisabled && !platformInfo.raplDisabled,
    CIPHERTEXT_VISIBLE: !guestPolicy.ciphertextHiding && !platformInfo.ciphertextHiding,
    LOW_PRIVILEGE: claims.vmpl > 0,
  }
  return CLAIM_FLAGS.reduce((bits, name, index) => bits | (set[name] ? 1 << index : 0), 0)
}

/** TCB_VERSION in the wire order of the product. */
function tcbOf({ bootLoader, tee, snp, microcode, fmc }: SnpTcb, product: SnpClaims['productLine']): Hex {
  const bytes =
    product === 'Turin'
      ? [fmc, bootLoader, tee, snp, 0, 0, 0, microcode]
      : [bootLoader, tee, 0, 0, 0, 0, snp, microcode]
  return bytesToHex(Uint8Array.from(bytes))
}

const textOf = (claims: SnpOnchainClaims) =>
  Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, `${value}`]))
