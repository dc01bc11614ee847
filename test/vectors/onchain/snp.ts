import {
  CLAIM_FLAGS,
  type ClaimFlag,
  enumNumber,
  snpMeasurement,
  snpPlatformId,
  snpProductTag,
  TEE_KINDS,
} from '@spartan/abi'
import { type SnpClaims, type SnpTcb, verifySnpEvidence } from '@spartan/attestation/snp'
import { bytesToHex, zeroHash } from 'viem'
import { type SnpChain, type SnpOnchainClaims, startSnp } from '../../support/snpWorld.ts'
import { snpPolicyOf } from '../support/snpPolicy.ts'
import { type SnpVector, snpVectors } from '../support/snpVectors.ts'
import { snpRulesOf, snpTcbBytes } from './snpRules.ts'
import type { OnchainAdapter, Verdict } from './types.ts'

/** Before every entry's time. */
const CHAIN_START = Date.UTC(2020, 0, 1) / 1000

let started: Promise<SnpChain> | undefined
let vectors: ReadonlyMap<string, SnpVector> | undefined

/**
 * AMD SEV-SNP: whole reports, verified and judged by an EvidenceRouter whose rules are the entry's own policy. Azure's HCL wrapper and vTPM quotes are not carried on-chain: of those entries the report inside is
 * judged. Entries come without AMD's CRL, which both sides then pass over by name; the contract calls that simulated.
 */
export const snpAdapter: OnchainAdapter = {
  family: 'sev-snp',
  run: async (entry) => {
    vectors ??= new Map(snpVectors().map((vector) => [vector.id, vector]))
    const vector = vectors.get(entry.id)
    if (vector === undefined) return { notApplicable: 'no report' }
    started ??= startSnp(CHAIN_START)
    return { library: await libraryOf(vector), contract: await contractOf(await started, vector) }
  },
}

async function libraryOf(vector: SnpVector): Promise<Verdict> {
  const { report: evidence, endorsements, trustAnchors, at } = vector
  const result = await verifySnpEvidence({ evidence, endorsements, trustAnchors, at, policy: snpPolicyOf(vector) })
  return result.verdict === 'refused'
    ? { code: result.reasonCode }
    : { claims: textOf(claimsOf(result.claims, vector)) }
}

async function contractOf(chain: SnpChain, vector: SnpVector): Promise<Verdict> {
  const { report, endorsements, trustAnchors, at } = vector
  await chain.reset()
  await chain.travelTo(at)
  const store = await chain.deploy({
    simulationRoots: trustAnchors.filter(({ simulated }) => simulated).map(({ certificate }) => certificate),
    dangerouslySkipCrl: endorsements.crl === undefined,
  })
  const { code, claims } = await store.judge(report, endorsements)
  if (!claims) return { code: code ?? 'none' }
  const { kindRule, productRules } = snpRulesOf(snpPolicyOf(vector))
  const refusal = await chain.appraise(claims, [kindRule], productRules)
  return refusal === undefined ? { claims: textOf(claims) } : { code: refusal }
}

/** What the contract has to claim, from the library's claims. */
function claimsOf(claims: SnpClaims, { report, endorsements }: SnpVector): SnpOnchainClaims {
  const { productLine, cspId, platformId, reportData } = claims
  return {
    teeKind: enumNumber(TEE_KINDS, 'SevSnp'),
    simulated: claims.simulated || endorsements.crl === undefined,
    tcbStatus: 0,
    tcbEvaluationNumber: 0,
    flags: flagsOf(claims),
    earliestExpiry: BigInt(claims.earliestExpiry),
    tcb: snpTcbBytes(claims.tcbs.reported, productLine),
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

const textOf = (claims: SnpOnchainClaims) =>
  Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, `${value}`]))
