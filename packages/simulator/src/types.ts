/** A span of validity, Unix seconds, both ends included. */
export interface Validity {
  readonly from: number
  readonly until: number
}

/** Certificates and endorsements whose validity can be set. */
export type ValidityName = 'root' | 'pckCa' | 'tcbSigner' | 'pck' | 'rootCrl' | 'pckCrl' | 'tcbInfo' | 'qeIdentity'

/** Intel's TCB statuses, spelled as in TCB info. */
export type TcbStatusText =
  | 'UpToDate'
  | 'SWHardeningNeeded'
  | 'ConfigurationNeeded'
  | 'ConfigurationAndSWHardeningNeeded'
  | 'OutOfDate'
  | 'OutOfDateConfigurationNeeded'
  | 'Revoked'

/** One signed JSON document: TCB info or QE identity. */
export interface SignedDocument {
  /** Exactly the signed bytes: JSON text in UTF-8. */
  readonly body: Uint8Array
  /** ECDSA P-256/SHA-256 over `body`: raw r‖s. */
  readonly signature: Uint8Array
  /** DER: TCB signing certificate, root. */
  readonly issuerChain: readonly Uint8Array[]
}

/** Endorsements of DCAP for one platform family (docs/architecture.md). */
export interface DcapEndorsements {
  /** DER. */
  readonly rootCaCrl: Uint8Array
  /** DER. */
  readonly pckCrl: Uint8Array
  /** DER: PCK CA, root. */
  readonly pckCrlIssuerChain: readonly Uint8Array[]
  readonly tcbInfo: SignedDocument
  readonly qeIdentity: SignedDocument
}

/** SVNs of a platform. */
export interface PlatformTcb {
  /** 16 SGX component SVNs, 0..255. */
  readonly componentSvns: readonly number[]
  /** 0..65535. */
  readonly pceSvn: number
  /** TEE_TCB_SVN, 16 bytes: [0] SVN of the TDX module, [1] its major version, [2] SVN of the SEAM loader's microcode. */
  readonly teeTcbSvn: readonly number[]
}

/** TD measurements and attributes that a quote reports. Every value in full width. */
export interface TdFields {
  readonly mrSeam: Uint8Array
  readonly mrSignerSeam: Uint8Array
  readonly seamAttributes: Uint8Array
  readonly tdAttributes: Uint8Array
  readonly xfam: Uint8Array
  readonly mrTd: Uint8Array
  readonly mrConfigId: Uint8Array
  readonly mrOwner: Uint8Array
  readonly mrOwnerConfig: Uint8Array
  readonly rtmr: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  readonly teeTcbSvn: Uint8Array
}

/** What a TD report of TDX 1.5 says beside {@link TdFields}. */
export interface Td15Fields {
  /** TCB of the module that runs now, 16 bytes. */
  readonly teeTcbSvn2: Uint8Array
  /** 48 bytes; zero: no service TD. */
  readonly mrServiceTd: Uint8Array
}

/** Fields of an enclave report, but for report data. */
export interface EnclaveFields {
  readonly cpuSvn: Uint8Array
  readonly miscSelect: Uint8Array
  readonly attributes: Uint8Array
  readonly mrEnclave: Uint8Array
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  /** Only with KSS; zero unless given. 16, 64 and 16 bytes. */
  readonly isvExtProdId?: Uint8Array
  readonly configId?: Uint8Array
  readonly isvFamilyId?: Uint8Array
  readonly configSvn?: number
}

/** Fields of the quoting enclave's report. */
export interface QeFields extends EnclaveFields {
  /** QE authentication data, any length up to 65535. */
  readonly authData: Uint8Array
}
