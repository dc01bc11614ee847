import { readFile } from 'node:fs/promises'
import { dcapEndorsementsToJson, INTEL_SGX_ROOT, type TrustAnchor } from '@spartan/attestation'
import {
  AZURE_PCCS,
  createFetcher,
  dcapRequestOfQuote,
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
  const fetcher = createFetcher({
    cache: createDiskCache(cacheDirectory),
    ...(world.runtime && { runtime: world.runtime }),
  })
  return async (issueQuote) => {
    const quote = await issueQuote()
    try {
      const request = dcapRequestOfQuote(quote)
      const { fetched } = await fetchVerified(
        (options) => fetchDcapEndorsements(fetcher, source, request, options),
        (endorsements) =>
          judgeDcap(request.tee, {
            evidence: quote,
            endorsements,
            at: Math.floor(fetcher.runtime.nowMs() / 1000),
            trustAnchors: world.trustAnchors ?? [INTEL_SGX_ROOT],
          }),
      )
      return readEndorsements(dcapEndorsementsToJson(fetched.endorsements), source.baseUrl)
    } catch (cause) {
      throw new AttesterError('NODE_ENDORSEMENTS_UNAVAILABLE', { metaMessages: [messageOf(cause)], cause })
    }
  }
}
