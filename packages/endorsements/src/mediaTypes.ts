/** Media types that sources use for binary documents. Files often come without a proper one; HTML is never among them. */
export const BINARY_TYPES: readonly string[] = [
  'application/octet-stream',
  'binary/octet-stream',
  'application/pkix-crl',
  'application/x-pkcs7-crl',
  'application/pkix-cert',
  'application/x-x509-ca-cert',
  'application/x-x509-user-cert',
  'application/x-pem-file',
  'application/pem-certificate-chain',
  'application/ocsp-response',
  'text/plain',
]

export const JSON_TYPES: readonly string[] = ['application/json', 'text/json', 'text/plain', 'application/octet-stream']
