import { equalBytes, isZero, toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { sha256Short } from '../internal/sha256.ts'
import { verifyEcdsa } from '../internal/signatures.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import type { CheckOutcome, Unverified, Verified } from '../result.ts'
import { expectChainCurrent, type PrepareSnpChainInput, type VerifiedSnpChain, verifyChain } from './chain.ts'
import { SNP_CHECKS, type SnpCheckId } from './checks.ts'
import { REPORT, VMPL_HOST } from './constants.ts'
import type { SnpEvidence, SnpReport } from './parse.ts'
import {
  componentBelow,
  decodeTcb,
  PRODUCT_TRAITS,
  productOfCpuid,
  reject,
  type SnpProduct,
  type SnpTcb,
  showTcb,
  TCB_COMPONENTS,
} from './product.ts'
import { type VtpmClaims, type VtpmQuote, verifyVtpmQuote } from './vtpmQuote.ts'

/** The four TCBs of a report, by the layout of its product. */
export interface SnpTcbs {
  /** What runs now. */
  readonly current: SnpTcb
  /** What the endorsement key was derived for: the one that is endorsed. */
  readonly reported: SnpTcb
  /** What the host cannot go below any more. */
  readonly committed: SnpTcb
  /** What ran when the guest was launched or imported. */
  readonly launch: SnpTcb
}

/** What verification has found; `appraiseSnp` accepts nothing else. */
export interface SnpVerification {
  readonly report: SnpReport
  readonly product: SnpProduct
  readonly tcbs: SnpTcbs
  readonly chain: VerifiedSnpChain
  /** CHIP_ID (64 bytes; Turin: 8); undefined under a VLEK, which hides it. */
  readonly chipId: Uint8Array | undefined
  /** Undefined when no quote of the vTPM was given. */
  readonly vtpm: VtpmClaims | undefined
  /** SHA-256 of the signed bytes. */
  readonly evidenceId: Uint8Array
  /** Unix seconds at which everything was judged. */
  readonly at: number
  readonly checks: readonly CheckOutcome<SnpCheckId>[]
}

interface CommonInput {
  readonly evidence: Unverified<SnpEvidence>
  /** A quote of the vTPM that the evidence vouches for; always verified when given. */
  readonly vtpmQuote?: VtpmQuote | undefined
  /** Unix seconds at which certificates and CRL have to be valid. */
  readonly at: number
}

/** Input of {@link verifySnp}: endorsements and roots, or a chain verified before by `prepareSnpChain`. */
export type VerifySnpInput = CommonInput & (PrepareSnpChainInput | { readonly chain: VerifiedSnpChain })

/**
 * Verifies chain, bindings and signature of SEV-SNP evidence.
 *
 * Proves: the firmware of a chip (VCEK), or of some chip of a cloud provider (VLEK), signed the report under a trust
 * anchor, at the reported TCB; with an HCL report also that it vouches for the runtime data, and with a quote that the
 * vTPM signed it. Does not prove: that the guest, its policy or the TCB are wanted ({@link appraiseSnp}), freshness, or
 * that the machine's owner has not extracted keys.
 *
 * @throws {EvidenceRejectedError} with the code of the first check that fails, in the order of `SNP_CHECKS`.
 * @throws {MalformedEvidenceError} when a certificate, CRL or quote does not have its form.
 */
export async function verifySnp(input: VerifySnpInput): Promise<Verified<SnpVerification>> {
  const trail = createTrail(SNP_CHECKS, 'chain' in input ? input.chain.checks : [])
  trail.skip('report-format', 'parsed by the caller')
  return runSnpVerification(input, trail)
}

/** The verification itself, on a trail of the caller. */
export async function runSnpVerification(
  input: VerifySnpInput,
  trail: Trail<SnpCheckId>,
): Promise<Verified<SnpVerification>> {
  const { evidence, at } = input
  const { report } = evidence
  await trail.run('guest-request', () => expectGuestRequest(report), noValues)
  const chain = await chainOf(input, trail)
  await trail.run(
    'signing-key',
    () => expectSigningKey(report, chain),
    () => ({ kind: report.signingKey.toUpperCase() }),
  )
  const product = await trail.run(
    'product',
    () => expectProduct(report, chain),
    (found) => ({ product: found, ...(report.cpuid && { cpuid: JSON.stringify(report.cpuid) }) }),
  )
  const chipId = await trail.run(
    'chip',
    () => expectChip(report, product, chain),
    (found) => (found ? { chipId: toHex(found) } : { cspId: chain.vek.cspId ?? '' }),
  )
  const tcbs = await trail.run(
    'vek-tcb',
    () => expectVekTcb(report, product, chain.vek.tcb),
    ({ reported }) => ({ reported: showTcb(reported) }),
  )
  await trail.run('report-signature', () => expectSignature(report, chain), showSigned)
  await trail.run(
    'tcb-order',
    () => expectTcbOrder(report, tcbs),
    () => ({ current: showTcb(tcbs.current), committed: showTcb(tcbs.committed), launch: showTcb(tcbs.launch) }),
  )
  const vtpm = await checkVtpm(input, trail)
  const found: SnpVerification = {
    report,
    product,
    tcbs,
    chain,
    chipId,
    vtpm,
    evidenceId: sha256Short(report.signedBytes),
    at,
    get checks() {
      return trail.outcomes()
    },
  }
  return found as Verified<SnpVerification>
}

const noValues = () => ({})
const showSigned = () => ({ signedBytes: '672' })

async function chainOf(input: VerifySnpInput, trail: Trail<SnpCheckId>): Promise<VerifiedSnpChain> {
  if (!('chain' in input)) return verifyChain(input, trail)
  await expectChainCurrent(input.chain, input.at, trail)
  return input.chain
}

function expectGuestRequest({ vmpl }: SnpReport): void {
  // AMD 56860, SNP_HV_REPORT_REQ: the host chose REPORTDATA.
  if (vmpl === VMPL_HOST) throw reject('SNP_HOST_REQUESTED', 'VMPL 0xffffffff')
}

function expectSigningKey({ signingKey }: SnpReport, { vek }: VerifiedSnpChain): void {
  if (signingKey === vek.kind) return
  throw reject('SNP_SIGNING_KEY_MISMATCH', `report says ${signingKey}, the certificate is a ${vek.kind}`)
}

/** Product line of root, certificate and (from version 3 on) processor; the stepping is not compared. */
function expectProduct({ cpuid }: SnpReport, { product, vek }: VerifiedSnpChain): SnpProduct {
  if (vek.product !== product) {
    throw reject('SNP_PRODUCT_MISMATCH', `root of ${product}, certificate of ${vek.product}`)
  }
  if (!cpuid) return product
  const processor = productOfCpuid(cpuid)
  if (!processor) throw reject('SNP_PRODUCT_UNKNOWN', `CPUID family ${cpuid.family}, model ${cpuid.model}`)
  if (processor !== product) throw reject('SNP_PRODUCT_MISMATCH', `processor ${processor}, certificate of ${product}`)
  return product
}

function expectVekTcb(report: SnpReport, product: SnpProduct, endorsed: SnpTcb): SnpTcbs {
  const tcbs = {
    reported: decodeTcb(report.reportedTcb, product, 'REPORTED_TCB'),
    current: decodeTcb(report.currentTcb, product, 'CURRENT_TCB'),
    committed: decodeTcb(report.committedTcb, product, 'COMMITTED_TCB'),
    launch: decodeTcb(report.launchTcb, product, 'LAUNCH_TCB'),
  }
  const { reported } = tcbs
  if (TCB_COMPONENTS.some((component) => reported[component] !== endorsed[component])) {
    throw reject('SNP_TCB_MISMATCH', `reported ${showTcb(reported)}`, `endorsed ${showTcb(endorsed)}`)
  }
  return tcbs
}

/** The chip of a VCEK; a VLEK has none. */
function expectChip({ chipId }: SnpReport, product: SnpProduct, { vek }: VerifiedSnpChain): Uint8Array | undefined {
  const { hardwareId } = vek
  if (!hardwareId) return undefined
  if (isZero(chipId)) throw reject('SNP_CHIP_ID_MASKED')
  const size = PRODUCT_TRAITS[product].chipIdSize
  if (!isZero(chipId.subarray(size)) || !equalBytes(chipId.subarray(0, size), hardwareId)) {
    throw reject('SNP_HWID_MISMATCH', `report ${toHex(chipId)}`, `certificate ${toHex(hardwareId)}`)
  }
  return hardwareId
}

async function expectSignature(report: SnpReport, { vek }: VerifiedSnpChain): Promise<void> {
  if (await verifyEcdsa(vek.key, 'SHA-384', report.signedBytes, report.signature)) return
  throw reject('SNP_REPORT_SIGNATURE_INVALID')
}

/** Source: AMD 56860, REPORTED_TCB and COMMITTED_TCB: neither can be above what runs. */
function expectTcbOrder({ currentVersion, committedVersion }: SnpReport, tcbs: SnpTcbs): void {
  const reported = componentBelow(tcbs.current, tcbs.reported)
  if (reported) throw reject('SNP_REPORTED_TCB_ABOVE_CURRENT', reported)
  const committed = componentBelow(tcbs.current, tcbs.committed)
  if (committed) throw reject('SNP_COMMITTED_TCB_ABOVE_CURRENT', committed)
  const { major, minor, build } = committedVersion
  const number = (version: { major: number; minor: number; build: number }) =>
    version.major * 0x1_0000 + version.minor * 0x100 + version.build
  if (number(committedVersion) > number(currentVersion)) {
    throw reject('SNP_COMMITTED_TCB_ABOVE_CURRENT', `committed firmware ${major}.${minor}.${build}`)
  }
}

async function checkVtpm(
  { evidence: { hcl, report }, vtpmQuote }: VerifySnpInput,
  trail: Trail<SnpCheckId>,
): Promise<VtpmClaims | undefined> {
  if (hcl) {
    await trail.run(
      'runtime-data',
      async () => {
        const bound = await sha256(hcl.runtimeData)
        const half = bound.length
        const right = equalBytes(report.reportData.subarray(0, half), bound) && isZero(report.reportData.subarray(half))
        if (!right) throw reject('SNP_HCL_RUNTIME_DATA_NOT_BOUND', `SHA-256 of the runtime data ${toHex(bound)}`)
      },
      () => ({ bytes: `${hcl.runtimeData.length}`, reportDataBytes: `${REPORT.reportData[1]}` }),
    )
  } else trail.skip('runtime-data', 'the evidence is a bare report')
  if (!vtpmQuote) {
    trail.skip('vtpm-quote', 'no quote of a vTPM')
    return undefined
  }
  return trail.run(
    'vtpm-quote',
    () => {
      if (!hcl) throw reject('SNP_VTPM_KEY_MISSING')
      return verifyVtpmQuote(vtpmQuote, hcl.attestationKey)
    },
    ({ challenge, selection, resetCount }) => ({
      challenge: toHex(challenge),
      registers: selection.join(' '),
      resetCount: `${resetCount}`,
    }),
  )
}
