import {
  type DecodedEvidence,
  parseCca,
  parseNitro,
  parseNvidiaEvidence,
  parseSgxQuote,
  parseSnp,
  parseTdxQuote,
} from '@spartan/attestation'
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

function parsed({ kind, evidence, beside }: DecodedEvidence): unknown {
  switch (kind) {
    case 'tdx':
      return parseTdxQuote(evidence, 'any')
    case 'sgx':
      return parseSgxQuote(evidence, 'any')
    case 'snp':
      return parseSnp(evidence)
    case 'cca':
      return parseCca(evidence)
    case 'nitro':
      return parseNitro(evidence)
    case 'nvidia': {
      if (beside.certificates === undefined) throw new CannotCheckError('CLI_CERTIFICATES_MISSING')
      return parseNvidiaEvidence({ report: evidence, certificateChain: beside.certificates })
    }
  }
}
