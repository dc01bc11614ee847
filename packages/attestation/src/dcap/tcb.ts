import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, isZero, toHex } from '../internal/bytes.ts'
import type { TcbStatus } from '../result.ts'
import type { PckPlatform } from './sgxExtension.ts'
import type { PartStatus, SvnLevel, TcbInfo, TcbLevel, TdxModuleIdentity, VersionedModuleIdentity } from './tcbInfo.ts'

/** What the TCB evaluation takes from the TD report. */
export interface TdxTcbInput {
  /** TEE_TCB_SVN, 16 bytes: what the TD was launched with. */
  readonly teeTcbSvn: Uint8Array
  /** TEE_TCB_SVN_2, 16 bytes: what runs now; undefined in a TD 1.0 report. */
  readonly teeTcbSvn2: Uint8Array | undefined
  readonly mrSignerSeam: Uint8Array
  readonly seamAttributes: Uint8Array
}

/** The levels a platform has reached, before they are made one status. */
export interface MatchedLevels {
  /** First level that the SGX part of the platform reaches. */
  readonly sgx: TcbLevel
  /** First level that the whole platform reaches; the same as `sgx` for SGX. */
  readonly platform: TcbLevel
  /** Level of the TDX module; undefined for SGX and for a module without levels of its own (major version 0). */
  readonly module: Pick<SvnLevel, 'status' | 'advisoryIds'> | undefined
}

/** Status of platform, TDX module and quoting enclave together. */
export interface TcbEvaluation {
  readonly status: TcbStatus
  readonly platformStatus: TcbStatus
  /** UpToDate where the module has no levels of its own; undefined for SGX. */
  readonly moduleStatus: PartStatus | undefined
  /** `Unknown` only when the QE identity was skipped by name. */
  readonly qeStatus: PartStatus | 'Unknown'
  readonly advisoryIds: readonly string[]
  /** Unix seconds, of the platform level. */
  readonly tcbDate: number
}

/** First level that an ISVSVN reaches. */
export function findSvnLevel(levels: readonly SvnLevel[], isvSvn: number): SvnLevel | undefined {
  return levels.find((level) => isvSvn >= level.isvSvn)
}

/** Refuses TCB info for another PCE: DCAP_PCEID_MISMATCH. The caller has matched the FMSPC. */
export function expectSamePce(info: TcbInfo, pck: PckPlatform): void {
  if (equalBytes(info.pceId, pck.pceId)) return
  throw new EvidenceRejectedError('DCAP_PCEID_MISMATCH', {
    metaMessages: [`TCB info ${toHex(info.pceId)}, platform ${toHex(pck.pceId)}`],
  })
}

/**
 * Finds the levels of an SGX platform: component-wise, never lexicographic. Source: Intel Quote Verification Library,
 * step 4.1.2.4.17. Throws DCAP_PCEID_MISMATCH, DCAP_TCB_LEVEL_NOT_FOUND.
 */
export function matchSgxLevels(info: TcbInfo, pck: PckPlatform): MatchedLevels {
  expectSamePce(info, pck)
  const sgx = info.levels.find((candidate) => reachesSgx(candidate, pck))
  if (!sgx) throw new EvidenceRejectedError('DCAP_TCB_LEVEL_NOT_FOUND')
  return { sgx, platform: sgx, module: undefined }
}

/**
 * Finds the levels of a TDX platform and of its module, after the same step of Intel's library.
 *
 * Throws DCAP_PCEID_MISMATCH, DCAP_TCB_LEVEL_NOT_FOUND, DCAP_MODULE_IDENTITY_MISSING, DCAP_MODULE_IDENTITY_MISMATCH,
 * DCAP_MODULE_LEVEL_NOT_FOUND.
 */
export function matchTdxLevels(info: TcbInfo, pck: PckPlatform, td: TdxTcbInput): MatchedLevels {
  const { sgx } = matchSgxLevels(info, pck)
  const majorVersion = td.teeTcbSvn[1] ?? 0
  // A module with a major version is judged by its identity below, so its two SVNs are left out here.
  const firstComponent = majorVersion > 0 ? 2 : 0
  const platform = info.levels.find(
    (candidate) =>
      reachesSgx(candidate, pck) &&
      candidate.tdxComponents.every((svn, index) => index < firstComponent || (td.teeTcbSvn[index] ?? 0) >= svn),
  )
  if (!platform) throw new EvidenceRejectedError('DCAP_TCB_LEVEL_NOT_FOUND')
  return { sgx, platform, module: matchModule(info, td, majorVersion) }
}

const reachesSgx = (level: TcbLevel, pck: PckPlatform) =>
  level.sgxComponents.every((svn, index) => (pck.componentSvns[index] ?? 0) >= svn) && pck.pceSvn >= level.pceSvn

/** Makes the matched levels of an SGX platform and of its QE one status. */
export function evaluateSgxTcb(levels: MatchedLevels, qe: SvnLevel | undefined): TcbEvaluation {
  return evaluationOf(levels, levels.platform.status, qe)
}

/**
 * Makes the matched levels of platform, TDX module and QE one status, with Intel's relaunch advice for TD 1.5: a TD
 * that was launched on an outdated module while the machine runs a current one by now need only be launched again.
 *
 * Throws DCAP_MODULE_IDENTITY_MISSING when TEE_TCB_SVN_2 names a module that the TCB info does not know.
 */
export function evaluateTdxTcb(
  info: TcbInfo,
  levels: MatchedLevels,
  td: TdxTcbInput,
  qe: SvnLevel | undefined,
): TcbEvaluation {
  const converged = converge(levels.platform.status, levels.module?.status ?? 'UpToDate')
  return evaluationOf(levels, adviseRelaunch(info, levels, td, qe, converged), qe)
}

function evaluationOf(levels: MatchedLevels, status: TcbStatus, qe: SvnLevel | undefined): TcbEvaluation {
  const { platform, module } = levels
  return {
    status: qe ? converge(status, qe.status) : status,
    platformStatus: platform.status,
    moduleStatus: platform.tdxComponents.length === 0 ? undefined : (module?.status ?? 'UpToDate'),
    qeStatus: qe?.status ?? 'Unknown',
    advisoryIds: unique([...platform.advisoryIds, ...(module?.advisoryIds ?? []), ...(qe?.advisoryIds ?? [])]),
    tcbDate: platform.tcbDate,
  }
}

/** Status of the platform together with a part of it (TDX module or QE): a part never improves it. */
export function converge(platform: TcbStatus, part: PartStatus): TcbStatus {
  if (platform === 'Revoked' || part === 'Revoked') return 'Revoked'
  if (part !== 'OutOfDate') return platform
  if (platform === 'UpToDate' || platform === 'SWHardeningNeeded') return 'OutOfDate'
  const configuration = platform === 'ConfigurationNeeded' || platform === 'ConfigurationAndSWHardeningNeeded'
  return configuration ? 'OutOfDateConfigurationNeeded' : platform
}

const unique = (texts: readonly string[]) => [...new Set(texts)]

const ASKS_FOR_CONFIGURATION: readonly TcbStatus[] = [
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDateConfigurationNeeded',
]
/** Statuses of the SGX part under which a relaunch can help: nothing but the module is outdated. */
const RELAUNCH_HELPS: readonly TcbStatus[] = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
]

/** Source: Intel Quote Verification Library, step 4.1.2.4.17.4.3 (TD relaunch check). */
function adviseRelaunch(
  info: TcbInfo,
  { sgx, module }: MatchedLevels,
  { teeTcbSvn2 }: TdxTcbInput,
  qe: SvnLevel | undefined,
  converged: TcbStatus,
): TcbStatus {
  const outdated = converged === 'OutOfDate' || converged === 'OutOfDateConfigurationNeeded'
  const helps = RELAUNCH_HELPS.includes(sgx.status) && module?.status === 'OutOfDate'
  if (!teeTcbSvn2 || !outdated || !helps || (qe && qe.status !== 'UpToDate')) return converged
  const [moduleSvn = 0, majorVersion = 0, loaderSvn = 0] = teeTcbSvn2
  const [newest] = info.levels
  const newestModuleSvn =
    majorVersion === 0 ? newest?.tdxComponents[0] : findModule(info, majorVersion).levels[0]?.isvSvn
  const current =
    moduleSvn >= (newestModuleSvn ?? Number.POSITIVE_INFINITY) &&
    loaderSvn >= (newest?.tdxComponents[2] ?? Number.POSITIVE_INFINITY)
  if (!current) return converged
  const configuration = ASKS_FOR_CONFIGURATION.includes(sgx.status) || ASKS_FOR_CONFIGURATION.includes(converged)
  return configuration ? 'TDRelaunchAdvisedConfigurationNeeded' : 'TDRelaunchAdvised'
}

function matchModule(info: TcbInfo, td: TdxTcbInput, majorVersion: number): MatchedLevels['module'] {
  if (majorVersion === 0) {
    expectModule(info.module, td)
    return undefined
  }
  const identity = findModule(info, majorVersion)
  expectModule(identity, td)
  const isvSvn = td.teeTcbSvn[0] ?? 0
  const level = findSvnLevel(identity.levels, isvSvn)
  if (!level) throw new EvidenceRejectedError('DCAP_MODULE_LEVEL_NOT_FOUND', { metaMessages: [`ISVSVN ${isvSvn}`] })
  return level
}

function findModule(info: TcbInfo, majorVersion: number): VersionedModuleIdentity {
  const identity = info.moduleIdentities.find((candidate) => candidate.majorVersion === majorVersion)
  if (identity) return identity
  throw new EvidenceRejectedError('DCAP_MODULE_IDENTITY_MISSING', { metaMessages: [`major version ${majorVersion}`] })
}

/** Intel's library demands SEAMATTRIBUTES of zero beside equality; no production module has any. */
function expectModule(identity: TdxModuleIdentity | undefined, td: TdxTcbInput): void {
  const same =
    identity !== undefined &&
    equalBytes(td.mrSignerSeam, identity.mrSigner) &&
    isZero(td.seamAttributes) &&
    isZero(identity.attributes)
  if (same) return
  throw new EvidenceRejectedError('DCAP_MODULE_IDENTITY_MISMATCH', {
    metaMessages: [`MRSIGNERSEAM ${toHex(td.mrSignerSeam)}, SEAMATTRIBUTES ${toHex(td.seamAttributes)}`],
  })
}
