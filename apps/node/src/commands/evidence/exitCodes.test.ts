import { EvidenceRejectedError } from '@spartan/attestation'
import { REASONS, type ReasonCode } from '@spartan/errors'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../errors.ts'
import { evidenceExitCodeOf, isCannotCheck } from './exitCodes.ts'

const AREA = /^(DCAP|SNP|CCA|NVIDIA|NITRO)_/
/** What the evidence itself lacks, or a signed document: judged, and refused. */
const OF_THE_EVIDENCE: readonly ReasonCode[] = [
  'DCAP_MODULE_IDENTITY_MISSING',
  'SNP_HCL_KEY_MISSING',
  'SNP_HWID_MISSING',
  'SNP_MITIGATIONS_MISSING',
  'SNP_VEK_EXTENSION_MISSING',
  'SNP_VTPM_KEY_MISSING',
  'SNP_VTPM_PCR_MISSING',
  'CCA_PLATFORM_CLAIM_MISSING',
  'CCA_REALM_CLAIM_MISSING',
  'NVIDIA_FWID_MISSING',
  'NVIDIA_LEAF_MISSING',
  'NVIDIA_RIM_SIGNER_MISSING',
  'NITRO_FIELD_MISSING',
]

describe('exit codes of evidence', () => {
  test('behavior: whatever else is missing, or is no endorsement at all, could not be checked', () => {
    const codes = (Object.keys(REASONS) as ReasonCode[]).filter((code) => AREA.test(code))
    const expected = codes.filter(
      (code) => /_MISSING$|_ENDORSEMENTS_MALFORMED$/.test(code) && !OF_THE_EVIDENCE.includes(code),
    )
    expect(codes.filter(isCannotCheck).sort()).toEqual(expected.sort())
  })

  test.each<[string, unknown, number]>([
    ['a refusal', new EvidenceRejectedError('DCAP_QUOTE_SIGNATURE_INVALID'), 3],
    ['a chain that is not at hand', new EvidenceRejectedError('DCAP_PCK_MISSING'), 4],
    ['wrong usage', new UsageError('CLI_MANIFEST_MALFORMED'), 2],
    ['what nobody foresaw', new TypeError('of undefined'), 4],
  ])('error: %s', (_, error, code) => expect(evidenceExitCodeOf(error)).toBe(code))
})
