import { isJsonObject, parseUniqueJson } from '../any/json.ts'
import { MalformedEvidenceError } from '../errors.ts'
import { fromBase64, isZero, toHex, u32 } from '../internal/bytes.ts'
import { parsePublicKey } from '../internal/publicKey.ts'
import type { RsaPublicKey } from '../internal/signatures.ts'
import { REPORT_SIZE } from './constants.ts'

/** Azure's wrapping of a report by its paravisor (HCL), as it stands in the vTPM's NV index 0x01400001. */
export interface HclReport {
  /** Exactly one attestation report. */
  readonly report: Uint8Array
  /** JSON whose SHA-256 is the first half of REPORTDATA. Without padding. */
  readonly runtimeData: Uint8Array
  /** The vTPM's attestation key. */
  readonly attestationKey: RsaPublicKey
}

/**
 * Layout. Source: Microsoft, "Confidential VM guest attestation design", attestation report format. Offset and meaning of
 * 32-bit little-endian words; all offsets from the start.
 */
const HCL = {
  magic: 0x414c4348,
  /** Versions seen: 1 and 2, with the same layout. */
  versions: [1, 2],
  versionAt: 4,
  /** Bytes from the header to the end of the runtime data. */
  sizeAt: 8,
  headerSize: 32,
  runtimeHeaderAt: 32 + REPORT_SIZE,
  runtimeHeaderSize: 20,
  reportTypeSnp: 2,
  hashSha256: 1,
} as const
/** Azure's blobs are 2600 bytes. */
const MAX_HCL_SIZE = 64 * 1024
const KEY_ID = 'HCLAkPub'

/** Whether bytes start as an HCL report. */
export function isHclReport(bytes: Uint8Array): boolean {
  return bytes.length > 4 && u32(bytes, 0) === HCL.magic
}

const fail = (offset: number, expected: string, got: string): never => {
  throw new MalformedEvidenceError('SNP_HCL_MALFORMED', { offset, expected, got })
}

/**
 * Parses an HCL report: header, attestation report, runtime data, zero padding.
 *
 * Proves: the layout. Does not prove: that the report vouches for the runtime data (`verifySnp` does).
 *
 * @throws {MalformedEvidenceError} SNP_HCL_MALFORMED, SNP_HCL_REPORT_TYPE_UNSUPPORTED, SNP_HCL_KEY_MISSING.
 */
export function parseHclReport(bytes: Uint8Array): HclReport {
  const { headerSize, runtimeHeaderAt: at, runtimeHeaderSize } = HCL
  const dataAt = at + runtimeHeaderSize
  if (bytes.length < dataAt || bytes.length > MAX_HCL_SIZE) {
    fail(0, `${dataAt} to ${MAX_HCL_SIZE} bytes`, `${bytes.length}`)
  }
  const version = u32(bytes, HCL.versionAt)
  if (!HCL.versions.some((known) => known === version)) fail(HCL.versionAt, HCL.versions.join(' or '), `${version}`)
  const word = (index: number) => u32(bytes, at + 4 * index)
  const type = word(2)
  if (type !== HCL.reportTypeSnp) {
    throw new MalformedEvidenceError('SNP_HCL_REPORT_TYPE_UNSUPPORTED', {
      offset: at + 8,
      expected: `${HCL.reportTypeSnp} (SEV-SNP)`,
      got: `${type}`,
    })
  }
  if (word(3) !== HCL.hashSha256) fail(at + 12, `${HCL.hashSha256} (SHA-256)`, `${word(3)}`)
  const size = word(4)
  const end = dataAt + size
  if (end > bytes.length) fail(at + 16, `at most ${bytes.length - dataAt} bytes of runtime data`, `${size}`)
  if (word(0) !== size + runtimeHeaderSize) fail(at, `${size + runtimeHeaderSize}`, `${word(0)}`)
  if (u32(bytes, HCL.sizeAt) !== end) fail(HCL.sizeAt, `${end}`, `${u32(bytes, HCL.sizeAt)}`)
  if (!isZero(bytes.subarray(end))) fail(end, 'zero padding', 'other bytes')
  const runtimeData = bytes.subarray(dataAt, end)
  return {
    report: bytes.subarray(headerSize, headerSize + REPORT_SIZE),
    runtimeData,
    attestationKey: readAttestationKey(runtimeData),
  }
}

/** The JSON Web Key named HCLAkPub; exactly one. Everything else of the runtime data is Azure's to define. */
function readAttestationKey(runtimeData: Uint8Array): RsaPublicKey {
  const json = parseUniqueJson(runtimeData, 'SNP_HCL_MALFORMED', MAX_HCL_SIZE)
  const keys = isJsonObject(json) && Array.isArray(json.keys) ? (json.keys as readonly unknown[]) : []
  const [key, second] = keys.filter(isJsonObject).filter(({ kid }) => kid === KEY_ID)
  if (!key || second || key.kty !== 'RSA' || key.e !== 'AQAB' || typeof key.n !== 'string') {
    throw new MalformedEvidenceError('SNP_HCL_KEY_MISSING', {
      offset: 0,
      expected: `one RSA key ${KEY_ID} with exponent 65537`,
      got: second ? 'more than one' : 'none',
    })
  }
  const base64 = key.n.replaceAll('-', '+').replaceAll('_', '/')
  const modulus = fromBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, '='))
  if (!modulus || (modulus[0] ?? 0) < 0x80 || modulus.length !== 256) {
    return fail(0, 'a modulus of 2048 bits in base64url', `${key.n.slice(0, 16)}…`)
  }
  const parsed = parsePublicKey({ bytes: rsaSpki(modulus), code: 'SNP_HCL_MALFORMED' })
  return parsed.type === 'rsa' ? parsed : fail(0, 'an RSA key', toHex(modulus.subarray(0, 8)))
}

/** SubjectPublicKeyInfo of an RSA key of 2048 bits with exponent 65537, up to its modulus. RFC 8017, A.1.1. */
const SPKI_HEAD = Uint8Array.of(
  ...[0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00],
  ...[0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00],
)
const SPKI_EXPONENT = Uint8Array.of(0x02, 0x03, 0x01, 0x00, 0x01)

function rsaSpki(modulus: Uint8Array): Uint8Array {
  const spki = new Uint8Array(SPKI_HEAD.length + modulus.length + SPKI_EXPONENT.length)
  spki.set(SPKI_HEAD)
  spki.set(modulus, SPKI_HEAD.length)
  spki.set(SPKI_EXPONENT, SPKI_HEAD.length + modulus.length)
  return spki
}
