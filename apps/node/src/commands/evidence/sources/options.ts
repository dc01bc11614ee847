import { createFetcher, type Fetcher, type IntelSource, importBundle } from '@spartan/endorsements'
import { createDiskCache } from '@spartan/endorsements/node'
import { type Command, Option } from 'commander'
import { intelSourceOf } from '../../../adapters/tee/vendorEndorsements.ts'
import { CannotCheckError } from '../../../errors.ts'
import type { Common } from '../../action.ts'
import { endorsementSourceOf } from '../../init.ts'
import { readBoundedFile } from '../input.ts'

/** Options of the commands that ask vendors. */
export interface SourceOptions extends Common {
  readonly source: string
  readonly cache?: string
  /** Bundle to take every answer from. */
  readonly offline?: string
  readonly trustAnchor?: readonly string[]
}

/** A bundle holds raw answers in base64: CRLs are the largest. */
const MAX_BUNDLE_BYTES = 64 * 1024 * 1024

/** Adds them to a command. */
export function withSources(command: Command): Command {
  return command
    .option('--source <source>', 'Intel: pcs, azure, or the URL of a PCCS', 'pcs')
    .option('--cache <dir>', 'keep verified answers there; without it nothing is kept')
    .option('--trust-anchor <file...>', 'judge below these roots instead of the vendor’s: a simulation')
    .addOption(new Option('--json', 'print one line of JSON instead of text'))
}

/** A fetcher as the options want it. Failures: CLI_INPUT_UNREADABLE, ENDORSEMENTS_BUNDLE_MALFORMED. */
export async function fetcherOf({ cache, offline }: Pick<SourceOptions, 'cache' | 'offline'>): Promise<Fetcher> {
  if (offline !== undefined) return createFetcher({ cache: await importBundle(readJson(offline)), mode: 'offline' })
  return createFetcher(cache === undefined ? {} : { cache: createDiskCache(cache) })
}

/** The source of Intel's endorsements. Failure: ENDORSEMENTS_REQUEST_INVALID. */
export const intelSource = ({ source }: SourceOptions): IntelSource => intelSourceOf(endorsementSourceOf(source))

function readJson(path: string): unknown {
  const bytes = readBoundedFile(path, MAX_BUNDLE_BYTES)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new CannotCheckError('CLI_INPUT_UNREADABLE', { metaMessages: [`${path}: not JSON`], cause })
  }
}
