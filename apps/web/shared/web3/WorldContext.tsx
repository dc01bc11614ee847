'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { PublicWorld } from '../../config/worldSchema.ts'
import { WebError } from '../errors/WebError.ts'

const WorldContext = createContext<PublicWorld | null>(null)

/** Gives the deployment to every client component. */
export function WorldProvider({ world, children }: { readonly world: PublicWorld; readonly children: ReactNode }) {
  return <WorldContext value={world}>{children}</WorldContext>
}

/** The deployment that this dApp shows. */
export function useWorld(): PublicWorld {
  const world = useContext(WorldContext)
  if (!world) throw new WebError('WEB_CONFIGURATION_INVALID')
  return world
}

/**
 * Address of a contract by its Solidity name.
 *
 * @throws {WebError} `WEB_CONTRACT_MISSING` when the deployment does not name it.
 */
export function contractAddress(world: PublicWorld, name: string): `0x${string}` {
  const address = world.contracts[name]
  if (!address) throw new WebError('WEB_CONTRACT_MISSING', { metaMessages: [`contract: ${name}`] })
  return address
}

const squeeze = (text: string) => text.replace(/[^a-z0-9]/gi, '').toLowerCase()

/** Address of the price feed of an asset symbol: the contract named `PriceFeed` and the symbol, in any spelling. */
export function priceFeedAddress(world: PublicWorld, symbol: string): `0x${string}` | undefined {
  const wanted = squeeze(`PriceFeed${symbol}`)
  return Object.entries(world.contracts).find(([name]) => squeeze(name) === wanted)?.[1]
}
