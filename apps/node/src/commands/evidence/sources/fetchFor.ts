import {
  type AttestationResult,
  type DecodedEvidence,
  dcapEndorsementsToJson,
  nvidiaEndorsementsToJson,
  nvidiaRimIds,
  parseNvidiaEvidence,
  parseSnp,
  productOfCpuid,
  type SnpProduct,
  snpEndorsementsToJson,
} from '@spartan/attestation'
import {
  AMD_KDS,
  certificatesOfPem,
  dcapRequestOfQuote,
  type Fetched,
  type Fetcher,
  fetchDcapEndorsements,
  fetchNvidiaEndorsements,
  fetchSnpEndorsements,
  fetchVerified,
  NVIDIA_SERVICES,
  type SnpRequest,
} from '@spartan/endorsements'
import { UsageError } from '../../../errors.ts'
import { judgeDcap, judgeNvidia, judgeSnp } from '../../../services/endorsementJudge.ts'
import { anchorsOf } from '../anchors.ts'
import { intelSource, type SourceOptions } from './options.ts'

/** Options of `spartan evidence fetch`. */
export interface FetchCommandOptions extends SourceOptions {
  readonly update?: 'early' | 'standard'
  readonly kds: string
  readonly product?: SnpProduct
  readonly rims: string
  readonly ocsp: string
}

/** Files beside the evidence. */
export interface GivenParts {
  /** DER of a VLEK. */
  readonly vlek?: Uint8Array | undefined
  /** PEM chain of an NVIDIA device. */
  readonly certificates?: Uint8Array | undefined
}

/** What was fetched, in the form that verifiers and `evidence verify --endorsements` read. */
export interface FetchedFor {
  readonly json: unknown
  readonly fetched: Fetched<unknown>
  /** Of the permissive appraisal by which the endorsements were judged. */
  readonly result: AttestationResult
}

/**
 * Fetches the endorsements for a piece of evidence and keeps them when they are genuine.
 *
 * @throws {UsageError} CLI_USAGE_INVALID where something has to be named; EndorsementsError.
 */
export function fetchFor(
  decoded: DecodedEvidence,
  options: FetchCommandOptions,
  fetcher: Fetcher,
  given: GivenParts,
): Promise<FetchedFor> {
  switch (decoded.kind) {
    case 'tdx':
    case 'sgx':
      return fetchDcap(decoded.kind, decoded.evidence, options, fetcher)
    case 'snp':
      return fetchSnp(decoded.evidence, options, fetcher, given)
    case 'nvidia':
      return fetchNvidia(decoded, options, fetcher, given)
    default:
      throw usage(`${decoded.kind}: nothing is fetched for this kind of evidence`)
  }
}

const usage = (text: string) => new UsageError('CLI_USAGE_INVALID', { metaMessages: [text] })
const nowSeconds = ({ runtime }: Fetcher) => Math.floor(runtime.nowMs() / 1000)

async function fetchDcap(
  tee: 'tdx' | 'sgx',
  evidence: Uint8Array,
  options: FetchCommandOptions,
  fetcher: Fetcher,
): Promise<FetchedFor> {
  const request = { ...dcapRequestOfQuote(evidence), update: options.update }
  const trustAnchors = anchorsOf(tee, options.trustAnchor)
  const { fetched, value } = await fetchVerified(
    (how) => fetchDcapEndorsements(fetcher, intelSource(options), request, how),
    (endorsements) => judgeDcap(tee, { evidence, endorsements, at: nowSeconds(fetcher), trustAnchors }),
  )
  return { json: dcapEndorsementsToJson(fetched.endorsements), fetched, result: value }
}

async function fetchSnp(
  evidence: Uint8Array,
  options: FetchCommandOptions,
  fetcher: Fetcher,
  { vlek }: GivenParts,
): Promise<FetchedFor> {
  const { report } = parseSnp(evidence)
  const product = options.product ?? (report.cpuid && productOfCpuid(report.cpuid))
  if (!product) throw usage('the report does not say its product line: name it with --product')
  if (report.signingKey === 'vlek' && !vlek) throw usage('the report is signed by a VLEK: give it with --vlek')
  const request: SnpRequest =
    report.signingKey === 'vlek' && vlek
      ? { kind: 'vlek', product, vlek }
      : { kind: 'vcek', product, chipId: report.chipId, reportedTcb: report.reportedTcb }
  const trustAnchors = anchorsOf('snp', options.trustAnchor)
  const { fetched, value } = await fetchVerified(
    (how) => fetchSnpEndorsements(fetcher, { baseUrl: options.kds }, request, how),
    (endorsements) => judgeSnp({ evidence, endorsements, at: nowSeconds(fetcher), trustAnchors }),
  )
  return { json: snpEndorsementsToJson(fetched.endorsements), fetched, result: value }
}

async function fetchNvidia(
  { evidence: report, beside }: DecodedEvidence,
  options: FetchCommandOptions,
  fetcher: Fetcher,
  given: GivenParts,
): Promise<FetchedFor> {
  const certificateChain = given.certificates ?? beside.certificates
  if (!certificateChain)
    throw usage('the certificates of the device are not with the report: give them with --certificates')
  const evidence = { report, certificateChain }
  const { driver, vbios } = nvidiaRimIds(parseNvidiaEvidence(evidence))
  const request = {
    certificateChain: certificatesOfPem(certificateChain),
    rimIds: [driver, vbios].filter((id) => id !== undefined),
  }
  const source = { ...NVIDIA_SERVICES, rimBaseUrl: options.rims, ocspUrl: options.ocsp }
  const trustAnchors = anchorsOf('nvidia', options.trustAnchor)
  const { fetched, value } = await fetchVerified(
    (how) => fetchNvidiaEndorsements(fetcher, source, request, how),
    (endorsements) => judgeNvidia({ evidence, endorsements, at: nowSeconds(fetcher), trustAnchors }),
  )
  return { json: nvidiaEndorsementsToJson(fetched.endorsements), fetched, result: value }
}

/** Defaults of the options. */
export const DEFAULT_SOURCES = {
  kds: AMD_KDS.baseUrl,
  rims: NVIDIA_SERVICES.rimBaseUrl,
  ocsp: NVIDIA_SERVICES.ocspUrl,
} as const
