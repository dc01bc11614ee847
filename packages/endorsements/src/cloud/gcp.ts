import { CACHE_RULES } from '../cacheRules.ts'
import { failure } from '../errors.ts'
import { assembleFetched, type Fetched } from '../fetched.ts'
import type { Fetcher, FetchOptions } from '../fetcher.ts'
import { readJsonObject } from '../json.ts'
import { JSON_TYPES } from '../mediaTypes.ts'
import { loadResource, type Resource } from '../resource.ts'

/** Google's public bucket with one document per TDX host that it runs, by PPID. */
export const GCP_HOST_REGISTRY = 'https://storage.googleapis.com/confidential-host-registry'

/**
 * Fetches Google's statement that it runs the host with this PPID.
 *
 * Says, with the weight of TLS to Google and no signature: the machine stands in a data centre of Google. Does not bind
 * anything to a quote: compare the PPID with that of verified evidence. ENDORSEMENTS_NOT_FOUND: the host is not Google's.
 */
export async function fetchGcpHost(
  fetcher: Fetcher,
  registryUrl: string,
  ppid: string,
  options: FetchOptions = {},
): Promise<Fetched<Readonly<Record<string, unknown>>>> {
  if (!/^[0-9a-fA-F]{32}$/.test(ppid)) throw failure('ENDORSEMENTS_REQUEST_INVALID', `PPID ${ppid}`)
  const url = `${registryUrl}/${ppid.toLowerCase()}`
  const resource: Resource<Readonly<Record<string, unknown>>> = {
    name: 'gcp-host',
    key: `gcp/host ${url}`,
    request: { method: 'GET', url },
    mediaTypes: JSON_TYPES,
    keepHeaders: [],
    maxBytes: 256 * 1024,
    rule: CACHE_RULES.documents,
    shape: ({ body }) => readJsonObject(body, url),
    window: () => ({ issuedAt: undefined, validUntil: undefined }),
  }
  const loaded = await loadResource(fetcher, resource, options)
  return assembleFetched(fetcher, loaded.shaped, [loaded])
}
