import { BaseError, type ReasonCode } from '@spartan/errors'
import { bytesToHex, concatHex, type Hex, keccak256, padHex, sliceHex, stringToHex, zeroHash } from 'viem'
import { certificateIdBelow, p384KeyOf } from './p384Certificate.ts'
import { type P384ProofOptions, p384ProofOf } from './p384Proof.ts'

/** Endorsements of SEV-SNP, DER; the same shape as in `@spartan/attestation`. */
export interface SnpOnchainEndorsements {
  /** VCEK or VLEK. */
  readonly vek: Uint8Array
  /** ASK or ASVK. */
  readonly intermediate: Uint8Array
  /** ARK: exactly the pinned certificate. */
  readonly root: Uint8Array
  /** CRL of the ARK. */
  readonly crl: Uint8Array
}

/** One call of `SnpEndorsements`. */
export interface SnpEndorsementUpload {
  readonly functionName: 'registerRoot' | 'registerIntermediate' | 'registerVek' | 'uploadCrl'
  readonly args: readonly (Hex | bigint)[]
}

const REPORT_SIZE = 0x4a0
const SIGNED_SIZE = 0x2a0
/** Where r and s stand, little-endian, of 48 bytes in 72. */
const SIGNATURE = { r: 0x2a0, s: 0x2e8, used: 48 } as const
/** Unsigned and reserved from here to the end. */
const SIGNATURE_END = 0x330
const CHIP_ID_BYTES = 64
/** Revocations kept by one `uploadCrl`: AMD's lists are empty or a few entries long. */
const ENTRIES_PER_UPLOAD = 200n

function refuse(code: ReasonCode, line: string): BaseError {
  return new BaseError(code, { metaMessages: [line] })
}

/**
 * Encodes a report as evidence for `SnpVerifier`: vekId ‖ report up to the end of its signature ‖ path ‖ hints.
 *
 * Proves nothing. Where the signature is not valid, or the key is none, the proof is left out: the contract says what is wrong.
 *
 * @param report - Exactly one report: Azure's HCL wrapper and the certificate table of an extended report are cut off before.
 * @param endorsements - The chain of the endorsement key; only its ids and the key are used.
 * @throws {BaseError} SNP_REPORT_MALFORMED for another size, SNP_UNSIGNED_BYTES_NONZERO when something stands behind the signature,
 * SNP_ROOT_MALFORMED, SNP_INTERMEDIATE_MALFORMED, SNP_VEK_MALFORMED when not even the outer DER can be read.
 */
export async function encodeSnpEvidence(
  report: Uint8Array,
  endorsements: Pick<SnpOnchainEndorsements, 'vek' | 'intermediate' | 'root'>,
  options: P384ProofOptions = {},
): Promise<Hex> {
  if (report.length !== REPORT_SIZE) throw refuse('SNP_REPORT_MALFORMED', `${report.length} bytes`)
  if (report.subarray(SIGNATURE_END).some((byte) => byte !== 0)) throw refuse('SNP_UNSIGNED_BYTES_NONZERO', 'not zero')
  const { vekId } = snpCertificateIds(endorsements)
  const publicKey = snpVekKey(endorsements.vek)
  const proof = await p384ProofOf(report.subarray(0, SIGNED_SIZE), signatureOf(report), publicKey, options)
  return concatHex([vekId, bytesToHex(report.subarray(0, SIGNATURE_END)), proof])
}

/**
 * The calls that bring `SnpEndorsements` all it needs to verify reports under one endorsement key, in their order. Each may be left
 * out when the store holds the same; anyone may send them. Fails like {@link encodeSnpEvidence}.
 */
export function snpEndorsementUploads(endorsements: SnpOnchainEndorsements): readonly SnpEndorsementUpload[] {
  const { root, intermediate, vek, crl } = endorsements
  const { rootId, intermediateId } = snpCertificateIds(endorsements)
  return [
    { functionName: 'registerRoot', args: [bytesToHex(root)] },
    { functionName: 'registerIntermediate', args: [rootId, bytesToHex(intermediate)] },
    { functionName: 'registerVek', args: [intermediateId, bytesToHex(vek)] },
    { functionName: 'uploadCrl', args: [rootId, bytesToHex(crl), ENTRIES_PER_UPLOAD] },
  ]
}

/** Ids in the store: keccak256(id of the issuer ‖ keccak256(signed bytes)), for a root with zeros. */
export function snpCertificateIds({
  root,
  intermediate,
  vek,
}: Pick<SnpOnchainEndorsements, 'vek' | 'intermediate' | 'root'>): {
  readonly rootId: Hex
  readonly intermediateId: Hex
  readonly vekId: Hex
} {
  const idOf = (issuer: Hex, der: Uint8Array, code: ReasonCode) => {
    const id = certificateIdBelow(issuer, der)
    if (id === undefined) throw refuse(code, 'no signed DER')
    return id
  }
  const rootId = idOf(zeroHash, root, 'SNP_ROOT_MALFORMED')
  const intermediateId = idOf(rootId, intermediate, 'SNP_INTERMEDIATE_MALFORMED')
  return { rootId, intermediateId, vekId: idOf(intermediateId, vek, 'SNP_VEK_MALFORMED') }
}

/** The P-384 key of an endorsement key certificate, x ‖ y (for `P384Tables`); undefined where it has none. The store parses properly. */
export const snpVekKey = p384KeyOf

/**
 * `Claims.measurement` of a report: keccak256 of guest SVN ‖ policy ‖ FAMILY_ID ‖ IMAGE_ID ‖ VMPL ‖ MEASUREMENT ‖ HOST_DATA ‖
 * ID_KEY_DIGEST ‖ AUTHOR_KEY_DIGEST, each as it stands in the report. Reads, proves nothing.
 *
 * @throws {BaseError} SNP_REPORT_MALFORMED for another size.
 */
export function snpMeasurement(report: Uint8Array): Hex {
  if (report.length !== REPORT_SIZE) throw refuse('SNP_REPORT_MALFORMED', `${report.length} bytes`)
  const bytes = bytesToHex(report)
  return keccak256(concatHex([sliceHex(bytes, 0x004, 0x034), sliceHex(bytes, 0x090, 0x140)]))
}

/** `Claims.product`: the line in ASCII; under a VLEK keccak256(line ‖ keccak256(CSP_ID)), which a policy has to name. */
export function snpProductTag(line: 'Milan' | 'Genoa' | 'Turin', cspId?: string): Hex {
  const tag = padHex(stringToHex(line), { size: 32, dir: 'right' })
  return cspId === undefined ? tag : keccak256(concatHex([tag, keccak256(stringToHex(cspId))]))
}

/** `Claims.platformId` of a chip: keccak256 of CHIP_ID, zeros behind the eight bytes of a Turin. */
export function snpPlatformId(chipId: Uint8Array): Hex {
  return keccak256(padHex(bytesToHex(chipId), { size: CHIP_ID_BYTES, dir: 'right' }))
}

/** r ‖ s, big-endian. */
function signatureOf(report: Uint8Array): Uint8Array {
  const number = (at: number) => report.slice(at, at + SIGNATURE.used).reverse()
  return Uint8Array.from([...number(SIGNATURE.r), ...number(SIGNATURE.s)])
}
