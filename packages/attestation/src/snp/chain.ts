import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, ownCopy } from '../internal/bytes.ts'
import { expectCa, expectCurrent, iso, verifyCrl } from '../internal/chain.ts'
import type { X509Crl } from '../internal/crl.ts'
import type { DerDocument } from '../internal/der.ts'
import { createTrail, type Trail } from '../internal/trail.ts'
import { KEY_USAGE, parseCertificate, type X509Certificate } from '../internal/x509.ts'
import { readSigned, verifySigned } from '../internal/x509Signed.ts'
import type { CheckOutcome } from '../result.ts'
import type { SnpTrustAnchor } from '../roots/amd.ts'
import { SNP_CHECKS, type SnpCheckId, type SnpSkippable } from './checks.ts'
import type { SnpEndorsements } from './endorsements.ts'
import type { SnpSigningKey } from './parse.ts'
import { productOfName, reject, type SnpProduct } from './product.ts'
import { parseVekCertificate, readVek, type SnpVek } from './vek.ts'

/** Input of {@link prepareSnpChain}. */
export interface PrepareSnpChainInput {
  readonly endorsements: Partial<SnpEndorsements>
  /** Unix seconds at which everything has to be valid. */
  readonly at: number
  /** Roots at which the chain may end; there is no default. */
  readonly trustAnchors: readonly SnpTrustAnchor[]
  readonly dangerouslySkip: readonly SnpSkippable[]
}

declare const prepared: unique symbol

/**
 * A verified chain from a pinned root to one endorsement key. Reports under it cost one signature check each, and its
 * periods of validity are compared again with the time of every one of them.
 */
export interface VerifiedSnpChain {
  readonly [prepared]: true
  readonly product: SnpProduct
  readonly simulated: boolean
  readonly vek: SnpVek
  /** Undefined only when skipped by name. */
  readonly crl: X509Crl | undefined
  /** Unix seconds: earliest end of validity of everything used. */
  readonly earliestExpiry: number
  readonly periods: readonly Period[]
  readonly checks: readonly CheckOutcome<SnpCheckId>[]
}

/** Period of validity of one certificate or CRL, and the code outside of it. */
interface Period {
  readonly id: 'validity' | 'crl'
  readonly from: number
  readonly until: number
  readonly code: ReasonCode
}

/**
 * Verifies the chain of an endorsement key: root, intermediate, VCEK or VLEK, then their validity and the CRL.
 *
 * Proves: every certificate is signed down from a trust anchor, of the right kind (ASK for a VCEK, ASVK for a VLEK), valid
 * at `at`, and not revoked by the CRL of the root. Does not prove: that a report was signed by it. AMD revokes
 * intermediates, not single chips: use the policy's list of denied platforms.
 *
 * @throws {EvidenceRejectedError} with the code of the first check that fails.
 * @throws {MalformedEvidenceError} when a certificate or CRL does not have its form.
 */
export async function prepareSnpChain(input: PrepareSnpChainInput): Promise<VerifiedSnpChain> {
  return verifyChain(input, createTrail(SNP_CHECKS))
}

/** The same on a trail of the caller. */
export async function verifyChain(given: PrepareSnpChainInput, trail: Trail<SnpCheckId>): Promise<VerifiedSnpChain> {
  const input = { ...given, endorsements: copyOf(given.endorsements) }
  const { endorsements, at } = input
  const { root, product, simulated } = await trail.run(
    'root',
    () => findRoot(input),
    (found) => ({ ...showCertificate(found.root), product: found.product, simulated: `${found.simulated}` }),
  )
  const intermediate = await trail.run(
    'intermediate',
    () => verifyIntermediate(endorsements.intermediate, root, product),
    (found) => showCertificate(found.certificate),
  )
  const vek = await trail.run(
    'vek',
    () => verifyVek(endorsements.vek, intermediate),
    (found) => ({ ...showCertificate(found.certificate), kind: found.kind.toUpperCase() }),
  )
  const certificates = [root, intermediate.certificate, vek.certificate]
  const lifetimes = [
    periodOf(root, 'SNP_ROOT_EXPIRED'),
    periodOf(intermediate.certificate, 'SNP_INTERMEDIATE_EXPIRED'),
    periodOf(vek.certificate, 'SNP_VEK_EXPIRED'),
  ]
  await trail.run(
    'validity',
    () => {
      for (const { from, until, code } of lifetimes) expectCurrent(from, until, at, code)
    },
    () => ({ until: iso(Math.min(...lifetimes.map(({ until }) => until))) }),
  )
  const crl = await checkCrl(input, root, trail)
  await checkRevocation(crl, certificates, trail)
  const periods: readonly Period[] = [
    ...lifetimes,
    ...(crl ? [{ id: 'crl', from: crl.thisUpdate, until: crl.nextUpdate, code: 'SNP_CRL_EXPIRED' } as const] : []),
  ]
  const found: Omit<VerifiedSnpChain, typeof prepared> = {
    product,
    simulated,
    vek,
    crl,
    earliestExpiry: Math.min(...periods.map(({ until }) => until)),
    periods,
    checks: trail.outcomes(),
  }
  return found as VerifiedSnpChain
}

/** A copy that nobody else can change while the chain is being judged, or used again. */
const copyOf = ({ vek, intermediate, root, crl }: Partial<SnpEndorsements>): Partial<SnpEndorsements> => ({
  ...(vek && { vek: ownCopy(vek) }),
  ...(intermediate && { intermediate: ownCopy(intermediate) }),
  ...(root && { root: ownCopy(root) }),
  ...(crl && { crl: ownCopy(crl) }),
})

const periodOf = ({ notBefore, notAfter }: X509Certificate, code: ReasonCode): Period => ({
  id: 'validity',
  from: notBefore,
  until: notAfter,
  code,
})

/** Refuses a chain that was verified before and is not valid at `at`. */
export async function expectChainCurrent(chain: VerifiedSnpChain, at: number, trail: Trail<SnpCheckId>): Promise<void> {
  for (const { id, from, until, code } of chain.periods) {
    if (at >= from && at <= until) continue
    await trail.run(
      id,
      () => expectCurrent(from, until, at, code),
      () => ({}),
    )
  }
}

/** Finds the pinned root: by key where a root certificate is given, else by the name of the intermediate's issuer. */
async function findRoot({ endorsements, trustAnchors }: PrepareSnpChainInput) {
  const anchors = trustAnchors.map((anchor) => ({ anchor, certificate: parseRoot(anchor.certificate) }))
  const given = endorsements.root && parseRoot(endorsements.root)
  const issuer = given ? undefined : issuerOf(endorsements.intermediate)
  const found = anchors.find(({ certificate }) =>
    given ? equalBytes(certificate.spki, given.spki) : certificate.subject === issuer,
  )
  const root = given ?? found?.certificate
  if (!found || !root) throw reject('SNP_ROOT_NOT_PINNED', `common name ${JSON.stringify(root?.commonName ?? '')}`)
  if (root.issuer !== root.subject || !(await verifySigned(root, root.key))) throw reject('SNP_ROOT_SIGNATURE_INVALID')
  const product = root.commonName.startsWith(ROOT_NAME) && productOfName(root.commonName.slice(ROOT_NAME.length))
  if (!product) throw reject('SNP_PRODUCT_UNKNOWN', `root ${JSON.stringify(root.commonName)}`)
  return { root, product, simulated: found.anchor.simulated }
}

const ROOT_NAME = 'ARK-'

function parseRoot(bytes: Uint8Array): X509Certificate {
  const certificate = parseCertificate({ bytes, code: 'SNP_ROOT_MALFORMED' })
  const uses = KEY_USAGE.signsCertificates | KEY_USAGE.signsCrls
  expectCa(certificate, 'SNP_ROOT_MALFORMED', { uses, casBelow: 1 })
  return certificate
}

function issuerOf(bytes: Uint8Array | undefined): string {
  if (!bytes) throw reject('SNP_INTERMEDIATE_MISSING')
  return parseCertificate({ bytes, code: 'SNP_INTERMEDIATE_MALFORMED' }).issuer
}

const CRL_CODES = {
  missing: 'SNP_CRL_MISSING',
  malformed: 'SNP_CRL_MALFORMED',
  issuerMismatch: 'SNP_CRL_ISSUER_MISMATCH',
  signatureInvalid: 'SNP_CRL_SIGNATURE_INVALID',
  expired: 'SNP_CRL_EXPIRED',
} as const

async function checkCrl(
  { endorsements, at, dangerouslySkip }: PrepareSnpChainInput,
  root: X509Certificate,
  trail: Trail<SnpCheckId>,
): Promise<X509Crl | undefined> {
  if (endorsements.crl === undefined && dangerouslySkip.includes('crl')) {
    trail.skip('crl', 'skipped by name: the endorsement is not at hand')
    return undefined
  }
  return trail.run(
    'crl',
    () => verifyCrl(endorsements.crl, root, { at, codes: CRL_CODES }),
    (crl) => ({
      issued: iso(crl.thisUpdate),
      nextUpdate: iso(crl.nextUpdate),
      number: `0x${crl.number}`,
      revoked: `${crl.revokedSerials.size}`,
    }),
  )
}

/** The CRL is the root's; a serial of the intermediate's own numbering in it is refused all the same. */
async function checkRevocation(
  crl: X509Crl | undefined,
  [, intermediate, vek]: readonly X509Certificate[],
  trail: Trail<SnpCheckId>,
): Promise<void> {
  if (!crl) {
    trail.skip('revocation', 'no CRL')
    return
  }
  const revoked = (certificate: X509Certificate | undefined) =>
    certificate !== undefined && crl.revokedSerials.has(certificate.serial)
  await trail.run(
    'revocation',
    () => {
      if (revoked(intermediate)) throw reject('SNP_INTERMEDIATE_REVOKED', `serial 0x${intermediate?.serial}`)
      if (revoked(vek)) throw reject('SNP_VEK_REVOKED', `serial 0x${vek?.serial}`)
    },
    () => ({}),
  )
}

/** The certificate below the root, and the kind of endorsement key that it issues. */
interface Intermediate {
  readonly certificate: X509Certificate
  readonly issues: SnpSigningKey
}

async function verifyIntermediate(
  bytes: Uint8Array | undefined,
  root: X509Certificate,
  product: SnpProduct,
): Promise<Intermediate> {
  if (!bytes) throw reject('SNP_INTERMEDIATE_MISSING')
  const document: DerDocument = { bytes, code: 'SNP_INTERMEDIATE_MALFORMED' }
  const certificate = await parseOrSignature(document, root, 'SNP_INTERMEDIATE_SIGNATURE_INVALID', () =>
    parseCertificate(document),
  )
  expectCa(certificate, 'SNP_INTERMEDIATE_MALFORMED')
  if (certificate.issuer !== root.subject) throw reject('SNP_INTERMEDIATE_ISSUER_MISMATCH')
  if (!(await verifySigned(certificate, root.key))) throw reject('SNP_INTERMEDIATE_SIGNATURE_INVALID')
  const { commonName } = certificate
  if (commonName === `SEV-${product}`) return { certificate, issues: 'vcek' }
  if (commonName === `SEV-VLEK-${product}`) return { certificate, issues: 'vlek' }
  throw reject('SNP_INTERMEDIATE_WRONG', `common name ${JSON.stringify(commonName)} under the root of ${product}`)
}

async function verifyVek(
  bytes: Uint8Array | undefined,
  { certificate: issuer, issues }: Intermediate,
): Promise<SnpVek> {
  if (!bytes) throw reject('SNP_VEK_MISSING')
  const document: DerDocument = { bytes, code: 'SNP_VEK_MALFORMED' }
  const vek = await parseOrSignature(document, issuer, 'SNP_VEK_SIGNATURE_INVALID', () => parseVekCertificate(document))
  if (vek.kind !== issues) {
    throw reject('SNP_INTERMEDIATE_WRONG', `${vek.kind.toUpperCase()} under ${JSON.stringify(issuer.commonName)}`)
  }
  if (vek.certificate.issuer !== issuer.subject) throw reject('SNP_VEK_ISSUER_MISMATCH')
  if (!(await verifySigned(vek.certificate, issuer.key))) throw reject('SNP_VEK_SIGNATURE_INVALID')
  return readVek(vek)
}

/** Parses a certificate. One that does not parse because it was changed after signing is refused for its signature. */
async function parseOrSignature<T>(
  document: DerDocument,
  issuer: X509Certificate,
  signatureInvalid: ReasonCode,
  parse: () => T,
): Promise<T> {
  try {
    return parse()
  } catch (malformed) {
    // Throws the same error when not even the outer structure can be read.
    if (await verifySigned(readSigned(document), issuer.key)) throw malformed
    throw new EvidenceRejectedError(signatureInvalid, { cause: malformed })
  }
}

const showCertificate = ({ commonName, serial, notAfter }: X509Certificate) => ({
  commonName,
  serial: `0x${serial}`,
  validUntil: iso(notAfter),
})
