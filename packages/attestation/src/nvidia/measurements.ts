import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes } from '../internal/bytes.ts'
import { NVDEC0_INDEX } from './constants.ts'

/** One reference value of a manifest. */
export interface RimMeasurement {
  /** Counts from 0; the report's block has the index one higher. */
  readonly index: number
  readonly name: string
  /** Only active ones are compared. */
  readonly active: boolean
  /** Each of 48 bytes; any of them is right. */
  readonly values: readonly Uint8Array[]
}

/** What the comparison found, RIM indexes in ascending order. */
export interface MeasurementComparison {
  readonly compared: readonly number[]
  readonly mismatched: readonly number[]
  /** Left out because NVDEC0 is disabled. */
  readonly ignored: readonly number[]
}

/** What is compared with the manifests. */
export interface ComparedReport {
  /** Digests by block index, from 1 on. */
  readonly measurements: ReadonlyMap<number, Uint8Array>
  readonly nvdec0Enabled: boolean | undefined
}

/**
 * Compares a report with the reference values of its manifests: each active one must be met by one of its alternatives.
 * A block that the report lacks is a mismatch.
 *
 * Proves nothing by itself: manifests and report must have been verified. Source: NVIDIA attestation SDK,
 * generate_set_measurement_claims (index i of the RIM is block i + 1; index 35 counts only while NVDEC0 is enabled).
 *
 * @throws {EvidenceRejectedError} NVIDIA_RIM_CONFLICT, when two manifests have a value for one index;
 * NVIDIA_NVDEC_STATUS_INVALID, when index 35 is active and the report does not say whether it counts.
 */
export function compareMeasurements(
  report: ComparedReport,
  manifests: readonly (readonly RimMeasurement[])[],
): MeasurementComparison {
  const active = manifests.flat().filter((measurement) => measurement.active)
  const indexes = active.map(({ index }) => index)
  const conflict = indexes.find((index, place) => indexes.indexOf(index) !== place)
  if (conflict !== undefined) throw reject('NVIDIA_RIM_CONFLICT', `index ${conflict}`)
  if (indexes.includes(NVDEC0_INDEX) && report.nvdec0Enabled === undefined) throw reject('NVIDIA_NVDEC_STATUS_INVALID')
  const isIgnored = (index: number) => index === NVDEC0_INDEX && report.nvdec0Enabled === false
  const compared = active.filter(({ index }) => !isIgnored(index))
  const mismatched = compared.filter(({ index, values }) => {
    const measured = report.measurements.get(index + 1)
    return measured === undefined || !values.some((value) => equalBytes(value, measured))
  })
  return {
    compared: ascending(compared.map(({ index }) => index)),
    mismatched: ascending(mismatched.map(({ index }) => index)),
    ignored: ascending(indexes.filter(isIgnored)),
  }
}

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })
const ascending = (indexes: readonly number[]) => indexes.toSorted((left, right) => left - right)
