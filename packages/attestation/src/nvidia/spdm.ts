import { MalformedEvidenceError } from '../errors.ts'
import { isZero, toHex, u16 } from '../internal/bytes.ts'
import { DIGEST_SIZE, MAX_REPORT_BYTES, SPDM } from './constants.ts'

/** One SPDM measurement request with its signed response, read front to back. */
export interface SpdmReport {
  /** 32 bytes that the requester chose: freshness. */
  readonly requesterNonce: Uint8Array
  /** 32 bytes of the device's own. */
  readonly responderNonce: Uint8Array
  /** Certificate slot of the device that signed. */
  readonly slot: number
  /** SHA-384 digests by block index, from 1 on. */
  readonly measurements: ReadonlyMap<number, Uint8Array>
  /** Opaque fields, raw. */
  readonly opaque: Uint8Array
  /** Request and response up to the signature: what the attestation key signs. */
  readonly signedBytes: Uint8Array
  /** r‖s, 96 bytes, big-endian. */
  readonly signature: Uint8Array
  /** Zero bytes behind the signature. */
  readonly paddingBytes: number
}

/** Throws NVIDIA_REPORT_MALFORMED. */
export function malformedReport(offset: number, expected: string, got: string | number): never {
  throw new MalformedEvidenceError('NVIDIA_REPORT_MALFORMED', { offset, expected, got: `${got}` })
}

/**
 * Parses a report: request ‖ response ‖ signature, then nothing but zero padding, as some captures have it. The signature
 * is where the lengths say; the last 96 bytes of the file are not, once there is padding.
 *
 * Proves: the layout. Does not prove: anything about who made it.
 *
 * @throws {MalformedEvidenceError} NVIDIA_REPORT_MALFORMED, NVIDIA_REPORT_VERSION_UNSUPPORTED, NVIDIA_TRAILING_BYTES.
 */
export function parseSpdmReport(bytes: Uint8Array): SpdmReport {
  if (bytes.length > MAX_REPORT_BYTES) malformedReport(0, `at most ${MAX_REPORT_BYTES} bytes`, bytes.length)
  const take = (at: number, length: number, what: string): Uint8Array => {
    if (at + length > bytes.length) malformedReport(at, what, 'the end')
    return bytes.subarray(at, at + length)
  }
  const request = take(0, SPDM.requestSize, 'a request of 37 bytes')
  const slot = readRequest(request)
  const response = SPDM.requestSize
  const head = take(response, SPDM.responseHeadSize, 'the head of the response')
  expectVersion(response, head, SPDM.measurements)
  if (((head[3] ?? 0) & 0x0f) !== slot) malformedReport(response + 3, `slot ${slot}`, (head[3] ?? 0) & 0x0f)
  const blocksAt = response + SPDM.responseHeadSize
  const blocks = take(blocksAt, u16(head, 5) + (head[7] ?? 0) * 0x1_0000, 'the measurement blocks')
  const measurements = readBlocks(blocks, blocksAt, head[4] ?? 0)
  const nonceAt = blocksAt + blocks.length
  const responderNonce = take(nonceAt, SPDM.nonceSize, 'the nonce of the response')
  const opaqueLengthAt = nonceAt + SPDM.nonceSize
  const opaqueLength = u16(take(opaqueLengthAt, 2, 'the length of the opaque fields'), 0)
  const opaque = take(opaqueLengthAt + 2, opaqueLength, 'the opaque fields')
  const signatureAt = opaqueLengthAt + 2 + opaqueLength
  const signature = take(signatureAt, SPDM.signatureSize, 'a signature of 96 bytes')
  const padding = bytes.subarray(signatureAt + SPDM.signatureSize)
  if (!isZero(padding)) {
    const offset = signatureAt + SPDM.signatureSize
    throw new MalformedEvidenceError('NVIDIA_TRAILING_BYTES', { offset, expected: 'zero padding', got: 'other bytes' })
  }
  return {
    requesterNonce: request.subarray(4, 4 + SPDM.nonceSize),
    responderNonce,
    slot,
    measurements,
    opaque,
    signedBytes: bytes.subarray(0, signatureAt),
    signature,
    paddingBytes: padding.length,
  }
}

/** Head of the request; the slot it asks for. */
function readRequest(request: Uint8Array): number {
  expectVersion(0, request, SPDM.getMeasurements)
  const [, , attributes = 0, operation = 0] = request
  if (attributes !== SPDM.signatureRequested) malformedReport(2, 'a request for a signature', attributes)
  if (operation !== SPDM.allMeasurements) malformedReport(3, 'a request for all measurements', operation)
  const slot = request[SPDM.requestSize - 1] ?? 0
  if (slot > 0x0f) malformedReport(SPDM.requestSize - 1, 'a slot number', slot)
  return slot
}

function expectVersion(offset: number, message: Uint8Array, code: number): void {
  const [version = 0, got = 0] = message
  if (version !== SPDM.version) {
    const versions = { offset, expected: 'SPDM version 0x11', got: `0x${version.toString(16)}` }
    throw new MalformedEvidenceError('NVIDIA_REPORT_VERSION_UNSUPPORTED', versions)
  }
  if (got !== code) malformedReport(offset + 1, `code 0x${code.toString(16)}`, `0x${got.toString(16)}`)
}

/** `count` blocks that fill `blocks` exactly, each index once, each value a SHA-384 digest. */
function readBlocks(blocks: Uint8Array, base: number, count: number): ReadonlyMap<number, Uint8Array> {
  const blockSize = SPDM.blockHeadSize + SPDM.valueHeadSize + DIGEST_SIZE
  if (blocks.length !== count * blockSize) malformedReport(base, `${count} blocks of ${blockSize} bytes`, blocks.length)
  const measurements = new Map<number, Uint8Array>()
  for (let at = 0; at < blocks.length; at += blockSize) {
    const block = blocks.subarray(at, at + blockSize)
    const [index = 0, specification] = block
    if (index === 0 || measurements.has(index)) malformedReport(base + at, 'an index from 1 on, once', index)
    if (specification !== SPDM.dmtfSpecification) malformedReport(base + at + 1, 'specification 1', `${specification}`)
    const kind = block[SPDM.blockHeadSize] ?? 0
    const sizes = [u16(block, 2), u16(block, SPDM.blockHeadSize + 1)]
    if (sizes[0] !== SPDM.valueHeadSize + DIGEST_SIZE || sizes[1] !== DIGEST_SIZE || (kind & SPDM.rawValue) !== 0) {
      malformedReport(base + at + 2, 'a digest of 48 bytes', toHex(block.subarray(2, 7)))
    }
    measurements.set(index, block.subarray(SPDM.blockHeadSize + SPDM.valueHeadSize))
  }
  if (measurements.size === 0) malformedReport(base, 'at least one measurement', 'none')
  return measurements
}
