import { createPublicKey, X509Certificate } from 'node:crypto'
import { type AnchorOf, type EvidenceKind, VENDOR_ANCHORS } from '@spartan/attestation'
import { CannotCheckError } from '../../errors.ts'
import { certificateNames, derKindOf } from './endorsements/der.ts'
import { readBoundedFile } from './input.ts'

const MAX_ANCHOR_BYTES = 65_536

/**
 * Trust anchors of `--trust-anchor`, else the vendor's.
 *
 * Anchors of one's own are marked as simulated, so that nobody takes what hangs below them for hardware; but for CCA, whose keys
 * come from nowhere else.
 *
 * @throws {CannotCheckError} CLI_ANCHOR_UNKNOWN.
 */
export function anchorsOf<K extends EvidenceKind>(
  kind: K,
  paths: readonly string[] | undefined,
): readonly AnchorOf[K][] {
  if (paths === undefined) return VENDOR_ANCHORS[kind]
  return paths.flatMap((path) => readAnchors(kind, path)) as unknown as readonly AnchorOf[K][]
}

function readAnchors(kind: EvidenceKind, path: string): readonly AnchorOf[EvidenceKind][] {
  const bytes = readBoundedFile(path, MAX_ANCHOR_BYTES)
  try {
    if (kind === 'cca') return [{ publicKey: spkiOf(bytes), simulated: false }]
    const der = derOf(bytes)
    const isRoot = derKindOf(der) === 'certificate' && isSelfIssued(der)
    if (kind === 'tdx' || kind === 'sgx') return [{ publicKey: pointOf(isRoot ? der : bytes, isRoot), simulated: true }]
    if (!isRoot) throw new TypeError('not a root certificate')
    if (kind !== 'nvidia') return [{ certificate: der, simulated: true }]
    return (['device', 'rim'] as const).map((role) => ({ role, certificate: der, simulated: true }))
  } catch (cause) {
    throw new CannotCheckError('CLI_ANCHOR_UNKNOWN', { metaMessages: [path], cause })
  }
}

function isSelfIssued(der: Uint8Array): boolean {
  const { issuer, subject } = certificateNames(der)
  return issuer === subject
}

function derOf(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0x30) return bytes
  const [, base64] = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(new TextDecoder().decode(bytes)) ?? []
  return base64 === undefined ? new Uint8Array() : new Uint8Array(Buffer.from(base64, 'base64'))
}

function spkiOf(bytes: Uint8Array): Uint8Array {
  const input = bytes[0] === 0x30 ? ({ format: 'der', type: 'spki' } as const) : {}
  const key = createPublicKey({ key: Buffer.from(bytes), ...input })
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }))
}

/** Uncompressed P-256 point of a certificate, or of hex text `04…` as the local world prints it. */
function pointOf(bytes: Uint8Array, isCertificate: boolean): Uint8Array {
  if (isCertificate) {
    const spki = new X509Certificate(bytes).publicKey.export({ format: 'der', type: 'spki' })
    return new Uint8Array(spki.subarray(spki.length - 65))
  }
  const text = new TextDecoder().decode(bytes).trim().replace(/^0x/, '')
  if (!/^04[0-9a-fA-F]{128}$/.test(text)) throw new TypeError('neither a certificate nor a P-256 point')
  return new Uint8Array(Buffer.from(text, 'hex'))
}
