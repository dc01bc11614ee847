import { INTEL_SGX_ROOT, vectorsTdxPolicy, verifyTdxEvidence } from '@spartan/attestation'
import {
  createBrowserCache,
  createFetcher,
  dcapRequestOfQuote,
  fetchDcapEndorsements,
  fetchVerified,
  judgementOf,
  pccsSource,
} from '@spartan/endorsements'

// Runs in the page: fetches endorsements from the page's own origin, verifies them, keeps them in the browser's cache.

/** What the page found. */
export interface PageFetch {
  readonly verdict: string
  /** Per source: where it came from. */
  readonly sources: Readonly<Record<string, string>>
  readonly code?: string
}

declare global {
  interface Window {
    fetchEndorsements?: (quoteHex: string, rootHex: string, at: number) => Promise<PageFetch>
  }
}

const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))

window.fetchEndorsements = async (quoteHex, rootHex, at) => {
  const evidence = fromHex(quoteHex)
  const fetcher = createFetcher({
    cache: createBrowserCache(),
    budget: { attempts: 1 },
    runtime: { nowMs: () => at * 1000 },
  })
  const trustAnchors = [{ ...INTEL_SGX_ROOT, publicKey: fromHex(rootHex), simulated: true }]
  const policy = vectorsTdxPolicy({ measurements: 'any', reportData: 'any' })
  try {
    const { fetched, value } = await fetchVerified(
      (options) => fetchDcapEndorsements(fetcher, pccsSource(location.origin), dcapRequestOfQuote(evidence), options),
      async (endorsements) =>
        judgementOf('dcap', await verifyTdxEvidence({ evidence, endorsements, at, trustAnchors, policy })),
    )
    const sources = Object.fromEntries(fetched.sources.map(({ name, from }) => [name, from]))
    return { verdict: value.verdict, sources }
  } catch (error) {
    return { verdict: 'none', sources: {}, code: String((error as { readonly code?: unknown }).code ?? error) }
  }
}
