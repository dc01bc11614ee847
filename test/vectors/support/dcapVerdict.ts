/** What the two verifiers of Intel's quotes say, in a form in which both can be compared. */
import { CLAIM_FLAGS, type ClaimFlag, type DcapKind, TCB_STATUSES, TEE_KINDS } from '@spartan/abi'
import {
  type AttestationResult,
  type DcapEndorsements,
  type DcapPolicy,
  type SgxClaims,
  type SgxPolicy,
  type TdxClaims,
  type TdxPolicy,
  type TrustAnchor,
  vectorsSgxPolicy,
  vectorsTdxPolicy,
  verifySgxEvidence,
  verifyTdxEvidence,
} from '@spartan/attestation'
import type { ReasonCode } from '@spartan/errors'
import { bytesToHex, type Hex, keccak256, padHex } from 'viem'
import type { DcapChain } from './dcapChain.ts'

/** The claims on which both have to agree. */
export interface ComparedClaims {
  readonly teeKind: string
  readonly simulated: boolean
  readonly tcbStatus: string
  readonly tcbEvaluationNumber: number
  readonly flags: readonly ClaimFlag[]
  readonly product: Hex
  readonly platformId: Hex
  readonly measurement: Hex
  readonly reportData: Hex
  readonly earliestExpiry: number
}

/** The code of a refusal, or the claims. */
export type Verdict = { readonly code: ReasonCode } | { readonly claims: ComparedClaims }

/** What the client's verifier is given. */
export interface LibraryInput {
  readonly kind: DcapKind
  readonly quote: Uint8Array
  readonly endorsements: Partial<DcapEndorsements>
  readonly trustAnchors: readonly TrustAnchor[]
  /** Unix seconds. */
  readonly at: number
}

/** Every status but Unknown and Revoked. */
const ANY_STATUS = TCB_STATUSES.filter((status) => status !== 'Unknown' && status !== 'Revoked')
const ANY = { measurements: 'any', reportData: 'any' } as const
/** What the contracts refuse whatever the policy, and nothing else. */
const WITHOUT_POLICY = { trailingBytes: 'zero-only', debug: 'accept', acceptedTcbStatuses: ANY_STATUS } as const
const TDX_WITHOUT_POLICY: TdxPolicy = { ...vectorsTdxPolicy(ANY), ...WITHOUT_POLICY }
const SGX_WITHOUT_POLICY: SgxPolicy = { ...vectorsSgxPolicy(ANY), ...WITHOUT_POLICY }

/** The client's verifier by its normal entry: nothing is skipped, what is missing is missing. */
export async function libraryVerdict(
  { kind, quote, ...input }: LibraryInput,
  policy: Partial<DcapPolicy> & Partial<Pick<TdxPolicy, 'serviceTd'>> = {},
): Promise<Verdict> {
  const given = { ...input, evidence: quote }
  if (kind === 'Tdx') {
    const result = await verifyTdxEvidence({ ...given, policy: { ...TDX_WITHOUT_POLICY, ...policy } })
    return verdictOf(result, tdxFlags)
  }
  const result = await verifySgxEvidence({ ...given, policy: { ...SGX_WITHOUT_POLICY, ...policy } })
  return verdictOf(result, sgxFlags)
}

function verdictOf<C extends TdxClaims | SgxClaims>(
  result: AttestationResult<C>,
  flagsOf: (claims: C) => Readonly<Record<ClaimFlag, boolean>>,
): Verdict {
  if (result.verdict === 'refused') return { code: result.reasonCode }
  const { claims } = result
  const flags = flagsOf(claims)
  return {
    claims: {
      teeKind: claims.tee === 'tdx' ? 'Tdx' : 'Sgx',
      simulated: claims.simulated,
      tcbStatus: claims.tcbStatus,
      tcbEvaluationNumber: claims.tcbEvaluationNumber,
      flags: CLAIM_FLAGS.filter((flag) => flags[flag]),
      product: padHex(bytesToHex(claims.fmspc), { dir: 'right', size: 32 }),
      platformId: keccak256(claims.platformId),
      measurement: keccak256(claims.measurementPreimage),
      reportData: bytesToHex(claims.reportData),
      earliestExpiry: claims.earliestExpiry,
    },
  }
}

const NONE = Object.fromEntries(CLAIM_FLAGS.map((flag) => [flag, false])) as Record<ClaimFlag, boolean>

const tdxFlags = ({ measurements, mrServiceTd }: TdxClaims) => ({
  ...NONE,
  DEBUG: ((measurements.tdAttributes[0] ?? 0) & 1) !== 0,
  MIGRATABLE: mrServiceTd?.some((byte) => byte !== 0) === true,
})

const sgxFlags = ({ measurements: { attributes } }: SgxClaims) => ({
  ...NONE,
  DEBUG: ((attributes[0] ?? 0) & 2) !== 0,
})

/** What the contract has found, in the same form. */
export function comparedClaims(claims: Awaited<ReturnType<DcapChain['verify']>>): ComparedClaims {
  return {
    teeKind: TEE_KINDS[claims.teeKind] ?? 'None',
    simulated: claims.simulated,
    tcbStatus: TCB_STATUSES[claims.tcbStatus] ?? 'none',
    tcbEvaluationNumber: claims.tcbEvaluationNumber,
    flags: CLAIM_FLAGS.filter((_, bit) => (claims.flags & (1 << bit)) !== 0),
    product: claims.product,
    platformId: claims.platformId,
    measurement: claims.measurement,
    reportData: `${claims.reportDataHigh}${claims.reportDataLow.slice(2)}` as Hex,
    earliestExpiry: Number(claims.earliestExpiry),
  }
}
