import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { toHex } from '../internal/bytes.ts'
import { iso } from '../internal/chain.ts'
import type { X509Crl } from '../internal/crl.ts'
import type { EcPublicKey } from '../internal/signatures.ts'
import type { X509Certificate } from '../internal/x509.ts'
import type { CertificationData, PckChain } from './certificationData.ts'
import {
  expectNamedPck,
  type VerifyContext,
  verifyIntelCrl,
  verifyPck,
  verifyPckCa,
  verifyRoot,
  verifyTcbSigner,
} from './chain.ts'
import type { DcapTrail } from './checks.ts'
import { expectSameFamily, verifyQeIdentity, verifyTcbInfo } from './documents.ts'
import type { DcapEndorsements } from './endorsements.ts'
import type { IntelCertificate } from './intelCertificate.ts'
import type { DcapSkippable } from './policy.ts'
import type { QeIdentity } from './qeIdentity.ts'
import type { PckPlatform } from './sgxExtension.ts'
import type { TcbInfo } from './tcbInfo.ts'

/** What the endorsements have to say about a quote, all verified. */
export interface VerifiedCollateral {
  readonly simulated: boolean
  readonly pckKey: EcPublicKey
  readonly platform: PckPlatform
  /** Undefined only when skipped by name. */
  readonly tcbInfo: TcbInfo | undefined
  readonly qeIdentity: QeIdentity | undefined
  /** Unix seconds: earliest end of validity of everything used. */
  readonly earliestExpiry: number
  /** Unix seconds: oldest issue among PCK CRL, TCB info and QE identity; undefined when all of them were skipped. */
  readonly oldestIssue: number | undefined
  /** Endorsements that were not at hand, skipped by name. */
  readonly missing: readonly DcapEndorsementCheck[]
}

/** Checks that need an endorsement. */
export type DcapEndorsementCheck = Exclude<DcapSkippable, 'tcb-evaluation'>

/** Input of {@link verifyCollateral}. */
export interface CollateralInput extends VerifyContext {
  readonly certificationData: CertificationData
  readonly endorsements: Partial<DcapEndorsements>
  readonly skip: readonly DcapSkippable[]
}

const SKIPPED = 'skipped by name: the endorsement is not at hand'

/**
 * Verifies the chain of a quote and its endorsements, in the order of the uploads to the on-chain store.
 *
 * Proves: every certificate, CRL and document is signed down from a trust anchor, by the right signer, valid at `at` and
 * not revoked. Does not prove: that no newer endorsement exists.
 */
export async function verifyCollateral(input: CollateralInput, trail: DcapTrail): Promise<VerifiedCollateral> {
  const { endorsements } = input
  const spans = createSpans()
  const { root, chain } = await trail.run(
    'root',
    async () => {
      const found = pckChainOf(input)
      return { chain: found, root: await verifyRoot(found.root, input) }
    },
    ({ root: { certificate, simulated } }) => ({
      publicKey: toHex(certificate.key.point),
      validUntil: iso(certificate.notAfter),
      simulated: `${simulated}`,
    }),
  )
  spans.add(root.certificate.notAfter)
  const rootCrl = await optionalCrl(input, trail, 'root-crl', endorsements.rootCaCrl, root.certificate, spans)
  const pckCa = await trail.run(
    'pck-ca',
    () => verifyPckCa(chain.pckCa, root.certificate, rootCrl, input),
    showCertificate,
  )
  spans.add(pckCa.notAfter)
  const pckCrl = await optionalCrl(input, trail, 'pck-crl', endorsements.pckCrl, pckCa, spans)
  const { pck, platform } = await checkPck(input, trail, chain, pckCa, pckCrl)
  spans.add(pck.notAfter)
  const signedBy: Signed = { root: root.certificate, rootCrl, spans }
  const tcbInfo = await checkTcbInfo(input, trail, platform, signedBy)
  const qeIdentity = await checkQeIdentity(input, trail, signedBy)
  const { simulated } = root
  const used = { 'root-crl': rootCrl, 'pck-crl': pckCrl, 'tcb-info': tcbInfo, 'qe-identity': qeIdentity }
  const missing = (Object.keys(used) as DcapEndorsementCheck[]).filter((id) => used[id] === undefined)
  return { simulated, pckKey: pck.key, platform, tcbInfo, qeIdentity, ...spans.ends(), missing }
}

/** Validities of everything used. */
function createSpans() {
  let earliestExpiry = Number.POSITIVE_INFINITY
  let oldestIssue: number | undefined
  return {
    /** `since` only for endorsements that are renewed. */
    add: (until: number, since?: number) => {
      earliestExpiry = Math.min(earliestExpiry, until)
      if (since !== undefined) oldestIssue = Math.min(oldestIssue ?? since, since)
    },
    ends: () => ({ earliestExpiry, oldestIssue }),
  }
}

type Spans = ReturnType<typeof createSpans>

/** Below what TCB info and QE identity stand. */
interface Signed {
  readonly root: IntelCertificate
  readonly rootCrl: X509Crl | undefined
  readonly spans: Spans
}

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

/** The quote's own chain; only a quote that carries none is judged by the chain among the endorsements. */
export function pckChainOf({
  certificationData,
  endorsements,
}: Pick<CollateralInput, 'certificationData' | 'endorsements'>): PckChain {
  if (certificationData.type === 5) return certificationData.chain
  const [pck, pckCa, root, ...more] = endorsements.pckChain ?? []
  if (pck && pckCa && root && more.length === 0) return { pck, pckCa, root }
  throw reject('DCAP_PCK_MISSING', `certification data type ${certificationData.type} carries no chain`)
}

async function optionalCrl(
  input: CollateralInput,
  trail: DcapTrail,
  id: 'root-crl' | 'pck-crl',
  bytes: Uint8Array | undefined,
  issuer: IntelCertificate,
  spans: Spans,
): Promise<X509Crl | undefined> {
  if (bytes === undefined && input.skip.includes(id)) {
    trail.skip(id, SKIPPED)
    return undefined
  }
  const crl = await trail.run(
    id,
    () => verifyIntelCrl(bytes, issuer, id, input),
    ({ thisUpdate, nextUpdate, revokedSerials }) => ({
      issued: iso(thisUpdate),
      nextUpdate: iso(nextUpdate),
      revoked: `${revokedSerials.size}`,
    }),
  )
  // Intel issues the root CRL once a year, so that its age says nothing about a TCB recovery published since.
  spans.add(crl.nextUpdate, id === 'pck-crl' ? crl.thisUpdate : undefined)
  return crl
}

function checkPck(
  input: CollateralInput,
  trail: DcapTrail,
  chain: PckChain,
  pckCa: IntelCertificate,
  pckCrl: X509Crl | undefined,
) {
  return trail.run(
    'pck',
    async () => {
      const found = await verifyPck(chain.pck, pckCa, pckCrl, input)
      const { certificationData } = input
      if (certificationData.type !== 5) expectNamedPck(certificationData, chain.pck, found.platform)
      return found
    },
    ({ pck, platform: { ppid, fmspc, pceSvn, platformInstanceId } }) => ({
      ...showCertificate(pck),
      ppid: toHex(ppid),
      fmspc: toHex(fmspc),
      pceSvn: `${pceSvn}`,
      ...(platformInstanceId && { platformInstanceId: toHex(platformInstanceId) }),
    }),
  )
}

async function checkTcbInfo(
  input: CollateralInput,
  trail: DcapTrail,
  { fmspc }: PckPlatform,
  { root, rootCrl, spans }: Signed,
): Promise<TcbInfo | undefined> {
  const document = input.endorsements.tcbInfo
  if (document === undefined && input.skip.includes('tcb-info')) {
    trail.skip('tcb-info', SKIPPED)
    trail.skip('tcb-signer', SKIPPED)
    return undefined
  }
  const { signer, signed } = await trail.run(
    'tcb-signer',
    async () => {
      if (document === undefined) throw reject('DCAP_TCB_INFO_MISSING')
      return { signed: document, signer: await verifyTcbSigner(document.issuerChain[0], root, rootCrl, input) }
    },
    (found) => showCertificate(found.signer),
  )
  spans.add(signer.notAfter)
  const info = await trail.run(
    'tcb-info',
    async () => {
      const found = await verifyTcbInfo(signed, signer, input)
      expectSameFamily(found, fmspc)
      return found
    },
    (found) => ({ version: `${found.version}`, ...showDocument(found) }),
  )
  spans.add(info.nextUpdate, info.issueDate)
  return info
}

async function checkQeIdentity(
  input: CollateralInput,
  trail: DcapTrail,
  { root, rootCrl, spans }: Signed,
): Promise<QeIdentity | undefined> {
  const document = input.endorsements.qeIdentity
  if (document === undefined && input.skip.includes('qe-identity')) {
    trail.skip('qe-identity', SKIPPED)
    return undefined
  }
  return trail.run(
    'qe-identity',
    async () => {
      if (document === undefined) throw reject('DCAP_QE_IDENTITY_MISSING')
      const signer = await verifyTcbSigner(document.issuerChain[0], root, rootCrl, input)
      spans.add(signer.notAfter)
      const identity = await verifyQeIdentity(document, signer, input)
      spans.add(identity.nextUpdate, identity.issueDate)
      return identity
    },
    showDocument,
  )
}

const showCertificate = (certificate: X509Certificate) => ({
  commonName: certificate.commonName,
  serial: certificate.serial,
  validUntil: iso(certificate.notAfter),
})

const showDocument = (document: { issueDate: number; nextUpdate: number; evaluationNumber: number }) => ({
  issued: iso(document.issueDate),
  nextUpdate: iso(document.nextUpdate),
  evaluationNumber: `${document.evaluationNumber}`,
})
