import { u16 } from '../internal/bytes.ts'

/** Size of an SGX report body in bytes. */
export const ENCLAVE_REPORT_SIZE = 384

/** Body of an SGX report: of the quoting enclave, and of the enclave that an SGX quote is about. */
export interface EnclaveReport {
  readonly bytes: Uint8Array
  /** 16 bytes. */
  readonly cpuSvn: Uint8Array
  /** 4 bytes. */
  readonly miscSelect: Uint8Array
  /** 16 bytes; only with KSS. */
  readonly isvExtProdId: Uint8Array
  /** Flags 8, XFRM 8. */
  readonly attributes: Uint8Array
  /** 32 bytes. */
  readonly mrEnclave: Uint8Array
  /** 32 bytes. */
  readonly mrSigner: Uint8Array
  /** 64 bytes; only with KSS. */
  readonly configId: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  readonly configSvn: number
  /** 16 bytes; only with KSS. */
  readonly isvFamilyId: Uint8Array
  /** 64 bytes. */
  readonly reportData: Uint8Array
}

/** Parses a report body of 384 bytes. Source: Intel SDM volume 3D, REPORT structure; `sgx_report_body_t`. */
export function parseEnclaveReport(bytes: Uint8Array): EnclaveReport {
  return {
    bytes,
    cpuSvn: bytes.subarray(0, 16),
    miscSelect: bytes.subarray(16, 20),
    isvExtProdId: bytes.subarray(32, 48),
    attributes: bytes.subarray(48, 64),
    mrEnclave: bytes.subarray(64, 96),
    mrSigner: bytes.subarray(128, 160),
    configId: bytes.subarray(192, 256),
    isvProdId: u16(bytes, 256),
    isvSvn: u16(bytes, 258),
    configSvn: u16(bytes, 260),
    isvFamilyId: bytes.subarray(304, 320),
    reportData: bytes.subarray(320, 384),
  }
}

/** Where a report body has reserved bytes, [start, stop): EREPORT writes zero there. */
export const RESERVED_RANGES = [
  [20, 32],
  [96, 128],
  [160, 192],
  [262, 304],
] as const
