import { randomUUID } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { decodeEvidence, MAX_EVIDENCE_CONTAINER_BYTES } from '@spartan/attestation'
import { exportBundle, type SourceReport } from '@spartan/endorsements'
import { type Command, Option } from 'commander'
import { action, type Host } from '../../action.ts'
import { EVIDENCE_EXIT_CODES, evidenceExitCodeOf } from '../exitCodes.ts'
import { readBoundedFile, readInput } from '../input.ts'
import { DEFAULT_SOURCES, type FetchCommandOptions, fetchFor, type GivenParts } from './fetchFor.ts'
import { fetcherOf, withSources } from './options.ts'

const HELP = `
FILE is evidence as \`inspect\` reads it. The endorsements that a verifier needs for it are fetched from the vendor: Intel (TDX,
SGX), AMD (SEV-SNP), NVIDIA. They are verified against the evidence before they are written or kept; whether the evidence itself
is acceptable is for \`spartan evidence verify\` to say.

Examples:
  spartan evidence fetch quote.bin --out endorsements.json
  spartan evidence fetch quote.bin --source https://pccs:8081 --cache ~/.cache/spartan --bundle bundle.json
  spartan evidence fetch quote.bin --offline bundle.json --out endorsements.json

Exit codes: 0 fetched and genuine, 2 usage, 4 could not be fetched, or does not verify.`

interface Options extends FetchCommandOptions {
  readonly out?: string
  readonly bundle?: string
  readonly vlek?: string
  readonly certificates?: string
}

const MAX_CERTIFICATES_BYTES = 256 * 1024

/** `spartan evidence fetch FILE`. */
export function addFetchCommand(evidence: Command, host: Host): void {
  withSources(evidence.command('fetch').argument('<file>', 'evidence, or - for standard input'))
    .description('Fetch the endorsements that a piece of evidence needs, and verify them.')
    .option('--out <file>', 'write the endorsements there (JSON); default standard output')
    .option('--bundle <file>', 'write the raw answers there, for --offline')
    .option('--offline <bundle>', 'ask nobody: take the answers from a bundle that was written before')
    .addOption(new Option('--update <set>', 'Intel: which TCB set').choices(['standard', 'early']))
    .addOption(
      new Option('--product <line>', 'AMD: product line of a report of version 2').choices(['Milan', 'Genoa', 'Turin']),
    )
    .option('--vlek <file>', 'AMD: the VLEK certificate, DER; it is not published')
    .option('--certificates <file>', 'NVIDIA: certificate chain of the device, PEM')
    .option('--kds <url>', 'AMD: Key Distribution Service', DEFAULT_SOURCES.kds)
    .option('--rims <url>', 'NVIDIA: RIM service', DEFAULT_SOURCES.rims)
    .option('--ocsp <url>', 'NVIDIA: OCSP responder', DEFAULT_SOURCES.ocsp)
    .addHelpText('after', HELP)
    .action(
      action<Options>(
        host,
        async (output, options, file = '') => {
          const decoded = decodeEvidence(await readInput(file, host, MAX_EVIDENCE_CONTAINER_BYTES))
          const fetcher = await fetcherOf(options)
          const { json, fetched } = await fetchFor(decoded, options, fetcher, givenOf(options))
          if (options.out !== undefined) writeJson(options.out, json)
          if (options.bundle !== undefined) {
            writeJson(options.bundle, await exportBundle([fetched], Math.floor(fetcher.runtime.nowMs() / 1000)))
          }
          const { sources, ageSeconds } = fetched
          const endorsements = options.out === undefined ? { endorsements: json } : {}
          output.note(sources.map(lineOf).join('\n'))
          output.result(
            { kind: decoded.kind, verified: true, ageSeconds, sources, ...endorsements },
            options.out === undefined ? JSON.stringify(json) : `endorsements written to ${resolve(options.out)}`,
          )
          return EVIDENCE_EXIT_CODES.accepted
        },
        evidenceExitCodeOf,
      ),
    )
}

/** One source for people. */
export function lineOf({ name, from, ageSeconds, validUntil, url, problem }: SourceReport): string {
  const until = validUntil === undefined ? '' : `, valid until ${new Date(validUntil * 1000).toISOString()}`
  return `${name.padEnd(24)} ${from}, ${ageSeconds} s old${until}  ${url}${problem === undefined ? '' : `  (${problem})`}`
}

function givenOf({ vlek, certificates }: Options): GivenParts {
  const read = (path: string | undefined) =>
    path === undefined ? undefined : readBoundedFile(resolve(path), MAX_CERTIFICATES_BYTES)
  return { vlek: read(vlek), certificates: read(certificates) }
}

/** Replaces the file as a whole, so that whoever reads it meanwhile gets the one before. */
function writeJson(path: string, value: unknown): void {
  const partial = `${resolve(path)}.${randomUUID()}.part`
  writeFileSync(partial, `${JSON.stringify(value)}\n`, { flag: 'wx' })
  renameSync(partial, resolve(path))
}
