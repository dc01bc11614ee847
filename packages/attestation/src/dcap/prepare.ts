import { EvidenceRejectedError } from '../errors.ts'
import { ownCopy } from '../internal/bytes.ts'
import type { Verified } from '../result.ts'
import type { TrustAnchor } from '../roots/intel.ts'
import { type VerifyContext, verifyIntelCrl, verifyPckCa, verifyRoot, verifyTcbSigner } from './chain.ts'
import { verifyQeIdentity, verifyTcbInfo } from './documents.ts'
import type { DcapEndorsements, SignedDocument } from './endorsements.ts'
import { createMemory, type DcapMemory } from './memory.ts'
import { startEndorsements } from './startWork.ts'
import type { DcapTee } from './tcbInfo.ts'

const memory = Symbol('memory')

/** Endorsements that have been read and verified, for many quotes; made by {@link prepareDcapEndorsements}. */
export interface PreparedDcapEndorsements {
  readonly tee: DcapTee
  /** Unix seconds: the earliest end of validity among them. Fetch newer ones before. */
  readonly earliestExpiry: number
  readonly [memory]: { readonly endorsements: Partial<DcapEndorsements>; readonly known: DcapMemory }
}

/** Endorsements as received, or prepared. What is missing is refused unless the policy names it. */
export type DcapEndorsementsInput = Partial<DcapEndorsements> | Verified<PreparedDcapEndorsements>

/** Input of {@link prepareDcapEndorsements}. */
export interface PrepareDcapInput {
  /** Quotes of which TEE they are for. */
  readonly tee: DcapTee
  readonly endorsements: Partial<DcapEndorsements>
  /** Unix seconds at which they have to be valid now; every later use judges them again at its own time. */
  readonly at: number
  readonly trustAnchors: readonly TrustAnchor[]
}

/**
 * Verifies endorsements once for many quotes: a quote of a platform that was seen before then costs two signature checks,
 * the quote's own.
 *
 * Proves: every endorsement given is signed down from a trust anchor and valid at `at`. Does not prove: that they fit a
 * certain platform (FMSPC, PCK CA), which every quote decides. Validity, revocation, trust anchors and policy are judged
 * again at every use; only reading and signatures are not repeated. Platforms are remembered in a bounded memory.
 *
 * @throws {EvidenceRejectedError} with the code of the first endorsement that does not hold; DCAP_ROOT_MISSING when none
 * of them brings its root along.
 * @throws {MalformedEvidenceError} when one of them does not have its form.
 */
export async function prepareDcapEndorsements(input: PrepareDcapInput): Promise<Verified<PreparedDcapEndorsements>> {
  const { tee, at, trustAnchors } = input
  const endorsements = copyOf(input.endorsements)
  const known = createMemory(tee)
  const context: VerifyContext = { memory: known, at, trustAnchors }
  const earliestExpiry = await verifyAll(endorsements, context)
  const prepared: PreparedDcapEndorsements = { tee, earliestExpiry, [memory]: { endorsements, known } }
  return prepared as Verified<PreparedDcapEndorsements>
}

/** A copy that nobody else can change while it is being judged, or remembered as verified. */
function copyOf(endorsements: Partial<DcapEndorsements>): Partial<DcapEndorsements> {
  const { rootCaCrl, pckCrl, pckCrlIssuerChain, tcbInfo, qeIdentity, pckChain } = endorsements
  const document = ({ body, signature, issuerChain }: SignedDocument): SignedDocument => ({
    body: ownCopy(body),
    signature: ownCopy(signature),
    issuerChain: chain(issuerChain),
  })
  const chain = (certificates: readonly Uint8Array[]) => certificates.map(ownCopy)
  return {
    ...(rootCaCrl && { rootCaCrl: ownCopy(rootCaCrl) }),
    ...(pckCrl && { pckCrl: ownCopy(pckCrl) }),
    ...(pckCrlIssuerChain && { pckCrlIssuerChain: chain(pckCrlIssuerChain) }),
    ...(tcbInfo && { tcbInfo: document(tcbInfo) }),
    ...(qeIdentity && { qeIdentity: document(qeIdentity) }),
    ...(pckChain && { pckChain: chain(pckChain) }),
  }
}

async function verifyAll(endorsements: Partial<DcapEndorsements>, context: VerifyContext): Promise<number> {
  const { rootCaCrl, pckCrl, pckCrlIssuerChain = [], tcbInfo, qeIdentity, pckChain = [] } = endorsements
  const rootBytes = tcbInfo?.issuerChain[1] ?? qeIdentity?.issuerChain[1] ?? pckCrlIssuerChain[1] ?? pckChain[2]
  if (!rootBytes) throw new EvidenceRejectedError('DCAP_ROOT_MISSING')
  const ends: number[] = []
  const { certificate: root } = await verifyRoot(rootBytes, context)
  startEndorsements(context.memory, endorsements, root)
  ends.push(root.notAfter)
  const rootCrl = rootCaCrl && (await verifyIntelCrl(rootCaCrl, root, 'root-crl', context))
  if (rootCrl) ends.push(rootCrl.nextUpdate)
  if (pckCrl) {
    const [bytes] = pckCrlIssuerChain
    if (!bytes) throw new EvidenceRejectedError('DCAP_PCK_CA_MISSING')
    const pckCa = await verifyPckCa(bytes, root, rootCrl, context)
    const crl = await verifyIntelCrl(pckCrl, pckCa, 'pck-crl', context)
    ends.push(pckCa.notAfter, crl.nextUpdate)
  }
  const signerOf = async ({ issuerChain: [bytes] }: SignedDocument) => {
    const signer = await verifyTcbSigner(bytes, root, rootCrl, context)
    ends.push(signer.notAfter)
    return signer
  }
  if (tcbInfo) ends.push((await verifyTcbInfo(tcbInfo, await signerOf(tcbInfo), context)).nextUpdate)
  if (qeIdentity) ends.push((await verifyQeIdentity(qeIdentity, await signerOf(qeIdentity), context)).nextUpdate)
  return Math.min(...ends)
}

/** The endorsements themselves and what is known of them: nothing yet where they are as received. */
export function openEndorsements(input: DcapEndorsementsInput, tee: DcapTee) {
  if (!(memory in input)) return { endorsements: copyOf(input), memory: createMemory(tee) }
  // Those of the other TEE are read anew: what is known of them says which TEE it was read for.
  const { endorsements, known } = input[memory]
  return { endorsements, memory: input.tee === tee ? known : createMemory(tee) }
}
