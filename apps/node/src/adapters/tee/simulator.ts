import { type Hex, hexToBytes, isHex } from 'viem'
import { AttesterError } from '../../errors.ts'
import { readEndorsements } from '../../services/endorsements.ts'
import type { Attester } from '../../services/ports.ts'

const TIMEOUT_MS = 10_000

/**
 * Attester over the simulator process of the local world (docs/architecture.md, "Local world").
 *
 * Its quotes end in a simulation root: a registry takes them only when it was deployed in dev mode, and marks them.
 */
export function createSimulatorAttester(baseUrl: string, platform: string): Attester {
  const url = (path: string) => `${baseUrl.replace(/\/+$/, '')}${path}`
  return {
    kind: 'simulator',
    issue: async (reportData) => {
      const body = JSON.stringify({ platform, reportData: `0x${Buffer.from(reportData).toString('hex')}` })
      const answer = await fetchJson(url('/quote'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      }).catch((cause) => {
        throw new AttesterError('NODE_TEE_UNAVAILABLE', { metaMessages: [url('/quote')], cause })
      })
      return { quote: quoteOf(answer) }
    },
    endorsements: async () => {
      const source = url(`/endorsements/${encodeURIComponent(platform)}`)
      const answer = await fetchJson(source, {}).catch((cause) => {
        throw new AttesterError('NODE_ENDORSEMENTS_UNAVAILABLE', { metaMessages: [source], cause })
      })
      return readEndorsements(answer, source)
    },
  }
}

/** Hex with 0x, or base64. */
function quoteOf(answer: unknown): Uint8Array {
  const quote = typeof answer === 'object' && answer !== null && 'quote' in answer ? answer.quote : undefined
  if (typeof quote === 'string' && isHex(quote, { strict: true })) return hexToBytes(quote as Hex)
  if (typeof quote === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(quote))
    return new Uint8Array(Buffer.from(quote, 'base64'))
  throw new AttesterError('NODE_TEE_QUOTE_FAILED', { metaMessages: ['the simulator answered without a quote'] })
}

async function fetchJson(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' })
  if (!response.ok) throw new AttesterError('NODE_TEE_UNAVAILABLE', { metaMessages: [`HTTP ${response.status}`] })
  return await response.json()
}
