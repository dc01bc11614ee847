import { BaseError } from '@spartan/errors'
import { bytesToHex } from 'viem'
import { type Certification, refuse } from './dcapQuote.ts'

/** PCK certificate, PCK CA and root, DER. */
export type PckChain = readonly [pck: Uint8Array, pckCa: Uint8Array, root: Uint8Array]

/** Bytes of the PPID by type of certification data: in plain text, or encrypted with RSA-2048 or RSA-3072. */
const PPID_SIZES = new Map([
  [1, 16],
  [2, 256],
  [3, 384],
])

/**
 * The chain that certification data carries (type 5), or `given` where it only names the PCK certificate (types 1 to 4) and that
 * is the one named. Source: Intel SGX ECDSA Quote Library API, appendix A.4, "QE Certification Data".
 *
 * @throws {BaseError} DCAP_CERTIFICATION_DATA_UNSUPPORTED, DCAP_CERTIFICATION_DATA_MISMATCH, DCAP_PCK_MISSING.
 */
export function certificatesOf({ type, bytes }: Certification, given: readonly Uint8Array[] | undefined): PckChain {
  if (type === 5) return chainOf(pemCertificates(bytes)) ?? unsupported('the chain is not three certificates')
  const names = readName(type, bytes)
  const chain = chainOf(given ?? [])
  if (chain === undefined) throw refuse('DCAP_PCK_MISSING', `certification data type ${type} carries no chain`)
  if (!names(chain[0])) throw refuse('DCAP_CERTIFICATION_DATA_MISMATCH', `type ${type} names another PCK certificate`)
  return chain
}

function chainOf([pck, pckCa, root, ...more]: readonly Uint8Array[]): PckChain | undefined {
  return pck && pckCa && root && more.length === 0 ? [pck, pckCa, root] : undefined
}

function unsupported(line: string): never {
  throw refuse('DCAP_CERTIFICATION_DATA_UNSUPPORTED', line)
}

/** What a PCK certificate must be, by certification data of types 1 to 4. */
function readName(type: number, bytes: Uint8Array): (pck: Uint8Array) => boolean {
  if (type === 4) {
    const [named, ...more] = bytes[0] === 0x30 ? [bytes] : pemCertificates(bytes)
    if (named === undefined || more.length > 0) return unsupported('not one certificate')
    return (pck) => bytesToHex(pck) === bytesToHex(named)
  }
  const at = PPID_SIZES.get(type) ?? 0
  if (bytes.length !== at + 18 + (type === 1 ? 0 : 2)) return unsupported(`${bytes.length} bytes of type ${type}`)
  const hex = (start: number, stop: number) => bytesToHex(bytes.subarray(start, stop)).slice(2)
  const pceSvn = (bytes[at + 16] ?? 0) | ((bytes[at + 17] ?? 0) << 8)
  const items = [
    ...(type === 1 ? [octets('01', hex(0, 16))] : [octets('03', hex(at + 18, at + 20))]),
    octets('0212', hex(at, at + 16)),
    item('0211', integer(pceSvn)),
  ]
  return (pck) => {
    const text = bytesToHex(pck)
    return items.every((wanted) => text.includes(wanted))
  }
}

/** One item of the SGX extension (1.2.840.113741.1.13.1) as it stands in a certificate, hex: OID, value. */
function item(suffix: string, value: string): string {
  const oid = `2a864886f84d010d01${suffix}`
  return `06${byte(oid.length / 2)}${oid}${value}`
}

const octets = (suffix: string, value: string) => item(suffix, `04${byte(value.length / 2)}${value}`)

/** DER INTEGER of an unsigned number below 2^16. */
function integer(value: number): string {
  const hex = value > 0xff ? value.toString(16).padStart(4, '0') : byte(value)
  const content = Number.parseInt(hex.slice(0, 2), 16) > 0x7f ? `00${hex}` : hex
  return `02${byte(content.length / 2)}${content}`
}

const byte = (value: number) => value.toString(16).padStart(2, '0')

/** Certificates of a PEM text, which may end in NUL and line breaks; nothing else may stand between them. */
function pemCertificates(chain: Uint8Array): readonly Uint8Array[] {
  const text = new TextDecoder('latin1').decode(chain).replace(/[\0\r\n]+$/, '')
  const block = /\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----/y
  const found: Uint8Array[] = []
  while (block.lastIndex < text.length) {
    const base64 = block.exec(text)?.[1]?.replace(/[\r\n]/g, '')
    if (base64 === undefined) return unsupported('the chain is not PEM')
    found.push(fromBase64(base64))
  }
  return found
}

function fromBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  } catch (cause) {
    throw new BaseError('DCAP_CERTIFICATION_DATA_UNSUPPORTED', { details: 'a PEM block is not base64', cause })
  }
}
