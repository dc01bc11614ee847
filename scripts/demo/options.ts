import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { PROVIDER_PLANS } from './providerPlans.ts'

/** Providers listen from here on, counted from the base. */
const FIRST_PROVIDER_PORT = 10

/** How the local world is started. */
export interface WorldOptions {
  /** For machines: no dApp hints, one JSON line when ready; everything else is the same. */
  readonly headless: boolean
  /** NVIDIA's verifier too, and a simulated GPU that the last provider binds. */
  readonly gpu: boolean
  /** First of the ports the world uses; see {@link portsFrom}. */
  readonly portBase: number
  readonly market: { readonly mode: 'synthetic' | 'files' | 'live'; readonly dataDir?: string }
  /** Folder that receives world.json, logs and the nodes' data. Made anew at every start. */
  readonly stateDir: string
}

/** In a file of its own, so that it can be shown before any package is installed (scripts/bootstrap.mjs). */
export const HELP = readFileSync(new URL('main.help.txt', import.meta.url), 'utf8')

/** Reads the command line and the two market variables. Throws a plain sentence on bad usage. */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): WorldOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      headless: { type: 'boolean', default: false },
      gpu: { type: 'boolean', default: false },
      'port-base': { type: 'string', default: '3000' },
      'state-dir': { type: 'string', default: '.spartan' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const portBase = Number(values['port-base'])
  if (!Number.isInteger(portBase) || portBase < 1024 || portBase > 65_500)
    throw new Error(`--port-base has to be a whole number from 1024 to 65500, got ${values['port-base']}`)
  const { headless, gpu } = values
  return { headless, gpu, portBase, stateDir: values['state-dir'], market: marketOf(env) }
}

function marketOf(env: NodeJS.ProcessEnv): WorldOptions['market'] {
  if (env.MARKET === 'live') return { mode: 'live' }
  if (env.MARKET !== undefined && env.MARKET !== '') throw new Error(`MARKET can only be "live", got "${env.MARKET}"`)
  if (!env.MARKET_DATA) return { mode: 'synthetic' }
  if (!existsSync(env.MARKET_DATA)) throw new Error(`MARKET_DATA: there is no folder ${env.MARKET_DATA}`)
  return { mode: 'files', dataDir: env.MARKET_DATA }
}

/** Port of each part, counted from the base. */
export function portsFrom(base: number) {
  return {
    web: base,
    chain: base + 1,
    market: base + 2,
    simulator: base + 3,
    assets: base + 4,
    providers: PROVIDER_PLANS.map((_, index) => base + FIRST_PROVIDER_PORT + index),
  } as const
}
