import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import {
  type CertificateCodes,
  type CrlCodes,
  expectCa,
  expectCurrent,
  isSigningLeaf,
  verifyIssued,
  verifyParsedCrl,
} from '../internal/chain.ts'
import type { X509Crl } from '../internal/crl.ts'
import type { DerDocument } from '../internal/der.ts'
import { rememberByObject } from '../internal/remember.ts'
import { KEY_USAGE } from '../internal/x509.ts'
import { verifySigned } from '../internal/x509Signed.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import type { PckReference } from './certificationData.ts'
import { type IntelCertificate, SGX_EXTENSION } from './intelCertificate.ts'
import type { DcapMemory } from './memory.ts'
import { type PckPlatform, parseSgxExtension } from './sgxExtension.ts'

/** What every step needs: what is known already, the time to judge at, and the keys at which a chain may end. */
export interface VerifyContext {
  readonly memory: DcapMemory
  /** Unix seconds. */
  readonly at: number
  readonly trustAnchors: readonly TrustAnchor[]
}

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

const CA_USES = { uses: KEY_USAGE.signsCertificates | KEY_USAGE.signsCrls }

/** Verifies a root: CA, pinned, signed by itself, valid at the time. */
export async function verifyRoot(bytes: Uint8Array, { memory, at, trustAnchors }: VerifyContext) {
  const certificate = memory.certificate({ bytes, code: 'DCAP_ROOT_CERTIFICATE_MALFORMED' })
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

/** Codes of the two CRLs. */
export const CRL_CODES: Readonly<Record<'root-crl' | 'pck-crl', CrlCodes>> = {
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

/** Verifies the CRL of a CA. */
export async function verifyIntelCrl(
  bytes: Uint8Array | undefined,
  issuer: IntelCertificate,
  id: 'root-crl' | 'pck-crl',
  { memory, at }: VerifyContext,
): Promise<X509Crl> {
  const codes = CRL_CODES[id]
  if (bytes === undefined) throw reject(codes.missing)
  const crl = memory.crl({ bytes, code: codes.malformed })
  await verifyParsedCrl(crl, issuer, { at, codes })
  return crl
}

const codesOf = (area: 'DCAP_PCK_CA' | 'DCAP_PCK' | 'DCAP_TCB_SIGNER'): CertificateCodes => ({
  issuerMismatch: area === 'DCAP_TCB_SIGNER' ? 'DCAP_TCB_SIGNER_WRONG' : `${area}_ISSUER_MISMATCH`,
  signatureInvalid: `${area}_SIGNATURE_INVALID`,
  expired: `${area}_EXPIRED`,
  revoked: `${area}_REVOKED`,
})

const PCK_CA_CODES = codesOf('DCAP_PCK_CA')
const PCK_CODES = codesOf('DCAP_PCK')
const TCB_SIGNER_CODES = codesOf('DCAP_TCB_SIGNER')

/** Verifies a PCK CA, Processor or Platform, below the root: CA, issuer, signature, validity, revocation. */
export async function verifyPckCa(
  bytes: Uint8Array,
  root: IntelCertificate,
  crl: X509Crl | undefined,
  { memory, at }: VerifyContext,
): Promise<IntelCertificate> {
  const code = 'DCAP_PCK_CA_MALFORMED'
  const certificate = memory.certificate({ bytes, code })
  expectCa(certificate, code, CA_USES)
  await verifyIssued(certificate, root, { at, crl, codes: PCK_CA_CODES })
  return certificate
}

/** Verifies a PCK certificate below its CA and reads what it says about the platform. */
export async function verifyPck(
  bytes: Uint8Array,
  pckCa: IntelCertificate,
  crl: X509Crl | undefined,
  { memory, at }: VerifyContext,
): Promise<{ readonly pck: IntelCertificate; readonly platform: PckPlatform }> {
  const pck = memory.certificate({ bytes, code: 'DCAP_PCK_MALFORMED' })
  const platform = platformOf(pck)
  await verifyIssued(pck, pckCa, { at, crl, codes: PCK_CODES })
  return { pck, platform }
}

const platformOf = rememberByObject((pck: IntelCertificate): PckPlatform => {
  const document: DerDocument = { bytes: pck.document.bytes, code: 'DCAP_PCK_MALFORMED' }
  const extension = pck.extensions.get(SGX_EXTENSION)
  if (!extension || !isSigningLeaf(pck)) throw reject('DCAP_PCK_MALFORMED', 'not a PCK certificate')
  return parseSgxExtension(document, extension.start, extension.stop)
})

/**
 * Refuses a PCK certificate that is not the one the quote names: PPID where it is readable, PCEID where it is there, and
 * the TCB for which the PCK was derived. That its key signed the QE report is another check.
 */
export function expectNamedPck(reference: PckReference, bytes: Uint8Array, platform: PckPlatform): void {
  const same =
    reference.type === 4
      ? equalBytes(reference.certificate, bytes)
      : (reference.ppid === undefined || equalBytes(reference.ppid, platform.ppid)) &&
        (reference.pceId === undefined || equalBytes(reference.pceId, platform.pceId)) &&
        equalBytes(reference.cpuSvn, platform.cpuSvn) &&
        reference.pceSvn === platform.pceSvn
  if (same) return
  throw reject(
    'DCAP_CERTIFICATION_DATA_MISMATCH',
    `type ${reference.type}`,
    `certificate of PPID ${toHex(platform.ppid)}`,
  )
}

const TCB_SIGNER_NAME = 'Intel SGX TCB Signing'

/** Verifies the certificate that signs TCB info and QE identities. */
export async function verifyTcbSigner(
  bytes: Uint8Array | undefined,
  root: IntelCertificate,
  crl: X509Crl | undefined,
  { memory, at }: VerifyContext,
): Promise<IntelCertificate> {
  if (bytes === undefined) throw reject('DCAP_TCB_SIGNER_MISSING')
  const certificate = memory.certificate({ bytes, code: 'DCAP_TCB_SIGNER_MALFORMED' })
  // Any certificate under the root could otherwise sign endorsements, a leaked PCK key included.
  if (certificate.commonName !== TCB_SIGNER_NAME || !isSigningLeaf(certificate)) {
    throw reject('DCAP_TCB_SIGNER_WRONG', `common name ${JSON.stringify(certificate.commonName)}`)
  }
  await verifyIssued(certificate, root, { at, crl, codes: TCB_SIGNER_CODES })
  return certificate
}
