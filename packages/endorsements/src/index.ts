export { AMD_KDS, type AmdSource, fetchSnpEndorsements, type SnpRequest } from './amd/amd.ts'
export { type EndorsementBundle, exportBundle, importBundle } from './bundle.ts'
export { AZURE_METADATA, fetchAzureSnpEndorsements } from './cloud/azure.ts'
export { fetchGcpHost, GCP_HOST_REGISTRY } from './cloud/gcp.ts'
export { EndorsementsError } from './errors.ts'
export { type Fetched, fetchVerified, type Judgement } from './fetched.ts'
export { createFetcher, type Fetcher, type FetcherOptions, type FetchMode, type FetchOptions } from './fetcher.ts'
export { DEFAULT_RETRY_BUDGET, type RetryBudget } from './http/retry.ts'
export {
  AZURE_PCCS,
  type DcapRequest,
  fetchDcapEndorsements,
  fetchTcbEvaluations,
  INTEL_PCS,
  type IntelSource,
  pccsSource,
  type TcbEvaluation,
  type TcbEvaluations,
  type TcbSelection,
} from './intel/intel.ts'
export { dcapRequestOf, dcapRequestOfQuote } from './intel/pck.ts'
export {
  type EvaluateTcb,
  type ExpectedSwitch,
  fetchTcbSets,
  forecastTcb,
  type TcbForecast,
  type TcbOutcome,
  type TcbSets,
} from './intel/tcbStatus.ts'
export { judgementOf } from './judgement.ts'
export {
  fetchNvidiaEndorsements,
  NVIDIA_SERVICES,
  type NvidiaRequest,
  type NvidiaSource,
} from './nvidia/nvidia.ts'
export type { OcspHash } from './nvidia/ocspRequest.ts'
export { certificatesOfPem } from './pem.ts'
export type { SourceReport } from './resource.ts'
export { type Runtime, systemRuntime } from './runtime.ts'
export { type CacheLike, type CacheStorageLike, createBrowserCache } from './store/browserCache.ts'
export {
  type CacheBounds,
  type CachedAnswer,
  createMemoryCache,
  DEFAULT_CACHE_BOUNDS,
  type EndorsementCache,
} from './store/cache.ts'
