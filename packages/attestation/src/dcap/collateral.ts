import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import {
  type CertificateCodes,
  type CrlCodes,
  expectCa,
  expectCurrent,
  iso,
  isSigningLeaf,
  verifyCrl,
  verifyIssued,
} from '../internal/chain.ts'
import type { X509Crl } from '../internal/crl.ts'
import { type DerDocument, failAt } from '../internal/der.ts'
import { type EcPublicKey, verifyEcdsa } from '../internal/signatures.ts'
import type { Trail } from '../internal/trail.ts'
import { KEY_USAGE, parseCertificate, type X509Certificate } from '../internal/x509.ts'
import { verifySigned } from '../internal/x509Signed.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import type { TdxCheckId } from '../tdx/checks.ts'
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
  readonly pckKey: EcPublicKey
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
export async function verifyCollateral(input: CollateralInput, trail: Trail<TdxCheckId>): Promise<VerifiedCollateral> {
  const { endorsements, at } = input
  const spans: Span[] = []
  const root = await trail.run(
    'root',
    () => verifyRoot(input),
    ({ certificate, simulated }) => ({
      publicKey: toHex(certificate.key.point),
      validUntil: iso(certificate.notAfter),
      simulated: `${simulated}`,
    }),
  )
  spans.push({ until: root.certificate.notAfter })
  const rootCrl = await optionalCrl(input, trail, 'root-crl', endorsements.rootCaCrl, root.certificate)
  if (rootCrl) spans.push({ since: rootCrl.thisUpdate, until: rootCrl.nextUpdate })
  const pckCa = await trail.run(
    'pck-ca',
    () => verifyPckCa(input.certificates.pckCa, root.certificate, rootCrl, at),
    showCertificate,
  )
  spans.push({ until: pckCa.notAfter })
  const pckCrl = await optionalCrl(input, trail, 'pck-crl', endorsements.pckCrl, pckCa)
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
    pckKey: pck.key,
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

/** A certificate as Intel issues them: P-256, ECDSA-SHA256, with BasicConstraints and KeyUsage. */
interface IntelCertificate extends X509Certificate {
  readonly key: EcPublicKey
}

/** SGX extension of a PCK certificate, 1.2.840.113741.1.13.1. */
const SGX_EXTENSION = '2a864886f84d010d01'

function parseIntelCertificate(document: DerDocument): IntelCertificate {
  const certificate = parseCertificate(document, { criticalExtensions: [SGX_EXTENSION] })
  const { key, signature, isCa, keyUsage } = certificate
  if (key.type !== 'ec' || key.curve !== 'P-256') return failAt(document, 0, 'an uncompressed P-256 key')
  if (signature.scheme !== 'ecdsa' || signature.hash !== 'SHA-256') return failAt(document, 0, 'ecdsa-with-SHA256')
  // Both are in every certificate of these chains; without them a leaf could pass as anything.
  if (isCa === undefined || keyUsage === undefined) return failAt(document, 0, 'BasicConstraints and KeyUsage')
  return { ...certificate, key }
}

const CA_USES = { uses: KEY_USAGE.signsCertificates | KEY_USAGE.signsCrls }

async function verifyRoot({ certificates, at, trustAnchors }: CollateralInput) {
  const certificate = parseIntelCertificate({ bytes: certificates.root, code: 'DCAP_ROOT_CERTIFICATE_MALFORMED' })
  expectCa(certificate, 'DCAP_ROOT_CERTIFICATE_MALFORMED', CA_USES)
  const { key } = certificate
  const anchor = trustAnchors.find(({ publicKey }) => equalBytes(publicKey.subarray(1), key.point))
  if (!anchor) throw reject('DCAP_ROOT_NOT_PINNED', `root key ${toHex(key.point)}`)
  if (certificate.issuer !== certificate.subject || !(await verifySigned(certificate, key))) {
    throw reject('DCAP_ROOT_SIGNATURE_INVALID')
  }
  expectCurrent(certificate.notBefore, certificate.notAfter, at, 'DCAP_ROOT_EXPIRED')
  return { certificate, simulated: anchor.simulated }
}

const CRL_CODES: Readonly<Record<'root-crl' | 'pck-crl', CrlCodes>> = {
  'root-crl': {
    missing: 'DCAP_ROOT_CRL_MISSING',
    malformed: 'DCAP_ROOT_CRL_MALFORMED',
    issuerMismatch: 'DCAP_ROOT_CRL_ISSUER_MISMATCH',
    signatureInvalid: 'DCAP_ROOT_CRL_SIGNATURE_INVALID',
    expired: 'DCAP_ROOT_CRL_EXPIRED',
  },
  'pck-crl': {
    missing: 'DCAP_PCK_CRL_MISSING',
    malformed: 'DCAP_PCK_CRL_MALFORMED',
    issuerMismatch: 'DCAP_PCK_CRL_ISSUER_MISMATCH',
    signatureInvalid: 'DCAP_PCK_CRL_SIGNATURE_INVALID',
    expired: 'DCAP_PCK_CRL_EXPIRED',
  },
}

async function optionalCrl(
  { at, skip }: CollateralInput,
  trail: Trail<TdxCheckId>,
  id: 'root-crl' | 'pck-crl',
  bytes: Uint8Array | undefined,
  issuer: X509Certificate,
): Promise<X509Crl | undefined> {
  if (bytes === undefined && skip.includes(id)) {
    trail.skip(id, SKIPPED)
    return undefined
  }
  return trail.run(
    id,
    () => verifyCrl(bytes, issuer, { at, codes: CRL_CODES[id] }),
    (crl) => ({
      issued: iso(crl.thisUpdate),
      nextUpdate: iso(crl.nextUpdate),
      revoked: `${crl.revokedSerials.size}`,
    }),
  )
}

/** Verifies one certificate below an issuer: form and use, issuer, signature, validity, revocation. */
async function verifyIntelIssued(
  document: DerDocument,
  issuer: X509Certificate,
  crl: X509Crl | undefined,
  at: number,
  area: 'DCAP_PCK_CA' | 'DCAP_PCK' | 'DCAP_TCB_SIGNER',
  expectUse: (certificate: X509Certificate) => void,
): Promise<IntelCertificate> {
  const certificate = parseIntelCertificate(document)
  expectUse(certificate)
  const codes: CertificateCodes = {
    issuerMismatch: area === 'DCAP_TCB_SIGNER' ? 'DCAP_TCB_SIGNER_WRONG' : `${area}_ISSUER_MISMATCH`,
    signatureInvalid: `${area}_SIGNATURE_INVALID`,
    expired: `${area}_EXPIRED`,
    revoked: `${area}_REVOKED`,
  }
  await verifyIssued(certificate, issuer, { at, crl, codes })
  return certificate
}

function verifyPckCa(bytes: Uint8Array, root: X509Certificate, rootCrl: X509Crl | undefined, at: number) {
  const code = 'DCAP_PCK_CA_MALFORMED'
  return verifyIntelIssued({ bytes, code }, root, rootCrl, at, 'DCAP_PCK_CA', (certificate) =>
    expectCa(certificate, code, CA_USES),
  )
}

async function verifyPck(bytes: Uint8Array, pckCa: X509Certificate, crl: X509Crl | undefined, at: number) {
  const document: DerDocument = { bytes, code: 'DCAP_PCK_MALFORMED' }
  let platform: PckPlatform | undefined
  const pck = await verifyIntelIssued(document, pckCa, crl, at, 'DCAP_PCK', (certificate) => {
    const sgxExtension = certificate.extensions.get(SGX_EXTENSION)
    if (!sgxExtension || !isSigningLeaf(certificate)) throw reject('DCAP_PCK_MALFORMED', 'not a PCK certificate')
    platform = parseSgxExtension(document, sgxExtension.start, sgxExtension.stop)
  })
  if (!platform) throw reject('DCAP_PCK_MALFORMED')
  return { pck, platform }
}

/** Verifies the signature of one document; the body is not read before that. */
async function verifyDocument(
  document: SignedDocument,
  signer: IntelCertificate,
  code: 'DCAP_TCB_INFO_SIGNATURE_INVALID' | 'DCAP_QE_IDENTITY_SIGNATURE_INVALID',
): Promise<void> {
  if (!(await verifyEcdsa(signer.key, 'SHA-256', document.body, document.signature))) throw reject(code)
}

async function verifySigner(
  document: SignedDocument,
  root: X509Certificate,
  rootCrl: X509Crl | undefined,
  at: number,
): Promise<IntelCertificate> {
  const bytes = document.issuerChain[0]
  if (bytes === undefined) throw reject('DCAP_TCB_SIGNER_MISSING')
  const der: DerDocument = { bytes, code: 'DCAP_TCB_SIGNER_MALFORMED' }
  return verifyIntelIssued(der, root, rootCrl, at, 'DCAP_TCB_SIGNER', (certificate) => {
    // Any certificate under the root could otherwise sign endorsements, a leaked PCK key included.
    if (certificate.commonName !== TCB_SIGNER_NAME || !isSigningLeaf(certificate)) {
      throw reject('DCAP_TCB_SIGNER_WRONG', `common name ${JSON.stringify(certificate.commonName)}`)
    }
  })
}

async function verifyTcbInfo(
  { endorsements: { tcbInfo: document }, at, skip, fmspc }: CollateralInput & { readonly fmspc: Uint8Array },
  trail: Trail<TdxCheckId>,
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
  trail: Trail<TdxCheckId>,
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
