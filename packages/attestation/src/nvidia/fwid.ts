import {
  contentOf,
  type DerDocument,
  expectBytes,
  expectElement,
  expectLast,
  failAt,
  readElement,
  TAG,
} from '../internal/der.ts'
import { readPublicKey } from '../internal/publicKey.ts'
import type { X509Certificate } from '../internal/x509.ts'
import type { Extension } from '../internal/x509Extensions.ts'
import { DIGEST_SIZE, OID } from './constants.ts'

/** [6] IMPLICIT FWIDLIST of a TcbInfo. */
const FWIDS_TAG = 0xa6
/** [0] to [10] of a TcbInfo: vendor, model, version, svn, layer, index, fwids, flags, vendorInfo, type, flagsMask. */
const TCB_INFO_TAGS: readonly number[] = [0x80, 0x81, 0x82, 0x83, 0x84, 0x85, FWIDS_TAG, 0x87, 0x88, 0x89, 0x8a]

/**
 * Firmware identity that the device's boot ROM wrote into the attestation key certificate; undefined where it has neither
 * extension.
 *
 * Hopper GPUs and LS10 switches carry a CompositeDeviceID, whose one FWID is its last member; Blackwell GPUs a TcbInfo, whose
 * first FWID is the one in the report, and further ones follow it. Source: TCG DICE Layering Architecture 1.0, §5.5;
 * DICE Attestation Architecture 1.1, §6.1.1.
 */
export function readCertificateFwid(leaf: X509Certificate): Uint8Array | undefined {
  const composite = leaf.extensions.get(OID.compositeDeviceId)
  const tcbInfo = leaf.extensions.get(OID.tcbInfo)
  if (composite && tcbInfo) return failAt(leaf.document, tcbInfo.at, 'one firmware identity extension')
  if (!composite) return tcbInfo && readTcbInfo(leaf.document, tcbInfo)
  // NVIDIA's SDK knows newer devices with a TcbInfo under the OID of the older structure; the first member tells them apart.
  const { start } = expectLast(leaf.document, composite.start, composite.stop, TAG.sequence)
  const isComposite = leaf.document.bytes[start] === TAG.integer
  return isComposite ? readCompositeDeviceId(leaf.document, composite) : readTcbInfo(leaf.document, composite)
}

/** SEQUENCE { INTEGER 1, SubjectPublicKeyInfo, FWID } and nothing behind it. */
function readCompositeDeviceId(document: DerDocument, { start, stop }: Extension): Uint8Array {
  const outer = expectLast(document, start, stop, TAG.sequence)
  const keyAt = expectBytes(document, outer.start, outer.stop, '020101', 'version 1')
  const fwid = readFwid(document, readPublicKey(document, keyAt, outer.stop).stop, outer.stop)
  if (fwid.stop !== outer.stop) failAt(document, fwid.stop, 'one firmware identity')
  return fwid.value
}

/** SEQUENCE of optional members in the order of their tags. */
function readTcbInfo(document: DerDocument, { start, stop }: Extension): Uint8Array {
  const outer = expectLast(document, start, stop, TAG.sequence)
  let previous = -1
  let first: Uint8Array | undefined
  for (let at = outer.start; at < outer.stop; ) {
    const member = readElement(document, at, outer.stop)
    const place = TCB_INFO_TAGS.indexOf(member.tag)
    if (place <= previous) failAt(document, at, 'members of TcbInfo in their order')
    previous = place
    if (member.tag === FWIDS_TAG) first = readFwidList(document, member.start, member.stop)
    at = member.stop
  }
  return first ?? failAt(document, outer.stop, 'firmware identities')
}

function readFwidList(document: DerDocument, start: number, stop: number): Uint8Array {
  const first = readFwid(document, start, stop)
  for (let at = first.stop; at < stop; ) at = readFwid(document, at, stop).stop
  return first.value
}

/** SEQUENCE { OID sha384, OCTET STRING of 48 bytes }. */
function readFwid(document: DerDocument, at: number, end: number): { value: Uint8Array; stop: number } {
  const outer = expectElement(document, at, end, TAG.sequence)
  const digestAt = expectBytes(document, outer.start, outer.stop, `0609${OID.sha384}`, 'SHA-384')
  const digest = expectLast(document, digestAt, outer.stop, TAG.octetString)
  if (digest.stop - digest.start !== DIGEST_SIZE) failAt(document, digest.start, '48 bytes')
  return { value: contentOf(document, digest), stop: outer.stop }
}
