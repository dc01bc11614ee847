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
 * Address of a contract by its name in camel case, as in world.json.
 *
 * @throws {WebError} `WEB_CONTRACT_MISSING` when the deployment does not name it.
 */
export function contractAddress(world: PublicWorld, name: string): `0x${string}` {
  const address = world.contracts[name]
  if (!address) throw new WebError('WEB_CONTRACT_MISSING', { metaMessages: [`contract: ${name}`] })
  return address
}
