import { type Bytes, concatBytes, utf8 } from './bytes.ts'
import { ProtocolError } from './errors.ts'

/**
 * Binary HTTP (RFC 9292), known-length messages only, read strictly: every length is checked against the bytes that are
 * there, integers use their shortest form, trailers are empty, and what follows is zero padding (section 3.8).
 */

/** A request inside an encapsulated message. Header names are lower case. */
export interface InnerRequest {
  readonly method: string
  /** Path with its query, beginning with `/`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A response inside an encapsulated message. */
export interface InnerResponse {
  /** 200 to 599. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const KNOWN_LENGTH_REQUEST = 0
const KNOWN_LENGTH_RESPONSE = 1
/** Ours; generous for a voucher, a receipt and ordinary headers. */
const MAX_HEADERS = 64
const MAX_HEADER_SECTION_BYTES = 32 * 1024
const MAX_PATH_BYTES = 2048
/** Placeholders: the target of a request is the node that holds the key, whatever its name. */
const SCHEME = 'https'
const AUTHORITY = 'node.spartan.internal'

const METHOD = /^[A-Z]{1,16}$/
const PATH = /^\/[\x21-\x7e]*$/
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const FIELD_VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/

/**
 * Encodes a request and pads it to its size class.
 *
 * @throws {ProtocolError} `BHTTP_MALFORMED` when method, path or a header cannot be carried.
 */
export function encodeRequest(request: InnerRequest): Bytes {
  check(METHOD.test(request.method), 'method')
  check(PATH.test(request.path) && request.path.length <= MAX_PATH_BYTES, 'path')
  const control = [request.method, SCHEME, AUTHORITY, request.path].map((text) => lengthPrefixed(utf8(text)))
  return padded([varint(KNOWN_LENGTH_REQUEST), ...control, ...fieldsAndBody(request)])
}

/** Encodes a response and pads it to its size class. Failure: `BHTTP_MALFORMED`. */
export function encodeResponse(response: InnerResponse): Bytes {
  check(isFinalStatus(response.status), 'status')
  return padded([varint(KNOWN_LENGTH_RESPONSE), varint(response.status), ...fieldsAndBody(response)])
}

/** Decodes a request. Failure: `BHTTP_MALFORMED`. */
export function decodeRequest(bytes: Uint8Array): InnerRequest {
  const reader = new Reader(bytes)
  check(reader.varint() === KNOWN_LENGTH_REQUEST, 'framing indicator')
  const method = reader.text(16)
  check(METHOD.test(method), 'method')
  check(reader.text(16) === SCHEME, 'scheme')
  reader.text(255)
  const path = reader.text(MAX_PATH_BYTES)
  check(PATH.test(path), 'path')
  return { method, path, ...readFieldsAndBody(reader) }
}

/** Decodes a response. Failure: `BHTTP_MALFORMED`. */
export function decodeResponse(bytes: Uint8Array): InnerResponse {
  const reader = new Reader(bytes)
  check(reader.varint() === KNOWN_LENGTH_RESPONSE, 'framing indicator')
  const status = reader.varint()
  check(isFinalStatus(status), 'status')
  return { status, ...readFieldsAndBody(reader) }
}

/**
 * The length a message of `length` bytes is padded to: powers of two from 1 KiB to 64 KiB, then multiples of 64 KiB.
 *
 * An observer learns the class, not the length. Does not hide: which class, or the time a request took.
 */
export function sizeClass(length: number): number {
  const step = 64 * 1024
  if (length > step) return Math.ceil(length / step) * step
  let size = 1024
  while (size < length) size *= 2
  return size
}

function fieldsAndBody(message: Pick<InnerRequest, 'headers' | 'body'>): Uint8Array[] {
  const entries = Object.entries(message.headers)
  check(entries.length <= MAX_HEADERS, 'too many headers')
  const section = concatBytes(
    ...entries.flatMap(([name, value]) => {
      check(FIELD_NAME.test(name), 'header name')
      check(FIELD_VALUE.test(value), 'header value')
      return [lengthPrefixed(utf8(name)), lengthPrefixed(utf8(value))]
    }),
  )
  check(section.length <= MAX_HEADER_SECTION_BYTES, 'header section too long')
  return [varint(section.length), section, varint(message.body.length), message.body, varint(0)]
}

function readFieldsAndBody(reader: Reader): Pick<InnerRequest, 'headers' | 'body'> {
  const section = new Reader(reader.bytes(reader.varint(), MAX_HEADER_SECTION_BYTES))
  const headers: Record<string, string> = Object.create(null)
  let count = 0
  while (!section.atEnd()) {
    const name = section.text(256)
    const value = section.text(MAX_HEADER_SECTION_BYTES)
    check(FIELD_NAME.test(name), 'header name')
    check(FIELD_VALUE.test(value), 'header value')
    // One value per name: two vouchers in one request would be read differently by different readers.
    check(!Object.hasOwn(headers, name), 'repeated header')
    check(++count <= MAX_HEADERS, 'too many headers')
    headers[name] = value
  }
  const body = reader.bytes(reader.varint())
  check(reader.varint() === 0, 'trailers')
  check(reader.restIsZero(), 'padding')
  return { headers: { ...headers }, body }
}

class Reader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  atEnd(): boolean {
    return this.#offset === this.#bytes.length
  }

  bytes(length: number, limit = Number.MAX_SAFE_INTEGER): Bytes {
    check(length <= limit && length <= this.#bytes.length - this.#offset, 'length')
    const slice = this.#bytes.slice(this.#offset, this.#offset + length)
    this.#offset += length
    return slice as Bytes
  }

  /** QUIC variable-length integer (RFC 9000, section 16), shortest form, up to four bytes. */
  varint(): number {
    const first = this.#bytes[this.#offset]
    if (first === undefined) return check(false, 'end of message')
    const prefix = first >> 6
    if (prefix === 3) return check(false, 'integer of more than 30 bits')
    const raw = this.bytes(1 << prefix)
    let value = first & 0x3f
    for (const byte of raw.subarray(1)) value = value * 256 + byte
    check(varint(value).length === raw.length, 'integer not in shortest form')
    return value
  }

  /** ASCII text; everything the protocol carries outside bodies is ASCII. */
  text(limit: number): string {
    const raw = this.bytes(this.varint(), limit)
    check(
      raw.every((byte) => byte < 0x80),
      'text is not ASCII',
    )
    return new TextDecoder('utf-8', { fatal: true }).decode(raw)
  }

  restIsZero(): boolean {
    return this.#bytes.subarray(this.#offset).every((byte) => byte === 0)
  }
}

function padded(parts: readonly Uint8Array[]): Bytes {
  const message = concatBytes(...parts)
  const out = new Uint8Array(sizeClass(message.length))
  out.set(message)
  return out
}

function lengthPrefixed(bytes: Uint8Array): Bytes {
  return concatBytes(varint(bytes.length), bytes)
}

function varint(value: number): Bytes {
  if (value < 0x40) return Uint8Array.of(value)
  if (value < 0x4000) return Uint8Array.of(0x40 | (value >> 8), value & 0xff)
  check(value < 0x40000000, 'message too long')
  return Uint8Array.of(0x80 | (value >> 24), (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff)
}

function isFinalStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599
}

function check(condition: false, what: string): never
function check(condition: boolean, what: string): void
function check(condition: boolean, what: string): void {
  if (!condition) throw new ProtocolError('BHTTP_MALFORMED', { metaMessages: [`at: ${what}`] })
}
