import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import { type ObjectShape, parseStrictJson, shapeOf } from '../internal/json.ts'
import type { TcbStatus } from '../result.ts'
import type { PckPlatform } from './sgxExtension.ts'

/** Status of a TDX module or QE level. */
export type PartStatus = 'UpToDate' | 'OutOfDate' | 'Revoked'

/** One level of a TDX module or of the QE. */
export interface SvnLevel {
  readonly isvSvn: number
  readonly status: PartStatus
  readonly advisoryIds: readonly string[]
}

/** One level of the platform. */
interface TcbLevel {
  readonly sgxComponents: readonly number[]
  readonly tdxComponents: readonly number[]
  readonly pceSvn: number
  readonly status: TcbStatus
  readonly advisoryIds: readonly string[]
}

interface TdxModuleIdentity {
  readonly mrSigner: Uint8Array
  readonly attributes: Uint8Array
  readonly attributesMask: Uint8Array
}

/** Intel's TCB info for TDX, version 3. */
export interface TcbInfo {
  /** Unix seconds. */
  readonly issueDate: number
  readonly nextUpdate: number
  readonly evaluationNumber: number
  readonly fmspc: Uint8Array
  readonly pceId: Uint8Array
  readonly module: TdxModuleIdentity
  /** By major version of the module. */
  readonly moduleIdentities: readonly (TdxModuleIdentity & {
    readonly majorVersion: number
    readonly levels: readonly SvnLevel[]
  })[]
  /** Highest first, as signed. */
  readonly levels: readonly TcbLevel[]
}

/** What the TCB evaluation takes from the TD report. */
export interface TdxTcbInput {
  /** TEE_TCB_SVN, 16 bytes. */
  readonly teeTcbSvn: Uint8Array
  readonly mrSignerSeam: Uint8Array
  readonly seamAttributes: Uint8Array
}

const MALFORMED = 'DCAP_TCB_INFO_MALFORMED'
const PLATFORM_STATUSES: readonly TcbStatus[] = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
]
const PART_STATUSES: readonly PartStatus[] = ['UpToDate', 'OutOfDate', 'Revoked']

/** Parses TCB info whose signature holds. Throws DCAP_TCB_INFO_MALFORMED, _ID_MISMATCH, _VERSION_UNSUPPORTED. */
export function parseTcbInfo(body: Uint8Array): TcbInfo {
  const shape = shapeOf(parseStrictJson(body, MALFORMED), MALFORMED, 'tcbInfo')
  const id = shape.text('id')
  if (id !== 'TDX') throw new EvidenceRejectedError('DCAP_TCB_INFO_ID_MISMATCH', { metaMessages: [`TDX, got ${id}`] })
  const version = shape.integer('version')
  if (version !== 3) {
    throw new EvidenceRejectedError('DCAP_TCB_INFO_VERSION_UNSUPPORTED', { metaMessages: [`3, got ${version}`] })
  }
  // 0: component-wise comparison, the only type there is.
  shape.integer('tcbType', 0)
  const module = shape.object('tdxModule')
  const info: TcbInfo = {
    issueDate: shape.time('issueDate'),
    nextUpdate: shape.time('nextUpdate'),
    evaluationNumber: shape.integer('tcbEvaluationDataNumber'),
    fmspc: shape.hex('fmspc', 6),
    pceId: shape.hex('pceId', 2),
    module: readModule(module),
    moduleIdentities: shape.has('tdxModuleIdentities')
      ? shape.objects('tdxModuleIdentities').map(readModuleIdentity)
      : [],
    levels: readLevels(shape).map(readTcbLevel),
  }
  module.done()
  shape.done()
  return info
}

/** Levels of a TDX module or QE. */
export function readSvnLevels(parent: ObjectShape): readonly SvnLevel[] {
  return readLevels(parent).map((level) => {
    const tcb = level.object('tcb')
    const found: SvnLevel = {
      isvSvn: tcb.integer('isvsvn', 0xffff),
      status: level.choice('tcbStatus', PART_STATUSES),
      advisoryIds: readAdvisories(level),
    }
    level.time('tcbDate')
    tcb.done()
    level.done()
    return found
  })
}

/** First level that an ISVSVN reaches. */
export function findSvnLevel(levels: readonly SvnLevel[], isvSvn: number): SvnLevel | undefined {
  return levels.find((level) => isvSvn >= level.isvSvn)
}

/** Status of the platform and its TDX module together. */
export interface TcbEvaluation {
  readonly status: TcbStatus
  readonly platformStatus: TcbStatus
  /** UpToDate where the module has no levels of its own (major version 0). */
  readonly moduleStatus: PartStatus
  readonly advisoryIds: readonly string[]
}

/**
 * Evaluates the TCB of a TDX platform after Intel's Quote Verification Library: component-wise, never lexicographic.
 *
 * Throws DCAP_PCEID_MISMATCH, DCAP_TCB_LEVEL_NOT_FOUND, DCAP_MODULE_IDENTITY_MISSING, DCAP_MODULE_IDENTITY_MISMATCH,
 * DCAP_MODULE_LEVEL_NOT_FOUND. The caller has matched the FMSPC.
 */
export function evaluateTdxTcb(info: TcbInfo, pck: PckPlatform, td: TdxTcbInput): TcbEvaluation {
  if (!equalBytes(info.pceId, pck.pceId)) {
    throw new EvidenceRejectedError('DCAP_PCEID_MISMATCH', {
      metaMessages: [`TCB info ${toHex(info.pceId)}, platform ${toHex(pck.pceId)}`],
    })
  }
  const majorVersion = td.teeTcbSvn[1] ?? 0
  // A module with a major version is judged by its identity below, so its two SVNs are left out here.
  const firstComponent = majorVersion > 0 ? 2 : 0
  const level = info.levels.find(
    (candidate) =>
      candidate.sgxComponents.every((svn, index) => (pck.componentSvns[index] ?? 0) >= svn) &&
      pck.pceSvn >= candidate.pceSvn &&
      candidate.tdxComponents.every((svn, index) => index < firstComponent || (td.teeTcbSvn[index] ?? 0) >= svn),
  )
  if (!level) throw new EvidenceRejectedError('DCAP_TCB_LEVEL_NOT_FOUND')
  const moduleLevel = evaluateModule(info, td, majorVersion)
  return {
    status: converge(level.status, moduleLevel.status),
    platformStatus: level.status,
    moduleStatus: moduleLevel.status,
    advisoryIds: unique([...level.advisoryIds, ...moduleLevel.advisoryIds]),
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

export const unique = (texts: readonly string[]) => [...new Set(texts)]

function evaluateModule(
  info: TcbInfo,
  td: TdxTcbInput,
  majorVersion: number,
): Pick<SvnLevel, 'status' | 'advisoryIds'> {
  if (majorVersion === 0) {
    expectModule(info.module, td)
    return { status: 'UpToDate', advisoryIds: [] }
  }
  const identity = info.moduleIdentities.find((candidate) => candidate.majorVersion === majorVersion)
  if (!identity) {
    throw new EvidenceRejectedError('DCAP_MODULE_IDENTITY_MISSING', { metaMessages: [`major version ${majorVersion}`] })
  }
  expectModule(identity, td)
  const isvSvn = td.teeTcbSvn[0] ?? 0
  const level = findSvnLevel(identity.levels, isvSvn)
  if (!level) throw new EvidenceRejectedError('DCAP_MODULE_LEVEL_NOT_FOUND', { metaMessages: [`ISVSVN ${isvSvn}`] })
  return level
}

function expectModule(identity: TdxModuleIdentity, td: TdxTcbInput): void {
  const masked = td.seamAttributes.map((byte, index) => byte & (identity.attributesMask[index] ?? 0xff))
  if (!equalBytes(td.mrSignerSeam, identity.mrSigner) || !equalBytes(masked, identity.attributes)) {
    throw new EvidenceRejectedError('DCAP_MODULE_IDENTITY_MISMATCH', {
      metaMessages: [`MRSIGNERSEAM ${toHex(td.mrSignerSeam)}, SEAMATTRIBUTES ${toHex(td.seamAttributes)}`],
    })
  }
}

function readModule(shape: ObjectShape): TdxModuleIdentity {
  return {
    mrSigner: shape.hex('mrsigner', 48),
    attributes: shape.hex('attributes', 8),
    attributesMask: shape.hex('attributesMask', 8),
  }
}

function readModuleIdentity(shape: ObjectShape) {
  const id = shape.text('id')
  const digits = /^TDX_([0-9A-Fa-f]{2})$/.exec(id)?.[1]
  if (digits === undefined) return shape.wrong('id', 'TDX_ and two hex digits')
  const identity = { ...readModule(shape), majorVersion: Number.parseInt(digits, 16), levels: readSvnLevels(shape) }
  shape.done()
  return identity
}

function readTcbLevel(level: ObjectShape): TcbLevel {
  const tcb = level.object('tcb')
  const found: TcbLevel = {
    sgxComponents: readComponents(tcb, 'sgxtcbcomponents'),
    tdxComponents: readComponents(tcb, 'tdxtcbcomponents'),
    pceSvn: tcb.integer('pcesvn', 0xffff),
    status: level.choice('tcbStatus', PLATFORM_STATUSES),
    advisoryIds: readAdvisories(level),
  }
  level.time('tcbDate')
  tcb.done()
  level.done()
  return found
}

function readLevels(parent: ObjectShape): readonly ObjectShape[] {
  const levels = parent.objects('tcbLevels')
  return levels.length > 0 ? levels : parent.wrong('tcbLevels', 'at least one level')
}

function readComponents(tcb: ObjectShape, key: string): readonly number[] {
  const components = tcb.objects(key)
  if (components.length !== 16) tcb.wrong(key, '16 components')
  return components.map((component) => {
    const svn = component.integer('svn', 0xff)
    for (const label of ['category', 'type']) if (component.has(label)) component.text(label)
    component.done()
    return svn
  })
}

const readAdvisories = (level: ObjectShape) => (level.has('advisoryIDs') ? level.texts('advisoryIDs') : [])
