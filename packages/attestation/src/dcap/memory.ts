import { ownCopy } from '../internal/bytes.ts'
import { parseCrl, type X509Crl } from '../internal/crl.ts'
import type { DerDocument } from '../internal/der.ts'
import { parsePemCertificates } from '../internal/pem.ts'
import { rememberByObject, rememberByText, textOf } from '../internal/remember.ts'
import { type EcPublicKey, verifyEcdsa } from '../internal/signatures.ts'
import type { PemReader } from './certificationData.ts'
import type { SignedDocument } from './endorsements.ts'
import { type IntelCertificate, parseIntelCertificate } from './intelCertificate.ts'
import { parseQeIdentity, type QeIdentity } from './qeIdentity.ts'
import { type DcapTee, parseTcbInfo, type TcbInfo } from './tcbInfo.ts'

/**
 * What has been read and verified already. Nothing in it depends on time, on trust anchors or on policy: those are judged
 * anew for every quote.
 */
export interface DcapMemory {
  readonly readPem: PemReader
  /** Parses a certificate: the same bytes give the same object, with what is known of its signature and key. */
  readonly certificate: (document: DerDocument) => IntelCertificate
  readonly crl: (document: DerDocument) => X509Crl
  /** A key by its point x‖y: imported once. */
  readonly key: (point: Uint8Array) => EcPublicKey
  readonly isSigned: (document: SignedDocument, key: EcPublicKey) => Promise<boolean>
  readonly tcbInfo: (document: SignedDocument) => TcbInfo
  readonly qeIdentity: (document: SignedDocument) => QeIdentity
}

/** PCK chains, certificates and keys kept: about 6 MB when full of Intel's. */
const CAPACITY = { chains: 512, certificates: 1_024, keys: 512 } as const
/** Longer texts are read and not kept: a PCK chain has 4 kB, a certificate 1 kB. Bounds the memory at 24 MB. */
const LONGEST_KEPT_BYTES = { chain: 16_384, certificate: 4_096 } as const

/** Starts with nothing. One for a single quote, or one inside prepared endorsements for many. */
export function createMemory(tee: DcapTee): DcapMemory {
  const chains = rememberByText<ReturnType<PemReader>>(CAPACITY.chains)
  const certificates = rememberByText<IntelCertificate>(CAPACITY.certificates)
  const keys = rememberByText<EcPublicKey>(CAPACITY.keys)
  const crls = rememberByCode(parseCrl)
  const certificateOf = rememberByCode((document) =>
    document.bytes.length > LONGEST_KEPT_BYTES.certificate
      ? parseIntelCertificate(document)
      : certificates(`${document.code} ${textOf(document.bytes)}`, () => parseIntelCertificate(document)),
  )
  const signatures = rememberByObject(
    (_: SignedDocument) => new WeakMap<EcPublicKey, ReturnType<DcapMemory['isSigned']>>(),
  )
  return {
    readPem: (pem) =>
      pem.length > LONGEST_KEPT_BYTES.chain
        ? parsePemCertificates(pem)
        : chains(textOf(pem), () => parsePemCertificates(pem)),
    certificate: certificateOf,
    crl: crls,
    key: (point) => keys(textOf(point), () => ({ type: 'ec', curve: 'P-256', point: ownCopy(point) })),
    isSigned: (document, key) => {
      const byKey = signatures(document)
      const known = byKey.get(key) ?? verifyEcdsa(key, 'SHA-256', document.body, document.signature)
      byKey.set(key, known)
      return known
    },
    tcbInfo: rememberByObject(({ body }: SignedDocument) => parseTcbInfo(body, tee)),
    qeIdentity: rememberByObject(({ body }: SignedDocument) => parseQeIdentity(body, tee)),
  }
}

/** By the object that holds the bytes; each of them is read under one code only, since the code says what it is. */
function rememberByCode<T>(parse: (document: DerDocument) => T): (document: DerDocument) => T {
  const byCode = new Map<string, (bytes: Uint8Array) => T>()
  return (document) => {
    const known = byCode.get(document.code)
    if (known) return known(document.bytes)
    const made = rememberByObject((bytes: Uint8Array) => parse({ bytes, code: document.code }))
    byCode.set(document.code, made)
    return made(document.bytes)
  }
}
