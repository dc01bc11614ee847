import { z } from 'zod'

const address = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{40}$/)])
const hex = z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]*$/)])
/** Ids come as JSON numbers or decimal strings; both are kept as decimal strings, so that no client rounds them. */
const decimalId = z.union([z.string().regex(/^\d+$/), z.number().int().nonnegative()]).transform(String)

/**
 * The file that a deployment writes for its clients (docs/architecture.md, "Local world"). Unknown fields are dropped here,
 * private keys of test accounts among them: what this schema does not name never reaches the browser.
 */
export const worldSchema = z.object({
  rpcUrl: z.url(),
  chainId: z.coerce.number().int().positive(),
  contracts: z.record(z.string(), address),
  providers: z.array(
    z.object({ url: z.url(), providerId: hex, operator: address.optional(), owner: address.optional() }),
  ),
  assets: z.array(
    z.object({
      assetId: decimalId,
      version: z.coerce.number().int().positive(),
      name: z.string(),
    }),
  ),
  /** Asset symbol to on-chain price feed. */
  priceFeeds: z.record(z.string(), address).default({}),
  marketUrl: z.url(),
  simulationRootKey: hex.nullish(),
  token: z.object({ address, symbol: z.string(), decimals: z.coerce.number().int().min(0).max(36) }),
})

/** What a deployment says about itself, without secrets. Server side: it still names internal URLs such as `marketUrl`. */
export type World = z.infer<typeof worldSchema>

/** The part of the world that the browser gets. */
export interface PublicWorld extends Omit<World, 'marketUrl' | 'simulationRootKey'> {
  /** Public key of the simulation root; null on a chain that trusts hardware vendors only. */
  readonly simulationRootKey: `0x${string}` | null
  /** True when attestation is simulated: every page then carries the banner. */
  readonly simulated: boolean
}

/** Takes out what only the server needs. */
export function publicWorldOf(world: World): PublicWorld {
  const { marketUrl: _serverOnly, simulationRootKey, ...rest } = world
  return { ...rest, simulationRootKey: simulationRootKey ?? null, simulated: Boolean(simulationRootKey) }
}

/** Every origin that the browser may talk to besides the dApp's own. */
export function connectOrigins(world: Pick<World, 'rpcUrl' | 'providers'>): string[] {
  const urls = [world.rpcUrl, ...world.providers.map((provider) => provider.url)]
  return [...new Set(urls.map((url) => new URL(url).origin))]
}
