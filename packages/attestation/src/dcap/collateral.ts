import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import type { DerDocument } from '../internal/der.ts'
import { verifyP256 } from '../internal/p256.ts'
import type { Trail } from '../internal/trail.ts'
import { KEY_USAGE, parseCertificate, parseCrl, type X509Certificate, type X509Crl } from '../internal/x509.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import type { DcapEndorsements, SignedDocument } from './endorsements.ts'
import { parseQeIdentity, type QeIdentity } from './qeIdentity.ts'
import type { QuoteSignatureData } from './quote.ts'
import { type PckPlatform, parseSgxExtension } from './sgxExtension.ts'
import { parseTcbInfo, type TcbInfo } from './tcb.ts'

/** Checks that can be skipped by name, from the `unsafe` entry only: the endorsement they need is not at hand. */
export type SkippableCheck = 'root-crl' | 'pck-crl' | 'tcb-info' | 'qe-identity'

/** What the endorsements have to say about a quote, all verified. */
export interface VerifiedCollateral {
  readonly simulated: boolean
  readonly pckPublicKey: Uint8Array
  readonly platform: PckPlatform
  /** Undefined only when skipped by name. */
  readonly tcbInfo: TcbInfo | undefined
  readonly qeIdentity: QeIdentity | undefined
  /** Unix seconds: earliest end of validity of everything used. */
  readonly earliestExpiry: number
  /** Unix seconds: oldest issue among CRLs, TCB info and QE identity; undefined when all of them were skipped. */
  readonly oldestIssue: number | undefined
}

/** Input of {@link verifyCollateral}. */
export interface CollateralInput {
  readonly certificates: QuoteSignatureData['certificates']
  readonly endorsements: Partial<DcapEndorsements>
  /** Unix seconds at which everything has to be valid. */
  readonly at: number
  readonly trustAnchors: readonly TrustAnchor[]
  readonly skip: readonly SkippableCheck[]
}

const TCB_SIGNER_NAME = 'Intel SGX TCB Signing'
const SKIPPED = 'skipped by name: the endorsement is not at hand'

/**
 * Verifies the chain of a quote and its endorsements, in the order of the uploads to the on-chain store.
 *
 * Proves: every certificate, CRL and document is signed down from a trust anchor, by the right signer, valid at `at` and
 * not revoked. Does not prove: that no newer endorsement exists.
 */
export async function verifyCollateral(input: CollateralInput, trail: Trail): Promise<VerifiedCollateral> {
  const { endorsements, at } = input
  const spans: Span[] = []
  const root = await trail.run(
    'root',
    () => verifyRoot(input),
    ({ certificate, simulated }) => ({
      publicKey: toHex(certificate.publicKey),
      validUntil: iso(certificate.notAfter),
      simulated: `${simulated}`,
    }),
  )
  spans.push({ until: root.certificate.notAfter })
  const rootCrl = await optionalCrl(input, trail, 'root-crl', endorsements.rootCaCrl, root.certificate, 'DCAP_ROOT_CRL')
  if (rootCrl) spans.push({ since: rootCrl.thisUpdate, until: rootCrl.nextUpdate })
  const pckCa = await trail.run(
    'pck-ca',
    () => verifyPckCa(input.certificates.pckCa, root.certificate, rootCrl, at),
    showCertificate,
  )
  spans.push({ until: pckCa.notAfter })
  const pckCrl = await optionalCrl(input, trail, 'pck-crl', endorsements.pckCrl, pckCa, 'DCAP_PCK_CRL')
  if (pckCrl) spans.push({ since: pckCrl.thisUpdate, until: pckCrl.nextUpdate })
  const { pck, platform } = await trail.run(
    'pck',
    () => verifyPck(input.certificates.pck, pckCa, pckCrl, at),
    (found) => ({
      ...showCertificate(found.pck),
      ppid: toHex(found.platform.ppid),
      fmspc: toHex(found.platform.fmspc),
      pceSvn: `${found.platform.pceSvn}`,
    }),
  )
  spans.push({ until: pck.notAfter })
  const tcbInfo = await verifyTcbInfo({ ...input, fmspc: platform.fmspc }, trail, root.certificate, rootCrl, spans)
  const qeIdentity = await verifyQeIdentity(input, trail, root.certificate, rootCrl, spans)
  const issues = spans.flatMap(({ since }) => (since === undefined ? [] : [since]))
  return {
    simulated: root.simulated,
    pckPublicKey: pck.publicKey,
    platform,
    tcbInfo,
    qeIdentity,
    earliestExpiry: Math.min(...spans.map(({ until }) => until)),
    oldestIssue: issues.length === 0 ? undefined : Math.min(...issues),
  }
}

/** Validity of one thing used; `since` only for endorsements that are renewed. */
interface Span {
  readonly since?: number
  readonly until: number
}

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

/** Refuses an instant outside [from, until]. */
function expectCurrent(from: number, until: number, at: number, code: ReasonCode): void {
  if (at < from || at > until) throw reject(code, `valid ${iso(from)} to ${iso(until)}, judged at ${iso(at)}`)
}

async function verifyRoot({ certificates, at, trustAnchors }: CollateralInput) {
  const certificate = parseCertificate({ bytes: certificates.root, code: 'DCAP_ROOT_CERTIFICATE_MALFORMED' })
  expectCa(certificate, 'DCAP_ROOT_CERTIFICATE_MALFORMED')
  const anchor = trustAnchors.find(({ publicKey }) => equalBytes(publicKey.subarray(1), certificate.publicKey))
  if (!anchor) throw reject('DCAP_ROOT_NOT_PINNED', `root key ${toHex(certificate.publicKey)}`)
  const { publicKey, toBeSigned, signature } = certificate
  if (certificate.issuer !== certificate.subject || !(await verifyP256(publicKey, toBeSigned, signature))) {
    throw reject('DCAP_ROOT_SIGNATURE_INVALID')
  }
  expectCurrent(certificate.notBefore, certificate.notAfter, at, 'DCAP_ROOT_EXPIRED')
  return { certificate, simulated: anchor.simulated }
}

async function optionalCrl(
  { at, skip }: CollateralInput,
  trail: Trail,
  id: 'root-crl' | 'pck-crl',
  bytes: Uint8Array | undefined,
  issuer: X509Certificate,
  area: 'DCAP_ROOT_CRL' | 'DCAP_PCK_CRL',
): Promise<X509Crl | undefined> {
  if (bytes === undefined && skip.includes(id)) {
    trail.skip(id, SKIPPED)
    return undefined
  }
  return trail.run(
    id,
    () => verifyCrl(bytes, issuer, at, area),
    (crl) => ({
      issued: iso(crl.thisUpdate),
      nextUpdate: iso(crl.nextUpdate),
      revoked: `${crl.revokedSerials.size}`,
    }),
  )
}

async function verifyCrl(
  bytes: Uint8Array | undefined,
  issuer: X509Certificate,
  at: number,
  area: 'DCAP_ROOT_CRL' | 'DCAP_PCK_CRL',
): Promise<X509Crl> {
  if (bytes === undefined) throw reject(`${area}_MISSING`)
  const crl = parseCrl({ bytes, code: `${area}_MALFORMED` })
  if (crl.issuer !== issuer.subject) throw reject(`${area}_ISSUER_MISMATCH`)
  if (!(await verifyP256(issuer.publicKey, crl.toBeSigned, crl.signature))) throw reject(`${area}_SIGNATURE_INVALID`)
  expectCurrent(crl.thisUpdate, crl.nextUpdate, at, `${area}_EXPIRED`)
  return crl
}

/** Verifies one certificate below an issuer: form and use, issuer, signature, validity, revocation. */
async function verifyIssued(
  document: DerDocument,
  issuer: X509Certificate,
  crl: X509Crl | undefined,
  at: number,
  area: 'DCAP_PCK_CA' | 'DCAP_PCK' | 'DCAP_TCB_SIGNER',
  expectUse: (certificate: X509Certificate) => void,
): Promise<X509Certificate> {
  const certificate = parseCertificate(document)
  expectUse(certificate)
  if (certificate.issuer !== issuer.subject) {
    throw reject(area === 'DCAP_TCB_SIGNER' ? 'DCAP_TCB_SIGNER_WRONG' : `${area}_ISSUER_MISMATCH`)
  }
  if (!(await verifyP256(issuer.publicKey, certificate.toBeSigned, certificate.signature))) {
    throw reject(`${area}_SIGNATURE_INVALID`)
  }
  expectCurrent(certificate.notBefore, certificate.notAfter, at, `${area}_EXPIRED`)
  if (crl?.revokedSerials.has(certificate.serial)) throw reject(`${area}_REVOKED`, `serial ${certificate.serial}`)
  return certificate
}

function expectCa(certificate: X509Certificate, code: ReasonCode): void {
  const signs = KEY_USAGE.signsCertificatesAndCrls
  if (!certificate.isCa || (certificate.keyUsage & signs) !== signs) throw reject(code, 'not a CA certificate')
}

function verifyPckCa(bytes: Uint8Array, root: X509Certificate, rootCrl: X509Crl | undefined, at: number) {
  const code = 'DCAP_PCK_CA_MALFORMED'
  return verifyIssued({ bytes, code }, root, rootCrl, at, 'DCAP_PCK_CA', (certificate) => expectCa(certificate, code))
}

const isSigningLeaf = ({ isCa, keyUsage }: X509Certificate) => !isCa && (keyUsage & KEY_USAGE.digitalSignature) !== 0

async function verifyPck(bytes: Uint8Array, pckCa: X509Certificate, crl: X509Crl | undefined, at: number) {
  const document: DerDocument = { bytes, code: 'DCAP_PCK_MALFORMED' }
  let platform: PckPlatform | undefined
  const pck = await verifyIssued(document, pckCa, crl, at, 'DCAP_PCK', (certificate) => {
    const { sgxExtension } = certificate
    if (!sgxExtension || !isSigningLeaf(certificate)) throw reject('DCAP_PCK_MALFORMED', 'not a PCK certificate')
    platform = parseSgxExtension(document, sgxExtension.start, sgxExtension.stop)
  })
  if (!platform) throw reject('DCAP_PCK_MALFORMED')
  return { pck, platform }
}

/** Verifies the signature of one document; the body is not read before that. */
async function verifyDocument(
  document: SignedDocument,
  signer: X509Certificate,
  code: 'DCAP_TCB_INFO_SIGNATURE_INVALID' | 'DCAP_QE_IDENTITY_SIGNATURE_INVALID',
): Promise<void> {
  if (!(await verifyP256(signer.publicKey, document.body, document.signature))) throw reject(code)
}

async function verifySigner(
  document: SignedDocument,
  root: X509Certificate,
  rootCrl: X509Crl | undefined,
  at: number,
): Promise<X509Certificate> {
  const bytes = document.issuerChain[0]
  if (bytes === undefined) throw reject('DCAP_TCB_SIGNER_MISSING')
  const der: DerDocument = { bytes, code: 'DCAP_TCB_SIGNER_MALFORMED' }
  return verifyIssued(der, root, rootCrl, at, 'DCAP_TCB_SIGNER', (certificate) => {
    // Any certificate under the root could otherwise sign endorsements, a leaked PCK key included.
    if (certificate.commonName !== TCB_SIGNER_NAME || !isSigningLeaf(certificate)) {
      throw reject('DCAP_TCB_SIGNER_WRONG', `common name ${JSON.stringify(certificate.commonName)}`)
    }
  })
}

async function verifyTcbInfo(
  { endorsements: { tcbInfo: document }, at, skip, fmspc }: CollateralInput & { readonly fmspc: Uint8Array },
  trail: Trail,
  root: X509Certificate,
  rootCrl: X509Crl | undefined,
  spans: Span[],
): Promise<TcbInfo | undefined> {
  if (document === undefined && skip.includes('tcb-info')) {
    trail.skip('tcb-info', SKIPPED)
    trail.skip('tcb-signer', SKIPPED)
    return undefined
  }
  const signer = await trail.run(
    'tcb-signer',
    () => {
      if (document === undefined) throw reject('DCAP_TCB_INFO_MISSING')
      return verifySigner(document, root, rootCrl, at)
    },
    showCertificate,
  )
  spans.push({ until: signer.notAfter })
  return trail.run(
    'tcb-info',
    async () => {
      if (document === undefined) throw reject('DCAP_TCB_INFO_MISSING')
      await verifyDocument(document, signer, 'DCAP_TCB_INFO_SIGNATURE_INVALID')
      const info = parseTcbInfo(document.body)
      if (at < info.issueDate) throw reject('DCAP_TCB_INFO_NOT_YET_VALID', `issued ${iso(info.issueDate)}`)
      if (at > info.nextUpdate) throw reject('DCAP_TCB_INFO_EXPIRED', `next update ${iso(info.nextUpdate)}`)
      expectSameFamily(info, fmspc)
      spans.push({ since: info.issueDate, until: info.nextUpdate })
      return info
    },
    showDocument,
  )
}

/** TCB info for another family is no TCB info for this platform; the on-chain store looks it up by FMSPC. */
function expectSameFamily(info: TcbInfo, fmspc: Uint8Array): void {
  if (equalBytes(info.fmspc, fmspc)) return
  throw reject(
    'DCAP_TCB_INFO_MISSING',
    `the one given is for FMSPC ${toHex(info.fmspc)}, the platform has ${toHex(fmspc)}`,
  )
}

async function verifyQeIdentity(
  { endorsements: { qeIdentity: document }, at, skip }: CollateralInput,
  trail: Trail,
  root: X509Certificate,
  rootCrl: X509Crl | undefined,
  spans: Span[],
): Promise<QeIdentity | undefined> {
  if (document === undefined && skip.includes('qe-identity')) {
    trail.skip('qe-identity', SKIPPED)
    return undefined
  }
  return trail.run(
    'qe-identity',
    async () => {
      if (document === undefined) throw reject('DCAP_QE_IDENTITY_MISSING')
      const signer = await verifySigner(document, root, rootCrl, at)
      spans.push({ until: signer.notAfter })
      await verifyDocument(document, signer, 'DCAP_QE_IDENTITY_SIGNATURE_INVALID')
      const identity = parseQeIdentity(document.body)
      if (at < identity.issueDate) throw reject('DCAP_QE_IDENTITY_NOT_YET_VALID', `issued ${iso(identity.issueDate)}`)
      if (at > identity.nextUpdate) throw reject('DCAP_QE_IDENTITY_EXPIRED', `next update ${iso(identity.nextUpdate)}`)
      spans.push({ since: identity.issueDate, until: identity.nextUpdate })
      return identity
    },
    showDocument,
  )
}

const iso = (unixSeconds: number) => new Date(unixSeconds * 1000).toISOString().replace('.000Z', 'Z')

const showCertificate = (certificate: X509Certificate) => ({
  commonName: certificate.commonName,
  serial: certificate.serial,
  validUntil: iso(certificate.notAfter),
})

const showDocument = (document: { issueDate: number; nextUpdate: number; evaluationNumber: number }) => ({
  issued: iso(document.issueDate),
  nextUpdate: iso(document.nextUpdate),
  evaluationNumber: `${document.evaluationNumber}`,
})
