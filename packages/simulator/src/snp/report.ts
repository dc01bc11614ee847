/** Product lines that can be simulated. */
export type SnpProductLine = 'Milan' | 'Genoa' | 'Turin'

/** Security version numbers of the firmware components, each 0 to 255. `fmc` is of Turin only. */
export interface SnpTcbFields {
  readonly bootLoader: number
  readonly tee: number
  readonly snp: number
  readonly microcode: number
  readonly fmc?: number
}

/** What one report says; everything has a default of a healthy machine. */
export interface SnpReportFields {
  /** Any number, so that unknown versions can be tried. 5 unless given. */
  readonly version?: number
  readonly guestSvn?: number
  /** Guest policy; SMT allowed and the bit that must be one, unless given. */
  readonly policy?: bigint
  readonly familyId?: Uint8Array
  readonly imageId?: Uint8Array
  readonly vmpl?: number
  readonly signatureAlgorithm?: number
  /** PLATFORM_INFO; SMT, ECC and a completed alias check unless given. */
  readonly platformInfo?: bigint
  /** Key information word; the kind of the machine's key unless given. */
  readonly keyInfo?: number
  /** 64 bytes. */
  readonly reportData?: Uint8Array
  /** 48 bytes. */
  readonly measurement?: Uint8Array
  /** 32 bytes. */
  readonly hostData?: Uint8Array
  readonly idKeyDigest?: Uint8Array
  readonly authorKeyDigest?: Uint8Array
  readonly reportId?: Uint8Array
  readonly currentTcb?: SnpTcbFields
  readonly committedTcb?: SnpTcbFields
  readonly launchTcb?: SnpTcbFields
  /** The TCB of the endorsement key unless given. */
  readonly reportedTcb?: SnpTcbFields
  /** Family, model, stepping; those of the product unless given. Written from version 3 on. */
  readonly cpuid?: readonly [number, number, number]
  /** 64 bytes; the machine's own unless given. */
  readonly chipId?: Uint8Array
  /** Build, minor, major. */
  readonly currentVersion?: readonly [number, number, number]
  readonly committedVersion?: readonly [number, number, number]
  /** Written from version 5 on. */
  readonly launchMitigationVector?: bigint
  readonly currentMitigationVector?: bigint
  /** Bytes written over the finished report before it is signed. */
  readonly patches?: readonly (readonly [offset: number, bytes: Uint8Array])[]
}

/** A field by its place. Source: AMD 56860, ATTESTATION_REPORT. */
const SIZE = 0x4a0
const CPUID: Readonly<Record<SnpProductLine, readonly [number, number, number]>> = {
  Milan: [0x19, 0x01, 1],
  Genoa: [0x19, 0x11, 1],
  Turin: [0x1a, 0x02, 1],
}

/** TCB_VERSION, 8 bytes, by the layout of a product. */
export function encodeTcb(tcb: SnpTcbFields, product: SnpProductLine): Uint8Array<ArrayBuffer> {
  const { bootLoader, tee, snp, microcode, fmc = 0 } = tcb
  return product === 'Turin'
    ? Uint8Array.of(fmc, bootLoader, tee, snp, 0, 0, 0, microcode)
    : Uint8Array.of(bootLoader, tee, 0, 0, 0, 0, snp, microcode)
}

/** What the machine fills in where the fields say nothing. */
export interface SnpReportDefaults {
  readonly product: SnpProductLine
  readonly tcb: SnpTcbFields
  readonly chipId: Uint8Array
  readonly signingKey: number
}

/** Encodes a report without its signature. */
export function encodeSnpReport(fields: SnpReportFields, machine: SnpReportDefaults): Uint8Array<ArrayBuffer> {
  const report = new Uint8Array(SIZE)
  const view = new DataView(report.buffer)
  const version = fields.version ?? 5
  const put = (offset: number, bytes: Uint8Array | readonly number[] | undefined) => {
    if (bytes) report.set(bytes, offset)
  }
  view.setUint32(0x000, version, true)
  view.setUint32(0x004, fields.guestSvn ?? 0, true)
  view.setBigUint64(0x008, fields.policy ?? 0x3_0000n, true)
  put(0x010, fields.familyId)
  put(0x020, fields.imageId)
  view.setUint32(0x030, fields.vmpl ?? 0, true)
  view.setUint32(0x034, fields.signatureAlgorithm ?? 1, true)
  view.setBigUint64(0x040, fields.platformInfo ?? 0x25n, true)
  view.setUint32(0x048, fields.keyInfo ?? machine.signingKey << 2, true)
  put(0x050, fields.reportData)
  put(0x090, fields.measurement)
  put(0x0c0, fields.hostData)
  put(0x0e0, fields.idKeyDigest)
  put(0x110, fields.authorKeyDigest)
  put(0x140, fields.reportId)
  const tcb = (given: SnpTcbFields | undefined) => encodeTcb(given ?? machine.tcb, machine.product)
  put(0x038, tcb(fields.currentTcb))
  put(0x180, tcb(fields.reportedTcb))
  put(0x1e0, tcb(fields.committedTcb))
  put(0x1f0, tcb(fields.launchTcb))
  if (version >= 3) put(0x188, fields.cpuid ?? CPUID[machine.product])
  put(0x1a0, fields.chipId ?? machine.chipId)
  put(0x1e8, fields.currentVersion ?? [40, 55, 1])
  put(0x1ec, fields.committedVersion ?? [40, 55, 1])
  if (version >= 5) {
    view.setBigUint64(0x1f8, fields.launchMitigationVector ?? 0x0bn, true)
    view.setBigUint64(0x200, fields.currentMitigationVector ?? 0x0bn, true)
  }
  for (const [offset, bytes] of fields.patches ?? []) put(offset, bytes)
  return report
}

/** Writes r and s, each little-endian in 72 bytes, from a signature r‖s (big-endian, 96 bytes). */
export function writeSnpSignature(report: Uint8Array, signature: Uint8Array): void {
  report.set(signature.slice(0, 48).reverse(), 0x2a0)
  report.set(signature.slice(48, 96).reverse(), 0x2e8)
}

/** Bytes 0 to 0x29F, which are signed. */
export const snpSignedBytes = (report: Uint8Array) => report.subarray(0, 0x2a0)
