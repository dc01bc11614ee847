import { readFile } from 'node:fs/promises'
import { dcapEndorsementsToJson, INTEL_SGX_ROOT, type TrustAnchor } from '@spartan/attestation'
import {
  AZURE_PCCS,
  createFetcher,
  dcapRequestOfQuote,
  type Fetcher,
  fetchDcapEndorsements,
  fetchVerified,
  INTEL_PCS,
  type IntelSource,
  pccsSource,
  type Runtime,
} from '@spartan/endorsements'
import { createDiskCache } from '@spartan/endorsements/node'
import type { EndorsementSourceConfig } from '../../config.ts'
import { AttesterError, messageOf } from '../../errors.ts'
import { judgeDcap } from '../../services/endorsementJudge.ts'
import { type EndorsementsJson, readEndorsements } from '../../services/endorsements.ts'

/** Gives the endorsements of this platform. `issueQuote` makes a quote of it where one is needed to know what to ask for. */
export type EndorsementReader = (issueQuote: () => Promise<Uint8Array>) => Promise<EndorsementsJson>

/** Reads a file anew for every use. Failure: `NODE_ENDORSEMENTS_UNAVAILABLE`. */
export function endorsementsFromFile(file: string): EndorsementReader {
  return async () => {
    try {
      return readEndorsements(JSON.parse(await readFile(file, 'utf8')), file)
    } catch (cause) {
      if (cause instanceof AttesterError) throw cause
      throw new AttesterError('NODE_ENDORSEMENTS_UNAVAILABLE', { metaMessages: [file], cause })
    }
  }
}

/** The source that a configuration names. */
export function intelSourceOf(source: EndorsementSourceConfig): IntelSource {
  if (source.kind === 'pccs') return pccsSource(source.url)
  return source.kind === 'azure' ? AZURE_PCCS : INTEL_PCS
}

/** Served from memory for this long: anybody may ask the node for its evidence, and the vendor must not feel it. */
const FRESH_MS = 600_000
/** Served for this long while newer ones are fetched in the background, so that nobody waits for a slow source. */
const STALE_MS = 3_600_000

/**
 * Fetches the endorsements of the platform from a vendor's service. They are verified against a quote of this machine
 * before they are used or kept; an outage is bridged by the kept ones while they are valid.
 *
 * Failure: `NODE_ENDORSEMENTS_UNAVAILABLE` with the reason of the fetch.
 */
export function createVendorEndorsements(
  source: IntelSource,
  cacheDirectory: string,
  world: { readonly runtime?: Partial<Runtime>; readonly trustAnchors?: readonly TrustAnchor[] } = {},
): EndorsementReader {
  const { trustAnchors = [INTEL_SGX_ROOT], runtime } = world
  const fetcher = createFetcher({ cache: createDiskCache(cacheDirectory), ...(runtime && { runtime }) })
  let last: { readonly at: number; readonly value: EndorsementsJson } | undefined
  let running: Promise<EndorsementsJson> | undefined
  const refresh = async (issueQuote: () => Promise<Uint8Array>) => {
    const value = await fetchFor(fetcher, source, await issueQuote(), trustAnchors)
    last = { at: fetcher.runtime.nowMs(), value }
    return value
  }
  return async (issueQuote) => {
    const age = last ? fetcher.runtime.nowMs() - last.at : -1
    // Below zero: none yet, or the clock was set back.
    if (last && age >= 0 && age < FRESH_MS) return last.value
    running ??= refresh(issueQuote).finally(() => {
      running = undefined
    })
    if (!last || age < 0 || age >= STALE_MS) return running
    running.catch(() => undefined)
    return last.value
  }
}

async function fetchFor(
  fetcher: Fetcher,
  source: IntelSource,
  quote: Uint8Array,
  trustAnchors: readonly TrustAnchor[],
): Promise<EndorsementsJson> {
  try {
    const request = dcapRequestOfQuote(quote)
    const { fetched } = await fetchVerified(
      (options) => fetchDcapEndorsements(fetcher, source, request, options),
      (endorsements) => {
        const at = Math.floor(fetcher.runtime.nowMs() / 1000)
        return judgeDcap(request.tee, { evidence: quote, endorsements, at, trustAnchors })
      },
    )
    return readEndorsements(dcapEndorsementsToJson(fetched.endorsements), source.baseUrl)
  } catch (cause) {
    throw new AttesterError('NODE_ENDORSEMENTS_UNAVAILABLE', { metaMessages: [messageOf(cause)], cause })
  }
}
