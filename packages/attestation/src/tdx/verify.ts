import { type SkippableCheck, type VerifiedCollateral, verifyCollateral } from '../dcap/collateral.ts'
import type { DcapEndorsements } from '../dcap/endorsements.ts'
import { expectQe, findQeLevel } from '../dcap/qeIdentity.ts'
import { attestationKeyBinding } from '../dcap/quote.ts'
import { converge, evaluateTdxTcb, type PartStatus, unique } from '../dcap/tcb.ts'
import { EvidenceRejectedError } from '../errors.ts'
import { concat, equalBytes, toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { type EcPublicKey, verifyEcdsa } from '../internal/signatures.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import type { CheckOutcome, TcbStatus, Unverified, Verified } from '../result.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import { TDX_CHECKS, type TdxCheckId } from './checks.ts'
import type { TdxQuote } from './parse.ts'

/** What verification has found; `appraiseTdx` accepts nothing else. */
export interface TdxVerification {
  readonly quote: TdxQuote
  /** Unix seconds at which everything was judged. */
  readonly at: number
  readonly collateral: VerifiedCollateral
  /** Undefined only when its endorsement was skipped by name. */
  readonly tcb: TdxTcb | undefined
  /** The lower number of TCB info and QE identity. */
  readonly tcbEvaluationNumber: number
  /** SHA-256 of the signed bytes. */
  readonly evidenceId: Uint8Array
  readonly checks: readonly CheckOutcome<TdxCheckId>[]
}

/** TCB of platform, TDX module and quoting enclave, converged. */
export interface TdxTcb {
  readonly status: TcbStatus
  readonly platformStatus: TcbStatus
  readonly moduleStatus: PartStatus
  readonly qeStatus: PartStatus | 'Unknown'
  readonly advisoryIds: readonly string[]
}

/** Input of {@link verifyTdxQuote}. */
export interface VerifyTdxInput {
  readonly quote: Unverified<TdxQuote>
  readonly endorsements: DcapEndorsements
  /** Unix seconds at which certificates and endorsements have to be valid. */
  readonly at: number
  /** Keys at which the chain may end; there is no default. */
  readonly trustAnchors: readonly TrustAnchor[]
  /** Floor for TCB info and QE identity; 0 accepts every number. */
  readonly minTcbEvaluationNumber: number
}

/**
 * Verifies signatures, chain, endorsements and bindings of a TDX quote and evaluates its TCB.
 *
 * Proves: header and body were signed by an attestation key that Intel's quoting enclave made on the platform of the PCK
 * certificate, under a trust anchor, with endorsements valid at `at`. Does not prove: that the TCB status, attributes or
 * measurements are wanted ({@link appraiseTdx}), freshness, or that the machine's owner has not extracted keys.
 *
 * @throws {EvidenceRejectedError} with the code of the first check that fails, in the order of `CHECKS`.
 * @throws {MalformedEvidenceError} when a certificate, CRL or document does not have its form.
 */
export async function verifyTdxQuote(input: VerifyTdxInput): Promise<Verified<TdxVerification>> {
  const trail = createTrail(TDX_CHECKS)
  trail.skip('quote-format', 'parsed by the caller')
  return runTdxVerification({ ...input, skip: [] }, trail)
}

/** Input of {@link runTdxVerification}: endorsements may lack what is skipped by name. */
export interface TdxVerificationInput extends Omit<VerifyTdxInput, 'endorsements'> {
  readonly endorsements: Partial<DcapEndorsements>
  readonly skip: readonly SkippableCheck[]
}

/** The verification itself, on a trail of the caller. */
export async function runTdxVerification(
  input: TdxVerificationInput,
  trail: Trail<TdxCheckId>,
): Promise<Verified<TdxVerification>> {
  const { quote, at } = input
  const collateral = await verifyCollateral({ ...input, certificates: quote.signatureData.certificates }, trail)
  const tcbEvaluationNumber = await checkEvaluationNumber(input, collateral, trail)
  await checkQuoteSignatures(quote, collateral.pckKey, trail)
  const tcb = await checkTcb(quote, collateral, trail)
  const evidenceId = await sha256(quote.signedBytes)
  const checks = trail.outcomes()
  const found: TdxVerification = { quote, at, collateral, tcb, tcbEvaluationNumber, evidenceId, checks }
  return found as Verified<TdxVerification>
}

async function checkEvaluationNumber(
  { minTcbEvaluationNumber }: TdxVerificationInput,
  { tcbInfo, qeIdentity }: VerifiedCollateral,
  trail: Trail<TdxCheckId>,
): Promise<number> {
  const numbers = [tcbInfo, qeIdentity].flatMap((document) => (document ? [document.evaluationNumber] : []))
  if (numbers.length === 0) {
    trail.skip('tcb-evaluation-number', 'no TCB info and no QE identity')
    return 0
  }
  return trail.run(
    'tcb-evaluation-number',
    () => {
      const lowest = Math.min(...numbers)
      if (lowest >= minTcbEvaluationNumber) return lowest
      throw new EvidenceRejectedError('DCAP_TCB_EVALUATION_NUMBER_TOO_LOW', {
        metaMessages: [`required ${minTcbEvaluationNumber}, got ${lowest}`],
      })
    },
    (lowest) => ({ number: `${lowest}`, required: `${minTcbEvaluationNumber}` }),
  )
}

async function checkQuoteSignatures(quote: TdxQuote, pckKey: EcPublicKey, trail: Trail<TdxCheckId>): Promise<void> {
  const { signatureData } = quote
  const { qeReport } = signatureData
  await trail.run(
    'qe-report',
    async () => {
      if (await verifyEcdsa(pckKey, 'SHA-256', qeReport.bytes, signatureData.qeReportSignature)) return
      throw new EvidenceRejectedError('DCAP_QE_REPORT_SIGNATURE_INVALID')
    },
    () => ({ mrEnclave: toHex(qeReport.mrEnclave) }),
  )
  await trail.run(
    'attestation-key',
    async () => {
      const binding = await sha256(attestationKeyBinding(signatureData))
      if (equalBytes(qeReport.reportData, concat(binding, new Uint8Array(32)))) return
      throw new EvidenceRejectedError('DCAP_ATTESTATION_KEY_NOT_BOUND')
    },
    () => ({ attestationKey: toHex(signatureData.attestationKey) }),
  )
  await trail.run(
    'quote-signature',
    async () => {
      const key: EcPublicKey = { type: 'ec', curve: 'P-256', point: signatureData.attestationKey }
      if (await verifyEcdsa(key, 'SHA-256', quote.signedBytes, signatureData.quoteSignature)) return
      throw new EvidenceRejectedError('DCAP_QUOTE_SIGNATURE_INVALID')
    },
    () => ({ signedBytes: `${quote.signedBytes.length}` }),
  )
}

async function checkTcb(
  quote: TdxQuote,
  { tcbInfo, qeIdentity, platform }: VerifiedCollateral,
  trail: Trail<TdxCheckId>,
): Promise<TdxTcb | undefined> {
  const { qeReport } = quote.signatureData
  if (qeIdentity) {
    await trail.run(
      'qe-match',
      () => expectQe(qeIdentity, qeReport),
      () => ({
        mrSigner: toHex(qeReport.mrSigner),
        isvProdId: `${qeReport.isvProdId}`,
        isvSvn: `${qeReport.isvSvn}`,
      }),
    )
  } else trail.skip('qe-match', 'no QE identity')
  if (!tcbInfo) {
    trail.skip('tcb-levels', 'no TCB info')
    return undefined
  }
  return trail.run(
    'tcb-levels',
    () => {
      const { status, platformStatus, moduleStatus, advisoryIds } = evaluateTdxTcb(tcbInfo, platform, quote.report)
      const qe = qeIdentity && findQeLevel(qeIdentity, qeReport)
      return {
        status: qe ? converge(status, qe.status) : status,
        platformStatus,
        moduleStatus,
        qeStatus: qe?.status ?? 'Unknown',
        advisoryIds: unique([...advisoryIds, ...(qe?.advisoryIds ?? [])]),
      }
    },
    (tcb) => ({
      platform: tcb.platformStatus,
      module: tcb.moduleStatus,
      quotingEnclave: tcb.qeStatus,
      advisories: tcb.advisoryIds.join(' '),
    }),
  )
}
