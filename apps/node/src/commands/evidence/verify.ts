import { decodeEvidence, type EvidenceInput, MAX_EVIDENCE_CONTAINER_BYTES } from '@spartan/attestation'
import { type Command, Option } from 'commander'
import { UsageError } from '../../errors.ts'
import { action, type Host } from '../action.ts'
import { anchorsOf } from './anchors.ts'
import { collectEndorsements } from './endorsements/collect.ts'
import { EVIDENCE_EXIT_HELP, evidenceExitCodeOf } from './exitCodes.ts'
import { MAX_CERTIFICATES_BYTES, readInput } from './input.ts'
import { evidenceOf, judge, printJudgement } from './judge.ts'
import {
  DEFAULT_POLICY,
  type JudgeOptions,
  policyOf,
  timeOf,
  withEvidenceOptions,
  withPolicyOptions,
} from './judgeOptions.ts'
import { nextSteps } from './nextSteps.ts'

const HELP = `
FILE is read as by \`inspect\`. Every check is listed: done (✓), failed (✗) or not requested (·) with the reason.
A preset alone proves a genuine, patched platform, not a workload: name --measurement and --report-data, or write a policy
(docs/specs/evidence-policy.schema.json).

Examples:
  spartan evidence verify quote.bin --endorsements collateral/ --policy strict --report-data 00112233…
  spartan evidence verify report.bin --endorsements vcek.der cert_chain.pem crl.der --snp-min-tcb bl=4,snp=24,ucode=222
  spartan evidence verify gpu.json --endorsements rims/ ocsp/ --nonce 931d8dd0…
  spartan evidence verify quote.bin --endorsements bundle.json --event-log ccel.bin --at 2026-06-01T00:00:00Z --json
${EVIDENCE_EXIT_HELP}`

/** Reads the evidence and everything that it is judged by. */
export async function readJudged(file: string, options: JudgeOptions, host: Host) {
  const bytes = await readInput(file, host, MAX_EVIDENCE_CONTAINER_BYTES)
  // A bundle is read as any JSON that holds evidence; its endorsements would be left aside without a word.
  if (options.endorsements === undefined && isEvidenceBundle(bytes)) {
    throw new UsageError('CLI_USAGE_INVALID', {
      metaMessages: [`${file} is a bundle: use \`spartan evidence bundle verify\`, or name it as --endorsements too`],
    })
  }
  const decoded = decodeEvidence(bytes)
  const { kind, evidence, beside } = decoded
  const certificates =
    options.certificates === undefined ? undefined : await readInput(options.certificates, host, MAX_CERTIFICATES_BYTES)
  const input = {
    kind,
    evidence: evidenceOf(decoded, certificates),
    endorsements: collectEndorsements(kind, options.endorsements ?? [], evidence),
    trustAnchors: anchorsOf(kind, options.trustAnchor),
    policy: await policyOf(kind, options, host),
    at: timeOf(options.at),
  } as EvidenceInput
  const eventLog =
    options.eventLog === undefined ? undefined : await readInput(options.eventLog, host, MAX_EVIDENCE_CONTAINER_BYTES)
  return { input, eventLog: eventLog ?? beside.eventLog }
}

/** Whether bytes begin as a bundle of this project does. */
function isEvidenceBundle(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64))
  return /^\s*\{\s*"format"\s*:\s*"spartan-evidence-bundle\//.test(start)
}

/** `spartan evidence verify FILE`. */
export function addVerifyCommand(evidence: Command, host: Host): void {
  const command = evidence.command('verify').argument('<file>', 'evidence, or - for standard input')
  withPolicyOptions(withEvidenceOptions(command), DEFAULT_POLICY)
    .description('Judge evidence by endorsements, policy and time, and show every check.')
    .addOption(new Option('--json', 'print one line of JSON instead of text'))
    .addHelpText('after', HELP)
    .action(
      action<JudgeOptions>(
        host,
        async (output, options, file = '') => {
          const { input, eventLog } = await readJudged(file, options, host)
          const result = await judge(input, eventLog)
          const notes = {
            policy: options.policy ?? DEFAULT_POLICY,
            trust: options.trustAnchor === undefined ? 'vendor roots' : options.trustAnchor.join(', '),
          }
          const next = nextSteps(input.kind, result, file)
          return printJudgement({ kind: input.kind, result, at: input.at, notes, next }, output)
        },
        evidenceExitCodeOf,
      ),
    )
}
