import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError, MalformedEvidenceError } from '../errors.ts'
import { fromHex, toHex } from '../internal/bytes.ts'
import { type CertificateCodes, expectCurrent, isSigningLeaf, verifyIssued } from '../internal/chain.ts'
import { contentOf, expectLast, readElement, TAG } from '../internal/der.ts'
import { asBufferSource } from '../internal/hashes.ts'
import type { X509Certificate } from '../internal/x509.ts'
import { verifySigned } from '../internal/x509Signed.ts'
import type { VerifiedChain } from './chain.ts'
import {
  type CertIdHash,
  type CertificateStatus,
  type OcspResponse,
  parseOcspResponse,
  signsOcsp,
} from './ocspResponse.ts'

/** A chain has at most seven certificates below its root. */
const MAX_RESPONSES = 64

const UNAUTHORIZED: CertificateCodes = {
  issuerMismatch: 'NVIDIA_OCSP_RESPONDER_UNAUTHORIZED',
  signatureInvalid: 'NVIDIA_OCSP_RESPONDER_UNAUTHORIZED',
  expired: 'NVIDIA_OCSP_RESPONDER_UNAUTHORIZED',
  revoked: 'NVIDIA_OCSP_RESPONDER_UNAUTHORIZED',
}

/** Codes of a family of certificates. */
export interface RevocationCodes {
  readonly missing: ReasonCode
  readonly revoked: ReasonCode
  readonly onHold: ReasonCode
}

/** Codes of the certificates of a device. */
export const DEVICE_REVOCATION_CODES: RevocationCodes = {
  missing: 'NVIDIA_OCSP_MISSING',
  revoked: 'NVIDIA_CERTIFICATE_REVOKED',
  onHold: 'NVIDIA_CERTIFICATE_ON_HOLD',
}

/** Codes of the certificates of a manifest's signer. */
export const RIM_REVOCATION_CODES: RevocationCodes = {
  missing: 'NVIDIA_RIM_OCSP_MISSING',
  revoked: 'NVIDIA_RIM_CERTIFICATE_REVOKED',
  onHold: 'NVIDIA_RIM_CERTIFICATE_ON_HOLD',
}

/** What the responses said. */
export interface Revocation {
  /** Certificates found good, by serial number in hex. */
  readonly good: readonly string[]
  /** Certificates for which there was no response: skipped by name, or none is due. */
  readonly unanswered: readonly string[]
  /** Unix seconds: the oldest answer, and the first to end. Undefined without any. */
  readonly oldestIssue: number | undefined
  readonly earliestExpiry: number | undefined
}

/** A chain with the responses for it. */
export interface RevocationInput {
  readonly chain: VerifiedChain
  /** DER. */
  readonly responses: readonly Uint8Array[]
  /** Unix seconds. */
  readonly at: number
  readonly codes: RevocationCodes
  /**
   * Certificates that need an answer. `above-leaf` for devices: the leaf is issued by the device's own boot ROM, which runs no
   * responder and delegates to none, so nobody is authorised to answer for it.
   */
  readonly required: 'all' | 'above-leaf' | 'none'
}

/**
 * Judges every certificate of a chain but the root by OCSP responses. Every response for one of them is verified and counts,
 * also where none is required; responses for other certificates are not looked at further.
 *
 * Proves: at `at`, the CA of each answered certificate, or a responder that it appointed, says that it is good.
 * Source: RFC 6960 §3.2 and §4.2.2.2.
 */
export async function verifyRevocation(input: RevocationInput): Promise<Revocation> {
  const { certificates, root } = input.chain
  if (input.responses.length > MAX_RESPONSES) {
    const got = `${input.responses.length}`
    throw new MalformedEvidenceError('NVIDIA_OCSP_MALFORMED', { offset: 0, expected: `at most ${MAX_RESPONSES}`, got })
  }
  const responses = input.responses.map(parseOcspResponse)
  const good: CertificateStatus[] = []
  const unanswered: string[] = []
  for (const [place, certificate] of certificates.entries()) {
    const issuer = certificates[place + 1] ?? root
    const answers = await verifiedAnswers(certificate, issuer, responses, input)
    const isDue = input.required === 'all' || (input.required === 'above-leaf' && place > 0)
    if (answers.length > 0) good.push(...answers)
    else if (isDue) throw refuse(input.codes.missing, certificate)
    else unanswered.push(certificate.serial)
  }
  const [first] = good
  return {
    good: [...new Set(good.map(({ serial }) => serial))],
    unanswered,
    oldestIssue: first && Math.min(...good.map(({ thisUpdate }) => thisUpdate)),
    earliestExpiry: first && Math.min(...good.map(({ nextUpdate, thisUpdate }) => nextUpdate ?? thisUpdate)),
  }
}

async function verifiedAnswers(
  certificate: X509Certificate,
  issuer: X509Certificate,
  responses: readonly OcspResponse[],
  { at, codes }: RevocationInput,
): Promise<readonly CertificateStatus[]> {
  const answers: CertificateStatus[] = []
  for (const response of responses) {
    for (const status of response.statuses) {
      if (!(await concerns(status, certificate, issuer))) continue
      await verifyResponder(response, issuer, at)
      // RFC 6960 §4.2.2.1: without an end, newer information is always to be had.
      if (status.nextUpdate === undefined) throw refuse('NVIDIA_OCSP_EXPIRED', certificate)
      expectCurrent(status.thisUpdate, status.nextUpdate, at, 'NVIDIA_OCSP_EXPIRED')
      if (status.status === 'revoked') throw refuse(codes.revoked, certificate)
      if (status.status === 'on-hold') throw refuse(codes.onHold, certificate)
      if (status.status === 'unknown') throw refuse('NVIDIA_CERTIFICATE_STATUS_UNKNOWN', certificate)
      answers.push(status)
    }
  }
  return answers
}

const refuse = (code: ReasonCode, { commonName, serial }: X509Certificate) =>
  new EvidenceRejectedError(code, { metaMessages: [`${commonName || 'certificate'}, serial ${serial}`] })

/** Whether a status names this certificate: serial, and the hashes of the issuer's name and key under its own algorithm. */
async function concerns(
  { hash, issuerNameHash, issuerKeyHash, serial }: CertificateStatus,
  certificate: X509Certificate,
  issuer: X509Certificate,
): Promise<boolean> {
  if (serial !== certificate.serial) return false
  if ((await hashOf(hash, fromHex(certificate.issuer))) !== issuerNameHash) return false
  return (await hashOf(hash, keyBits(issuer))) === issuerKeyHash
}

/** The issuer itself, or a certificate by it for this purpose, must have signed. */
async function verifyResponder(response: OcspResponse, issuer: X509Certificate, at: number): Promise<void> {
  const signer = (await isResponder(response, issuer)) ? issuer : await delegatedResponder(response, issuer, at)
  if (!(await verifySigned(response, signer.key))) throw new EvidenceRejectedError('NVIDIA_OCSP_SIGNATURE_INVALID')
}

async function delegatedResponder(response: OcspResponse, issuer: X509Certificate, at: number) {
  for (const candidate of response.certificates) {
    if (!(await isResponder(response, candidate))) continue
    await verifyIssued(candidate, issuer, { at, crl: undefined, codes: UNAUTHORIZED })
    if (isSigningLeaf(candidate) && signsOcsp(candidate)) return candidate
  }
  throw new EvidenceRejectedError('NVIDIA_OCSP_RESPONDER_UNAUTHORIZED')
}

async function isResponder({ responder }: OcspResponse, certificate: X509Certificate): Promise<boolean> {
  if ('name' in responder) return responder.name === certificate.subject
  return responder.keyHash === (await hashOf('SHA-1', keyBits(certificate)))
}

async function hashOf(hash: CertIdHash, bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest(hash, asBufferSource(bytes))))
}

/** Value of the BIT STRING of the key, without its count of unused bits. */
function keyBits({ spki, document }: X509Certificate): Uint8Array {
  const key = { bytes: spki, code: document.code }
  const outer = expectLast(key, 0, spki.length, TAG.sequence)
  const algorithm = readElement(key, outer.start, outer.stop)
  return contentOf(key, expectLast(key, algorithm.stop, outer.stop, TAG.bitString)).subarray(1)
}
