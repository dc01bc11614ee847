import { BaseError } from '@spartan/errors'

/** The parts of an attestation document as signed: a COSE_Sign1 message without its framing (RFC 9052 §4.2). */
export interface NitroMessage {
  /** Serialised protected header. */
  readonly protectedHeader: Uint8Array
  readonly payload: Uint8Array
  /** r ‖ s, 96 bytes. */
  readonly signature: Uint8Array
}

interface Head {
  readonly major: number
  /** Undefined: indefinite length, or the break. */
  readonly argument: number | undefined
  readonly next: number
}

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const
/** What keys of maps may be. */
const KEYS: readonly number[] = [MAJOR.unsigned, MAJOR.negative, MAJOR.text]
const INDEFINITE = 31
const COSE_SIGN1_TAG = 18
const SIGNATURE_BYTES = 96
const MAX_DEPTH = 3
const MAX_ITEMS = 16
const MAX_PAYLOAD_ITEMS = 256
/** {1: -35}: ES384 and nothing else. */
const ES384_HEADER = 'a1013822'
/** Longest message: payload of 16 KiB and framing. */
const MAX_BYTES = 16_384 + 256

const malformed = (line: string) => new BaseError('NITRO_DOCUMENT_MALFORMED', { metaMessages: [line] })

/**
 * Takes an attestation document apart: COSE_Sign1 with or without tag 18, nothing unprotected, nothing behind it.
 *
 * The framing is not signed, so it does not go on-chain; this is the only place that checks it. Protected header and payload
 * are the contract's to judge. Fails with NITRO_DOCUMENT_MALFORMED, NITRO_TRAILING_BYTES, NITRO_ALGORITHM_UNSUPPORTED.
 */
export function openNitroMessage(bytes: Uint8Array): NitroMessage {
  if (bytes.length > MAX_BYTES) throw malformed(`${bytes.length} bytes`)
  const stop = endOf(bytes, 0, MAX_DEPTH, { items: MAX_ITEMS })
  if (stop !== bytes.length) {
    throw new BaseError('NITRO_TRAILING_BYTES', { metaMessages: [`${bytes.length - stop} bytes`] })
  }
  const outer = headAt(bytes, 0)
  const message = outer.major === MAJOR.tag && outer.argument === COSE_SIGN1_TAG ? headAt(bytes, outer.next) : outer
  if (message.major !== MAJOR.array || message.argument !== 4) throw malformed('no array of four')
  const protectedHeader = byteString(bytes, message.next)
  const unprotected = headAt(bytes, protectedHeader.stop)
  if (unprotected.major !== MAJOR.map || unprotected.argument !== 0) throw malformed('unprotected headers')
  const payload = byteString(bytes, unprotected.next)
  const signature = byteString(bytes, payload.stop)
  if (signature.value.length !== SIGNATURE_BYTES)
    throw wrongSignatureSize(protectedHeader.value, signature.value.length)
  return { protectedHeader: protectedHeader.value, payload: payload.value, signature: signature.value }
}

/** Another size is another algorithm, unless the header says that it is ours. */
function wrongSignatureSize(protectedHeader: Uint8Array, size: number): BaseError {
  const header = [...protectedHeader].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  if (header === ES384_HEADER) return malformed(`a signature of ${size} bytes`)
  return new BaseError('NITRO_ALGORITHM_UNSUPPORTED', { metaMessages: [`protected header 0x${header}`] })
}

/** `["Signature1", protected, external_aad = empty, payload]`: exactly what is signed (RFC 9052 §4.4). */
export function sigStructure({ protectedHeader, payload }: NitroMessage): Uint8Array {
  const parts = [SIG_STRUCTURE, byteStringHead(protectedHeader.length), protectedHeader, Uint8Array.of(0x40)]
  const all = [...parts, byteStringHead(payload.length), payload]
  const signed = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of all) {
    signed.set(part, at)
    at += part.length
  }
  return signed
}

/** Array of four, text of ten: "Signature1". */
const SIG_STRUCTURE = Uint8Array.of(0x84, 0x6a, ...new TextEncoder().encode('Signature1'))

/** Shortest head of a byte string of at most 64 KiB. */
function byteStringHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x40 | length)
  return length < 0x100 ? Uint8Array.of(0x58, length) : Uint8Array.of(0x59, length >> 8, length & 0xff)
}

/** The certificates that a payload carries, DER, root first, the signing one last; undefined where its form is another. */
export function nitroCertificates(payload: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    const fields = valuesOf(payload)
    const [leaf, bundle] = [fields.get('certificate'), fields.get('cabundle')]
    if (leaf === undefined || bundle === undefined) return undefined
    const list = headAt(payload, bundle)
    if (list.major !== MAJOR.array || list.argument === undefined) return undefined
    const certificates: Uint8Array[] = []
    let at = list.next
    for (let left = list.argument; left > 0; left--) {
      const { value, stop } = byteString(payload, at)
      certificates.push(value)
      at = stop
    }
    return [...certificates, byteString(payload, leaf).value]
  } catch (error) {
    if (error instanceof BaseError) return undefined
    throw error
  }
}

/** Where the value of each field starts. The map may have indefinite length. */
function valuesOf(payload: Uint8Array): ReadonlyMap<string, number> {
  const { major, argument, next } = headAt(payload, 0)
  if (major !== MAJOR.map) throw malformed('no map')
  const values = new Map<string, number>()
  let at = next
  while (argument === undefined ? payload[at] !== 0xff : values.size < argument) {
    const { value: key, stop } = textAt(payload, at)
    if (values.has(key)) throw malformed('a field twice')
    values.set(key, stop)
    at = endOf(payload, stop, MAX_DEPTH - 1, { items: MAX_PAYLOAD_ITEMS })
  }
  return values
}

/** End of the item at `at`: as strict as the library's reader, so that what is malformed is so before bytes behind it are looked at. */
function endOf(bytes: Uint8Array, at: number, depth: number, budget: { items: number }): number {
  const { major, argument, next } = headAt(bytes, at)
  if (argument === undefined || depth < 0 || --budget.items < 0) throw malformed(`too much at ${at}`)
  if (major === MAJOR.bytes) return stringAt(bytes, at, major).stop
  if (major === MAJOR.text) return textAt(bytes, at).stop
  if (major === MAJOR.map) return endOfMap(bytes, next, argument, depth, budget)
  const items = major === MAJOR.array ? argument : major === MAJOR.tag ? 1 : 0
  let stop = next
  for (let left = items; left > 0; left--) stop = endOf(bytes, stop, depth - 1, budget)
  return stop
}

/** Keys are integers and texts, each once; with shortest heads the same key is the same bytes. */
function endOfMap(bytes: Uint8Array, at: number, entries: number, depth: number, budget: { items: number }): number {
  const keys = new Set<string>()
  let stop = at
  for (let left = entries; left > 0; left--) {
    const { major } = headAt(bytes, stop)
    const value = endOf(bytes, stop, depth - 1, budget)
    const key = bytes.subarray(stop, value).join()
    if (!KEYS.includes(major) || keys.has(key)) throw malformed(`key at ${stop}`)
    keys.add(key)
    stop = endOf(bytes, value, depth - 1, budget)
  }
  return stop
}

/** A text has to be UTF-8. */
function textAt(bytes: Uint8Array, at: number): { value: string; stop: number } {
  const { value, stop } = stringAt(bytes, at, MAJOR.text)
  try {
    return { value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value), stop }
  } catch {
    throw malformed(`no UTF-8 at ${at}`)
  }
}

const byteString = (bytes: Uint8Array, at: number) => stringAt(bytes, at, MAJOR.bytes)

function stringAt(bytes: Uint8Array, at: number, wanted: number): { value: Uint8Array; stop: number } {
  const { major, argument, next } = headAt(bytes, at)
  const stop = next + (argument ?? 0)
  if (major !== wanted || argument === undefined || stop > bytes.length) throw malformed(`no string at ${at}`)
  return { value: bytes.subarray(next, stop), stop }
}

/** Head of an item in its shortest form (RFC 8949 §4.2.1). */
function headAt(bytes: Uint8Array, at: number): Head {
  const first = bytes[at]
  if (first === undefined) throw malformed(`the end at ${at}`)
  const [major, info] = [first >> 5, first & 0x1f]
  if (info < 24) return { major, argument: info, next: at + 1 }
  if (info === INDEFINITE) return { major, argument: undefined, next: at + 1 }
  const next = at + 1 + (1 << (info - 24))
  if (info > 27 || next > bytes.length) throw malformed(`no head at ${at}`)
  let argument = 0
  for (const byte of bytes.subarray(at + 1, next)) argument = argument * 256 + byte
  const smallest = info === 24 ? 24 : 2 ** (4 * (next - at - 1))
  // Floats have no shorter form; a simple value below 32 has no form of two bytes.
  if (argument < (major !== MAJOR.simple ? smallest : info === 24 ? 32 : 0)) throw malformed(`head at ${at}`)
  return { major, argument, next }
}
