import { concat, octetString, oid, sequence, smallInteger, tlv } from '../der.ts'
import { exactly } from '../encoding.ts'
import { type PkiKey, pkiExtension } from '../pki.ts'

const ENCODER = new TextEncoder()
const DIGEST_SIZE = 48
const u16le = (value: number) => Uint8Array.of(value & 0xff, value >> 8)

/** What one report says. */
export interface NvidiaReportFields {
  /** 32 bytes, chosen by the requester. */
  readonly nonce: Uint8Array
  /** Blocks from index 1 on, 48 bytes each. */
  readonly measurements: readonly Uint8Array[]
  /** Opaque fields: type and value, in order. */
  readonly opaque: readonly (readonly [type: number, value: Uint8Array])[]
  /** Zero bytes behind the signature. */
  readonly paddingBytes?: number
}

/** Encodes and signs a report: SPDM 1.1 GET_MEASUREMENTS request, MEASUREMENTS response, P-384 signature over both. */
export async function encodeNvidiaReport(fields: NvidiaReportFields, key: PkiKey): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = exactly(fields.nonce, 32, 'nonce')
  const request = concat(Uint8Array.of(0x11, 0xe0, 0x01, 0xff), nonce, Uint8Array.of(0))
  const blocks = concat(
    ...fields.measurements.map((value, place) =>
      concat(
        Uint8Array.of(place + 1, 1, DIGEST_SIZE + 3, 0, 1, DIGEST_SIZE, 0),
        exactly(value, DIGEST_SIZE, `measurement ${place + 1}`),
      ),
    ),
  )
  const size = blocks.length
  const head = Uint8Array.of(0x11, 0x60, 0, 0, fields.measurements.length, size & 0xff, (size >> 8) & 0xff, size >> 16)
  const opaque = concat(...fields.opaque.map(([type, value]) => concat(u16le(type), u16le(value.length), value)))
  const responderNonce = crypto.getRandomValues(new Uint8Array(32))
  const signed = concat(request, head, blocks, responderNonce, u16le(opaque.length), opaque)
  return concat(signed, await key.sign(signed), new Uint8Array(fields.paddingBytes ?? 0))
}

/** Text as the devices write it, padded with one NUL. */
export const nvidiaText = (text: string) => ENCODER.encode(`${text}\0`)

/** VBIOS version `96.00.9F.00.01` in the eight bytes of a GPU. */
export function nvidiaVbios(version: string): Uint8Array<ArrayBuffer> {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = version.split('.').map((part) => Number.parseInt(part, 16))
  return Uint8Array.of(d, c, b, a, e, 0, 0, 0)
}

/** FWID ::= SEQUENCE { sha384, OCTET STRING }. */
const fwidOf = (fwid: Uint8Array) =>
  sequence(oid('2.16.840.1.101.3.4.2.2'), octetString(exactly(fwid, DIGEST_SIZE, 'fwid')))

/** CompositeDeviceID of Hopper and LS10 (TCG DICE). */
export const compositeDeviceId = (fwid: Uint8Array, deviceKey: PkiKey) =>
  pkiExtension('2.23.133.5.4.1', sequence(smallInteger(1), deviceKey.spki, fwidOf(fwid)))

/** TcbInfo of Blackwell (TCG DICE): the FWID in question comes first and is not the last. */
export const tcbInfo = (fwid: Uint8Array, model: string, id = '2.23.133.5.4.1.1') =>
  pkiExtension(
    id,
    sequence(
      tlv(0x80, ENCODER.encode('NVIDIA')),
      tlv(0x81, ENCODER.encode(model)),
      tlv(0x83, Uint8Array.of(1)),
      tlv(0xa6, fwidOf(fwid), fwidOf(new Uint8Array(DIGEST_SIZE))),
      tlv(0x87, Uint8Array.of(0, 0, 0, 0, 0)),
    ),
  )
