import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { type World, worldSchema } from './worldSchema.ts'

const environmentSchema = z.object({
  /** Path of the deployment's world.json. */
  SPARTAN_WORLD: z.string().min(1),
})

/** One sentence that names what is missing and what to do; shown by the error page and in the server's log. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code = 'WEB_CONFIGURATION_INVALID'
}

let cached: { readonly path: string; readonly modifiedMs: number; readonly world: World } | undefined

/**
 * Reads the deployment that `SPARTAN_WORLD` names. Server side only.
 *
 * Read again when the file changes, so that a redeployed local world needs no restart of the dApp.
 *
 * @throws {ConfigurationError} when the variable, the file or one of its fields is missing.
 */
export function readWorld(): World {
  const environment = environmentSchema.safeParse(process.env)
  if (!environment.success) throw new ConfigurationError('SPARTAN_WORLD is not set: start the dApp with `npm start`.')
  const path = environment.data.SPARTAN_WORLD
  const modifiedMs = modifiedAt(path)
  if (cached?.path === path && cached.modifiedMs === modifiedMs) return cached.world
  const parsed = worldSchema.safeParse(parseJson(path))
  if (!parsed.success) throw new ConfigurationError(`${path}: ${z.prettifyError(parsed.error)}`)
  cached = { path, modifiedMs, world: parsed.data }
  return parsed.data
}

/** Development servers get the allowances their tooling needs (eval, websocket); production never does. */
export const isDevelopment = process.env.NODE_ENV === 'development'

function modifiedAt(path: string): number {
  try {
    return statSync(/* turbopackIgnore: true */ path).mtimeMs
  } catch (cause) {
    throw new ConfigurationError(`${path} is not readable: is the local world running? Start it with \`npm start\`.`, {
      cause,
    })
  }
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(/* turbopackIgnore: true */ path, 'utf8'))
  } catch (cause) {
    throw new ConfigurationError(`${path} is not JSON.`, { cause })
  }
}
