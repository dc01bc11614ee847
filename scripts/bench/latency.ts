import { readFile } from 'node:fs/promises'
import { serve } from '@hono/node-server'
import { createOnnxEngine, formatInferResponse, parseInferRequest, parseModelDescription } from '@spartan/inference'
import { createMemoryStorage, createSpartanClient, fromViemWallet } from '@spartan/sdk'
import { Hono } from 'hono'
import { freePorts } from '../../test/support/ports.ts'
import { addressOf, PRICES, startSdkWorld } from '../../test/support/sdkWorld.ts'
import { clientsFor, indexOf } from '../demo/chain.ts'
import { TREND } from '../model/paths.ts'

/** Medians of one run, milliseconds. */
export interface Latency {
  readonly plainMs: number
  readonly spartanMs: number
  readonly addedMs: number
  readonly requests: number
}

const WARM_UP = 20
/** The default of a node; 0 would measure one chain read per request. */
const CHANNEL_CACHE_SECONDS = 4
const DEPOSIT = 100_000_000n

/**
 * The same model, the same machine, one run: plain HTTP against encryption, voucher, receipt and journal, request by
 * request in turn. Client and server share the process, so both sides' work counts.
 */
export async function measureLatency(requests: number): Promise<Latency> {
  const closes = Array.from({ length: 257 }, (_, day) => 100 + Math.sin(day / 9) * 8 + day / 20)
  const plain = await startPlain(await freePorts(1))
  const world = await startSdkWorld(CHANNEL_CACHE_SECONDS)
  try {
    const infer = await paidInference(world, closes)
    const times = { plain: [] as number[], spartan: [] as number[] }
    for (let round = 0; round < WARM_UP + requests; round++) {
      const plainMs = await timed(() => plain.infer(closes))
      const spartanMs = await timed(infer)
      if (round < WARM_UP) continue
      times.plain.push(plainMs)
      times.spartan.push(spartanMs)
    }
    const plainMs = median(times.plain)
    const spartanMs = median(times.spartan)
    return { plainMs, spartanMs, addedMs: spartanMs - plainMs, requests }
  } finally {
    await world.stop()
    await plain.stop()
  }
}

async function paidInference(world: Awaited<ReturnType<typeof startSdkWorld>>, closes: readonly number[]) {
  const { walletClient, publicClient } = clientsFor(world.rpcUrl, indexOf('trader'))
  const client = createSpartanClient({
    chainId: await publicClient.getChainId(),
    contracts: world.contracts,
    publicClient,
    wallet: fromViemWallet(walletClient),
    trustAnchors: [{ publicKey: world.simulationRoot, simulated: true }],
    dangerouslyAllowSimulated: true,
    storage: createMemoryStorage(),
  })
  const { providers } = await client.discover({ assetId: world.assetId, user: addressOf('trader') })
  const providerId = providers[0]?.providerId
  if (!providerId) throw new Error('no provider serves the asset')
  const { channelId } = await client.openChannel({
    providerId,
    assetId: world.assetId,
    deposit: DEPOSIT,
    maxPricePerUnitIn: PRICES.pricePerUnitIn,
    maxPricePerUnitOut: PRICES.pricePerUnitOut,
  })
  const inputs = [{ name: 'closes', datatype: 'FP64', shape: [1, closes.length], data: closes }]
  return () => client.infer({ channelId, model: 'trend', inputs })
}

/** The same engine and codec behind plain HTTP. */
async function startPlain(port: number) {
  const description = parseModelDescription(JSON.parse(await readFile(TREND.description, 'utf8')))
  const engine = await createOnnxEngine({
    name: 'trend',
    model: new Uint8Array(await readFile(TREND.onnx)),
    description,
  })
  const app = new Hono()
  app.post('/v2/models/trend/infer', async (context) => {
    const request = parseInferRequest(await context.req.json(), engine.metadata())
    const outputs = await engine.infer(request.inputs)
    return context.json(formatInferResponse(engine.metadata(), outputs, { id: request.id, outputs: request.outputs }))
  })
  const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
  const url = `http://127.0.0.1:${port}/v2/models/trend/infer`
  return {
    infer: async (closes: readonly number[]) => {
      const inputs = [{ name: 'closes', datatype: 'FP64', shape: [1, closes.length], data: closes }]
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ inputs }) })
      return response.json()
    },
    stop: async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await engine.close()
    },
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
