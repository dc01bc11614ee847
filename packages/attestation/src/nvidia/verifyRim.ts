import type { Unverified, Verified } from '../result.ts'
import type { NvidiaTrustAnchor } from '../roots/nvidia.ts'
import type { VerifiedRim, VerifyRimInput } from './rim/verifyRim.ts'
import type { EnvelopedSignature } from './rim/xmlSignature.ts'

export type { RimContent } from './rim/swid.ts'
export type { VerifiedRim, VerifyRimInput } from './rim/verifyRim.ts'
export type { EnvelopedSignature } from './rim/xmlSignature.ts'

/**
 * Verifies a reference integrity manifest of NVIDIA's on its own; loads the XML part of this package on first use.
 *
 * Proves: a signer under a pinned RIM root, valid at `at` and, where `revocation` requires it, not revoked, signed exactly what
 * `content` says. Does not prove: that it is the newest manifest for its firmware, or for which board it is: the signed part
 * names edition, product and version only.
 *
 * @throws {MalformedEvidenceError} NVIDIA_RIM_MALFORMED, NVIDIA_RIM_SIGNATURE_UNSUPPORTED, NVIDIA_RIM_CERTIFICATE_MALFORMED,
 * NVIDIA_OCSP_MALFORMED.
 * @throws {EvidenceRejectedError} NVIDIA_RIM_ROOT_NOT_PINNED and the other codes of the chain and of OCSP,
 * NVIDIA_RIM_DIGEST_MISMATCH, NVIDIA_RIM_SIGNATURE_INVALID.
 */
export async function verifyRim(input: VerifyRimInput): Promise<Verified<VerifiedRim>> {
  const rim = await import('./rim/verifyRim.ts')
  return rim.verifyRim(input)
}

/**
 * Takes a manifest apart into what a verifier elsewhere needs, a contract for example: canonical bytes, digest, signature and the
 * chain of its signer. Loads the XML part of this package on first use.
 *
 * Proves: nothing. Neither digest nor signature has been checked.
 *
 * @throws {MalformedEvidenceError} NVIDIA_RIM_MALFORMED, NVIDIA_RIM_SIGNATURE_UNSUPPORTED.
 */
export async function readNvidiaRim(document: Uint8Array): Promise<Unverified<EnvelopedSignature>> {
  const rim = await import('./rim/verifyRim.ts')
  return rim.readRimSignature(document)
}

/** One manifest at hand, under the name that its owner gives it. */
export interface NamedRim {
  readonly name: string
  /** XML as published. */
  readonly document: Uint8Array
}

/** Manifests sorted by whether they can be used. */
export interface PairedRims {
  /** Authentic at the time asked for. */
  readonly usable: readonly NamedRim[]
  /** Not authentic, with the reason. */
  readonly unusable: readonly (NamedRim & { readonly error: Error })[]
}

/**
 * Sorts manifests that stand beside evidence (a folder of test vectors, a cache) into those that are authentic at `at` and those
 * that are not, so that evidence can be judged by the first alone. Revocation is not looked at.
 *
 * Proves: nothing about which evidence a manifest is for; `verifyNvidiaEvidence` refuses those of other firmware.
 */
export async function pairRims(
  rims: readonly NamedRim[],
  { at, trustAnchors }: { readonly at: number; readonly trustAnchors: readonly NvidiaTrustAnchor[] },
): Promise<PairedRims> {
  const usable: NamedRim[] = []
  const unusable: (NamedRim & { readonly error: Error })[] = []
  for (const rim of rims) {
    try {
      await verifyRim({ document: rim.document, at, trustAnchors, ocsp: [], revocation: 'dangerouslySkip' })
      usable.push(rim)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      unusable.push({ ...rim, error })
    }
  }
  return { usable, unusable }
}
