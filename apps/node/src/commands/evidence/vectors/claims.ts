import type { CommonClaims } from '@spartan/attestation'
import { bytesToHex } from 'viem'
import type { VectorEntry } from './manifest.ts'

/** A claim that is not what the manifest says. */
export interface ClaimDifference {
  readonly name: string
  readonly expected: string
  readonly got: string
}

/** Statuses that the manifest states in Intel's spelling and nothing else; anything longer is a remark. */
const STATUS = /^[A-Za-z]+$/

/** Compares the claims of accepted evidence with what the manifest says of them: TCB status, REPORTDATA, advisories. */
export function compareClaims({ expected, policy }: VectorEntry, claims: CommonClaims): readonly ClaimDifference[] {
  const found: ClaimDifference[] = []
  const compare = (name: string, wanted: unknown, got: string) => {
    if (typeof wanted === 'string' && wanted.toLowerCase() !== got.toLowerCase()) {
      found.push({ name, expected: wanted, got })
    }
  }
  const status = expected.tcb_status
  const evaluated = claims.tcbStatus !== 'Unknown' && policy.tcb_evaluation !== 'skip'
  if (status && STATUS.test(status) && evaluated) compare('tcbStatus', status, claims.tcbStatus)
  compare('reportData', reportDataOf(expected.fields ?? {}), hex(claims.reportData))
  if (expected.advisory_ids && evaluated) {
    compare('advisoryIds', [...expected.advisory_ids].sort().join(' '), [...claims.advisoryIds].sort().join(' '))
  }
  return found
}

/** The manifest has it at the top (SNP) or inside of the report (TDX, SGX). */
function reportDataOf(fields: Readonly<Record<string, unknown>>): unknown {
  const { report } = fields
  return typeof report === 'object' && report !== null && 'report_data' in report
    ? report.report_data
    : fields.report_data
}

const hex = (bytes: Uint8Array) => bytesToHex(bytes).slice(2)
