/** The CBOR this package writes, in deterministic encoding (RFC 8949 §4.2.1) unless the name says otherwise. */
import { concat } from './der.ts'

const ENCODER = new TextEncoder()
const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6 } as const

/** Head of an item with the shortest argument. Arguments up to 2^53. */
export function cborHead(major: number, argument: number): Uint8Array<ArrayBuffer> {
  const first = major << 5
  if (argument < 24) return Uint8Array.of(first | argument)
  if (argument < 0x100) return Uint8Array.of(first | 24, argument)
  if (argument < 0x1_0000) return Uint8Array.of(first | 25, argument >> 8, argument & 0xff)
  const wide = argument >= 0x1_0000_0000
  const head = new DataView(new ArrayBuffer(wide ? 9 : 5))
  head.setUint8(0, first | (wide ? 27 : 26))
  if (wide) head.setBigUint64(1, BigInt(argument))
  else head.setUint32(1, argument)
  return new Uint8Array(head.buffer)
}

export const cborInteger = (value: number) =>
  value < 0 ? cborHead(MAJOR.negative, -1 - value) : cborHead(MAJOR.unsigned, value)
export const cborBytes = (value: Uint8Array) => concat(cborHead(MAJOR.bytes, value.length), value)
export function cborText(value: string): Uint8Array<ArrayBuffer> {
  const utf8 = ENCODER.encode(value)
  return concat(cborHead(MAJOR.text, utf8.length), utf8)
}
export const cborArray = (...items: readonly Uint8Array[]) => concat(cborHead(MAJOR.array, items.length), ...items)
export const cborTag = (tag: number, content: Uint8Array) => concat(cborHead(MAJOR.tag, tag), content)
export const cborNull = () => Uint8Array.of(0xf6)
export const cborBoolean = (value: boolean) => Uint8Array.of(value ? 0xf5 : 0xf4)

/** Keys of a map; texts and integers. */
export type CborKey = number | string

/** Entries of a map in their order: key and encoded value. */
export type CborEntries = ReadonlyMap<CborKey, Uint8Array>

const encodeEntries = (entries: CborEntries) =>
  [...entries].flatMap(([key, value]) => [typeof key === 'number' ? cborInteger(key) : cborText(key), value])

export const cborMap = (entries: CborEntries) => concat(cborHead(MAJOR.map, entries.size), ...encodeEntries(entries))

/** A map of indefinite length, as AWS's hypervisors write it. */
export const cborIndefiniteMap = (entries: CborEntries) =>
  concat(Uint8Array.of(0xbf), ...encodeEntries(entries), Uint8Array.of(0xff))
