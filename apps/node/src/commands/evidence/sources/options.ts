import { AMD_ROOTS, INTEL_SGX_ROOT, NVIDIA_ROOTS, type TrustAnchor } from '@spartan/attestation'
import { createFetcher, type Fetcher, type Runtime } from '@spartan/endorsements'
import { createDiskCache } from '@spartan/endorsements/node'
import { type Command, Option } from 'commander'
import { UsageError } from '../../../errors.ts'
import type { Common } from '../../action.ts'

/** Options of the commands that ask vendors. */
export interface SourceOptions extends Common {
  readonly source: string
  readonly cache?: string
  readonly simulationRoot?: string
}

/** Adds them to a command. */
export function withSources(command: Command): Command {
  return command
    .option('--source <source>', 'Intel: pcs, azure, or the URL of a PCCS', 'pcs')
    .option('--cache <dir>', 'keep verified answers there; without it nothing is kept')
    .option('--simulation-root <hex>', 'local worlds only: public key of the simulation root (0x04…); default Intel')
    .addOption(new Option('--json', 'print one line of JSON instead of text'))
}

/** What the commands take from the world besides; tests replace it. */
export interface SourceWorld {
  readonly runtime?: Partial<Runtime>
}

/** A fetcher as the options want it. */
export function fetcherOf({ cache }: SourceOptions, { runtime }: SourceWorld): Fetcher {
  return createFetcher({ ...(runtime && { runtime }), ...(cache === undefined ? {} : { cache: createDiskCache(cache) }) })
}

/** Roots that count: the vendors', or for Intel's formats the one of a simulation. */
export function anchorsOf({ simulationRoot }: Pick<SourceOptions, 'simulationRoot'>) {
  return { dcap: dcapAnchors(simulationRoot), snp: AMD_ROOTS, nvidia: NVIDIA_ROOTS }
}

function dcapAnchors(hex: string | undefined): readonly TrustAnchor[] {
  if (hex === undefined) return [INTEL_SGX_ROOT]
  const digits = hex.replace(/^0x/, '')
  if (!/^04[0-9a-fA-F]{128}$/.test(digits)) {
    throw new UsageError('CLI_USAGE_INVALID', { metaMessages: ['--simulation-root: expected 0x04 and 128 hex digits'] })
  }
  return [{ publicKey: new Uint8Array(Buffer.from(digits, 'hex')), simulated: true }]
}
