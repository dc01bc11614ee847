import { type DecodedEvidence, parseTdxQuote } from '@spartan/attestation'
import { CannotCheckError } from '../../../errors.ts'
import { type DescribedField, describeFields } from './fields.ts'
import { FIELD_NOTES } from './notes.ts'

/**
 * Decodes evidence into named fields with units and meanings. Nothing is verified.
 *
 * @throws {MalformedEvidenceError} of the format's own parser.
 */
export function describeEvidence(decoded: DecodedEvidence): readonly DescribedField[] {
  return describeFields(parsed(decoded), FIELD_NOTES[decoded.kind])
}

function parsed({ kind, evidence }: DecodedEvidence): unknown {
  switch (kind) {
    case 'tdx':
      return parseTdxQuote(evidence, 'any')
    default:
      throw new CannotCheckError('EVIDENCE_KIND_UNSUPPORTED', { metaMessages: [kind] })
  }
}
