import { bytesToHex, concatHex, type Hex, keccak256, zeroHash } from 'viem'
import { nitroCertificates, openNitroMessage, sigStructure } from './nitroMessage.ts'
import { certificateIdBelow, p384CertificateProof, p384KeyOf } from './p384Certificate.ts'
import { type P384Density, type P384ProofOptions, p384ProofOf } from './p384Proof.ts'

/** Evidence for `NitroVerifier.verify`. */
export interface NitroOnchainEvidence {
  /** Id of the signing certificate ‖ signature ‖ Sig_structure ‖ proof (docs/specs/onchain-attestation.md). */
  readonly evidence: Hex
  /** Id of the signing certificate in `NitroEndorsements`; zero where the document carries no certificates. */
  readonly certificateId: Hex
}

/** One call of `NitroEndorsements`. */
export interface NitroUpload {
  readonly functionName: 'registerRoot' | 'registerCa' | 'registerCertificate' | 'uploadCrl'
  readonly args: readonly (Hex | bigint)[]
}

/** DER certificates, root first, and CRLs by the place of their issuer among them. */
export interface NitroChainFiles {
  readonly certificates: readonly Uint8Array[]
  readonly crls: ReadonlyMap<number, Uint8Array>
}

/** PCRs of the parent instance: its IAM role and its id. They measure nothing of the enclave. */
const PARENT_PCRS: readonly number[] = [3, 4]
/** More than any CRL has: all of its revocations in one call. */
const ALL = 2n ** 64n

/**
 * Cuts an attestation document (COSE_Sign1) into the evidence `NitroVerifier` reads, with the hints for its signature.
 *
 * The framing, which is not signed and not sent, is checked here; everything else is for the contract to check. Proves nothing
 * about the document. Fails with NITRO_DOCUMENT_MALFORMED, NITRO_TRAILING_BYTES, NITRO_ALGORITHM_UNSUPPORTED.
 */
export async function encodeNitroEvidence(
  document: Uint8Array,
  options: P384ProofOptions = {},
): Promise<NitroOnchainEvidence> {
  const message = openNitroMessage(document)
  const { signature } = message
  const signed = sigStructure(message)
  const certificates = nitroCertificates(message.payload) ?? []
  const certificateId = nitroCertificateIds(certificates).at(-1) ?? zeroHash
  const signer = certificates.at(-1)
  const proof = await p384ProofOf(signed, signature, signer && p384KeyOf(signer), options)
  return { evidence: concatHex([certificateId, bytesToHex(signature), bytesToHex(signed), proof]), certificateId }
}

/**
 * The calls that bring `NitroEndorsements` all it needs for a document, in order; each may be left out when the store already
 * holds the same. Anyone may send them. The last certificate signs documents, unless `isBundle`.
 */
export async function nitroUploads(
  { certificates, crls }: NitroChainFiles,
  { isBundle = false, ...options }: P384Density & { readonly isBundle?: boolean } = {},
): Promise<readonly NitroUpload[]> {
  const ids = nitroCertificateIds(certificates)
  const uploads: NitroUpload[] = []
  for (const [index, der] of certificates.entries()) {
    const [issuer, parentId] = [certificates[index - 1], ids[index - 1]]
    if (!issuer || !parentId) {
      uploads.push({ functionName: 'registerRoot', args: [bytesToHex(der)] })
      continue
    }
    const isLeaf = index === certificates.length - 1 && !isBundle
    const functionName = isLeaf ? ('registerCertificate' as const) : ('registerCa' as const)
    uploads.push({ functionName, args: [parentId, bytesToHex(der), await p384CertificateProof(der, issuer, options)] })
  }
  for (const [index, crl] of crls) {
    const [issuer, issuerId] = [certificates[index], ids[index]]
    if (!issuer || !issuerId) continue
    const proof = await p384CertificateProof(crl, issuer, options)
    uploads.push({ functionName: 'uploadCrl', args: [issuerId, bytesToHex(crl), proof, ALL] })
  }
  return uploads
}

/** The certificates that a document carries, DER, root first, the signing one last. Fails as {@link encodeNitroEvidence}. */
export function nitroCertificatesOf(document: Uint8Array): readonly Uint8Array[] {
  return nitroCertificates(openNitroMessage(document).payload) ?? []
}

/** Ids in `NitroEndorsements` of certificates, root first: the root's hash, then keccak256(parent's id ‖ hash of what is signed). */
export function nitroCertificateIds(certificates: readonly Uint8Array[]): readonly Hex[] {
  const ids: Hex[] = []
  for (const der of certificates) {
    const parentId = ids.at(-1)
    // What is no certificate has the id of none.
    ids.push((parentId && certificateIdBelow(parentId, der)) ?? keccak256(der))
  }
  return ids
}

/**
 * keccak256 of the PCRs as in `Claims.measurement`: index ‖ size ‖ value of each by ascending index, one byte, one byte and
 * `size` bytes. PCR3 and PCR4, which name the parent instance, are left out.
 */
export function nitroMeasurement(pcrs: ReadonlyMap<number, Uint8Array>): Hex {
  const measured = [...pcrs].filter(([index]) => !PARENT_PCRS.includes(index)).sort(([a], [b]) => a - b)
  return keccak256(
    concatHex(
      measured.map(([index, value]) => concatHex([bytesToHex(Uint8Array.of(index, value.length)), bytesToHex(value)])),
    ),
  )
}
