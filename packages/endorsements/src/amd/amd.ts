import type { SnpEndorsements, SnpProduct } from '@spartan/attestation'
import { fromUtf8, toHex } from '../bytes.ts'
import { CACHE_RULES } from '../cacheRules.ts'
import { crlWindow, DerError, outlineCertificate, type ValidityWindow } from '../der.ts'
import { failure } from '../errors.ts'
import { all, assembleFetched, type Fetched } from '../fetched.ts'
import type { Fetcher, FetchOptions } from '../fetcher.ts'
import { derOf } from '../intel/resources.ts'
import { BINARY_TYPES } from '../mediaTypes.ts'
import { fromPem } from '../pem.ts'
import { loadResource, type Resource, type SourceReport } from '../resource.ts'
import type { CachedAnswer } from '../store/cache.ts'
import { type SplTcb, splOf, vcekChipId } from './tcb.ts'

/** AMD's Key Distribution Service, or a mirror with its paths. Source: AMD 57230. */
export interface AmdSource {
  /** Without slash at the end. */
  readonly baseUrl: string
}

/** AMD's own service. */
export const AMD_KDS: AmdSource = { baseUrl: 'https://kdsintf.amd.com' }

/** What to fetch for one SNP report. */
export type SnpRequest =
  | {
      readonly kind: 'vcek'
      readonly product: SnpProduct
      /** CHIP_ID of the report, 64 bytes. */
      readonly chipId: Uint8Array
      /** REPORTED_TCB of the report, 8 bytes. */
      readonly reportedTcb: Uint8Array
    }
  | {
      readonly kind: 'vlek'
      readonly product: SnpProduct
      /** DER. A VLEK is handed out to the cloud only; it comes with the evidence. */
      readonly vlek: Uint8Array
    }

const MAX_CERTIFICATE_BYTES = 64 * 1024
const MAX_CRL_BYTES = 4 * 1024 * 1024

/**
 * Fetches the endorsement key, its authorities and their CRL. VCEK certificates are kept for ever by (product, chip, TCB);
 * requests for them are spaced out, as the service answers 429 to more than about one in ten seconds.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_REQUEST_INVALID, …_UNAVAILABLE, …_NOT_FOUND, …_SOURCE_REFUSED, …_ANSWER_*.
 */
export async function fetchSnpEndorsements(
  fetcher: Fetcher,
  source: AmdSource,
  request: SnpRequest,
  options: FetchOptions = {},
): Promise<Fetched<SnpEndorsements>> {
  const authorities = () =>
    [
      loadResource(fetcher, chainResource(source, request), options),
      loadResource(fetcher, snpCrlResource(source, request), options),
    ] as const
  // What the caller gave is looked at before anybody is asked.
  if (request.kind === 'vlek') {
    const given = givenReport('vlek', request.vlek)
    const loaded = await all(authorities())
    const [pair, list] = loaded
    return assembleFetched(fetcher, parts(request.vlek, pair.shaped, list.shaped), loaded, [given])
  }
  const resource = vcekResource(fetcher, source, request)
  const loaded = await all([loadResource(fetcher, resource, options), ...authorities()])
  const [vcek, pair, list] = loaded
  return assembleFetched(fetcher, parts(vcek.shaped, pair.shaped, list.shaped), loaded)
}

function parts(vek: Uint8Array, [intermediate, root]: CertificatePair, crl: Uint8Array): SnpEndorsements {
  return { vek, intermediate, root, crl }
}

/** Report on a part that the caller brought along. Throws ENDORSEMENTS_REQUEST_INVALID when it is no certificate. */
function givenReport(name: string, der: Uint8Array): SourceReport {
  try {
    return { name, url: 'given with the evidence', from: 'given', ageSeconds: 0, ...outlineCertificate(der).window }
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw failure('ENDORSEMENTS_REQUEST_INVALID', `${name}: expected ${error.message}`)
  }
}

/** Key of a VCEK in the cache: the same for every mirror, as the certificate is. */
export function vcekKey(product: SnpProduct, chipId: string, tcb: SplTcb): string {
  const spl = [tcb.fmc, tcb.bootLoader, tcb.tee, tcb.snp, tcb.microcode].filter((part) => part !== undefined)
  return `amd/vcek/${product}/${chipId}/${spl.join('.')}`
}

/** URL of a VCEK: 57230 §3.1, `fmcSPL` and 8 bytes of hwid on Turin. */
export function vcekUrl(source: AmdSource, product: SnpProduct, chipId: string, tcb: SplTcb): string {
  const two = (spl: number) => `${spl}`.padStart(2, '0')
  const fmc = tcb.fmc === undefined ? '' : `fmcSPL=${two(tcb.fmc)}&`
  const query = `${fmc}blSPL=${two(tcb.bootLoader)}&teeSPL=${two(tcb.tee)}&snpSPL=${two(tcb.snp)}&ucodeSPL=${two(tcb.microcode)}`
  return `${source.baseUrl}/vcek/v1/${product}/${chipId}?${query}`
}

type VcekRequest = Extract<SnpRequest, { kind: 'vcek' }>

function vcekResource(fetcher: Fetcher, source: AmdSource, request: VcekRequest): Resource<Uint8Array> {
  const { product } = request
  const chipId = toHex(vcekChipId(product, request.chipId))
  const tcb = splOf(product, request.reportedTcb)
  return {
    name: 'vcek',
    key: vcekKey(product, chipId, tcb),
    request: { method: 'GET', url: vcekUrl(source, product, chipId, tcb) },
    mediaTypes: BINARY_TYPES,
    keepHeaders: [],
    maxBytes: MAX_CERTIFICATE_BYTES,
    rule: CACHE_RULES.immutable,
    throttle: fetcher.vcekThrottle,
    shape: shapeCertificate,
    window: (der) => outlineCertificate(der).window,
  }
}

function shapeCertificate(answer: Pick<CachedAnswer, 'body' | 'headers' | 'url'>): Uint8Array {
  const der = derOf(answer, 'CERTIFICATE')
  outlineCertificate(der)
  return der
}

/** ASK or ASVK, then ARK. DER. */
export type CertificatePair = readonly [Uint8Array, Uint8Array]

function chainResource(source: AmdSource, { kind, product }: SnpRequest): Resource<CertificatePair> {
  const url = `${source.baseUrl}/${kind}/v1/${product}/cert_chain`
  return {
    name: 'cert-chain',
    key: `amd/${kind}/${product}/cert_chain ${url}`,
    request: { method: 'GET', url },
    mediaTypes: BINARY_TYPES,
    keepHeaders: [],
    maxBytes: MAX_CERTIFICATE_BYTES,
    rule: CACHE_RULES.certificates,
    shape: ({ body }) => certificatePair(fromUtf8(body), url),
    window: pairWindow,
  }
}

/** Two certificates in PEM. Throws ENDORSEMENTS_ANSWER_MALFORMED. */
export function certificatePair(pem: string | undefined, url: string): CertificatePair {
  const [intermediate, root, third] = (pem === undefined ? undefined : fromPem(pem, 'CERTIFICATE')) ?? []
  if (!intermediate || !root || third) {
    throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: expected two certificates in PEM`)
  }
  return [intermediate, root]
}

/** Until the first of the two ends. */
function pairWindow(pair: CertificatePair): ValidityWindow {
  const ends = pair.map((der) => outlineCertificate(der).window.validUntil ?? 0)
  return { issuedAt: undefined, validUntil: Math.min(...ends) }
}

/** CRL of the ARK. Never served without asking while the source can be reached. */
export function snpCrlResource(
  source: AmdSource,
  { kind, product }: Pick<SnpRequest, 'kind' | 'product'>,
): Resource<Uint8Array> {
  const url = `${source.baseUrl}/${kind}/v1/${product}/crl`
  return {
    name: 'crl',
    key: `amd/${kind}/${product}/crl ${url}`,
    request: { method: 'GET', url },
    mediaTypes: BINARY_TYPES,
    keepHeaders: [],
    maxBytes: MAX_CRL_BYTES,
    rule: CACHE_RULES.revocation,
    shape: (answer) => derOf(answer, 'X509 CRL'),
    window: crlWindow,
  }
}
