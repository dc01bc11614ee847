import { u16 } from '../internal/bytes.ts'

/** PCK certificate, PCK CA and root, DER. */
export interface PckChain {
  readonly pck: Uint8Array
  readonly pckCa: Uint8Array
  readonly root: Uint8Array
}

/** What names the PCK certificate of a quote that does not carry its chain. */
export type PckReference =
  /** Type 1: PPID in plain text. Types 2 and 3: PPID encrypted to Intel with RSA-2048 or RSA-3072. */
  | {
      readonly type: 1 | 2 | 3
      /** 16 bytes; undefined where it is encrypted. */
      readonly ppid: Uint8Array | undefined
      readonly cpuSvn: Uint8Array
      readonly pceSvn: number
      /** 2 bytes; undefined in type 1. */
      readonly pceId: Uint8Array | undefined
    }
  /** Type 4: the certificate alone, DER. */
  | { readonly type: 4; readonly certificate: Uint8Array }

/** Certification data of the QE report: the chain itself (type 5), or what names it (types 1 to 4). */
export type CertificationData = { readonly type: 5; readonly chain: PckChain } | PckReference

/** Reads the DER certificates of a PEM text; a cache may stand in front. */
export type PemReader = (pem: Uint8Array) => readonly Uint8Array[] | undefined

const PPID_SIZE = { 1: 16, 2: 256, 3: 384 } as const

/**
 * Parses certification data, or gives undefined when the type is unknown or the bytes are not of its form.
 *
 * Source: Intel SGX ECDSA Quote Library API, appendix A.4, "QE Certification Data". All integers little-endian.
 */
export function parseCertificationData(
  type: number,
  bytes: Uint8Array,
  readPem: PemReader,
): CertificationData | undefined {
  if (type === 5) {
    const [pck, pckCa, root, ...more] = readPem(bytes) ?? []
    return pck && pckCa && root && more.length === 0 ? { type, chain: { pck, pckCa, root } } : undefined
  }
  if (type === 4) {
    const [certificate, ...more] = bytes[0] === 0x30 ? [bytes] : (readPem(bytes) ?? [])
    return certificate && more.length === 0 ? { type, certificate } : undefined
  }
  if (type !== 1 && type !== 2 && type !== 3) return undefined
  const at = PPID_SIZE[type]
  if (bytes.length !== at + 18 + (type === 1 ? 0 : 2)) return undefined
  return {
    type,
    ppid: type === 1 ? bytes.subarray(0, at) : undefined,
    cpuSvn: bytes.subarray(at, at + 16),
    pceSvn: u16(bytes, at + 16),
    pceId: type === 1 ? undefined : bytes.subarray(at + 18),
  }
}
