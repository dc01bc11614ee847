import type { Reason } from '../reason.ts'

const NOT_GENUINE = {
  action: 'Do not use this provider; ask its operator for fresh evidence.',
  retry: 'never',
} as const
const ASK_AGAIN = {
  action: 'Ask the enclave for a new attestation document.',
  retry: 'refetch',
} as const
const FETCH_NEWER = {
  action: 'Fetch the current CRLs from the places that the certificates name and try again.',
  retry: 'refetch',
} as const

/** AWS Nitro Enclaves: attestation document, certificates, CRLs. Rows stand in the order of the checks. */
export const NITRO_REASONS = {
  NITRO_DOCUMENT_MALFORMED: {
    what: 'The document is not a COSE_Sign1 message over a map of fields.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_TRAILING_BYTES: { what: 'Bytes follow the document.', ...NOT_GENUINE },
  NITRO_ALGORITHM_UNSUPPORTED: {
    what: 'The signature algorithm of the document is not ES384.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CRITICAL_HEADER_UNSUPPORTED: {
    what: 'The document has a critical header that this verifier does not know.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_FIELD_UNKNOWN: {
    what: 'The document has a field that AWS does not document.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_FIELD_MISSING: {
    what: 'A mandatory field of the document is missing.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_FIELD_MALFORMED: {
    what: 'A field of the document has another type, size or value than documented.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CERTIFICATE_MISMATCH: {
    what: 'The document carries another chain of certificates than the one whose id was sent with it.',
    action: 'Encode the document again.',
    retry: 'never',
    invalidation: 'conclusive',
  },
  NITRO_ROOT_NOT_PINNED: {
    what: 'The bundle of certificates does not begin with a pinned root.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_ROOT_MALFORMED: {
    what: 'The pinned root is not a CA certificate of P-384.',
    action: 'Configure the root certificate that AWS publishes.',
    retry: 'never',
    invalidation: 'conclusive',
  },
  NITRO_ROOT_EXPIRED: {
    what: 'The root certificate is outside its validity.',
    ...ASK_AGAIN,
    invalidation: 'inconclusive',
  },
  NITRO_CA_MISSING: {
    what: 'The CA certificate is not there.',
    action: 'Register the certificates of the bundle first, root first.',
    retry: 'refetch',
    invalidation: 'inconclusive',
  },
  NITRO_CA_MALFORMED: {
    what: 'A certificate of the bundle is not a CA certificate of P-384 in canonical DER.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CA_PATH_LENGTH_EXCEEDED: {
    what: 'More CAs stand below a certificate of the bundle than its path length allows.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CA_ISSUER_MISMATCH: {
    what: 'A certificate of the bundle was not issued by the one before it.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CA_SIGNATURE_INVALID: {
    what: 'A certificate of the bundle is not signed by the one before it.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CA_EXPIRED: {
    what: 'A certificate of the bundle is outside its validity.',
    ...ASK_AGAIN,
    invalidation: 'inconclusive',
  },
  NITRO_CA_REVOKED: { what: 'A certificate of the bundle is revoked.', ...NOT_GENUINE, invalidation: 'conclusive' },
  NITRO_CERTIFICATE_MISSING: {
    what: 'The signing certificate is not there.',
    action: 'Register the certificates of the document first, root first.',
    retry: 'refetch',
    invalidation: 'inconclusive',
  },
  NITRO_CERTIFICATE_MALFORMED: {
    what: 'The signing certificate is not a leaf certificate of P-384 in canonical DER.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CERTIFICATE_ISSUER_MISMATCH: {
    what: 'The signing certificate was not issued by the last CA of the bundle.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CERTIFICATE_SIGNATURE_INVALID: {
    what: 'The signing certificate is not signed by the last CA of the bundle.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CERTIFICATE_EXPIRED: {
    what: 'The signing certificate is outside its validity.',
    ...ASK_AGAIN,
    invalidation: 'inconclusive',
  },
  NITRO_CERTIFICATE_REVOKED: {
    what: 'The signing certificate is revoked.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_CRL_MISSING: {
    what: 'A certificate names a place for a CRL, and no CRL of its issuer is there.',
    ...FETCH_NEWER,
    invalidation: 'inconclusive',
  },
  NITRO_CRL_MALFORMED: {
    what: 'A CRL is not canonical DER of the expected shape.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NITRO_CRL_ISSUER_MISMATCH: {
    what: 'A CRL was issued by no CA of the bundle.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NITRO_CRL_SIGNATURE_INVALID: {
    what: 'A CRL is not signed by the CA that it names.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NITRO_CRL_EXPIRED: { what: 'A CRL is outside its validity.', ...FETCH_NEWER, invalidation: 'inconclusive' },
  NITRO_CRL_ROLLBACK: {
    what: 'The store already holds a newer CRL of this CA.',
    ...FETCH_NEWER,
    invalidation: 'conclusive',
  },
  NITRO_DOCUMENT_SIGNATURE_INVALID: {
    what: 'The document is not signed by the key of the signing certificate.',
    ...NOT_GENUINE,
    invalidation: 'conclusive',
  },
  NITRO_DEBUG_MODE: { what: 'The enclave runs in debug mode: PCR0, PCR1 and PCR2 are zero.', ...NOT_GENUINE },
  NITRO_DOCUMENT_NOT_YET_VALID: {
    what: 'The document was made in the future.',
    action: 'Compare the clock of this machine with the time.',
    retry: 'later',
  },
  NITRO_DOCUMENT_TOO_OLD: { what: 'The document is older than the policy accepts.', ...ASK_AGAIN },
  NITRO_ENDORSEMENTS_TOO_OLD: { what: 'The CRLs are valid but older than the policy accepts.', ...FETCH_NEWER },
  NITRO_PCRS_NOT_ACCEPTED: { what: 'The PCRs are not expected ones.', ...NOT_GENUINE },
  NITRO_PUBLIC_KEY_MISMATCH: { what: 'The public key in the document is not the expected one.', ...NOT_GENUINE },
  NITRO_USER_DATA_MISMATCH: { what: 'The user data in the document is not the expected one.', ...NOT_GENUINE },
  NITRO_NONCE_MISMATCH: { what: 'The nonce in the document is not the expected one.', ...ASK_AGAIN },
  NITRO_ENDORSEMENTS_MALFORMED: { what: 'The endorsements are not JSON of the documented form.', ...FETCH_NEWER },
  NITRO_TEST_CHAIN_ONLY: {
    what: 'A store of AWS certificates for use is to have a simulation root or no need of CRLs.',
    action: 'Deploy it without either, or as one for tests.',
    retry: 'never',
    invalidation: 'conclusive',
  },
} as const satisfies Record<string, Reason>
