import type { DcapEndorsements, SignedDocument } from '@spartan/attestation'
import { failure } from '../errors.ts'
import { all, assembleFetched, type Fetched } from '../fetched.ts'
import type { Fetcher, FetchOptions } from '../fetcher.ts'
import { unixSecondsOf } from '../json.ts'
import { loadResource } from '../resource.ts'
import { trimBaseUrl } from '../url.ts'
import {
  evaluationNumbersResource,
  pckCrlResource,
  qeIdentityResource,
  rootCrlResource,
  tcbInfoResource,
} from './resources.ts'

/** A service with the paths of Intel's Provisioning Certification Service, API version 4. */
export interface IntelSource {
  /** Without slash at the end. */
  readonly baseUrl: string
  readonly rootCrlUrl: string
}

const INTEL_ROOT_CRL = 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der'

/** Intel's own service. Needs no account for what is fetched here. */
export const INTEL_PCS: IntelSource = {
  baseUrl: 'https://api.trustedservices.intel.com',
  rootCrlUrl: INTEL_ROOT_CRL,
}

/** Azure's cache of it (Trusted Hardware Identity Management). It may hold back newer TCB info: look at the ages. */
export const AZURE_PCCS: IntelSource = { baseUrl: 'https://global.acccache.azure.net', rootCrlUrl: INTEL_ROOT_CRL }

/** A caching service (PCCS) of one's own, which serves the root CRL too. */
export function pccsSource(baseUrl: string): IntelSource {
  const base = trimBaseUrl(baseUrl)
  return { baseUrl: base, rootCrlUrl: `${base}/sgx/certification/v4/rootcacrl` }
}

/**
 * Which set of TCB info and QE identity. `early`: from the day a TCB recovery is disclosed; `standard` (the service's
 * default): later, when platforms had time to update. A number asks for exactly that evaluation; not both.
 */
export interface TcbSelection {
  readonly update?: 'early' | 'standard' | undefined
  readonly tcbEvaluationDataNumber?: number | undefined
}

/** What to fetch for one platform family. {@link dcapRequestOf} reads it from a PCK certificate. */
export interface DcapRequest extends TcbSelection {
  readonly tee: 'tdx' | 'sgx'
  /** 6 bytes, 12 hex digits. */
  readonly fmspc: string
  /** The CA that issued the PCK certificate. */
  readonly ca: 'platform' | 'processor'
}

/**
 * Fetches CRLs, TCB info and QE identity for the platforms of one FMSPC.
 *
 * Proves nothing: the answer is shaped, and {@link Fetched.keep} waits for a verifier.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_REQUEST_INVALID, …_UNAVAILABLE, …_NOT_FOUND, …_SOURCE_REFUSED, …_ANSWER_*.
 */
export async function fetchDcapEndorsements(
  fetcher: Fetcher,
  source: IntelSource,
  request: DcapRequest,
  options: FetchOptions = {},
): Promise<Fetched<DcapEndorsements>> {
  const asked = checked(request)
  const loaded = await all([
    loadResource(fetcher, rootCrlResource(source), options),
    loadResource(fetcher, pckCrlResource(source, asked.ca), options),
    loadResource(fetcher, tcbInfoResource(source, asked), options),
    loadResource(fetcher, qeIdentityResource(source, asked), options),
  ])
  const [rootCrl, pckCrl, tcbInfo, qeIdentity] = loaded
  const endorsements: DcapEndorsements = {
    rootCaCrl: rootCrl.shaped.der,
    pckCrl: pckCrl.shaped.der,
    pckCrlIssuerChain: pckCrl.shaped.issuerChain,
    tcbInfo: tcbInfo.shaped.document,
    qeIdentity: qeIdentity.shaped.document,
  }
  return assembleFetched(fetcher, endorsements, loaded)
}

/** One TCB evaluation that the service has data for. */
export interface TcbEvaluation {
  readonly number: number
  /** Unix seconds: when the TCB recovery was disclosed. */
  readonly recoveryEventAt: number
  /** Unix seconds: platforms at this level have everything released until then. */
  readonly tcbDate: number
}

/** The evaluations, newest first, and the signed document they come from. Unverified like everything here. */
export interface TcbEvaluations {
  readonly document: SignedDocument
  readonly evaluations: readonly TcbEvaluation[]
}

/** Fetches the list of TCB evaluations. Failures: as {@link fetchDcapEndorsements}. */
export async function fetchTcbEvaluations(
  fetcher: Fetcher,
  source: IntelSource,
  tee: DcapRequest['tee'],
  options: FetchOptions = {},
): Promise<Fetched<TcbEvaluations>> {
  const loaded = await loadResource(fetcher, evaluationNumbersResource(source, tee), options)
  const { document, body } = loaded.shaped
  const entries = Array.isArray(body.tcbEvalNumbers) ? (body.tcbEvalNumbers as readonly unknown[]) : []
  const evaluations = entries.map((entry) => readEvaluation(entry, loaded.answer.url))
  if (evaluations.length === 0) throw malformedNumbers(loaded.answer.url)
  evaluations.sort((left, right) => right.number - left.number)
  return assembleFetched(fetcher, { document, evaluations }, [loaded])
}

const malformedNumbers = (url: string) => failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: expected tcbEvalNumbers`)

function readEvaluation(entry: unknown, url: string): TcbEvaluation {
  const { tcbEvaluationDataNumber, tcbRecoveryEventDate, tcbDate } = (entry ?? {}) as Readonly<Record<string, unknown>>
  const [recoveryEventAt, date] = [unixSecondsOf(tcbRecoveryEventDate), unixSecondsOf(tcbDate)]
  const number = Number.isSafeInteger(tcbEvaluationDataNumber) ? Number(tcbEvaluationDataNumber) : undefined
  if (number === undefined || recoveryEventAt === undefined || date === undefined) throw malformedNumbers(url)
  return { number, recoveryEventAt, tcbDate: date }
}

function checked(request: DcapRequest): DcapRequest {
  const { fmspc, tcbEvaluationDataNumber: number } = request
  if (!/^[0-9a-fA-F]{12}$/.test(fmspc)) throw failure('ENDORSEMENTS_REQUEST_INVALID', `FMSPC ${fmspc}`)
  if (number !== undefined && !(Number.isSafeInteger(number) && number > 0)) {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', `TCB evaluation number ${number}`)
  }
  if (number !== undefined && request.update !== undefined) {
    throw failure('ENDORSEMENTS_REQUEST_INVALID', 'update and a TCB evaluation number exclude each other')
  }
  return { ...request, fmspc: fmspc.toLowerCase() }
}
