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
  let at = fmspc.stop
  for (let id = 5; at < stop || id === 5; id++) {
    if (id > 7) failAt(document, at, 'the end of the SGX extension')
    at = readItem(document, at, stop, `0${id}`).stop
  }
  return {
    ppid: ppid.value,
    componentSvns: tcb.componentSvns,
    pceSvn: tcb.pceSvn,
    pceId: pceId.value,
    fmspc: fmspc.value,
  }
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
  return { componentSvns, pceSvn: pceSvn.value, stop: item.stop }
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
