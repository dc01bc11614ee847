import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError, MalformedEvidenceError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import { type CertificateCodes, expectCa, isSigningLeaf, verifyIssued } from '../internal/chain.ts'
import { parseCertificate, type X509Certificate } from '../internal/x509.ts'
import type { NvidiaTrustAnchor } from '../roots/nvidia.ts'
import { MAX_CHAIN_CERTIFICATES } from './constants.ts'
import { signsOcsp } from './ocspResponse.ts'

/** Codes of what can be wrong with a chain. */
export interface ChainCodes {
  readonly malformed: ReasonCode
  readonly rootNotPinned: ReasonCode
  readonly rootSignatureInvalid: ReasonCode
  readonly leafMissing: ReasonCode
  readonly caInvalid: ReasonCode
  readonly certificate: CertificateCodes
}

/** Codes of the chain of a device. */
export const DEVICE_CHAIN_CODES: ChainCodes = {
  malformed: 'NVIDIA_CERTIFICATE_MALFORMED',
  rootNotPinned: 'NVIDIA_ROOT_NOT_PINNED',
  rootSignatureInvalid: 'NVIDIA_ROOT_SIGNATURE_INVALID',
  leafMissing: 'NVIDIA_LEAF_MISSING',
  caInvalid: 'NVIDIA_CA_INVALID',
  certificate: {
    issuerMismatch: 'NVIDIA_CERTIFICATE_ISSUER_MISMATCH',
    signatureInvalid: 'NVIDIA_CERTIFICATE_SIGNATURE_INVALID',
    expired: 'NVIDIA_CERTIFICATE_EXPIRED',
    revoked: 'NVIDIA_CERTIFICATE_REVOKED',
  },
}

/** Codes of the chain of a manifest's signer. */
export const RIM_CHAIN_CODES: ChainCodes = {
  malformed: 'NVIDIA_RIM_CERTIFICATE_MALFORMED',
  rootNotPinned: 'NVIDIA_RIM_ROOT_NOT_PINNED',
  rootSignatureInvalid: 'NVIDIA_RIM_ROOT_SIGNATURE_INVALID',
  leafMissing: 'NVIDIA_RIM_SIGNER_MISSING',
  caInvalid: 'NVIDIA_RIM_CA_INVALID',
  certificate: {
    issuerMismatch: 'NVIDIA_RIM_CERTIFICATE_ISSUER_MISMATCH',
    signatureInvalid: 'NVIDIA_RIM_CERTIFICATE_SIGNATURE_INVALID',
    expired: 'NVIDIA_RIM_CERTIFICATE_EXPIRED',
    revoked: 'NVIDIA_RIM_CERTIFICATE_REVOKED',
  },
}

/** A chain that ends in a pinned root. */
export interface VerifiedChain {
  readonly leaf: X509Certificate
  /** Leaf first, without the root. */
  readonly certificates: readonly X509Certificate[]
  /** The pinned root, not the one that came with the chain. */
  readonly root: X509Certificate
  readonly simulated: boolean
  /** Unix seconds. */
  readonly earliestExpiry: number
}

/** Parses the certificates of a chain. Fails with the given code; proves nothing else. */
export function parseChain(chain: readonly Uint8Array[], code: ReasonCode): readonly X509Certificate[] {
  if (chain.length === 0 || chain.length > MAX_CHAIN_CERTIFICATES) {
    const got = `${chain.length}`
    throw new MalformedEvidenceError(code, { offset: 0, expected: `1 to ${MAX_CHAIN_CERTIFICATES} certificates`, got })
  }
  return chain.map((bytes) => parseCertificate({ bytes, code }))
}

/**
 * Verifies a chain, leaf first, below a pinned root of `role`. The root that comes with the chain must have the key of the
 * pinned one and then counts for nothing; it may also be left out.
 *
 * Proves: NVIDIA issued the leaf through CAs that may issue it, all valid at `at`. Does not prove: that nothing was revoked.
 */
export async function verifyChain(
  chain: readonly X509Certificate[],
  role: NvidiaTrustAnchor['role'],
  input: { readonly at: number; readonly trustAnchors: readonly NvidiaTrustAnchor[]; readonly codes: ChainCodes },
): Promise<VerifiedChain> {
  const { at, codes } = input
  const roots = input.trustAnchors.filter((anchor) => anchor.role === role).map((anchor) => parseAnchor(anchor, codes))
  const { certificates, root, simulated } = await findRoot(chain, roots, codes)
  const [leaf] = certificates
  // Who answers for certificates signs nothing else.
  if (!leaf || !isSigningLeaf(leaf) || signsOcsp(leaf)) throw new EvidenceRejectedError(codes.leafMissing)
  let issuer = root
  let casBelow = certificates.length - 1
  for (const certificate of certificates.toReversed()) {
    // CAs between the issuer and the leaf (RFC 5280 §4.2.1.9).
    expectCa(issuer, codes.caInvalid, { casBelow })
    await verifyIssued(certificate, issuer, { at, crl: undefined, codes: codes.certificate })
    issuer = certificate
    casBelow--
  }
  const earliestExpiry = Math.min(root.notAfter, ...certificates.map(({ notAfter }) => notAfter))
  return { leaf, certificates, root, simulated, earliestExpiry }
}

interface Root {
  readonly certificate: X509Certificate
  readonly simulated: boolean
}

const parseAnchor = ({ certificate, simulated }: NvidiaTrustAnchor, { malformed }: ChainCodes): Root => ({
  certificate: parseCertificate({ bytes: certificate, code: malformed }),
  simulated,
})

async function findRoot(chain: readonly X509Certificate[], roots: readonly Root[], codes: ChainCodes) {
  const last = chain.at(-1)
  const isSelfIssued = last !== undefined && last.issuer === last.subject
  const found = roots.find(({ certificate }) =>
    isSelfIssued ? equalBytes(certificate.spki, last.spki) : certificate.subject === last?.issuer,
  )
  if (!found) {
    const metaMessages = [`the chain ends in ${last ? toHex(last.spki.subarray(-8)) : 'nothing'}`]
    throw new EvidenceRejectedError(codes.rootNotPinned, { metaMessages })
  }
  // The pinned root itself needs no signature of its own.
  if (isSelfIssued && !equalBytes(last.document.bytes, found.certificate.document.bytes)) {
    const selfSigned = { ...codes.certificate, signatureInvalid: codes.rootSignatureInvalid }
    await verifyIssued(last, last, { at: last.notBefore, crl: undefined, codes: selfSigned })
  }
  return {
    certificates: isSelfIssued ? chain.slice(0, -1) : chain,
    root: found.certificate,
    simulated: found.simulated,
  }
}
