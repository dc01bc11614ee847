import type { NodeConfig } from '../../config.ts'
import { AttesterError } from '../../errors.ts'
import { type GpuSource, readGpuEvidence } from '../../services/gpuEvidence.ts'

/** Reading the measurements of a GPU takes seconds. */
const TIMEOUT_MS = 60_000

/** A service beside the node that has the driver answer a nonce: `POST { nonce: 0x… }`. */
export function createGpuSource({ kind, url }: NodeConfig['gpus'][number]): GpuSource {
  return {
    name: url,
    simulated: kind === 'simulator',
    issue: async (nonce) => {
      const body = JSON.stringify({ nonce: `0x${Buffer.from(nonce).toString('hex')}` })
      const headers = { 'content-type': 'application/json' }
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      try {
        const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' })
        if (!response.ok) throw new Error(`HTTP ${response.status}`)
        return readGpuEvidence(await response.json(), url)
      } catch (cause) {
        if (cause instanceof AttesterError) throw cause
        throw new AttesterError('NODE_GPU_EVIDENCE_UNAVAILABLE', { metaMessages: [url], cause })
      }
    },
  }
}
