import type { CheckTable } from '../result.ts'

/** Every check of AWS Nitro evidence, in the order in which it runs. */
export const NITRO_CHECKS = [
  ['document-format', 'The document has the documented form'],
  ['root', 'The bundle of certificates begins with a pinned root'],
  ['ca-chain', 'Every certificate of the bundle is a CA issued by the one before it'],
  ['certificate', 'The signing certificate is issued by the last CA of the bundle'],
  ['validity', 'Every certificate is within its validity'],
  ['crl', 'No certificate is revoked, by authentic and current CRLs'],
  ['document-signature', 'The signing certificate signed the document'],
  ['debug', 'The enclave runs without debug mode'],
  ['document-age', 'The document is recent'],
  ['endorsement-age', 'The CRLs are recent'],
  ['pcrs', 'The PCRs are expected ones'],
  ['public-key', 'The public key is the expected one'],
  ['user-data', 'The user data is the expected one'],
  ['nonce', 'The nonce is the expected one'],
] as const satisfies CheckTable<string>

/** Name of a check of AWS Nitro evidence. */
export type NitroCheckId = (typeof NITRO_CHECKS)[number][0]
