import type { CommonClaims, TrustTier } from '../result.ts'
import type { SnpFirmwareVersion, SnpGuestPolicy, SnpPlatformInfo, SnpReport, SnpSigningKey } from './parse.ts'
import type { SnpPolicy } from './policy.ts'
import type { SnpProduct } from './product.ts'
import type { SnpTcbs, SnpVerification } from './verify.ts'
import type { VtpmClaims } from './vtpmQuote.ts'

/** What accepted SEV-SNP evidence says. */
export interface SnpClaims extends CommonClaims {
  readonly tee: 'snp'
  readonly productLine: SnpProduct
  readonly reportVersion: SnpReport['version']
  readonly tcbStatus: SnpPolicy['acceptedTcbStatuses'][number]
  readonly tcbs: SnpTcbs
  readonly currentFirmware: SnpFirmwareVersion
  readonly committedFirmware: SnpFirmwareVersion
  readonly guestPolicy: SnpGuestPolicy
  readonly platformInfo: SnpPlatformInfo
  readonly guestSvn: number
  readonly vmpl: number
  readonly endorsementKey: SnpSigningKey
  /** Cloud provider of a VLEK. */
  readonly cspId: string | undefined
  /** CHIP_ID: 64 bytes, Turin 8. Undefined under a VLEK. */
  readonly platformId: Uint8Array | undefined
  /** Undefined before report version 5. */
  readonly launchMitigationVector: bigint | undefined
  readonly currentMitigationVector: bigint | undefined
  /** Hex; a caller that remembers the highest notices an older CRL. Undefined when the CRL was skipped by name. */
  readonly crlNumber: string | undefined
  /** Undefined when no quote of a vTPM was given. */
  readonly vtpm: VtpmClaims | undefined
}

/** Claims of verified evidence. */
export function claimsOf(verified: SnpVerification, tcbStatus: SnpClaims['tcbStatus']): SnpClaims {
  const { report, chain, product } = verified
  return {
    tee: 'snp',
    product: `AMD EPYC ${product}`,
    productLine: product,
    trustTier: trustTierOf(verified),
    simulated: chain.simulated,
    reportVersion: report.version,
    tcbStatus,
    advisoryIds: [],
    tcbs: verified.tcbs,
    currentFirmware: report.currentVersion,
    committedFirmware: report.committedVersion,
    guestPolicy: report.guestPolicy,
    platformInfo: report.platformInfo,
    guestSvn: report.guestSvn,
    vmpl: report.vmpl,
    endorsementKey: chain.vek.kind,
    cspId: chain.vek.cspId,
    platformId: verified.chipId,
    launchMitigationVector: report.launchMitigationVector,
    currentMitigationVector: report.currentMitigationVector,
    measurements: measurementsOf(verified),
    reportData: report.reportData,
    endorsementAgeSeconds: chain.crl && verified.at - chain.crl.thisUpdate,
    earliestExpiry: chain.earliestExpiry,
    evidenceId: verified.evidenceId,
    crlNumber: chain.crl?.number,
    vtpm: verified.vtpm,
  }
}

/** Milan's root seed can be read out in software (arXiv 2605.12990), and a VLEK leaks for all machines at once. */
function trustTierOf({ chain, product }: SnpVerification): TrustTier {
  if (chain.simulated) return 'simulated'
  return product === 'Milan' || chain.vek.kind === 'vlek' ? 'low' : 'standard'
}

function measurementsOf({ report, vtpm }: SnpVerification): Readonly<Record<string, Uint8Array>> {
  const registers = [...(vtpm?.pcrs ?? [])].map(([register, value]) => [`pcr${register}`, value] as const)
  return {
    measurement: report.measurement,
    hostData: report.hostData,
    idKeyDigest: report.idKeyDigest,
    authorKeyDigest: report.authorKeyDigest,
    familyId: report.familyId,
    imageId: report.imageId,
    reportId: report.reportId,
    ...Object.fromEntries(registers),
  }
}
