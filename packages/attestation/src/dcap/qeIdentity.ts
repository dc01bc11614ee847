import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import { parseStrictJson, shapeOf } from '../internal/json.ts'
import type { EnclaveReport } from './enclaveReport.ts'
import { findSvnLevel } from './tcb.ts'
import { type DcapTee, readSvnLevels, type SvnLevel } from './tcbInfo.ts'

/** Intel's QE identity, version 2: of the quoting enclave for SGX (`QE`) or for TDs (`TD_QE`). */
export interface QeIdentity {
  readonly tee: DcapTee
  /** Unix seconds. */
  readonly issueDate: number
  readonly nextUpdate: number
  readonly evaluationNumber: number
  readonly miscSelect: Uint8Array
  readonly miscSelectMask: Uint8Array
  readonly attributes: Uint8Array
  readonly attributesMask: Uint8Array
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly levels: readonly SvnLevel[]
}

const MALFORMED = 'DCAP_QE_IDENTITY_MALFORMED'
const QE_ID: Readonly<Record<DcapTee, string>> = { sgx: 'QE', tdx: 'TD_QE' }

/** Parses a QE identity whose signature holds. Throws DCAP_QE_IDENTITY_MALFORMED, _ID_MISMATCH, _VERSION_UNSUPPORTED. */
export function parseQeIdentity(body: Uint8Array, tee: DcapTee): QeIdentity {
  const shape = shapeOf(parseStrictJson(body, MALFORMED), MALFORMED, 'enclaveIdentity')
  const id = shape.text('id')
  if (id !== QE_ID[tee]) {
    throw new EvidenceRejectedError('DCAP_QE_IDENTITY_ID_MISMATCH', { metaMessages: [`${QE_ID[tee]}, got ${id}`] })
  }
  const version = shape.integer('version')
  if (version !== 2) {
    throw new EvidenceRejectedError('DCAP_QE_IDENTITY_VERSION_UNSUPPORTED', { metaMessages: [`2, got ${version}`] })
  }
  const identity: QeIdentity = {
    tee,
    issueDate: shape.time('issueDate'),
    nextUpdate: shape.time('nextUpdate'),
    evaluationNumber: shape.integer('tcbEvaluationDataNumber'),
    // Hex in wire order, like the report.
    miscSelect: shape.hex('miscselect', 4),
    miscSelectMask: shape.hex('miscselectMask', 4),
    attributes: shape.hex('attributes', 16),
    attributesMask: shape.hex('attributesMask', 16),
    mrSigner: shape.hex('mrsigner', 32),
    isvProdId: shape.integer('isvprodid', 0xffff),
    levels: readSvnLevels(shape),
  }
  shape.done()
  return identity
}

/**
 * Refuses a QE report that is not of the enclave the identity describes.
 *
 * Proves: the signer, product and mode of the enclave. Without it, any enclave on the machine could play the QE.
 */
export function expectQe(identity: QeIdentity, report: EnclaveReport): void {
  const same =
    equalBytes(mask(report.miscSelect, identity.miscSelectMask), identity.miscSelect) &&
    equalBytes(mask(report.attributes, identity.attributesMask), identity.attributes) &&
    equalBytes(report.mrSigner, identity.mrSigner) &&
    report.isvProdId === identity.isvProdId
  if (!same) {
    throw new EvidenceRejectedError('DCAP_QE_IDENTITY_MISMATCH', {
      metaMessages: [
        `MRSIGNER ${toHex(report.mrSigner)}, ISVPRODID ${report.isvProdId}`,
        `MISCSELECT ${toHex(report.miscSelect)}, ATTRIBUTES ${toHex(report.attributes)}`,
      ],
    })
  }
}

/** The level of the QE. Throws DCAP_QE_LEVEL_NOT_FOUND. */
export function findQeLevel(identity: QeIdentity, report: EnclaveReport): SvnLevel {
  const level = findSvnLevel(identity.levels, report.isvSvn)
  if (level) return level
  throw new EvidenceRejectedError('DCAP_QE_LEVEL_NOT_FOUND', { metaMessages: [`ISVSVN ${report.isvSvn}`] })
}

const mask = (bytes: Uint8Array, bits: Uint8Array) => bytes.map((byte, index) => byte & (bits[index] ?? 0xff))
