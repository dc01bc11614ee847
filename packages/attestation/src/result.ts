import type { ReasonCode } from '@spartan/errors'

declare const progress: unique symbol
/** Parsed bytes: nothing about them is trusted. */
export type Unverified<T> = T & { readonly [progress]?: 'unverified' }
/** Signatures, chain and bindings hold under a trust anchor; whether it is wanted is for the policy to say. */
export type Verified<T> = T & { readonly [progress]: 'verified' }

/** Intel's TCB statuses. */
export type TcbStatus =
  | 'UpToDate'
  | 'SWHardeningNeeded'
  | 'ConfigurationNeeded'
  | 'ConfigurationAndSWHardeningNeeded'
  | 'OutOfDate'
  | 'OutOfDateConfigurationNeeded'
  | 'TDRelaunchAdvised'
  | 'TDRelaunchAdvisedConfigurationNeeded'
  | 'Revoked'

/**
 * How much an accepted result is worth against whoever owns the machine. `simulated`: nothing; `low`: attestation keys
 * of this product are known to leak in bulk; `standard`: only by physical attack on the one machine.
 */
export type TrustTier = 'simulated' | 'low' | 'standard'

/** Every check, in the order in which it runs. */
export const CHECKS = [
  ['quote-format', 'The quote has the documented layout'],
  ['root', 'The certificate chain ends in the pinned root'],
  ['root-crl', 'The root CRL is authentic and current'],
  ['pck-ca', 'The PCK CA is issued by the root, valid and not revoked'],
  ['pck-crl', 'The PCK CRL is authentic and current'],
  ['pck', 'The platform certificate (PCK) is issued by the PCK CA, valid and not revoked'],
  ['tcb-signer', 'The TCB signing certificate is the right one, valid and not revoked'],
  ['tcb-info', 'The TCB info is authentic and current'],
  ['qe-identity', 'The QE identity is authentic and current'],
  ['tcb-evaluation-number', 'The endorsements are not older than the required TCB evaluation number'],
  ['qe-report', 'The platform signed the report of the quoting enclave'],
  ['attestation-key', 'The quoting enclave vouches for the attestation key'],
  ['quote-signature', 'The attestation key signed the quote'],
  ['qe-match', 'The quoting enclave is the vendor’s'],
  ['tcb-levels', 'Platform, TDX module and quoting enclave have a TCB level'],
  ['td-attributes', 'The TD runs without debug mode or reserved attributes'],
  ['tcb-status', 'The TCB status is accepted'],
  ['endorsement-age', 'The endorsements are recent'],
  ['platform', 'The platform is allowed'],
  ['measurement', 'The measurement is an expected one'],
  ['report-data', 'REPORTDATA is the expected one'],
] as const

/** Name of a check. */
export type CheckId = (typeof CHECKS)[number][0]

/** What one check found. Values are for showing; they say nothing when the check failed. */
export interface CheckOutcome {
  readonly id: CheckId
  readonly title: string
  /** `not-requested`: the policy asks for any value, the check was skipped by name, or an earlier one failed. */
  readonly status: 'done' | 'failed' | 'not-requested'
  readonly reasonCode?: ReasonCode
  readonly values: Readonly<Record<string, string>>
}

/** What accepted TDX evidence says. Bytes, so that callers hash and compare as they need. */
export interface TdxClaims {
  readonly tee: 'tdx'
  readonly quoteVersion: number
  readonly trustTier: TrustTier
  /** True when the chain ends in a simulation root: the evidence proves nothing about hardware. */
  readonly simulated: boolean
  /** `Unknown` only when the evaluation was skipped by name. */
  readonly tcbStatus: TcbStatus | 'Unknown'
  readonly advisoryIds: readonly string[]
  /** The lower of TCB info's and QE identity's. */
  readonly tcbEvaluationNumber: number
  /** PPID, 16 bytes: the platform's own identity. On-chain its keccak256. */
  readonly platformId: Uint8Array
  /** FMSPC, 6 bytes: the platform family. */
  readonly fmspc: Uint8Array
  readonly measurements: TdxMeasurements
  /** The bytes whose keccak256 is the measurement on-chain. */
  readonly measurementPreimage: Uint8Array
  /** 64 bytes. */
  readonly reportData: Uint8Array
  /** Age of the oldest endorsement, seconds. */
  readonly endorsementAgeSeconds: number
  /** Unix seconds: the earliest end of validity among every certificate and endorsement used. */
  readonly earliestExpiry: number
}

/** Measurement registers and attributes of a TD, raw. */
export interface TdxMeasurements {
  readonly mrSeam: Uint8Array
  readonly mrTd: Uint8Array
  readonly mrConfigId: Uint8Array
  readonly mrOwner: Uint8Array
  readonly mrOwnerConfig: Uint8Array
  readonly rtmr0: Uint8Array
  readonly rtmr1: Uint8Array
  readonly rtmr2: Uint8Array
  readonly rtmr3: Uint8Array
  readonly tdAttributes: Uint8Array
  readonly xfam: Uint8Array
}

/** Outcome of an appraisal: claims exist only on the accepting side. */
export type AttestationResult =
  | { readonly verdict: 'accepted'; readonly claims: TdxClaims; readonly checks: readonly CheckOutcome[] }
  | {
      readonly verdict: 'refused'
      readonly reasonCode: ReasonCode
      /** The error that says why, with its values. */
      readonly error: Error
      readonly checks: readonly CheckOutcome[]
    }
