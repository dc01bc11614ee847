import { fromHex, toBigInt, toHex } from '../internal/bytes.ts'
import { contentOf, type DerDocument, expectElement, expectLast, failAt, readUnsigned, TAG } from '../internal/der.ts'

/** What a PCK certificate says about its platform. */
export interface PckPlatform {
  /** 16 bytes. */
  readonly ppid: Uint8Array
  /** SVNs of the 16 SGX components. */
  readonly componentSvns: readonly number[]
  readonly pceSvn: number
  /** 2 bytes. */
  readonly pceId: Uint8Array
  /** 6 bytes. */
  readonly fmspc: Uint8Array
  /** 16 bytes; the components once more. */
  readonly cpuSvn: Uint8Array
  /** 0 Standard, 1 Scalable, 2 Scalable with integrity. */
  readonly sgxType: number
  /** 16 bytes; only under the Platform CA. */
  readonly platformInstanceId: Uint8Array | undefined
}

/** 1.2.840.113741.1.13.1, content bytes in hex. */
const BASE = '2a864886f84d010d01'

/**
 * Parses the SGX extension, OID 1.2.840.113741.1.13.1, in the order Intel writes it: .1 PPID, .2 TCB, .3 PCEID,
 * .4 FMSPC, .5 SGX type, then .6 platform instance and .7 configuration where the Platform CA issued it.
 */
export function parseSgxExtension(document: DerDocument, start: number, stop: number): PckPlatform {
  const list = expectLast(document, start, stop, TAG.sequence)
  const ppid = readOctets(document, list.start, stop, '01', 16)
  const tcb = readTcb(document, ppid.stop, stop)
  const pceId = readOctets(document, tcb.stop, stop, '03', 2)
  const fmspc = readOctets(document, pceId.stop, stop, '04', 6)
  const sgxType = readSgxType(document, fmspc.stop, stop)
  const instance = sgxType.stop < stop ? readOctets(document, sgxType.stop, stop, '06', 16) : undefined
  const end = instance && instance.stop < stop ? readItem(document, instance.stop, stop, '07').stop : instance?.stop
  if ((end ?? sgxType.stop) !== stop) failAt(document, end ?? sgxType.stop, 'the end of the SGX extension')
  return {
    ppid: ppid.value,
    componentSvns: tcb.componentSvns,
    pceSvn: tcb.pceSvn,
    pceId: pceId.value,
    fmspc: fmspc.value,
    cpuSvn: tcb.cpuSvn,
    sgxType: sgxType.value,
    platformInstanceId: instance?.value,
  }
}

/** ENUMERATED of one byte. */
function readSgxType(document: DerDocument, at: number, end: number) {
  const item = readItem(document, at, end, '05')
  const value = expectLast(document, item.valueAt, item.stop, TAG.enumerated)
  if (value.stop - value.start !== 1) failAt(document, value.start, 'one byte')
  return { value: document.bytes[value.start] ?? 0, stop: item.stop }
}

function readTcb(document: DerDocument, at: number, end: number) {
  const item = readItem(document, at, end, '02')
  const list = expectLast(document, item.valueAt, item.stop, TAG.sequence)
  const componentSvns: number[] = []
  let next = list.start
  for (let index = 1; index <= 16; index++) {
    const svn = readSvn(document, next, list.stop, index, 0xff)
    componentSvns.push(svn.value)
    next = svn.stop
  }
  const pceSvn = readSvn(document, next, list.stop, 17, 0xffff)
  // CPUSVN repeats what the components say.
  const cpuSvn = readOctets(document, pceSvn.stop, list.stop, '0212', 16)
  if (cpuSvn.stop !== list.stop) failAt(document, cpuSvn.stop, 'the end of the TCB')
  return { componentSvns, pceSvn: pceSvn.value, cpuSvn: cpuSvn.value, stop: item.stop }
}

function readSvn(document: DerDocument, at: number, end: number, index: number, max: number) {
  const item = readItem(document, at, end, `02${toHex(Uint8Array.of(index))}`)
  const integer = readUnsigned(document, item.valueAt, item.stop)
  const value = toBigInt(integer.value)
  if (integer.stop !== item.stop || value > BigInt(max)) failAt(document, item.valueAt, `an SVN up to ${max}`)
  return { value: Number(value), stop: item.stop }
}

function readOctets(document: DerDocument, at: number, end: number, suffix: string, lengthBytes: number) {
  const item = readItem(document, at, end, suffix)
  const octets = expectLast(document, item.valueAt, item.stop, TAG.octetString)
  if (octets.stop - octets.start !== lengthBytes) failAt(document, octets.start, `${lengthBytes} bytes`)
  return { value: contentOf(document, octets), stop: item.stop }
}

/** SEQUENCE { OID, value }. */
function readItem(document: DerDocument, at: number, end: number, suffix: string) {
  const item = expectElement(document, at, end, TAG.sequence)
  const id = expectElement(document, item.start, item.stop, TAG.oid)
  const wanted = fromHex(BASE + suffix)
  if (toHex(contentOf(document, id)) !== toHex(wanted)) failAt(document, id.start, `object identifier …${suffix}`)
  return { valueAt: id.stop, stop: item.stop }
}
