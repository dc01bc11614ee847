import type { SnpProduct } from '@spartan/attestation'
import { failure } from '../errors.ts'

/** Security patch levels of a TCB_VERSION. */
export interface SplTcb {
  readonly bootLoader: number
  readonly tee: number
  readonly snp: number
  readonly microcode: number
  /** Turin only. */
  readonly fmc?: number
}

/**
 * Splits a TCB_VERSION (AMD 56860, table "TCB_VERSION"; little-endian bytes as in the report). Turin starts with FMC.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_REQUEST_INVALID unless it is 8 bytes with zero reserved ones.
 */
export function splOf(product: SnpProduct, tcb: Uint8Array): SplTcb {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0, microcode = 0] = tcb
  const reserved = product === 'Turin' ? [b4, b5, b6] : [b2, b3, b4, b5]
  if (tcb.length !== 8 || reserved.some((byte) => byte !== 0)) {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', `TCB of ${tcb.length} bytes, or not one of ${product}`)
  }
  if (product === 'Turin') return { fmc: b0, bootLoader: b1, tee: b2, snp: b3, microcode }
  return { bootLoader: b0, tee: b1, snp: b6, microcode }
}

/** Bytes of CHIP_ID that name a Turin chip at KDS; with 64 it answers 404. */
const TURIN_CHIP_ID_BYTES = 8

/**
 * The part of CHIP_ID that KDS knows the chip by.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_REQUEST_INVALID: not 64 bytes, or masked (all zero).
 */
export function vcekChipId(product: SnpProduct, chipId: Uint8Array): Uint8Array {
  const used = product === 'Turin' ? TURIN_CHIP_ID_BYTES : 64
  if (chipId.length !== 64 || chipId.subarray(used).some((byte) => byte !== 0)) {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', `CHIP_ID of ${chipId.length} bytes, or not one of ${product}`)
  }
  if (chipId.every((byte) => byte === 0)) {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', 'CHIP_ID is masked, so no VCEK can be asked for')
  }
  return chipId.subarray(0, used)
}
