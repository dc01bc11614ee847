import type { Reason } from '../reason.ts'

/** Wire formats of packages/protocol: OHTTP, Binary HTTP, headers, signatures, sealed assets. */
export const PROTOCOL_REASONS = {
  OHTTP_KEY_CONFIG_MALFORMED: {
    what: 'The OHTTP key configuration is malformed.',
    action: 'Do not use this node; fetch its keys again later.',
    retry: 'refetch',
  },
  OHTTP_KEY_CONFIG_UNSUPPORTED: {
    what: 'The OHTTP key configuration offers no supported cipher suite.',
    action: 'Use a node that offers X25519, HKDF-SHA256 and AES-256-GCM.',
    retry: 'never',
  },
  OHTTP_PUBLIC_KEY_INVALID: {
    what: 'The HPKE public key is not a usable X25519 key.',
    action: 'Do not use this key; read the keyset again.',
    retry: 'refetch',
  },
  OHTTP_MESSAGE_MALFORMED: {
    what: 'The encapsulated message is malformed.',
    action: 'Send a message of type message/ohttp-req made for this node.',
    retry: 'never',
    http: 400,
  },
  OHTTP_MESSAGE_TOO_LARGE: {
    what: 'The encapsulated message is larger than the limit.',
    action: 'Send a smaller request.',
    retry: 'never',
    http: 413,
  },
  OHTTP_KEY_UNKNOWN: {
    what: 'The message names a key or cipher suite that this node does not hold.',
    action: 'Fetch the current keyset and encapsulate to its key.',
    retry: 'refetch',
    http: 400,
  },
  OHTTP_OPEN_FAILED: {
    what: 'The encapsulated request does not open under this key and context.',
    action: 'Encapsulate to the keyset of this provider, chain, registry and epoch.',
    retry: 'refetch',
    http: 400,
  },
  OHTTP_RESPONSE_OPEN_FAILED: {
    what: 'The encapsulated response does not open under the keys of its request.',
    action: 'Discard the response; the provider or something on the way changed it.',
    retry: 'never',
  },
  ATTESTATION_ANSWER_MALFORMED: {
    what: 'The answer of GET /v1/attestation is not of the documented form.',
    action: 'Do not use this node; choose another.',
    retry: 'later',
  },
  BHTTP_MALFORMED: {
    what: 'The Binary HTTP message is malformed.',
    action: 'Send a known-length message as RFC 9292 defines it.',
    retry: 'never',
    http: 400,
  },
  CANONICAL_JSON_UNREPRESENTABLE: {
    what: 'The value has no canonical JSON form.',
    action: 'Pass plain JSON values: bigints as decimal strings, no NaN, no undefined.',
    retry: 'never',
  },
  HEADER_MISSING: {
    what: 'A required spartan header is missing.',
    action: 'Send the header that the message names.',
    retry: 'never',
    http: 402,
  },
  HEADER_MALFORMED: {
    what: 'A spartan header is not base64url of the expected canonical JSON.',
    action: 'Encode the header with packages/protocol.',
    retry: 'never',
    http: 400,
  },
  FEE_OVERFLOW: {
    what: 'The fee does not fit into 128 bits.',
    action: 'Send a smaller request.',
    retry: 'never',
    http: 400,
  },
  SIGNATURE_MALFORMED: {
    what: 'The signature is not 65 bytes with low s and v of 27 or 28.',
    action: 'Sign the digest with the secp256k1 key given as signer.',
    retry: 'never',
    http: 400,
  },
  SIGNATURE_MISMATCH: {
    what: 'The signature was not made by the expected signer over this digest.',
    action: 'Do not accept the message.',
    retry: 'never',
    http: 400,
  },
  SIGNER_UNSUPPORTED: {
    what: 'Signatures of this ERC-7913 signer cannot be checked here.',
    action: 'Use a 20-byte address signer.',
    retry: 'never',
    http: 400,
  },
  SEALED_MANIFEST_MALFORMED: {
    what: 'The manifest of the sealed asset is malformed or not canonical.',
    action: 'Publish a manifest made by sealAsset.',
    retry: 'never',
  },
  SEALED_MANIFEST_HASH_MISMATCH: {
    what: 'The manifest does not have the hash that is on-chain.',
    action: 'Do not use this copy; fetch the manifest from another place.',
    retry: 'refetch',
  },
  SEALED_INPUT_INVALID: {
    what: 'The files or parameters given for sealing are invalid.',
    action: 'Pass non-empty files with unique relative paths and a record size from 64 KiB to 2 MiB.',
    retry: 'never',
  },
  SEALED_CONTENT_ROOT_MISMATCH: {
    what: 'The sealed records do not have the Merkle root of the manifest.',
    action: 'Do not use these records; fetch them again.',
    retry: 'refetch',
  },
  SEALED_RECORD_MISSING: {
    what: 'A sealed record is missing or has the wrong length.',
    action: 'Fetch the records again.',
    retry: 'refetch',
  },
  SEALED_RECORD_OPEN_FAILED: {
    what: 'A sealed record does not decrypt under this content key and position.',
    action: 'Get the content key of this asset, version and key epoch.',
    retry: 'refetch',
  },
  SEALED_FILE_HASH_MISMATCH: {
    what: 'A decrypted file does not have the hash that the manifest states.',
    action: 'Do not use this asset; tell its owner.',
    retry: 'never',
  },
  SEALED_KEY_MALFORMED: {
    what: 'The sealed content key is not 80 bytes, or the content key is not 32.',
    action: 'Have the owner release the key again.',
    retry: 'refetch',
  },
  SEALED_KEY_OPEN_FAILED: {
    what: 'The sealed content key does not open under this keyset, asset and key epoch.',
    action: 'Have the owner release the key for the current keyset.',
    retry: 'refetch',
  },
} as const satisfies Record<string, Reason>
