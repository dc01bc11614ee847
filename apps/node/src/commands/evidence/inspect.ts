import { decodeEvidence, MAX_EVIDENCE_CONTAINER_BYTES } from '@spartan/attestation'
import { type Command, Option } from 'commander'
import { action, type Common, type Host } from '../action.ts'
import { describeEvidence } from './describe/describe.ts'
import { EVIDENCE_EXIT_HELP, evidenceExitCodeOf } from './exitCodes.ts'
import { MAX_CERTIFICATES_BYTES, readInput } from './input.ts'

const HELP = `
FILE may hold the evidence as binary, hex, base64, PEM, or JSON with one field that holds it; - reads standard input.
Nothing is verified: what is shown is what the bytes claim. Use \`spartan evidence verify\` to judge them.

Examples:
  spartan evidence inspect quote.bin
  curl -s https://provider.example/v1/attestation | spartan evidence inspect - --json
${EVIDENCE_EXIT_HELP}`

/** `spartan evidence inspect FILE`. */
export function addInspectCommand(evidence: Command, host: Host): void {
  evidence
    .command('inspect')
    .argument('<file>', 'evidence, or - for standard input')
    .description('Decode any supported evidence into named fields. Verifies nothing.')
    .option('--certificates <file>', 'NVIDIA: certificate chain in PEM, to be shown too')
    .addOption(new Option('--json', 'print one line of JSON instead of text'))
    .addHelpText('after', HELP)
    .action(
      action<InspectOptions>(
        host,
        async (output, { certificates: path }, file = '') => {
          const decoded = decodeEvidence(await readInput(file, host, MAX_EVIDENCE_CONTAINER_BYTES))
          const certificates = path === undefined ? undefined : await readInput(path, host, MAX_CERTIFICATES_BYTES)
          const fields = describeEvidence(decoded, certificates)
          const { kind, containers, evidence: bytes } = decoded
          const head = [
            `kind         ${kind}`,
            `bytes        ${bytes.length}`,
            `taken from   ${containers.length === 0 ? 'the file as it is' : containers.join(' > ')}`,
            'verified     nothing: these are the claims of the bytes',
          ]
          const lines = fields.map(
            ({ name, value, note }) => `${name}  ${cut(value)}${note === undefined ? '' : `  (${note})`}`,
          )
          output.result(
            { kind, bytes: bytes.length, containers, verified: false, fields },
            [...head, '', ...lines].join('\n'),
          )
        },
        evidenceExitCodeOf,
      ),
    )
}

interface InspectOptions extends Common {
  readonly certificates?: string
}

/** Longest value shown in text, characters: three SHA-384 digests. --json has everything. */
const MAX_VALUE = 288

const cut = (value: string) => (value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value)
