import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { parseCrl, type X509Crl } from './crl.ts'
import { KEY_USAGE, type X509Certificate } from './x509.ts'
import { verifySigned } from './x509Signed.ts'

/** Codes of what can be wrong with a certificate below its issuer. */
export interface CertificateCodes {
  readonly issuerMismatch: ReasonCode
  readonly signatureInvalid: ReasonCode
  /** Before or after its validity. */
  readonly expired: ReasonCode
  readonly revoked: ReasonCode
}

/** Codes of what can be wrong with a CRL. */
export interface CrlCodes {
  readonly missing: ReasonCode
  readonly malformed: ReasonCode
  readonly issuerMismatch: ReasonCode
  readonly signatureInvalid: ReasonCode
  /** Before or after its window. */
  readonly expired: ReasonCode
}

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

/** ISO 8601 in UTC, seconds; a number that is no time of a calendar as it is. */
export function iso(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000)
  return Number.isNaN(date.getTime()) ? `${unixSeconds}` : date.toISOString().replace('.000Z', 'Z')
}

/** Refuses an instant outside [from, until], and what is none: NaN is inside of nothing. Unix seconds. */
export function expectCurrent(from: number, until: number, at: number, code: ReasonCode): void {
  if (!(at >= from && at <= until)) throw reject(code, `valid ${iso(from)} to ${iso(until)}, judged at ${iso(at)}`)
}

/** Refuses what is no CA certificate with this use (bits of `KEY_USAGE`), or has fewer CAs below it than stand there. */
export function expectCa(
  certificate: X509Certificate,
  code: ReasonCode,
  { uses = KEY_USAGE.signsCertificates, casBelow = 0 }: { readonly uses?: number; readonly casBelow?: number } = {},
): void {
  const { isCa, keyUsage = 0, pathLength = Number.POSITIVE_INFINITY } = certificate
  if (!isCa || (keyUsage & uses) !== uses) throw reject(code, 'not a CA certificate')
  if (casBelow > pathLength) throw reject(code, `${casBelow} CAs below a path length of ${pathLength}`)
}

/** Whether a certificate says that it is a leaf which signs. */
export const isSigningLeaf = ({ isCa, keyUsage = 0 }: X509Certificate) =>
  isCa !== true && (keyUsage & KEY_USAGE.digitalSignature) !== 0

/**
 * Verifies one certificate below its issuer: name, signature, validity at `at`, revocation. The form and use of both are
 * for the caller to check before.
 */
export async function verifyIssued(
  certificate: X509Certificate,
  issuer: X509Certificate,
  { at, crl, codes }: { readonly at: number; readonly crl: X509Crl | undefined; readonly codes: CertificateCodes },
): Promise<void> {
  if (certificate.issuer !== issuer.subject) throw reject(codes.issuerMismatch)
  if (!(await verifySigned(certificate, issuer.key))) throw reject(codes.signatureInvalid)
  expectCurrent(certificate.notBefore, certificate.notAfter, at, codes.expired)
  if (crl?.revokedSerials.has(certificate.serial)) throw reject(codes.revoked, `serial ${certificate.serial}`)
}

/** Parses and verifies a CRL of `issuer`: name, signature, window at `at`. */
export async function verifyCrl(
  bytes: Uint8Array | undefined,
  issuer: X509Certificate,
  { at, codes }: { readonly at: number; readonly codes: CrlCodes },
): Promise<X509Crl> {
  if (bytes === undefined) throw reject(codes.missing)
  const crl = parseCrl({ bytes, code: codes.malformed })
  await verifyParsedCrl(crl, issuer, { at, codes })
  return crl
}

/** Verifies a parsed CRL of `issuer`: name, signature, window at `at`. */
export async function verifyParsedCrl(
  crl: X509Crl,
  issuer: X509Certificate,
  { at, codes }: { readonly at: number; readonly codes: CrlCodes },
): Promise<void> {
  if (crl.issuer !== issuer.subject) throw reject(codes.issuerMismatch)
  if (!(await verifySigned(crl, issuer.key))) throw reject(codes.signatureInvalid)
  expectCurrent(crl.thisUpdate, crl.nextUpdate, at, codes.expired)
}
