import { EvidenceRejectedError } from '../errors.ts'
import { toHex } from '../internal/bytes.ts'
import { sha256Short } from '../internal/sha256.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import type { DcapTrail } from './checks.ts'
import { type VerifiedCollateral, verifyCollateral } from './collateral.ts'
import type { DcapEndorsements } from './endorsements.ts'
import type { DcapMemory } from './memory.ts'
import type { DcapPolicy } from './policy.ts'
import { expectQe, findQeLevel } from './qeIdentity.ts'
import type { ParsedQuote } from './quote.ts'
import { checkQuoteSignatures, startQuoteWork } from './quoteSignatures.ts'
import { startCollateralWork } from './startWork.ts'
import { expectSamePce, type TcbEvaluation } from './tcb.ts'
import type { SvnLevel, TcbInfo } from './tcbInfo.ts'

/** The parts of a quote that verification reads. */
export type VerifiableQuote = Pick<ParsedQuote, 'header' | 'signedBytes' | 'signatureData'>

/** What verification has found of any DCAP quote. */
export interface DcapVerification<Q extends VerifiableQuote = VerifiableQuote> {
  readonly quote: Q
  /** Unix seconds at which everything was judged. */
  readonly at: number
  readonly collateral: VerifiedCollateral
  /** Undefined only when its endorsement or the evaluation was skipped by name. */
  readonly tcb: TcbEvaluation | undefined
  /** The lower number of TCB info and QE identity; 0 when both were skipped. */
  readonly tcbEvaluationNumber: number
  /** SHA-256 of the signed bytes. */
  readonly evidenceId: Uint8Array
}

/** What the TCB evaluation of one TEE does with the TCB info; `qeLevel` finds the level of the QE when it is its turn. */
export type EvaluateTcb<Q> = (
  info: TcbInfo,
  collateral: VerifiedCollateral,
  quote: Q,
  qeLevel: () => SvnLevel | undefined,
) => TcbEvaluation

/** Input of {@link verifyDcap}. */
export interface VerifyDcapInput<Q extends VerifiableQuote> {
  readonly quote: Q
  readonly endorsements: Partial<DcapEndorsements>
  readonly memory: DcapMemory
  readonly at: number
  readonly trustAnchors: readonly TrustAnchor[]
  readonly policy: Pick<DcapPolicy, 'minTcbEvaluationNumber' | 'dangerouslySkip'>
  readonly evaluateTcb: EvaluateTcb<Q>
}

/** Verifies signatures, chain, endorsements and bindings of a quote and evaluates its TCB, every check on the trail. */
export async function verifyDcap<Q extends VerifiableQuote>(
  input: VerifyDcapInput<Q>,
  trail: DcapTrail,
): Promise<DcapVerification<Q>> {
  const { quote, at, memory, policy } = input
  const { certificationData } = quote.signatureData
  const collateralInput = { ...input, certificationData, skip: policy.dangerouslySkip }
  const work = startQuoteWork(quote, memory, startCollateralWork(collateralInput)?.key)
  const collateral = await verifyCollateral(collateralInput, trail)
  const tcbEvaluationNumber = await checkEvaluationNumber(policy, collateral, trail)
  await checkQuoteSignatures(quote, work, collateral.pckKey, trail)
  const tcb = await checkTcb(input, collateral, trail)
  return { quote, at, collateral, tcb, tcbEvaluationNumber, evidenceId: sha256Short(quote.signedBytes) }
}

async function checkEvaluationNumber(
  { minTcbEvaluationNumber }: Pick<DcapPolicy, 'minTcbEvaluationNumber'>,
  { tcbInfo, qeIdentity }: VerifiedCollateral,
  trail: DcapTrail,
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

async function checkTcb<Q extends VerifiableQuote>(
  { quote, policy, evaluateTcb }: VerifyDcapInput<Q>,
  collateral: VerifiedCollateral,
  trail: DcapTrail,
): Promise<TcbEvaluation | undefined> {
  const { tcbInfo, qeIdentity } = collateral
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
  if (policy.dangerouslySkip.includes('tcb-evaluation')) {
    // Which platform the TCB info is for is no question of its status.
    await trail.run(
      'tcb-levels',
      () => expectSamePce(tcbInfo, collateral.platform),
      () => ({}),
    )
    trail.skip('tcb-levels', 'skipped by name')
    return undefined
  }
  return trail.run(
    'tcb-levels',
    () => evaluateTcb(tcbInfo, collateral, quote, () => qeIdentity && findQeLevel(qeIdentity, qeReport)),
    showEvaluation,
  )
}

const showEvaluation = ({ platformStatus, moduleStatus, qeStatus, advisoryIds }: TcbEvaluation) => ({
  platform: platformStatus,
  ...(moduleStatus && { module: moduleStatus }),
  quotingEnclave: qeStatus,
  advisories: advisoryIds.join(' '),
})
