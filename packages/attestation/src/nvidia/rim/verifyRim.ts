import { EvidenceRejectedError } from '../../errors.ts'
import { equalBytes, toHex } from '../../internal/bytes.ts'
import { sha384 } from '../../internal/hashes.ts'
import { verifyEcdsa } from '../../internal/signatures.ts'
import type { Unverified, Verified } from '../../result.ts'
import type { NvidiaTrustAnchor } from '../../roots/nvidia.ts'
import { parseChain, RIM_CHAIN_CODES, type VerifiedChain, verifyChain } from '../chain.ts'
import { type Revocation, RIM_REVOCATION_CODES, verifyRevocation } from '../ocsp.ts'
import { type RimContent, readSwid } from './swid.ts'
import { parseXml, type XmlElement } from './xml.ts'
import { type EnvelopedSignature, readEnvelopedSignature } from './xmlSignature.ts'

/** Input of {@link verifyRim}. */
export interface VerifyRimInput {
  /** XML as published. */
  readonly document: Uint8Array
  /** Unix seconds at which the signer's chain has to be valid. */
  readonly at: number
  /** Those of role `rim` count. */
  readonly trustAnchors: readonly NvidiaTrustAnchor[]
  /** OCSP responses in DER for the certificates of the chain. */
  readonly ocsp: readonly Uint8Array[]
  /** `dangerouslySkip`: a certificate without response passes; a response that is there still counts. */
  readonly revocation: 'require' | 'dangerouslySkip'
}

/** A manifest whose signature holds. */
export interface VerifiedRim {
  readonly content: RimContent
  readonly chain: VerifiedChain
  readonly revocation: Revocation
  /** SHA-384 that was signed, hex: the identity of the manifest. */
  readonly digest: string
}

/**
 * Verifies a reference integrity manifest of NVIDIA's on its own.
 *
 * Proves: a signer under a pinned RIM root, valid at `at` and, where `revocation` requires it, not revoked, signed exactly the
 * tree that `content` was read from. Does not prove: that it is the newest manifest for its firmware, that the firmware is the
 * one which evidence reports ({@link compareMeasurements}), or for which board it is: the signed part names product and
 * version only.
 *
 * @throws {MalformedEvidenceError} NVIDIA_RIM_MALFORMED, NVIDIA_RIM_SIGNATURE_UNSUPPORTED, NVIDIA_RIM_CERTIFICATE_MALFORMED.
 * @throws {EvidenceRejectedError} NVIDIA_RIM_ROOT_NOT_PINNED and the other codes of the chain and of OCSP,
 * NVIDIA_RIM_DIGEST_MISMATCH, NVIDIA_RIM_SIGNATURE_INVALID.
 */
export async function verifyRim(input: VerifyRimInput): Promise<Verified<VerifiedRim>> {
  const rim = await verifyParsedRim(parseRim(input.document), input)
  const revocation = await verifyRevocation({
    chain: rim.chain,
    responses: input.ocsp,
    at: input.at,
    codes: RIM_REVOCATION_CODES,
    required: input.revocation === 'require' ? 'all' : 'none',
  })
  return { ...rim, revocation } as Verified<VerifiedRim>
}

/** A manifest that has been read. Nothing about it is trusted. */
export interface ParsedRim {
  readonly root: XmlElement
  readonly content: RimContent
}

/** Parses a manifest. Fails with NVIDIA_RIM_MALFORMED. */
export function parseRim(document: Uint8Array): Unverified<ParsedRim> {
  const root = parseXml(document, 'NVIDIA_RIM_MALFORMED')
  return { root, content: readSwid(root) }
}

/** Takes the signature of a manifest apart. Fails with NVIDIA_RIM_MALFORMED or NVIDIA_RIM_SIGNATURE_UNSUPPORTED; proves nothing. */
export function readRimSignature(document: Uint8Array): Unverified<EnvelopedSignature> {
  return readEnvelopedSignature(parseRim(document).root)
}

/** A manifest whose signature holds; revocation has not been looked at. */
export type SignedRim = Omit<VerifiedRim, 'revocation'>

/** Verifies chain, digest and signature of a manifest: {@link verifyRim} without revocation. */
export async function verifyParsedRim(
  { root, content }: Unverified<ParsedRim>,
  { at, trustAnchors }: Pick<VerifyRimInput, 'at' | 'trustAnchors'>,
): Promise<SignedRim> {
  const signature = readEnvelopedSignature(root)
  const certificates = parseChain(signature.certificates, RIM_CHAIN_CODES.malformed)
  const chain = await verifyChain(certificates, 'rim', { at, trustAnchors, codes: RIM_CHAIN_CODES })
  if (!equalBytes(await sha384(signature.signedContent), signature.digest)) {
    throw new EvidenceRejectedError('NVIDIA_RIM_DIGEST_MISMATCH')
  }
  const { key } = chain.leaf
  const isP384 = key.type === 'ec' && key.curve === 'P-384'
  if (!isP384 || !(await verifyEcdsa(key, 'SHA-384', signature.signedInfo, signature.signature))) {
    throw new EvidenceRejectedError('NVIDIA_RIM_SIGNATURE_INVALID')
  }
  return { content, chain, digest: toHex(signature.digest) }
}
