import type { ReasonCode } from '@spartan/errors'

declare const progress: unique symbol
/** Parsed bytes: nothing about them is trusted. */
export type Unverified<T> = T & { readonly [progress]?: 'unverified' }
/** Signatures, chain and bindings hold under a trust anchor; whether it is wanted is for the policy to say. */
export type Verified<T> = T & { readonly [progress]: 'verified' }

/** Intel's TCB statuses that a policy may accept: all but Revoked. */
export const ACCEPTABLE_TCB_STATUSES = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'TDRelaunchAdvised',
  'TDRelaunchAdvisedConfigurationNeeded',
] as const

/** Intel's TCB statuses. */
export type TcbStatus = (typeof ACCEPTABLE_TCB_STATUSES)[number] | 'Revoked'

/**
 * How much an accepted result is worth against whoever owns the machine. `simulated`: nothing; `low`: attestation keys
 * of this product are known to leak in bulk; `standard`: only by physical attack on the one machine.
 */
export type TrustTier = 'simulated' | 'low' | 'standard'

/** What one check found. Values are for showing; they say nothing when the check failed. */
export interface CheckOutcome<Id extends string = string> {
  readonly id: Id
  readonly title: string
  /** `not-requested`: the policy asks for any value, the check was skipped by name, or an earlier one failed. */
  readonly status: 'done' | 'failed' | 'not-requested'
  readonly reasonCode?: ReasonCode
  readonly values: Readonly<Record<string, string>>
}

/** Names and titles of all checks of one TEE, in the order in which they run. */
export type CheckTable<Id extends string> = readonly (readonly [id: Id, title: string])[]

/** Kinds of evidence. */
export type Tee = 'tdx' | 'sgx' | 'snp' | 'cca' | 'nvidia' | 'nitro'

/** What accepted evidence of every TEE says. Bytes, so that callers hash and compare as they need. */
export interface CommonClaims {
  readonly tee: Tee
  /** Product as a person would name it, for example `AMD EPYC Genoa`. */
  readonly product: string
  readonly trustTier: TrustTier
  /** True when the chain ends in a simulation root: the evidence proves nothing about hardware. */
  readonly simulated: boolean
  /** `Unknown` where the vendor publishes no status, or its evaluation was skipped by name. */
  readonly tcbStatus: TcbStatus | 'Unknown'
  readonly advisoryIds: readonly string[]
  /** The machine's own identity (PPID, CHIP_ID, instance id, key of a GPU's boot ROM); undefined where the evidence hides it. */
  readonly platformId: Uint8Array | undefined
  /** Measurement registers by their vendor's name, raw. */
  readonly measurements: Readonly<Record<string, Uint8Array>>
  /** What the attester bound into the evidence: REPORTDATA, challenge, nonce or user data. */
  readonly reportData: Uint8Array
  /** Age of the oldest endorsement, seconds; undefined where none was used that is renewed. */
  readonly endorsementAgeSeconds: number | undefined
  /** Unix seconds: the earliest end of validity among every certificate and endorsement used. */
  readonly earliestExpiry: number
  /** SHA-256 of the signed bytes: the same for every re-encoding of one piece of evidence. */
  readonly evidenceId: Uint8Array
}

/** Outcome of an appraisal: claims exist only on the accepting side. */
export type AttestationResult<Claims extends CommonClaims = CommonClaims> =
  | { readonly verdict: 'accepted'; readonly claims: Claims; readonly checks: readonly CheckOutcome[] }
  | {
      readonly verdict: 'refused'
      readonly reasonCode: ReasonCode
      /** The error that says why, with its values. */
      readonly error: Error
      readonly checks: readonly CheckOutcome[]
    }
