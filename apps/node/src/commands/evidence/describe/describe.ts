import {
  type DecodedEvidence,
  decodeTcb,
  EvidenceRejectedError,
  parseCca,
  parseNitro,
  parseNvidiaEvidence,
  parseNvidiaReport,
  parseSgxQuote,
  parseSnp,
  parseTdxQuote,
  productOfCpuid,
  type SnpReport,
} from '@spartan/attestation'
import { dcapRequestOfQuote } from '@spartan/endorsements'
import { BaseError } from '@spartan/errors'
import { type DescribedField, describeFields } from './fields.ts'
import { FIELD_NOTES } from './notes.ts'

/**
 * Decodes evidence into named fields with units and meanings. Nothing is verified.
 *
 * @param certificates - NVIDIA: the chain in PEM, where it is at hand; the report is shown without it too.
 * @throws {MalformedEvidenceError} of the format's own parser.
 */
export function describeEvidence(decoded: DecodedEvidence, certificates?: Uint8Array): readonly DescribedField[] {
  const found = parsed(decoded, certificates ?? decoded.beside.certificates)
  return [...describeFields(found, FIELD_NOTES[decoded.kind]), ...derived(decoded)]
}

function parsed({ kind, evidence }: DecodedEvidence, certificates: Uint8Array | undefined): unknown {
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
    case 'nvidia':
      return certificates === undefined
        ? parseNvidiaReport(evidence)
        : parseNvidiaEvidence({ report: evidence, certificateChain: certificates })
  }
}

/** What people ask for and the structure only holds encoded: what names the platform, and versions by component. */
function derived({ kind, evidence }: DecodedEvidence): readonly DescribedField[] {
  if (kind === 'tdx' || kind === 'sgx') return platformOf(evidence)
  if (kind === 'snp') return tcbsOf(parseSnp(evidence).report)
  return []
}

function platformOf(quote: Uint8Array): readonly DescribedField[] {
  try {
    const { fmspc, ca } = dcapRequestOfQuote(quote)
    return [
      { name: 'platform.fmspc', value: fmspc, note: 'from the PCK certificate: family and model that TCB info is for' },
      { name: 'platform.ca', value: ca, note: 'from the PCK certificate: which PCK CRL counts' },
    ]
  } catch (error) {
    // A quote without its PCK certificate names no platform.
    if (error instanceof BaseError && error.code === 'ENDORSEMENTS_REQUEST_INVALID') return []
    throw error
  }
}

const TCBS = ['currentTcb', 'reportedTcb', 'committedTcb', 'launchTcb'] as const

function tcbsOf(report: SnpReport): readonly DescribedField[] {
  // Reports of version 2 do not name the CPU; all that make them have the layout of Milan.
  const product = report.cpuid === undefined ? 'Milan' : productOfCpuid(report.cpuid)
  if (product === undefined) return []
  return TCBS.flatMap((field) => {
    try {
      const { bootLoader, tee, snp, microcode, fmc } = decodeTcb(report[field], product, field)
      const value = `bl=${bootLoader},tee=${tee},snp=${snp},ucode=${microcode},fmc=${fmc}`
      return [{ name: `tcb.${field}`, value, note: `by component, layout of ${product}, as --snp-min-tcb takes it` }]
    } catch (error) {
      if (error instanceof EvidenceRejectedError) return []
      throw error
    }
  })
}
