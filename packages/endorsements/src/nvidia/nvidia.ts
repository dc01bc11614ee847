import type { NvidiaEndorsements } from '@spartan/attestation'
import { fromBase64, fromUtf8, sha256, toHex } from '../bytes.ts'
import { CACHE_RULES } from '../cacheRules.ts'
import { DerError, outlineCertificate, outlineOcsp } from '../der.ts'
import { failure } from '../errors.ts'
import { all, assembleFetched, type Fetched } from '../fetched.ts'
import type { Fetcher, FetchOptions } from '../fetcher.ts'
import { readJsonObject } from '../json.ts'
import { BINARY_TYPES, JSON_TYPES } from '../mediaTypes.ts'
import { loadResource, type Resource } from '../resource.ts'
import { encodeOcspRequest, type OcspHash } from './ocspRequest.ts'

/** NVIDIA's RIM service and OCSP responder, or mirrors with their paths. Base URLs without slash at the end. */
export interface NvidiaSource {
  readonly rimBaseUrl: string
  readonly ocspUrl: string
  readonly ocspHash: OcspHash
}

/** NVIDIA's own services. */
export const NVIDIA_SERVICES: NvidiaSource = {
  rimBaseUrl: 'https://rim.attestation.nvidia.com',
  ocspUrl: 'https://ocsp.ndis.nvidia.com',
  ocspHash: 'SHA-384',
}

/** What to fetch for one GPU or switch. */
export interface NvidiaRequest {
  /** DER, from the leaf to the root. */
  readonly certificateChain: readonly Uint8Array[]
  /** Ids of driver and VBIOS RIMs, as the evidence names them: `NV_GPU_DRIVER_GH100_550.90.07`. */
  readonly rimIds: readonly string[]
  /**
   * Whether the leaf is asked about. The firmware makes it at every boot, so the responder does not know those of current
   * devices; NVIDIA's own tools leave it out.
   */
  readonly includeLeaf?: boolean
}

const MAX_RIM_BYTES = 4 * 1024 * 1024
const MAX_OCSP_BYTES = 256 * 1024
const OCSP_TRY_LATER = 3

/**
 * Fetches RIMs by their ids and OCSP responses for the certificates of the device and of the RIMs' signers.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_REQUEST_INVALID, …_UNAVAILABLE, …_NOT_FOUND (no RIM of this id yet),
 * …_SOURCE_REFUSED, …_ANSWER_*.
 */
export async function fetchNvidiaEndorsements(
  fetcher: Fetcher,
  source: NvidiaSource,
  request: NvidiaRequest,
  options: FetchOptions = {},
): Promise<Fetched<NvidiaEndorsements>> {
  const device = request.includeLeaf === true ? request.certificateChain : request.certificateChain.slice(1)
  // Ids that cannot be asked for are refused before anybody is asked.
  const manifests = request.rimIds.map((id) => rimResource(source, id))
  const [ocsp, rims] = await all([
    loadOcsp(fetcher, source, device, options),
    all(manifests.map((resource) => loadResource(fetcher, resource, options))),
  ])
  const chains = rims.map(({ shaped, answer }) => signerChain(shaped, answer.url))
  const rimOcsp = (await all(chains.map((chain) => loadOcsp(fetcher, source, chain, options)))).flat()
  const unique = new Map(rimOcsp.map((entry) => [entry.answer.key, entry]))
  const parts: NvidiaEndorsements = {
    ocsp: ocsp.map(({ shaped }) => shaped),
    rims: rims.map(({ shaped }) => shaped),
    rimOcsp: [...unique.values()].map(({ shaped }) => shaped),
  }
  return assembleFetched(fetcher, parts, [...ocsp, ...rims, ...unique.values()])
}

/** One response per certificate that has its issuer behind it in the chain. */
async function loadOcsp(fetcher: Fetcher, source: NvidiaSource, chain: readonly Uint8Array[], options: FetchOptions) {
  const resources = await Promise.all(
    chain.slice(0, -1).map((certificate, index) => {
      const issuer = chain[index + 1]
      if (!issuer) throw failure('ENDORSEMENTS_REQUEST_INVALID', 'a certificate without issuer')
      return ocspResource(source, certificate, issuer)
    }),
  )
  return all(resources.map((resource) => loadResource(fetcher, resource, options)))
}

/** Certificates of the signature of a RIM (XML-DSig KeyInfo/X509Data), in their order. */
function signerChain(rim: Uint8Array, url: string): readonly Uint8Array[] {
  const text = fromUtf8(rim) ?? ''
  const found = [...text.matchAll(/<(?:[A-Za-z_][\w.-]*:)?X509Certificate\s*>([A-Za-z0-9+/=\s]+)<\//g)]
  return found.map(([, base64 = '']) => {
    const der = fromBase64(base64.replace(/\s+/g, ''))
    if (der) return der
    throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: a certificate of the signer`)
  })
}

/** RIM service: `{ id, rim: base64, sha256: hex of the decoded, rim_format }`. */
function rimResource(source: NvidiaSource, id: string): Resource<Uint8Array> {
  // The id becomes a part of the path.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) throw failure('ENDORSEMENTS_REQUEST_INVALID', `RIM id ${id}`)
  const url = `${source.rimBaseUrl}/v1/rim/${id}`
  return {
    name: `rim ${id}`,
    key: `nvidia/rim ${url}`,
    request: { method: 'GET', url },
    mediaTypes: JSON_TYPES,
    keepHeaders: [],
    maxBytes: MAX_RIM_BYTES,
    rule: CACHE_RULES.documents,
    shape: async ({ body }) => {
      const answer = readJsonObject(body, url)
      if (answer.id !== id)
        throw failure('ENDORSEMENTS_ANSWER_MISMATCH', `${url}: RIM ${String(answer.id).slice(0, 128)}`)
      const rim = typeof answer.rim === 'string' ? fromBase64(answer.rim) : undefined
      if (!rim || rim.length === 0) throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: expected rim in base64`)
      const stated = answer.sha256
      const wrong = typeof stated === 'string' && stated.toLowerCase() !== toHex(await sha256(rim))
      if (wrong) throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: the RIM does not have the sha256 it states`)
      return rim
    },
    // The document has no end of validity; its signers do, and OCSP speaks about them.
    window: () => ({ issuedAt: undefined, validUntil: undefined }),
  }
}

async function ocspResource(
  source: NvidiaSource,
  certificate: Uint8Array,
  issuer: Uint8Array,
): Promise<Resource<Uint8Array>> {
  const { ocspUrl: url } = source
  const { body, serial } = await ocspQuestion(source, certificate, issuer)
  return {
    name: `ocsp ${serial.slice(4)}`,
    key: `nvidia/ocsp ${url} ${toHex(await sha256(body))}`,
    request: { method: 'POST', url, headers: { 'content-type': 'application/ocsp-request' }, body },
    mediaTypes: BINARY_TYPES,
    keepHeaders: [],
    maxBytes: MAX_OCSP_BYTES,
    rule: CACHE_RULES.revocation,
    shape: (answer) => {
      const { status, serialNumbers } = outlineOcsp(answer.body)
      if (status === OCSP_TRY_LATER) throw failure('ENDORSEMENTS_UNAVAILABLE', `${url}: try later`)
      if (status !== 0) throw failure('ENDORSEMENTS_SOURCE_REFUSED', `${url}: OCSP status ${status}`)
      if (!serialNumbers.includes(serial)) {
        throw failure('ENDORSEMENTS_ANSWER_MISMATCH', `${url}: about ${serialNumbers.join(' ').slice(0, 128)}`)
      }
      return answer.body
    },
    window: (der) => outlineOcsp(der).window,
  }
}

async function ocspQuestion(source: NvidiaSource, certificate: Uint8Array, issuer: Uint8Array) {
  try {
    const body = await encodeOcspRequest(certificate, issuer, source.ocspHash)
    return { body, serial: toHex(outlineCertificate(certificate).serialNumber) }
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw failure('ENDORSEMENTS_REQUEST_INVALID', `a certificate of the chain: expected ${error.message}`)
  }
}
