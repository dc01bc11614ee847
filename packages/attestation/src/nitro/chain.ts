import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import { type CrlCodes, expectCa, expectCurrent, iso, isSigningLeaf, verifyCrl } from '../internal/chain.ts'
import { parseCrl, type X509Crl } from '../internal/crl.ts'
import { failAt } from '../internal/der.ts'
import { sha256 } from '../internal/hashes.ts'
import type { EcPublicKey } from '../internal/signatures.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import { KEY_USAGE, parseCertificate, type X509Certificate } from '../internal/x509.ts'
import { verifySigned } from '../internal/x509Signed.ts'
import type { CheckOutcome } from '../result.ts'
import type { NitroTrustAnchor } from '../roots/aws.ts'
import { NITRO_CHECKS, type NitroCheckId } from './checks.ts'
import type { NitroEndorsements } from './endorsements.ts'

/** Checks that a policy can skip by name: their endorsement is not at hand. */
export type NitroSkippable = 'crl'

/** Input of {@link verifyNitroChain}. */
export interface NitroChainInput {
  /** DER, root first. */
  readonly cabundle: readonly Uint8Array[]
  /** DER of the signing certificate below the bundle; undefined to verify the bundle alone. */
  readonly certificate?: Uint8Array
  readonly endorsements: Partial<NitroEndorsements>
  /** Unix seconds at which certificates and CRLs have to be valid. */
  readonly at: number
  /** Roots at which the chain may end; there is no default. */
  readonly trustAnchors: readonly NitroTrustAnchor[]
  /** A CRL that is given is checked even so. */
  readonly dangerouslySkip: readonly NitroSkippable[]
}

/** What the chain has to say. */
export interface NitroChain {
  readonly simulated: boolean
  /** Key of the signing certificate; undefined where only a bundle was verified. */
  readonly signingKey: EcPublicKey | undefined
  /** Unix seconds: earliest end of validity of everything used. */
  readonly earliestExpiry: number
  /** Unix seconds: oldest issue among the CRLs; undefined without any. */
  readonly oldestIssue: number | undefined
  /** Whether a certificate names a place for a CRL that was not at hand: skipped by name. */
  readonly crlMissing: boolean
}

/** A certificate of AWS's: P-384, ECDSA-SHA384. */
interface AwsCertificate extends X509Certificate {
  readonly key: EcPublicKey
}

/**
 * Verifies a bundle of certificates, with or without the signing certificate below it.
 *
 * Proves: every certificate is signed down from a pinned root, may issue what is below it, is valid at `at`, and is not
 * revoked by the CRL of its issuer wherever it names a place for one. Does not prove: anything about a document.
 * Source: AWS Nitro Enclaves NSM API, docs/attestation_process.md §3.2.3; RFC 5280 §6.
 *
 * @throws {EvidenceRejectedError} or {MalformedEvidenceError} with the first code in the order of `NITRO_CHECKS`:
 * NITRO_ROOT_…, NITRO_CA_…, NITRO_CERTIFICATE_…, NITRO_CRL_….
 */
export async function verifyNitroChain(
  input: NitroChainInput,
): Promise<NitroChain & { readonly checks: readonly CheckOutcome<NitroCheckId>[] }> {
  const trail = createTrail(NITRO_CHECKS)
  return { ...(await runNitroChain(input, trail)), checks: trail.outcomes() }
}

/** The verification itself, on a trail of the caller. */
export async function runNitroChain(input: NitroChainInput, trail: Trail<NitroCheckId>): Promise<NitroChain> {
  const { at } = input
  const root = await trail.run('root', () => findRoot(input), showRoot)
  const cas = await trail.run(
    'ca-chain',
    () => verifyCas(input, root.certificate),
    (found) => ({ certificates: `${found.length}`, subjects: found.map(({ commonName }) => commonName).join(', ') }),
  )
  const leaf = await verifyLeaf(input, cas, trail)
  const chain = leaf ? [...cas, leaf] : cas
  await trail.run(
    'validity',
    () => expectAllCurrent(cas, leaf, at),
    () => ({ validUntil: iso(earliestOf(chain)), judgedAt: iso(at) }),
  )
  const crls = await checkCrls(input, chain, trail)
  const issues = crls.map(({ thisUpdate }) => thisUpdate)
  return {
    simulated: root.simulated,
    signingKey: leaf?.key,
    earliestExpiry: Math.min(earliestOf(chain), ...crls.map(({ nextUpdate }) => nextUpdate)),
    oldestIssue: issues.length === 0 ? undefined : Math.min(...issues),
    crlMissing: chain.some(
      ({ extensions, issuer }, index) =>
        index > 0 && extensions.has(DISTRIBUTION_POINTS) && !crls.some((crl) => crl.issuer === issuer),
    ),
  }
}

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

const earliestOf = (chain: readonly X509Certificate[]) => Math.min(...chain.map(({ notAfter }) => notAfter))

const showRoot = ({ digest, simulated }: { digest: string; simulated: boolean }) => ({
  sha256: digest,
  simulated: `${simulated}`,
})

/** The root comes from the caller; the bundle only has to name the same one. */
async function findRoot({ cabundle, trustAnchors }: NitroChainInput) {
  const [first = new Uint8Array()] = cabundle
  const digest = toHex(await sha256(first))
  const anchor = trustAnchors.find(({ certificate }) => equalBytes(certificate, first))
  if (!anchor) throw reject('NITRO_ROOT_NOT_PINNED', `SHA-256 of the first certificate ${digest}`)
  const certificate = parseAwsCertificate(anchor.certificate, 'NITRO_ROOT_MALFORMED')
  return { certificate, digest, simulated: anchor.simulated }
}

function parseAwsCertificate(bytes: Uint8Array, code: ReasonCode): AwsCertificate {
  const document = { bytes, code }
  const certificate = parseCertificate(document)
  const { key, signature } = certificate
  if (key.type !== 'ec' || key.curve !== 'P-384') return failAt(document, 0, 'an uncompressed P-384 key')
  if (signature.scheme !== 'ecdsa' || signature.hash !== 'SHA-384') return failAt(document, 0, 'ecdsa-with-SHA384')
  return { ...certificate, key }
}

/** Root and CAs below it, each with as few CAs below as it allows, each signed by the one before. */
async function verifyCas({ cabundle }: NitroChainInput, root: AwsCertificate): Promise<readonly AwsCertificate[]> {
  const below = cabundle.slice(1).map((bytes) => parseAwsCertificate(bytes, 'NITRO_CA_MALFORMED'))
  const chain = [root, ...below]
  for (const [index, certificate] of chain.entries()) {
    expectCa(certificate, index === 0 ? 'NITRO_ROOT_MALFORMED' : 'NITRO_CA_MALFORMED')
    expectCa(certificate, 'NITRO_CA_PATH_LENGTH_EXCEEDED', { casBelow: chain.length - 1 - index })
    const issuer = chain[index - 1]
    if (!issuer) continue
    if (certificate.issuer !== issuer.subject) throw reject('NITRO_CA_ISSUER_MISMATCH', certificate.commonName)
    if (!(await verifySigned(certificate, issuer.key)))
      throw reject('NITRO_CA_SIGNATURE_INVALID', certificate.commonName)
  }
  return chain
}

async function verifyLeaf(
  { certificate: bytes }: NitroChainInput,
  cas: readonly AwsCertificate[],
  trail: Trail<NitroCheckId>,
): Promise<AwsCertificate | undefined> {
  if (!bytes) {
    trail.skip('certificate', 'no signing certificate to verify')
    return undefined
  }
  return trail.run(
    'certificate',
    async () => {
      const leaf = parseAwsCertificate(bytes, 'NITRO_CERTIFICATE_MALFORMED')
      if (!isSigningLeaf(leaf)) throw reject('NITRO_CERTIFICATE_MALFORMED', 'not a signing certificate')
      const issuer = cas.at(-1)
      if (leaf.issuer !== issuer?.subject) throw reject('NITRO_CERTIFICATE_ISSUER_MISMATCH', leaf.commonName)
      if (!(await verifySigned(leaf, issuer.key))) throw reject('NITRO_CERTIFICATE_SIGNATURE_INVALID', leaf.commonName)
      return leaf
    },
    (leaf) => ({ subject: leaf.commonName, serial: leaf.serial, validUntil: iso(leaf.notAfter) }),
  )
}

/** The signing certificate lives three hours, CAs days to decades: what expires first is named first. */
function expectAllCurrent(cas: readonly AwsCertificate[], leaf: AwsCertificate | undefined, at: number): void {
  if (leaf) expectCurrent(leaf.notBefore, leaf.notAfter, at, 'NITRO_CERTIFICATE_EXPIRED')
  for (const [index, ca] of [...cas.entries()].reverse()) {
    expectCurrent(ca.notBefore, ca.notAfter, at, index === 0 ? 'NITRO_ROOT_EXPIRED' : 'NITRO_CA_EXPIRED')
  }
}

const CRL_CODES: CrlCodes = {
  missing: 'NITRO_CRL_MISSING',
  malformed: 'NITRO_CRL_MALFORMED',
  issuerMismatch: 'NITRO_CRL_ISSUER_MISMATCH',
  signatureInvalid: 'NITRO_CRL_SIGNATURE_INVALID',
  expired: 'NITRO_CRL_EXPIRED',
}

async function checkCrls(
  input: NitroChainInput,
  chain: readonly AwsCertificate[],
  trail: Trail<NitroCheckId>,
): Promise<readonly X509Crl[]> {
  const given = input.endorsements.crls ?? []
  if (given.length === 0 && input.dangerouslySkip.includes('crl')) {
    trail.skip('crl', 'skipped by name: the endorsement is not at hand')
    return []
  }
  return trail.run(
    'crl',
    () => applyCrls(input, given, chain),
    (crls) => ({
      crls: `${crls.length}`,
      ...(crls.length > 0 && { nextUpdate: iso(Math.min(...crls.map(({ nextUpdate }) => nextUpdate))) }),
    }),
  )
}

/** CRL distribution points, 2.5.29.31. A certificate without them is on no CRL: AWS lets it live hours instead. */
const DISTRIBUTION_POINTS = '551d1f'

async function applyCrls(
  { at, dangerouslySkip }: NitroChainInput,
  given: readonly Uint8Array[],
  chain: readonly AwsCertificate[],
): Promise<readonly X509Crl[]> {
  const crls: X509Crl[] = []
  for (const bytes of given) crls.push(await verifyGivenCrl(bytes, chain, at))
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index - 1]
    if (!issuer) continue
    const issued = crls.filter((crl) => crl.issuer === issuer.subject)
    if (issued.some(({ revokedSerials }) => revokedSerials.has(certificate.serial))) {
      const code = certificate.isCa ? 'NITRO_CA_REVOKED' : 'NITRO_CERTIFICATE_REVOKED'
      throw reject(code, certificate.commonName, `serial ${certificate.serial}`)
    }
    const needed = certificate.extensions.has(DISTRIBUTION_POINTS) && !dangerouslySkip.includes('crl')
    if (needed && issued.length === 0) throw reject('NITRO_CRL_MISSING', `no CRL of ${issuer.commonName}`)
  }
  return crls
}

async function verifyGivenCrl(bytes: Uint8Array, chain: readonly AwsCertificate[], at: number): Promise<X509Crl> {
  const { issuer } = parseCrl({ bytes, code: CRL_CODES.malformed })
  const signs = ({ isCa, keyUsage = 0 }: AwsCertificate) => isCa === true && (keyUsage & KEY_USAGE.signsCrls) !== 0
  const signer = chain.find((certificate) => signs(certificate) && certificate.subject === issuer)
  if (!signer) throw reject(CRL_CODES.issuerMismatch, 'no CA of the chain that signs CRLs has this name')
  return verifyCrl(bytes, signer, { at, codes: CRL_CODES })
}
