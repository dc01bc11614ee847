import { toHex } from './encoding.ts'
import type { PlatformTcb, QeFields, TcbStatusText, Validity } from './types.ts'

/** TCB evaluation number of a simulation's endorsements unless the caller sets another. */
export const DEFAULT_TCB_EVALUATION_NUMBER = 20

/** One level of the TDX module or of the QE. */
export interface IsvLevel {
  readonly tcb: { readonly isvsvn: number }
  readonly tcbDate: string
  readonly tcbStatus: TcbStatusText
  readonly advisoryIDs?: readonly string[]
}

/** One component SVN of a platform level. */
export interface TcbComponent {
  readonly svn: number
  readonly category?: string
  readonly type?: string
}

/** One level of the platform. */
export interface TcbLevel {
  readonly tcb: {
    readonly sgxtcbcomponents: readonly TcbComponent[]
    readonly pcesvn: number
    readonly tdxtcbcomponents: readonly TcbComponent[]
  }
  readonly tcbDate: string
  readonly tcbStatus: TcbStatusText
  readonly advisoryIDs?: readonly string[]
}

/** Identity of a TDX module. */
export interface TdxModule {
  readonly mrsigner: string
  readonly attributes: string
  readonly attributesMask: string
}

/** TCB info of TDX, version 3, keys in Intel's order. */
export interface TcbInfoBody {
  readonly id: string
  readonly version: number
  readonly issueDate: string
  readonly nextUpdate: string
  readonly fmspc: string
  readonly pceId: string
  readonly tcbType: number
  readonly tcbEvaluationDataNumber: number
  readonly tdxModule: TdxModule
  readonly tdxModuleIdentities: readonly ({ readonly id: string } & TdxModule & {
      readonly tcbLevels: readonly IsvLevel[]
    })[]
  readonly tcbLevels: readonly TcbLevel[]
}

/** One component SVN by its number, as in version 2. */
type NumberedComponents = Readonly<Record<`sgxtcbcomp${string}svn`, number>>

/** TCB info of SGX, version 3, or version 2 (no id, components by number), keys in Intel's order. */
export interface SgxTcbInfoBody extends Omit<TcbInfoBody, 'id' | 'tdxModule' | 'tdxModuleIdentities' | 'tcbLevels'> {
  readonly id?: string
  readonly tcbLevels: readonly (Omit<TcbLevel, 'tcb'> & {
    readonly tcb: Omit<TcbLevel['tcb'], 'tdxtcbcomponents'> | ({ readonly pcesvn: number } & NumberedComponents)
  })[]
}

/** QE identity of a quoting enclave, version 2, keys in Intel's order. */
export interface QeIdentityBody {
  readonly id: string
  readonly version: number
  readonly issueDate: string
  readonly nextUpdate: string
  readonly tcbEvaluationDataNumber: number
  readonly miscselect: string
  readonly miscselectMask: string
  readonly attributes: string
  readonly attributesMask: string
  readonly mrsigner: string
  readonly isvprodid: number
  readonly tcbLevels: readonly IsvLevel[]
}

/** What decides the contents of the endorsements of one platform family. */
export interface EndorsementContents {
  readonly fmspc: Uint8Array
  readonly pceId: Uint8Array
  /** TCB that the newest level asks for. */
  readonly tcb: PlatformTcb
  readonly qe: QeFields
  /** Status of the newest platform level; the levels below are OutOfDate and Revoked. */
  readonly platformStatus: TcbStatusText
  readonly moduleStatus: TcbStatusText
  readonly qeStatus: TcbStatusText
  readonly tcbEvaluationNumber: number
}

const upper = (bytes: Uint8Array) => toHex(bytes).toUpperCase()

/** Intel's date form: seconds, `Z`. */
export const isoSeconds = (unixSeconds: number) => `${new Date(unixSeconds * 1000).toISOString().slice(0, 19)}Z`

/** TCB info with three platform levels and the identities of the modules with major version 1 and 3. */
export function tcbInfoBody(contents: EndorsementContents, validity: Validity): TcbInfoBody {
  const module: TdxModule = {
    mrsigner: '0'.repeat(96),
    attributes: '0'.repeat(16),
    attributesMask: 'F'.repeat(16),
  }
  const moduleLevels = isvLevels(contents.tcb.teeTcbSvn[0] ?? 0, contents.moduleStatus)
  return {
    id: 'TDX',
    version: 3,
    issueDate: isoSeconds(validity.from),
    nextUpdate: isoSeconds(validity.until),
    fmspc: upper(contents.fmspc),
    pceId: upper(contents.pceId),
    tcbType: 0,
    tcbEvaluationDataNumber: contents.tcbEvaluationNumber,
    tdxModule: module,
    tdxModuleIdentities: [
      { id: 'TDX_03', ...module, tcbLevels: moduleLevels },
      { id: 'TDX_01', ...module, tcbLevels: moduleLevels },
    ],
    tcbLevels: platformLevels(contents.tcb, contents.platformStatus),
  }
}

/** TCB info of SGX for the same levels. */
export function sgxTcbInfoBody(contents: EndorsementContents, validity: Validity, version: 2 | 3): SgxTcbInfoBody {
  const { tdxModule: _, tdxModuleIdentities: __, id: ___, ...body } = tcbInfoBody(contents, validity)
  return {
    ...(version === 3 && { id: 'SGX' }),
    ...body,
    version,
    tcbLevels: body.tcbLevels.map((level) => ({ ...level, tcb: sgxTcb(level.tcb, version) })),
  }
}

function sgxTcb({ sgxtcbcomponents, pcesvn }: TcbLevel['tcb'], version: 2 | 3) {
  if (version === 3) return { sgxtcbcomponents, pcesvn }
  const numbered = sgxtcbcomponents.map(({ svn }, index) => [`sgxtcbcomp${String(index + 1).padStart(2, '0')}svn`, svn])
  return { ...(Object.fromEntries(numbered) as NumberedComponents), pcesvn }
}

/** Attributes that identify the QE: all flags but MODE64BIT, nothing of XFRM, as in Intel's identities. */
const QE_ATTRIBUTES_MASK = Uint8Array.of(0xfb, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0)

/** QE identity that the QE report of `contents.qe` matches at its newest level. */
export function qeIdentityBody(
  contents: EndorsementContents,
  validity: Validity,
  id: 'QE' | 'TD_QE' = 'TD_QE',
): QeIdentityBody {
  return {
    id,
    version: 2,
    issueDate: isoSeconds(validity.from),
    nextUpdate: isoSeconds(validity.until),
    tcbEvaluationDataNumber: contents.tcbEvaluationNumber,
    miscselect: upper(contents.qe.miscSelect),
    miscselectMask: 'FFFFFFFF',
    attributes: upper(contents.qe.attributes.map((byte, index) => byte & (QE_ATTRIBUTES_MASK[index] ?? 0))),
    attributesMask: upper(QE_ATTRIBUTES_MASK),
    mrsigner: upper(contents.qe.mrSigner),
    isvprodid: contents.qe.isvProdId,
    tcbLevels: isvLevels(contents.qe.isvSvn, contents.qeStatus),
  }
}

function isvLevels(newest: number, status: TcbStatusText): readonly IsvLevel[] {
  const levels: IsvLevel[] = [
    { tcb: { isvsvn: newest }, tcbDate: '2026-02-11T00:00:00Z', tcbStatus: status, ...advisories(status) },
  ]
  if (newest > 1) {
    levels.push({
      tcb: { isvsvn: newest - 1 },
      tcbDate: '2025-03-12T00:00:00Z',
      tcbStatus: 'OutOfDate',
      advisoryIDs: ['INTEL-SA-00001'],
    })
  }
  return levels
}

/** Newest level as asked; below it one step older in component 0 (OutOfDate), then in the PCE as well (Revoked). */
function platformLevels(tcb: PlatformTcb, status: TcbStatusText): readonly TcbLevel[] {
  const older = tcb.componentSvns.map((svn, index) => (index === 0 ? Math.max(svn - 1, 0) : svn))
  const level = (
    components: readonly number[],
    pceSvn: number,
    date: string,
    levelStatus: TcbStatusText,
  ): TcbLevel => ({
    tcb: {
      sgxtcbcomponents: components.map(sgxComponent),
      pcesvn: pceSvn,
      tdxtcbcomponents: tcb.teeTcbSvn.map(tdxComponent),
    },
    tcbDate: date,
    tcbStatus: levelStatus,
    ...advisories(levelStatus),
  })
  return [
    level(tcb.componentSvns, tcb.pceSvn, '2026-02-11T00:00:00Z', status),
    level(older, tcb.pceSvn, '2025-03-12T00:00:00Z', 'OutOfDate'),
    level(older, Math.max(tcb.pceSvn - 1, 0), '2023-08-09T00:00:00Z', 'Revoked'),
  ]
}

const advisories = (status: TcbStatusText) => (status === 'UpToDate' ? {} : { advisoryIDs: ['INTEL-SA-00001'] })

const SGX_COMPONENTS: readonly Omit<TcbComponent, 'svn'>[] = [
  { category: 'BIOS', type: 'Early Microcode Update' },
  { category: 'OS/VMM', type: 'SGX Late Microcode Update' },
  { category: 'OS/VMM', type: 'TXT SINIT' },
  { category: 'BIOS' },
  { category: 'BIOS' },
  { category: 'BIOS' },
  {},
  { category: 'OS/VMM', type: 'SEAMLDR ACM' },
]

const sgxComponent = (svn: number, index: number): TcbComponent => ({ svn, ...SGX_COMPONENTS[index] })

const TDX_COMPONENTS: readonly Omit<TcbComponent, 'svn'>[] = [
  { category: 'OS/VMM', type: 'TDX Module' },
  { category: 'OS/VMM', type: 'TDX Module' },
  { category: 'OS/VMM', type: 'TDX Late Microcode Update' },
]

/** Components 0 and 1 are judged by the module identity when the module's major version is above 0, so they stay 0. */
function tdxComponent(svn: number, index: number): TcbComponent {
  return { svn: index < 2 ? 0 : svn, ...TDX_COMPONENTS[index] }
}
