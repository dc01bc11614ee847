import { BaseError, type ReasonCode } from '@spartan/errors'

/** What a DCAP quote is a quote of, by its name in `TEE_KINDS`. */
export type DcapKind = 'Tdx' | 'Sgx'

/** Certification data of a QE report: what says which PCK certificate signed it. */
export interface Certification {
  readonly type: number
  readonly bytes: Uint8Array
}

const QUOTE_HEADER = 48
/** Type and size of the body, in front of it in version 5. */
const BODY_DESCRIPTOR = 6
/** What the quotes of a kind have in common. Highest version: 5. */
interface KindOfQuote {
  readonly from: number
  readonly teeType: number
  /** Type of a body that has no descriptor. */
  readonly type: number
  readonly sizes: ReadonlyMap<number, number>
}

const KINDS: Readonly<Record<DcapKind, KindOfQuote>> = {
  // TD reports of TDX 1.0 and TDX 1.5.
  Tdx: {
    from: 4,
    teeType: 0x81,
    type: 2,
    sizes: new Map([
      [2, 584],
      [3, 648],
    ]),
  },
  Sgx: { from: 3, teeType: 0, type: 1, sizes: new Map([[1, 384]]) },
}
/** Behind the body: length of the signature data, quote signature, attestation key. */
const QE = 4 + 64 + 64
/** Type and size of the QE's part, in front of it from version 4 on. */
const QE_DESCRIPTOR = 6
/** Behind the start of the QE report: the report and its signature. */
const QE_AUTHENTICATION = 384 + 64

/** A refusal with one line of detail. */
export function refuse(code: ReasonCode, line: string): BaseError {
  return new BaseError(code, { metaMessages: [line] })
}

/** Where the body stands. Version 5 puts type and size in front of it, and the size must be that of the type. */
export function locateBody(quote: Uint8Array, kind: DcapKind): { version: number; start: number; stop: number } {
  const short = () => refuse('DCAP_QUOTE_MALFORMED', `${quote.length} bytes`)
  const view = new DataView(quote.buffer, quote.byteOffset, quote.byteLength)
  if (quote.length < QUOTE_HEADER) throw short()
  const version = view.getUint16(0, true)
  const { from, sizes, teeType, ...usual } = KINDS[kind]
  if (version < from || version > 5) throw refuse('DCAP_QUOTE_VERSION_UNSUPPORTED', `version ${version}`)
  const tee = view.getUint32(4, true)
  if (tee !== teeType) throw refuse('DCAP_TEE_TYPE_UNSUPPORTED', `TEE type ${tee}`)
  const start = QUOTE_HEADER + (version === 5 ? BODY_DESCRIPTOR : 0)
  if (quote.length < start) throw short()
  const type = version === 5 ? view.getUint16(QUOTE_HEADER, true) : usual.type
  const size = sizes.get(type)
  if (size === undefined) throw refuse('DCAP_BODY_TYPE_UNSUPPORTED', `body type ${type}`)
  const declared = version === 5 ? view.getUint32(QUOTE_HEADER + 2, true) : size
  if (declared !== size) throw refuse('DCAP_QUOTE_MALFORMED', `a body of ${declared} bytes`)
  if (quote.length < start + size) throw short()
  return { version, start, stop: start + size }
}

/** Where the part ends that the contract reads, and the certification data behind it; zero padding may follow. */
export function locateQuote(quote: Uint8Array, kind: DcapKind): { cut: number; certification: Certification } {
  const { version, stop } = locateBody(quote, kind)
  const view = new DataView(quote.buffer, quote.byteOffset, quote.byteLength)
  const authentication = stop + QE + (version === 3 ? 0 : QE_DESCRIPTOR) + QE_AUTHENTICATION
  if (quote.length < authentication + 2) throw refuse('DCAP_QUOTE_MALFORMED', `${quote.length} bytes`)
  const declared = stop + 4 + view.getUint32(stop, true)
  if (declared > quote.length) throw refuse('DCAP_QUOTE_MALFORMED', 'the signature data runs past the end')
  const cut = authentication + 2 + view.getUint16(authentication, true) + 6
  if (quote.length < cut) throw refuse('DCAP_QUOTE_MALFORMED', 'the QE authentication data runs past the end')
  const end = cut + view.getUint32(cut - 4, true)
  const type = view.getUint16(cut - 6, true)
  if (type < 1 || type > 5) throw refuse('DCAP_CERTIFICATION_DATA_UNSUPPORTED', `certification data type ${type}`)
  if (end !== declared) throw refuse('DCAP_QUOTE_MALFORMED', 'the lengths do not agree')
  const trailing = quote.subarray(end)
  if (trailing.some((byte) => byte !== 0)) throw refuse('DCAP_TRAILING_BYTES', `${trailing.length} bytes`)
  return { cut, certification: { type, bytes: quote.subarray(cut, end) } }
}
