import { equalBytes, toHex } from '../bytes.ts'
import { DerError, outlineCertificate } from '../der.ts'
import { failure } from '../errors.ts'
import { fromPem } from '../pem.ts'
import type { DcapRequest } from './intel.ts'

/** OID 1.2.840.113741.1.13.1.4 (FMSPC) and the head of the OCTET STRING of 6 bytes behind it. */
const FMSPC_HEAD = Uint8Array.of(0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01, 0x04, 0x04, 0x06)
const FMSPC_BYTES = 6

/**
 * Reads from a PCK certificate what to ask for. Nothing is verified: a wrong certificate leads to the wrong question, and
 * the verifier refuses the answer.
 *
 * @param pck - DER.
 * @throws {EndorsementsError} ENDORSEMENTS_REQUEST_INVALID: no PCK certificate of a known CA.
 */
export function dcapRequestOf(tee: DcapRequest['tee'], pck: Uint8Array): Pick<DcapRequest, 'tee' | 'fmspc' | 'ca'> {
  const at = findOnce(pck, FMSPC_HEAD)
  const issuer = issuerText(pck)
  if (at === undefined || issuer === undefined) {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', 'the evidence carries no PCK certificate with an FMSPC')
  }
  const fmspc = toHex(pck.subarray(at + FMSPC_HEAD.length, at + FMSPC_HEAD.length + FMSPC_BYTES))
  const isPlatform = issuer.includes('PCK Platform CA')
  if (!isPlatform && !issuer.includes('PCK Processor CA')) {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', 'the PCK certificate is issued by neither Platform nor Processor CA')
  }
  return { tee, fmspc, ca: isPlatform ? 'platform' : 'processor' }
}

const TEE_TYPES: ReadonlyMap<number, DcapRequest['tee']> = new Map([
  [0x00, 'sgx'],
  [0x81, 'tdx'],
])

/**
 * Reads from a TDX or SGX quote with a PCK chain in PEM (certification data type 5) what to ask for. Nothing is verified,
 * as with {@link dcapRequestOf}.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_REQUEST_INVALID: no such quote.
 */
export function dcapRequestOfQuote(quote: Uint8Array): Pick<DcapRequest, 'tee' | 'fmspc' | 'ca'> {
  const tee =
    quote.length > 48 ? TEE_TYPES.get(new DataView(quote.buffer, quote.byteOffset).getUint32(4, true)) : undefined
  // One letter per byte, so that positions in the text are positions in the quote.
  const text = Array.from(quote, (byte) => String.fromCharCode(byte)).join('')
  const [pem] = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/.exec(text) ?? []
  const [pck] = (pem === undefined ? undefined : fromPem(pem, 'CERTIFICATE')) ?? []
  if (!tee || !pck) throw failure('ENDORSEMENTS_REQUEST_INVALID', 'no TDX or SGX quote with a PCK certificate chain')
  return dcapRequestOf(tee, pck)
}

function issuerText(der: Uint8Array): string | undefined {
  try {
    return new TextDecoder().decode(outlineCertificate(der).issuer)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

/** Position of the only occurrence of `part` with 6 bytes behind it; undefined when there is none or more than one. */
function findOnce(bytes: Uint8Array, part: Uint8Array): number | undefined {
  let found: number | undefined
  for (let at = 0; at + part.length + FMSPC_BYTES <= bytes.length; at++) {
    if (!equalBytes(bytes.subarray(at, at + part.length), part)) continue
    if (found !== undefined) return undefined
    found = at
  }
  return found
}
