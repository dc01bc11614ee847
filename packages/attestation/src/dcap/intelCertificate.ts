import { type DerDocument, failAt } from '../internal/der.ts'
import type { EcPublicKey } from '../internal/signatures.ts'
import { parseCertificate, type X509Certificate } from '../internal/x509.ts'

/** A certificate as Intel issues them: P-256, ECDSA-SHA256, with BasicConstraints and KeyUsage. */
export interface IntelCertificate extends X509Certificate {
  readonly key: EcPublicKey
}

/** SGX extension of a PCK certificate, 1.2.840.113741.1.13.1. */
export const SGX_EXTENSION = '2a864886f84d010d01'

/** Parses a certificate of Intel's chains; every other form is malformed. */
export function parseIntelCertificate(document: DerDocument): IntelCertificate {
  const certificate = parseCertificate(document, { criticalExtensions: [SGX_EXTENSION] })
  const { key, signature, isCa, keyUsage } = certificate
  if (key.type !== 'ec' || key.curve !== 'P-256') return failAt(document, 0, 'an uncompressed P-256 key')
  if (signature.scheme !== 'ecdsa' || signature.hash !== 'SHA-256') return failAt(document, 0, 'ecdsa-with-SHA256')
  // Both are in every certificate of these chains; without them a leaf could pass as anything.
  if (isCa === undefined || keyUsage === undefined) return failAt(document, 0, 'BasicConstraints and KeyUsage')
  return { ...certificate, key }
}
