import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type EvidenceBundle,
  type EvidenceInput,
  evidenceBundleToJson,
  MAX_BUNDLE_BYTES,
  readEvidenceBundle,
  VENDOR_ANCHORS,
} from '@spartan/attestation'
import { type Command, Option } from 'commander'
import { CannotCheckError, UsageError } from '../../errors.ts'
import { action, type Host } from '../action.ts'
import { anchorsOf } from './anchors.ts'
import { EVIDENCE_EXIT_HELP, evidenceExitCodeOf } from './exitCodes.ts'
import { readInput } from './input.ts'
import { judge, printJudgement } from './judge.ts'
import {
  DEFAULT_POLICY,
  expecting,
  type JudgeOptions,
  policyOf,
  timeOf,
  withEvidenceOptions,
  withPolicyOptions,
} from './judgeOptions.ts'
import { readJudged } from './verify.ts'

interface ExportOptions extends JudgeOptions {
  readonly out: string
}

interface OpenOptions extends JudgeOptions {
  readonly trustBundleAnchors?: boolean
}

const EXPORT_HELP = `
The bundle holds evidence, endorsements, policy, time (with --at) and trust anchors. It is written whatever the judgement would be;
what is missing in it is missing for its reader. Vendor roots go by name, others are written out.

Example:
  spartan evidence bundle export quote.bin --endorsements collateral/ --policy strict --at 2026-06-01T00:00:00Z --out quote.bundle.json
${EVIDENCE_EXIT_HELP}`

const VERIFY_HELP = `
Needs no network. Policy and time are those of the bundle unless given here; look at them, since whoever made the bundle chose them.
Trust anchors of a bundle's own are never trusted by themselves.

Examples:
  spartan evidence bundle verify quote.bundle.json
  spartan evidence bundle verify quote.bundle.json --policy strict --at 2026-06-02T00:00:00Z --report-data 0011…
${EVIDENCE_EXIT_HELP}`

const json = () => new Option('--json', 'print one line of JSON instead of text')

/** `spartan evidence bundle export|verify`. */
export function addBundleCommand(evidence: Command, host: Host): void {
  const bundle = evidence.command('bundle').description('Keep evidence and all that its judgement needs in one file.')
  const written = bundle.command('export').argument('<file>', 'evidence, or - for standard input')
  withPolicyOptions(withEvidenceOptions(written), DEFAULT_POLICY)
    .description('Write evidence, endorsements and policy into one file.')
    .requiredOption('--out <file>', 'bundle to write; nothing is overwritten')
    .addOption(json())
    .addHelpText('after', EXPORT_HELP)
    .action(
      action<ExportOptions>(
        host,
        async (output, options, file = '') => {
          const found = await exportBundle(file, options, host)
          output.result({ written: options.out, ...found }, `Wrote ${options.out}: ${found.kind}, ${found.bytes} bytes`)
        },
        evidenceExitCodeOf,
      ),
    )
  withPolicyOptions(bundle.command('verify').argument('<file>', 'bundle, or - for standard input'), 'the bundle’s')
    .description('Judge a bundle offline.')
    .option('--trust-bundle-anchors', 'judge below the trust anchors that the bundle brings (simulations, CCA)')
    .addOption(json())
    .addHelpText('after', VERIFY_HELP)
    .action(
      action<OpenOptions>(
        host,
        async (output, options, file = '') => {
          const { input, notes, eventLog } = await openBundle(file, options, host)
          return printJudgement({ kind: input.kind, result: await judge(input, eventLog), at: input.at, notes }, output)
        },
        evidenceExitCodeOf,
      ),
    )
}

async function exportBundle(file: string, options: ExportOptions, host: Host) {
  const { input } = await readJudged(file, options, host)
  if (input.policy === 'refuse') {
    throw new UsageError('CLI_USAGE_INVALID', { metaMessages: [`--policy: the document refuses ${input.kind}`] })
  }
  const bundle = {
    ...input,
    at: options.at === undefined ? undefined : input.at,
    trustAnchors: options.trustAnchor === undefined ? 'vendor' : input.trustAnchors,
  } as EvidenceBundle
  const text = `${JSON.stringify(evidenceBundleToJson(bundle))}\n`
  const out = resolve(options.out)
  if (existsSync(out)) throw new UsageError('CLI_OUTPUT_EXISTS', { metaMessages: [out] })
  writeFileSync(out, text, { flag: 'wx' })
  return { kind: input.kind, bytes: text.length }
}

async function openBundle(file: string, options: OpenOptions, host: Host) {
  const bundle = readEvidenceBundle(await readInput(file, host, MAX_BUNDLE_BYTES))
  const { kind } = bundle
  const ownPolicy = options.policy === undefined
  const input = {
    ...bundle,
    policy: ownPolicy ? expecting(kind, bundle.policy, options) : await policyOf(kind, options, host),
    trustAnchors: anchorsOfBundle(bundle, options),
    at: options.at === undefined ? (bundle.at ?? timeOf(undefined)) : timeOf(options.at),
  } as EvidenceInput
  const { eventLog: path } = options
  return {
    input,
    eventLog: path === undefined ? undefined : await readInput(path, host, MAX_BUNDLE_BYTES),
    notes: {
      policy: options.policy ?? 'the bundle’s own',
      time: options.at === undefined ? (bundle.at === undefined ? 'now' : 'the bundle’s own') : 'as given',
      trust: trustOf(bundle, options),
    },
  }
}

function anchorsOfBundle({ kind, trustAnchors }: EvidenceBundle, options: OpenOptions) {
  if (options.trustAnchor !== undefined) return anchorsOf(kind, options.trustAnchor)
  if (trustAnchors === 'vendor') return VENDOR_ANCHORS[kind]
  // As with --trust-anchor: nobody takes what hangs below another root for hardware, whatever the bundle says of it.
  if (options.trustBundleAnchors === true && kind === 'cca') return trustAnchors
  if (options.trustBundleAnchors === true) return trustAnchors.map((anchor) => ({ ...anchor, simulated: true }))
  throw new CannotCheckError('CLI_ANCHORS_NOT_TRUSTED')
}

function trustOf({ trustAnchors }: EvidenceBundle, { trustAnchor }: OpenOptions): string {
  if (trustAnchor !== undefined) return trustAnchor.join(', ')
  return trustAnchors === 'vendor' ? 'vendor roots' : 'anchors of the bundle'
}
