import { BaseError, type ReasonCode } from '@spartan/errors'
import {
  bytesToHex,
  concatHex,
  encodeAbiParameters,
  type Hex,
  keccak256,
  padHex,
  stringToHex,
  toHex,
  zeroHash,
} from 'viem'
import { certificateNames, openOcspResponse } from './nvidiaCertificate.ts'
import { certificateIdBelow, openSignedDer, p384CertificateProof, p384KeyOf } from './p384Certificate.ts'
import { type P384Density, type P384ProofOptions, p384ProofOf } from './p384Proof.ts'

/** A reference integrity manifest taken apart: `readNvidiaRim` of `@spartan/attestation` gives it. */
export interface NvidiaRimParts {
  /** Canonical XML of the manifest without its signature. */
  readonly signedContent: Uint8Array
  /** SHA-384 that the signature states for it. */
  readonly digest: Uint8Array
  /** Canonical bytes of SignedInfo. */
  readonly signedInfo: Uint8Array
  /** r ‖ s, 96 bytes. */
  readonly signature: Uint8Array
  /** DER, signer first, root last. */
  readonly certificates: readonly Uint8Array[]
}

/** One device's evidence for `NvidiaVerifier`. */
export interface NvidiaEvidenceParts {
  /** SPDM request ‖ response. */
  readonly report: Uint8Array
  /** DER, attestation key first, root last. */
  readonly certificates: readonly Uint8Array[]
  /** Ids of the manifests ({@link nvidiaRimId}); left out: none (a switch has no driver). */
  readonly driverRim?: Hex | undefined
  readonly vbiosRim?: Hex | undefined
}

/** One call of `NvidiaEndorsements` or `NvidiaRims`. */
export interface NvidiaUpload {
  readonly functionName:
    | 'registerRoot'
    | 'registerCa'
    | 'registerAttestationKey'
    | 'registerSigner'
    | 'uploadOcsp'
    | 'uploadRim'
  readonly args: readonly Hex[]
}

/** Request of GET_MEASUREMENTS, head of the response, block, nonce, signature (docs/specs/onchain-attestation.md). */
const SIZES = { request: 37, responseHead: 8, nonce: 32, signature: 96 } as const

/**
 * Ids of the certificates of a chain in their store, in the order of the chain: keccak256(id of the issuer ‖ keccak256(signed bytes)).
 *
 * @param certificates - DER, leaf first, root last.
 * @param code - Of the error for what is no certificate.
 */
export function nvidiaKeyIds(
  certificates: readonly Uint8Array[],
  code: ReasonCode = 'NVIDIA_CERTIFICATE_MALFORMED',
): readonly Hex[] {
  let parent: Hex = zeroHash
  const ids = certificates.toReversed().map((der) => {
    const id = certificateIdBelow(parent, der)
    if (id === undefined) throw new BaseError(code, { metaMessages: [`${der.length} bytes`] })
    parent = id
    return id
  })
  return ids.reverse()
}

/** Id of a manifest in `NvidiaRims`: keccak256(id of its signer ‖ digest). */
export function nvidiaRimId({ certificates, digest }: NvidiaRimParts): Hex {
  const [signer = zeroHash] = nvidiaKeyIds(certificates, 'NVIDIA_RIM_CERTIFICATE_MALFORMED')
  return keccak256(concatHex([signer, bytesToHex(digest)]))
}

/**
 * Evidence for `NvidiaVerifier`: key id ‖ driver RIM id ‖ VBIOS RIM id ‖ size ‖ report ‖ proof. Zeros behind the report's signature, as
 * some captures have them, are not signed and not sent.
 *
 * Proves nothing. Where the signature is not valid, the proof is left out: the contract says what is wrong.
 */
export async function encodeNvidiaEvidence(parts: NvidiaEvidenceParts, options: P384ProofOptions = {}): Promise<Hex> {
  const { certificates, driverRim = zeroHash, vbiosRim = zeroHash } = parts
  const [akId = zeroHash] = nvidiaKeyIds(certificates)
  const report = withoutPadding(parts.report)
  const size = toHex(report.length, { size: 4 })
  return concatHex([akId, driverRim, vbiosRim, size, bytesToHex(report), await reportProof(parts, options)])
}

async function reportProof({ report, certificates }: NvidiaEvidenceParts, options: P384ProofOptions): Promise<Hex> {
  const end = signedSize(report)
  const publicKey = certificates[0] && p384KeyOf(certificates[0])
  if (end === undefined || !publicKey) return '0x'
  const signed = report.subarray(0, end)
  const signature = report.subarray(end, end + SIZES.signature)
  return p384ProofOf(signed, signature, publicKey, options)
}

/** Longer ones are refused as they are. */
const MAX_REPORT_BYTES = 65_536

/** A report up to the end of its signature, where only zeros follow; anything else is for the contract to refuse. */
function withoutPadding(report: Uint8Array): Uint8Array {
  const end = report.length > MAX_REPORT_BYTES ? undefined : signedSize(report)
  if (end === undefined || report.subarray(end + SIZES.signature).some((byte) => byte !== 0)) return report
  return report.subarray(0, end + SIZES.signature)
}

/** Where the signature begins; undefined when the lengths do not fit. */
function signedSize(report: Uint8Array): number | undefined {
  const view = new DataView(report.buffer, report.byteOffset, report.byteLength)
  const head = SIZES.request + SIZES.responseHead
  if (report.length < head) return undefined
  const blocks = view.getUint16(SIZES.request + 5, true) + view.getUint8(SIZES.request + 7) * 0x1_0000
  const opaque = head + blocks + SIZES.nonce
  if (report.length < opaque + 2) return undefined
  const end = opaque + 2 + view.getUint16(opaque, true)
  return report.length < end + SIZES.signature ? undefined : end
}

/**
 * The calls that bring `NvidiaEndorsements` what a device's evidence needs, in their order; each may be left out when the store holds the
 * same. Anyone may send them.
 *
 * @param certificates - DER, attestation key first, root last.
 * @param ocsp - Responses in DER for certificates of the chain, in any order; others are left out.
 */
export async function nvidiaDeviceUploads(
  certificates: readonly Uint8Array[],
  ocsp: readonly Uint8Array[] = [],
  options: P384Density = {},
): Promise<readonly NvidiaUpload[]> {
  const model = certificates[1] && certificateNames(certificates[1])?.commonName
  const leaf = (parent: Hex, der: Hex, proof: Hex): NvidiaUpload => {
    return { functionName: 'registerAttestationKey', args: [parent, der, bytesToHex(model ?? new Uint8Array()), proof] }
  }
  const ids = nvidiaKeyIds(certificates)
  return [
    ...(await chainUploads(certificates, ids, leaf, options)),
    ...(await ocspUploads(certificates, ids, ocsp, options)),
  ]
}

/** The calls that bring `NvidiaRims` a manifest with the chain of its signer; see {@link nvidiaDeviceUploads}. */
export async function nvidiaRimUploads(
  rim: NvidiaRimParts,
  ocsp: readonly Uint8Array[] = [],
  options: P384Density = {},
): Promise<readonly NvidiaUpload[]> {
  const { certificates, signedContent, signedInfo, digest, signature } = rim
  const ids = nvidiaKeyIds(certificates, 'NVIDIA_RIM_CERTIFICATE_MALFORMED')
  const leaf = (parent: Hex, der: Hex, proof: Hex): NvidiaUpload => {
    return { functionName: 'registerSigner', args: [parent, der, proof] }
  }
  const [signer] = certificates
  const proof = await p384ProofOf(signedInfo, signature, signer && p384KeyOf(signer), options)
  const args = [ids[0] ?? zeroHash, ...[signedContent, digest, signature].map((bytes) => bytesToHex(bytes)), proof]
  return [
    ...(await chainUploads(certificates, ids, leaf, options)),
    ...(await ocspUploads(certificates, ids, ocsp, options)),
    { functionName: 'uploadRim', args },
  ]
}

/** Root, CAs downwards, leaf. */
async function chainUploads(
  certificates: readonly Uint8Array[],
  ids: readonly Hex[],
  leaf: (parent: Hex, der: Hex, proof: Hex) => NvidiaUpload,
  options: P384Density,
): Promise<readonly NvidiaUpload[]> {
  const uploads: NvidiaUpload[] = []
  for (let place = certificates.length - 1; place >= 0; place--) {
    const [der, issuer, parent] = [certificates[place], certificates[place + 1], ids[place + 1]]
    if (!der) continue
    if (!issuer || !parent) {
      uploads.push({ functionName: 'registerRoot', args: [bytesToHex(der)] })
      continue
    }
    const proof = await p384CertificateProof(der, issuer, options)
    const ca = { functionName: 'registerCa', args: [parent, bytesToHex(der), proof] } as const
    uploads.push(place > 0 ? ca : leaf(parent, bytesToHex(der), proof))
  }
  return uploads
}

/**
 * The calls that bring either store newer OCSP answers for a chain that it has: one for each response and each certificate whose
 * serial number stands in it.
 */
export function nvidiaOcspUploads(
  certificates: readonly Uint8Array[],
  responses: readonly Uint8Array[],
  options: P384Density = {},
): Promise<readonly NvidiaUpload[]> {
  return ocspUploads(certificates, nvidiaKeyIds(certificates), responses, options)
}

async function ocspUploads(
  certificates: readonly Uint8Array[],
  ids: readonly Hex[],
  responses: readonly Uint8Array[],
  options: P384Density,
): Promise<readonly NvidiaUpload[]> {
  const uploads: NvidiaUpload[] = []
  for (const [place, der] of certificates.entries()) {
    const [issuer, id, names] = [certificates[place + 1], ids[place], certificateNames(der)]
    if (!issuer || !id || !names) continue
    for (const response of responses.filter((candidate) => concerns(candidate, names.serial))) {
      const { proof, responderProof } = await ocspProofs(response, issuer, options)
      const args = [id, bytesToHex(names.issuer), bytesToHex(response), proof, responderProof]
      uploads.push({ functionName: 'uploadOcsp', args })
    }
  }
  return uploads
}

/** Whether a serial number stands in what is signed; certificates that come along have some of their own. */
function concerns(response: Uint8Array, serial: Uint8Array): boolean {
  const opened = openOcspResponse(response)
  const whole = (opened && openSignedDer(opened.basic)?.toBeSigned) ?? response
  return bytesToHex(whole).includes(bytesToHex(serial).slice(2))
}

/** By the issuer's key, or by that of a certificate that came along. */
async function ocspProofs(
  response: Uint8Array,
  issuer: Uint8Array,
  options: P384Density,
): Promise<{ proof: Hex; responderProof: Hex }> {
  const opened = openOcspResponse(response)
  const signed = opened && openSignedDer(opened.basic)
  if (!opened || !signed) return { proof: '0x', responderProof: '0x' }
  const [responder] = opened.certificates
  const byIssuer = await p384ProofOf(signed.toBeSigned, signed.signature, p384KeyOf(issuer), options)
  if (byIssuer !== '0x' || !responder) return { proof: byIssuer, responderProof: '0x' }
  const proof = await p384ProofOf(signed.toBeSigned, signed.signature, p384KeyOf(responder), options)
  return { proof, responderProof: await p384CertificateProof(responder, issuer, options) }
}

/** Branches count from here (contracts/attestation/libraries/NvidiaVersions.sol). */
const FIRST_BRANCH = 500

/**
 * `Claims.tcb` of a device, the value for a policy's floor: driver branch above 500, its second and third part, five bytes of the VBIOS; a
 * part above 255 is 255, one that is not there 0. As a floor, `{ driverVersion: '550' }` asks for that branch and any VBIOS.
 */
export function nvidiaTcb({
  driverVersion = '',
  vbiosVersion = '',
}: {
  readonly driverVersion?: string | undefined
  readonly vbiosVersion?: string | undefined
}): Hex {
  const [branch = 0, ...parts] = driverVersion.split('.').map(Number)
  const driver = [Math.max(branch - FIRST_BRANCH, 0), ...parts, 0, 0].slice(0, 3)
  const vbios = [...vbiosVersion.split('.').map((part) => Number.parseInt(part || '0', 16)), 0, 0, 0, 0].slice(0, 5)
  return bytesToHex(Uint8Array.from([...driver, ...vbios], (part) => Math.min(part, 0xff)))
}

/** Confidential-computing modes in the order of the feature flag; the names are those of the claims in `@spartan/attestation`. */
const MODES = ['single-gpu-passthrough', 'multi-gpu-passthrough', 'protected-pcie'] as const
const MODE_UNSTATED = 0xffn

/** What `Claims.measurement` of a device is made of. */
export interface NvidiaMeasured {
  /** Name of the chip by its certificates: `GH100`, `GB20X`, `LS10`. */
  readonly chip: string
  /** As the report states them: dotted, the VBIOS in capitals. */
  readonly driverVersion: string | undefined
  readonly vbiosVersion: string | undefined
  readonly mode: (typeof MODES)[number] | undefined
  readonly protectedPcie: boolean | undefined
}

/** `Claims.measurement` of a GPU or switch: the value to put into `ReferenceValues`. */
export function nvidiaMeasurement({ chip, driverVersion, vbiosVersion, mode, protectedPcie }: NvidiaMeasured): Hex {
  const text = (value = '') => padHex(stringToHex(value), { size: 32, dir: 'right' })
  const flag = protectedPcie === undefined ? 0n : protectedPcie ? 2n : 1n
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint256' }, { type: 'uint256' }],
      [
        text(chip),
        text(driverVersion),
        text(vbiosVersion),
        mode === undefined ? MODE_UNSTATED : BigInt(MODES.indexOf(mode)),
        flag,
      ],
    ),
  )
}
