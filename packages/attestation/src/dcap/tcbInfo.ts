import { EvidenceRejectedError } from '../errors.ts'
import { type ObjectShape, parseStrictJson, shapeOf } from '../internal/json.ts'
import type { TcbStatus } from '../result.ts'

/** TEE of a DCAP quote, and of the TCB info and QE identity that go with it. */
export type DcapTee = 'sgx' | 'tdx'

/** Status of a TDX module or QE level. */
export type PartStatus = 'UpToDate' | 'OutOfDate' | 'Revoked'

/** One level of a TDX module or of the QE. */
export interface SvnLevel {
  readonly isvSvn: number
  readonly status: PartStatus
  readonly advisoryIds: readonly string[]
}

/** One level of the platform. */
export interface TcbLevel {
  /** SVNs of the 16 SGX components. */
  readonly sgxComponents: readonly number[]
  /** SVNs of the 16 TDX components; none for SGX. */
  readonly tdxComponents: readonly number[]
  readonly pceSvn: number
  readonly status: TcbStatus
  readonly advisoryIds: readonly string[]
  /** Unix seconds: security fixes up to this date are in the level. */
  readonly tcbDate: number
}

/** Who may have signed a TDX module, and with which attributes. */
export interface TdxModuleIdentity {
  readonly mrSigner: Uint8Array
  readonly attributes: Uint8Array
  readonly attributesMask: Uint8Array
}

/** Identity of the TDX modules of one major version, with its levels. */
export interface VersionedModuleIdentity extends TdxModuleIdentity {
  readonly majorVersion: number
  readonly levels: readonly SvnLevel[]
}

/** Intel's TCB info: version 3, and for SGX also version 2. */
export interface TcbInfo {
  readonly tee: DcapTee
  readonly version: number
  /** Unix seconds. */
  readonly issueDate: number
  readonly nextUpdate: number
  readonly evaluationNumber: number
  readonly fmspc: Uint8Array
  readonly pceId: Uint8Array
  /** Identity of modules without a major version; undefined for SGX. */
  readonly module: TdxModuleIdentity | undefined
  readonly moduleIdentities: readonly VersionedModuleIdentity[]
  /** Highest first, whatever the order in the document. */
  readonly levels: readonly TcbLevel[]
}

const MALFORMED = 'DCAP_TCB_INFO_MALFORMED'
const TCB_INFO_ID: Readonly<Record<DcapTee, string>> = { sgx: 'SGX', tdx: 'TDX' }
/** Version 2 has no id and is SGX only (Intel QVL, QuoteVerifier step 4.1.2.4.9). */
const VERSIONS: Readonly<Record<DcapTee, readonly number[]>> = { sgx: [2, 3], tdx: [3] }
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

/**
 * Parses TCB info whose signature holds. Source: Intel PCS API v4, "Get TCB Info"; version 2: API v3.
 *
 * Throws DCAP_TCB_INFO_MALFORMED, _ID_MISMATCH, _VERSION_UNSUPPORTED.
 */
export function parseTcbInfo(body: Uint8Array, tee: DcapTee): TcbInfo {
  const shape = shapeOf(parseStrictJson(body, MALFORMED), MALFORMED, 'tcbInfo')
  // Only version 2 goes without an id, and only for SGX.
  if (tee === 'tdx' || shape.has('id') || shape.integer('version') >= 3) expectId(shape, TCB_INFO_ID[tee])
  const version = shape.integer('version')
  if (!VERSIONS[tee].includes(version)) {
    throw new EvidenceRejectedError('DCAP_TCB_INFO_VERSION_UNSUPPORTED', {
      metaMessages: [`${VERSIONS[tee].join(' or ')}, got ${version}`],
    })
  }
  // 0: component-wise comparison, the only type there is.
  shape.integer('tcbType', 0)
  const module = tee === 'tdx' ? shape.object('tdxModule') : undefined
  const info: TcbInfo = {
    tee,
    version,
    issueDate: shape.time('issueDate'),
    nextUpdate: shape.time('nextUpdate'),
    evaluationNumber: shape.integer('tcbEvaluationDataNumber'),
    fmspc: shape.hex('fmspc', 6),
    pceId: shape.hex('pceId', 2),
    module: module && readModule(module),
    moduleIdentities: module ? readModuleIdentities(shape) : [],
    levels: readLevels(shape)
      .map((level) => readTcbLevel(level, tee, version))
      .sort(compareTcbLevels),
  }
  module?.done()
  shape.done()
  return info
}

function expectId(shape: ObjectShape, wanted: string): void {
  const id = shape.text('id')
  if (id === wanted) return
  throw new EvidenceRejectedError('DCAP_TCB_INFO_ID_MISMATCH', { metaMessages: [`${wanted}, got ${id}`] })
}

/** Levels of a TDX module or QE, highest first. */
export function readSvnLevels(parent: ObjectShape): readonly SvnLevel[] {
  const levels = readLevels(parent).map((level) => {
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
  return levels.sort((left, right) => right.isvSvn - left.isvSvn)
}

/**
 * Orders levels as Intel's Quote Verification Library keeps them: SGX components, then PCESVN, then TDX components, each
 * from high to low. Intel signs them in this order; another one must not change which level a platform reaches.
 */
function compareTcbLevels(left: TcbLevel, right: TcbLevel): number {
  return (
    compareSvns(left.sgxComponents, right.sgxComponents) ||
    right.pceSvn - left.pceSvn ||
    compareSvns(left.tdxComponents, right.tdxComponents)
  )
}

function compareSvns(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < left.length; index++) {
    const difference = (right[index] ?? 0) - (left[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function readModule(shape: ObjectShape): TdxModuleIdentity {
  return {
    mrSigner: shape.hex('mrsigner', 48),
    attributes: shape.hex('attributes', 8),
    attributesMask: shape.hex('attributesMask', 8),
  }
}

function readModuleIdentities(shape: ObjectShape): readonly VersionedModuleIdentity[] {
  return shape.has('tdxModuleIdentities') ? shape.objects('tdxModuleIdentities').map(readModuleIdentity) : []
}

function readModuleIdentity(shape: ObjectShape): VersionedModuleIdentity {
  const id = shape.text('id')
  const digits = /^TDX_([0-9A-Fa-f]{2})$/.exec(id)?.[1]
  if (digits === undefined) return shape.wrong('id', 'TDX_ and two hex digits')
  const identity = { ...readModule(shape), majorVersion: Number.parseInt(digits, 16), levels: readSvnLevels(shape) }
  shape.done()
  return identity
}

function readTcbLevel(level: ObjectShape, tee: DcapTee, version: number): TcbLevel {
  const tcb = level.object('tcb')
  const found: TcbLevel = {
    sgxComponents: version === 2 ? readNumberedComponents(tcb) : readComponents(tcb, 'sgxtcbcomponents'),
    tdxComponents: tee === 'tdx' ? readComponents(tcb, 'tdxtcbcomponents') : [],
    pceSvn: tcb.integer('pcesvn', 0xffff),
    status: level.choice('tcbStatus', PLATFORM_STATUSES),
    advisoryIds: readAdvisories(level),
    tcbDate: level.time('tcbDate'),
  }
  tcb.done()
  level.done()
  return found
}

function readLevels(parent: ObjectShape): readonly ObjectShape[] {
  const levels = parent.objects('tcbLevels')
  return levels.length > 0 ? levels : parent.wrong('tcbLevels', 'at least one level')
}

/** Version 2: sgxtcbcomp01svn to sgxtcbcomp16svn. */
function readNumberedComponents(tcb: ObjectShape): readonly number[] {
  return Array.from({ length: 16 }, (_, index) =>
    tcb.integer(`sgxtcbcomp${String(index + 1).padStart(2, '0')}svn`, 0xff),
  )
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
