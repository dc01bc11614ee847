/** Endorsements of one SNP report, DER. The verifier's `SnpEndorsements` has the same fields, all optional. */
export interface SnpParts {
  /** VCEK or VLEK certificate. */
  readonly vek: Uint8Array
  /** ASK or ASVK. */
  readonly intermediate: Uint8Array
  /** ARK. Only the verifier's own pinned root counts. */
  readonly root: Uint8Array
  readonly crl: Uint8Array
}
