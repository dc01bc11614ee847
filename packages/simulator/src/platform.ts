import { issueCertificate, issueCrl, serialFrom, sgxExtension } from './certificates.ts'
import { fromHex, toHex, toPem } from './encoding.ts'
import {
  DEFAULT_TCB_EVALUATION_NUMBER,
  type EndorsementContents,
  type QeIdentityBody,
  qeIdentityBody,
  type SgxTcbInfoBody,
  sgxTcbInfoBody,
  type TcbInfoBody,
  tcbInfoBody,
} from './endorsements.ts'
import { generateSigningKey, importSigningKey, type SigningKey } from './keys.ts'
import { enclaveReport, encodeQuote, type QuoteFields, tdReport, tdReport15 } from './quote.ts'
import type {
  DcapEndorsements,
  EnclaveFields,
  PlatformTcb,
  QeFields,
  TcbStatusText,
  Td15Fields,
  TdFields,
  Validity,
  ValidityName,
} from './types.ts'
import { measure } from './workload.ts'

/** A certificate with the key it certifies. */
export interface Authority {
  readonly commonName: string
  /** DER. */
  readonly certificate: Uint8Array<ArrayBuffer>
  readonly serial: Uint8Array<ArrayBuffer>
  readonly key: SigningKey
}

/** The certificates of a simulation that are not a platform's. */
export interface Authorities {
  readonly root: Authority
  readonly pckCa: Authority
  readonly tcbSigner: Authority
}

/** What a platform is made from. Hex without or with 0x. */
export interface PlatformOptions {
  /** Name under which the root keeps it. */
  readonly name: string
  /** 6 bytes of hex. */
  readonly fmspc?: string
  /** 2 bytes of hex. */
  readonly pceid?: string
  /** 16 bytes of hex; random unless given. The identity of the platform. */
  readonly ppid?: string
  readonly tcb?: Partial<PlatformTcb>
  readonly qe?: Partial<QeFields>
  /** Validity of the PCK certificate. */
  readonly validity?: Validity
}

/** What the quote of a TD and that of an enclave have in common. */
interface AnyQuoteOptions {
  /** Exactly 64 bytes. */
  readonly reportData: Uint8Array
  /** What the quote carries instead of the PCK chain. */
  readonly certificationData?: QuoteFields['certificationData']
}

/** Measurements of one quote; what is left out has the default of the platform. */
export interface QuoteOptions extends AnyQuoteOptions, Partial<TdFields> {
  /** 4 unless given. */
  readonly version?: 4 | 5
  /** Version 5 only: makes the body one of TDX 1.5; what is left out has the default. */
  readonly td15?: Partial<Td15Fields>
}

/** An enclave's quote; what is left out has a default. */
export interface SgxQuoteOptions extends AnyQuoteOptions, Partial<EnclaveFields> {
  /** 3 unless given. */
  readonly version?: 3 | 4 | 5
}

/** What one set of endorsements says; everything has a default under which the platform is UpToDate. */
export interface EndorsementOptions {
  /** Time of issue, Unix seconds or Date; the time of the root's making unless given. */
  readonly now?: Date | number
  readonly validity?: Partial<Record<ValidityName, Validity>>
  readonly tcbEvaluationNumber?: number
  readonly crlNumber?: number
  readonly platformStatus?: TcbStatusText
  readonly moduleStatus?: TcbStatusText
  readonly qeStatus?: TcbStatusText
  readonly revoked?: readonly ('pck' | 'pckCa' | 'tcbSigner')[]
  /** Last edit of the documents before they are signed, for tests of the verifiers. */
  readonly editTcbInfo?: (body: TcbInfoBody) => unknown
  /** Endorsements of SGX, with TCB info of this version, in place of TDX. */
  readonly sgx?: { readonly tcbInfoVersion: 2 | 3; readonly editTcbInfo?: (body: SgxTcbInfoBody) => unknown }
  readonly editQeIdentity?: (body: QeIdentityBody) => unknown
}

/** A platform as JSON. Holds private keys. */
export interface PlatformJson {
  readonly format: 'spartan-simulated-platform/1'
  readonly name: string
  readonly fmspc: string
  readonly pceid: string
  readonly ppid: string
  readonly tcb: PlatformTcb
  readonly qe: Readonly<
    Record<'cpuSvn' | 'miscSelect' | 'attributes' | 'mrEnclave' | 'mrSigner' | 'authData', string>
  > & {
    readonly isvProdId: number
    readonly isvSvn: number
  }
  readonly pckCertificate: string
  readonly pckSerial: string
  readonly pckKey: JsonWebKey
  readonly attestationKey: JsonWebKey
}

/** One simulated machine: PCK certificate, quoting enclave, attestation key. */
export interface SimulatedPlatform {
  readonly name: string
  readonly ppid: Uint8Array
  readonly fmspc: Uint8Array
  readonly pceid: Uint8Array
  readonly tcb: PlatformTcb
  readonly qe: QeFields
  readonly pck: Authority
  readonly attestationKey: SigningKey
  /** PEM: PCK certificate, PCK CA, root, as it stands in the quote. */
  readonly pckChainPem: string
  /** Issues a TDX quote, version 4 or 5. */
  readonly issueQuote: (options: QuoteOptions) => Promise<Uint8Array<ArrayBuffer>>
  /** Issues an SGX quote, version 3, 4 or 5, by the SGX quoting enclave (product 1). */
  readonly issueSgxQuote: (options: SgxQuoteOptions) => Promise<Uint8Array<ArrayBuffer>>
  /** Issues CRLs, TCB info and QE identity that fit this platform. */
  readonly endorsements: (options?: EndorsementOptions) => Promise<DcapEndorsements>
  readonly toJSON: () => PlatformJson
}

const DEFAULT_TCB: PlatformTcb = {
  componentSvns: [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
  pceSvn: 13,
  teeTcbSvn: [7, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
}

/** 30 days, the span that Intel gives its CRLs, TCB info and QE identities. */
const ENDORSEMENT_SPAN_SECONDS = 30 * 86_400
/** Endorsements are issued one hour back so that a clock that runs late accepts them. */
const ISSUED_BEFORE_SECONDS = 3_600

/** Unix seconds of a Date or of Unix seconds. */
export const unixSeconds = (at: Date | number) =>
  typeof at === 'number' ? Math.floor(at) : Math.floor(at.getTime() / 1000)

/** Makes a platform: fresh PCK key, certificate under the PCK CA, fresh attestation key. */
export async function createPlatform(
  authorities: Authorities,
  createdAt: number,
  random: (lengthBytes: number) => Uint8Array<ArrayBuffer>,
  options: PlatformOptions,
): Promise<SimulatedPlatform> {
  const tcb: PlatformTcb = { ...DEFAULT_TCB, ...options.tcb }
  const fmspc = fromHex(options.fmspc ?? '50a06f000000', 6, 'fmspc')
  const pceid = fromHex(options.pceid ?? '0000', 2, 'pceid')
  const ppid = options.ppid === undefined ? random(16) : fromHex(options.ppid, 16, 'ppid')
  const key = await generateSigningKey()
  const serial = serialFrom(random(20))
  const commonName = 'Intel SGX PCK Certificate'
  const certificate = await issueCertificate({
    serial,
    commonName,
    subjectKey: key,
    issuerName: authorities.pckCa.commonName,
    issuerKey: authorities.pckCa.key,
    validity: options.validity ?? { from: createdAt - 86_400, until: createdAt + 7 * 365 * 86_400 },
    crlUrl: 'https://simulation.invalid/pckcrl?ca=platform&encoding=der',
    extension: sgxExtension({
      ppid,
      componentSvns: tcb.componentSvns,
      pceSvn: tcb.pceSvn,
      pceId: pceid,
      fmspc,
      platformInstanceId: random(16),
    }),
  })
  const qe = { ...(await defaultQe(tcb, random)), ...options.qe }
  const pck: Authority = { commonName, certificate, serial, key }
  const attestationKey = await generateSigningKey()
  return assemble(authorities, createdAt, { name: options.name, fmspc, pceid, ppid, tcb, qe, pck, attestationKey })
}

/** Restores a platform under the authorities that issued it. */
export async function restorePlatform(
  authorities: Authorities,
  createdAt: number,
  json: PlatformJson,
): Promise<SimulatedPlatform> {
  const qe: QeFields = {
    cpuSvn: fromHex(json.qe.cpuSvn, 16, 'qe.cpuSvn'),
    miscSelect: fromHex(json.qe.miscSelect, 4, 'qe.miscSelect'),
    attributes: fromHex(json.qe.attributes, 16, 'qe.attributes'),
    mrEnclave: fromHex(json.qe.mrEnclave, 32, 'qe.mrEnclave'),
    mrSigner: fromHex(json.qe.mrSigner, 32, 'qe.mrSigner'),
    isvProdId: json.qe.isvProdId,
    isvSvn: json.qe.isvSvn,
    authData: fromHex(json.qe.authData, json.qe.authData.length / 2, 'qe.authData'),
  }
  return assemble(authorities, createdAt, {
    name: json.name,
    fmspc: fromHex(json.fmspc, 6, 'fmspc'),
    pceid: fromHex(json.pceid, 2, 'pceid'),
    ppid: fromHex(json.ppid, 16, 'ppid'),
    tcb: json.tcb,
    qe,
    pck: {
      commonName: 'Intel SGX PCK Certificate',
      certificate: fromHex(json.pckCertificate, json.pckCertificate.length / 2, 'pckCertificate'),
      serial: fromHex(json.pckSerial, json.pckSerial.length / 2, 'pckSerial'),
      key: await importSigningKey(json.pckKey),
    },
    attestationKey: await importSigningKey(json.attestationKey),
  })
}

type PlatformState = Pick<
  SimulatedPlatform,
  'name' | 'fmspc' | 'pceid' | 'ppid' | 'tcb' | 'qe' | 'pck' | 'attestationKey'
>

function assemble(authorities: Authorities, createdAt: number, state: PlatformState): SimulatedPlatform {
  const chain = [state.pck.certificate, authorities.pckCa.certificate, authorities.root.certificate]
  const pckChainPem = chain.map(toPem).join('')
  return {
    ...state,
    pckChainPem,
    issueQuote: async ({ certificationData, ...options }) => {
      const { attestationKey, pck, qe } = state
      const body = await tdBody(state.tcb, options)
      return encodeQuote({ body, certificationData, qe, pckChainPem, attestationKey, pckKey: pck.key })
    },
    issueSgxQuote: async ({ certificationData, version = 3, reportData, ...enclave }) => {
      const { attestationKey, pck } = state
      const bytes = enclaveReport({ ...(await defaultEnclave(state.tcb)), ...enclave }, reportData)
      const body = { version, teeType: 0, bodyType: 1, bytes } as const
      return encodeQuote({ body, certificationData, qe: sgxQe(state.qe), pckChainPem, attestationKey, pckKey: pck.key })
    },
    endorsements: (options = {}) => issueEndorsements(authorities, createdAt, state, options),
    toJSON: () => platformJson(state),
  }
}

async function tdBody(
  tcb: PlatformTcb,
  { version = 4, td15, reportData, ...measurements }: Omit<QuoteOptions, 'certificationData'>,
): Promise<QuoteFields['body']> {
  const td = { ...(await defaultTd(tcb)), ...measurements }
  if (!td15) return { version, teeType: 0x81, bodyType: 2, bytes: tdReport(td, reportData) }
  const later = { teeTcbSvn2: td.teeTcbSvn, mrServiceTd: new Uint8Array(48), ...td15 }
  return { version: 5, teeType: 0x81, bodyType: 3, bytes: tdReport15(td, later, reportData) }
}

/** The quoting enclave for SGX: the same signer, product 1. */
const sgxQe = (qe: QeFields): QeFields => ({ ...qe, isvProdId: 1 })

/** Issues the whole set for one platform family. */
async function issueEndorsements(
  authorities: Authorities,
  createdAt: number,
  state: PlatformState,
  options: EndorsementOptions,
): Promise<DcapEndorsements> {
  const now = unixSeconds(options.now ?? createdAt)
  const usual: Validity = {
    from: now - ISSUED_BEFORE_SECONDS,
    until: now - ISSUED_BEFORE_SECONDS + ENDORSEMENT_SPAN_SECONDS,
  }
  const validity = (name: ValidityName) => options.validity?.[name] ?? usual
  const { root, pckCa, tcbSigner } = authorities
  const revoked = (name: 'pck' | 'pckCa' | 'tcbSigner') => options.revoked?.includes(name) === true
  const crlNumber = options.crlNumber ?? 1
  const contents: EndorsementContents = {
    fmspc: state.fmspc,
    pceId: state.pceid,
    tcb: state.tcb,
    qe: options.sgx ? sgxQe(state.qe) : state.qe,
    platformStatus: options.platformStatus ?? 'UpToDate',
    moduleStatus: options.moduleStatus ?? 'UpToDate',
    qeStatus: options.qeStatus ?? 'UpToDate',
    tcbEvaluationNumber: options.tcbEvaluationNumber ?? DEFAULT_TCB_EVALUATION_NUMBER,
  }
  const qeIdentity = qeIdentityBody(contents, validity('qeIdentity'), options.sgx ? 'QE' : 'TD_QE')
  const sign = async (document: unknown) => {
    const body = new TextEncoder().encode(JSON.stringify(document))
    const signature = await tcbSigner.key.sign(body)
    return { body, signature, issuerChain: [tcbSigner.certificate, root.certificate] }
  }
  return {
    rootCaCrl: await issueCrl({
      issuerName: root.commonName,
      issuerKey: root.key,
      validity: validity('rootCrl'),
      crlNumber,
      revokedSerials: [
        ...(revoked('pckCa') ? [pckCa.serial] : []),
        ...(revoked('tcbSigner') ? [tcbSigner.serial] : []),
      ],
    }),
    pckCrl: await issueCrl({
      issuerName: pckCa.commonName,
      issuerKey: pckCa.key,
      validity: validity('pckCrl'),
      crlNumber,
      revokedSerials: revoked('pck') ? [state.pck.serial] : [],
    }),
    pckCrlIssuerChain: [pckCa.certificate, root.certificate],
    tcbInfo: await sign(tcbInfoOf(contents, validity('tcbInfo'), options)),
    qeIdentity: await sign(options.editQeIdentity ? options.editQeIdentity(qeIdentity) : qeIdentity),
  }
}

function tcbInfoOf(
  contents: EndorsementContents,
  validity: Validity,
  { sgx, editTcbInfo }: EndorsementOptions,
): unknown {
  if (!sgx) return (editTcbInfo ?? ((body) => body))(tcbInfoBody(contents, validity))
  return (sgx.editTcbInfo ?? ((body) => body))(sgxTcbInfoBody(contents, validity, sgx.tcbInfoVersion))
}

/** An enclave without workload: measured by its name, 64-bit, no debug. */
async function defaultEnclave(tcb: PlatformTcb): Promise<EnclaveFields> {
  return {
    cpuSvn: Uint8Array.from(tcb.componentSvns),
    miscSelect: new Uint8Array(4),
    attributes: fromHex('0500000000000000e700000000000000', 16, 'attributes'),
    mrEnclave: (await measure('enclave', 'mrEnclave')).subarray(0, 32),
    mrSigner: (await measure('enclave', 'mrSigner')).subarray(0, 32),
    isvProdId: 7,
    isvSvn: 3,
  }
}

/** Quoting enclave with the attributes and product id of Intel's TD QE, under a simulated signer. */
async function defaultQe(tcb: PlatformTcb, random: (lengthBytes: number) => Uint8Array): Promise<QeFields> {
  return {
    cpuSvn: Uint8Array.from(tcb.componentSvns),
    miscSelect: new Uint8Array(4),
    attributes: fromHex('1100000000000000e700000000000000', 16, 'attributes'),
    mrEnclave: (await measure('td-qe', 'mrEnclave')).subarray(0, 32),
    mrSigner: (await measure('td-qe', 'mrSigner')).subarray(0, 32),
    isvProdId: 2,
    isvSvn: 4,
    authData: random(32),
  }
}

/** A TD without workload: zero measurements, SEPT_VE_DISABLE set, no debug, XFAM of a current Linux guest. */
async function defaultTd(tcb: PlatformTcb): Promise<TdFields> {
  const zero48 = new Uint8Array(48)
  return {
    teeTcbSvn: Uint8Array.from(tcb.teeTcbSvn),
    mrSeam: await measure('tdx-module', 'mrSeam'),
    mrSignerSeam: zero48,
    seamAttributes: new Uint8Array(8),
    tdAttributes: fromHex('0000001000000000', 8, 'tdAttributes'),
    xfam: fromHex('e718060000000000', 8, 'xfam'),
    mrTd: zero48,
    mrConfigId: zero48,
    mrOwner: zero48,
    mrOwnerConfig: zero48,
    rtmr: [zero48, zero48, zero48, zero48],
  }
}

function platformJson(state: PlatformState): PlatformJson {
  return {
    format: 'spartan-simulated-platform/1',
    name: state.name,
    fmspc: toHex(state.fmspc),
    pceid: toHex(state.pceid),
    ppid: toHex(state.ppid),
    tcb: state.tcb,
    qe: {
      cpuSvn: toHex(state.qe.cpuSvn),
      miscSelect: toHex(state.qe.miscSelect),
      attributes: toHex(state.qe.attributes),
      mrEnclave: toHex(state.qe.mrEnclave),
      mrSigner: toHex(state.qe.mrSigner),
      isvProdId: state.qe.isvProdId,
      isvSvn: state.qe.isvSvn,
      authData: toHex(state.qe.authData),
    },
    pckCertificate: toHex(state.pck.certificate),
    pckSerial: toHex(state.pck.serial),
    pckKey: state.pck.key.jwk,
    attestationKey: state.attestationKey.jwk,
  }
}
