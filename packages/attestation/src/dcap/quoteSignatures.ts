import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, isZero, toHex } from '../internal/bytes.ts'
import { sha256Short } from '../internal/sha256.ts'
import { type EcPublicKey, verifyEcdsa } from '../internal/signatures.ts'
import type { DcapTrail } from './checks.ts'
import type { DcapMemory } from './memory.ts'
import { attestationKeyBinding, type ParsedQuote } from './quote.ts'

/** The signature checks of one quote, under way. */
export interface QuoteWork {
  /** Under the key of a PCK. */
  readonly qeReport: (pckKey: EcPublicKey) => Promise<boolean>
  readonly quote: Promise<boolean>
}

/** Starts what a quote needs beside its endorsements; `pckKey` is the key that will turn out to be the PCK's. */
export function startQuoteWork(
  { signatureData, signedBytes }: Pick<ParsedQuote, 'signatureData' | 'signedBytes'>,
  memory: DcapMemory,
  pckKey: EcPublicKey | undefined,
): QuoteWork {
  const { qeReport, qeReportSignature, attestationKey, quoteSignature } = signatureData
  const verifyReport = (key: EcPublicKey) => verifyEcdsa(key, 'SHA-256', qeReport.bytes, qeReportSignature)
  const started = pckKey && verifyReport(pckKey)
  return {
    qeReport: (key) => (key === pckKey && started ? started : verifyReport(key)),
    quote: verifyEcdsa(memory.key(attestationKey), 'SHA-256', signedBytes, quoteSignature),
  }
}

/**
 * Verifies what stands in the quote itself: the PCK signs the QE report, the QE report binds the attestation key, the
 * attestation key signs the quote.
 */
export async function checkQuoteSignatures(
  { signatureData, signedBytes }: Pick<ParsedQuote, 'signatureData' | 'signedBytes'>,
  work: QuoteWork,
  pckKey: EcPublicKey,
  trail: DcapTrail,
): Promise<void> {
  const { qeReport, attestationKey } = signatureData
  await trail.run(
    'qe-report',
    async () => {
      if (!(await work.qeReport(pckKey))) throw new EvidenceRejectedError('DCAP_QE_REPORT_SIGNATURE_INVALID')
    },
    () => ({ mrEnclave: toHex(qeReport.mrEnclave) }),
  )
  await trail.run(
    'attestation-key',
    () => {
      const bound = equalBytes(qeReport.reportData.subarray(0, 32), sha256Short(attestationKeyBinding(signatureData)))
      if (!bound || !isZero(qeReport.reportData.subarray(32))) {
        throw new EvidenceRejectedError('DCAP_ATTESTATION_KEY_NOT_BOUND')
      }
    },
    () => ({ attestationKey: toHex(attestationKey) }),
  )
  await trail.run(
    'quote-signature',
    async () => {
      if (!(await work.quote)) throw new EvidenceRejectedError('DCAP_QUOTE_SIGNATURE_INVALID')
    },
    () => ({ signedBytes: `${signedBytes.length}` }),
  )
}
