import { serve } from '@hono/node-server'
import {
  createSimulationRoot,
  endorsementsToJson,
  type SimulatedGpu,
  type SimulationRoot,
  workload,
} from '@spartan/simulator'
import { Hono } from 'hono'

/** The image every provider of the local world runs. */
export const WORLD_WORKLOAD = 'spartan-node/0.1.0'

const HEX_32_BYTES = /^0x[0-9a-f]{64}$/i
const HEX_64_BYTES = /^0x[0-9a-f]{128}$/i

/** The simulated TEEs of one world: one root, one platform per provider. */
export async function createWorldSimulator(platforms: readonly string[]): Promise<SimulationRoot> {
  // One minute back: the newest block of a chain that was started just now may be older than this moment.
  const root = await createSimulationRoot({ now: Math.floor(Date.now() / 1000) - 60 })
  for (const name of platforms) await root.createPlatform({ name })
  return root
}

/** One quote of a workload, by default the world's own. */
export async function quoteFor(
  root: SimulationRoot,
  platform: string,
  reportData: Uint8Array,
  image = WORLD_WORKLOAD,
): Promise<Uint8Array> {
  const machine = root.platforms.get(platform)
  if (!machine) throw new Error(`the simulator has no platform ${platform}`)
  return machine.issueQuote({ ...(await workload(image)), reportData })
}

/** Evidence of a GPU in the form that nodes read: every member base64. */
function gpuEvidenceToJson(evidence: Awaited<ReturnType<SimulatedGpu['issueEvidence']>>) {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  return Object.fromEntries(
    Object.entries(evidence).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? text(value) : value.map(text),
    ]),
  )
}

/**
 * Serves quotes and endorsements on 127.0.0.1 (docs/architecture.md, "Local world"). `workload` names another image than
 * the world's: what a provider that runs something else would get from its hardware.
 */
export function serveSimulator(
  root: SimulationRoot,
  port: number,
  gpu?: SimulatedGpu,
): Promise<{ url: string; close: () => Promise<void> }> {
  const app = new Hono()
  app.post('/quote', async (context) => {
    const body = (await context.req.json().catch(() => undefined)) as
      | { platform?: unknown; reportData?: unknown; workload?: unknown }
      | undefined
    if (
      typeof body?.platform !== 'string' ||
      typeof body.reportData !== 'string' ||
      !HEX_64_BYTES.test(body.reportData)
    )
      return context.json({ title: 'expected { platform, reportData: 0x and 64 bytes }' }, 400)
    if (!root.platforms.has(body.platform)) return context.json({ title: 'unknown platform' }, 404)
    const image = typeof body.workload === 'string' ? body.workload : WORLD_WORKLOAD
    const quote = await quoteFor(root, body.platform, Buffer.from(body.reportData.slice(2), 'hex'), image)
    return context.json({ quote: `0x${Buffer.from(quote).toString('hex')}` })
  })
  app.get('/endorsements/:platform', async (context) => {
    const platform = root.platforms.get(context.req.param('platform'))
    if (!platform) return context.json({ title: 'unknown platform' }, 404)
    return context.json(endorsementsToJson(await platform.endorsements()))
  })
  app.post('/gpu', async (context) => {
    const body = (await context.req.json().catch(() => undefined)) as { nonce?: unknown } | undefined
    if (gpu === undefined) return context.json({ title: 'no GPU here' }, 404)
    if (typeof body?.nonce !== 'string' || !HEX_32_BYTES.test(body.nonce))
      return context.json({ title: 'expected { nonce: 0x and 32 bytes }' }, 400)
    const nonce = new Uint8Array(Buffer.from(body.nonce.slice(2), 'hex'))
    return context.json(gpuEvidenceToJson(await gpu.issueEvidence(nonce, Math.floor(Date.now() / 1000))))
  })
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise((done) => server.close(() => done())),
      }),
    )
  })
}
