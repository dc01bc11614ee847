import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { action, type Common, type Host } from '../../action.ts'
import { EVIDENCE_EXIT_CODES, evidenceExitCodeOf } from '../exitCodes.ts'
import { readManifest } from './folder.ts'
import { judgeEntry, type VectorReport } from './judge.ts'
import { formatReports, summarize } from './report.ts'

const HELP = `
DIR holds a manifest.json: an array of { id, files[], verify_at, expected { verdict, reason, policy … } }. Every entry is judged
at its verify_at by the preset \`vectors\` with the entry's own policy on top. Endorsements that an entry does not carry are
skipped by name and listed. A negative is right only when it is refused for its stated reason.

Examples:
  spartan evidence vectors ../shared/vectors
  spartan evidence vectors ../shared/vectors --only tdx --json

Exit codes: 0 every entry is right, 3 at least one is not, 2 usage, 4 at least one could not be judged.`

/** `spartan evidence vectors DIR`. */
export function addVectorsCommand(evidence: Command, host: Host): void {
  evidence
    .command('vectors')
    .argument('<dir>', 'folder with a manifest.json')
    .description('Judge a folder of test vectors and compare with what its manifest expects.')
    .option('--only <text>', 'only entries whose id begins with this')
    .addOption(new Option('--json', 'print one line of JSON instead of text'))
    .addHelpText('after', HELP)
    .action(
      action<Common & { readonly only?: string }>(
        host,
        async (output, { only = '' }, dir = '') => {
          const reports: VectorReport[] = []
          for (const entry of readManifest(resolve(dir))) {
            if (entry.id.startsWith(only)) reports.push(await judgeEntry(entry))
          }
          const ok = reports.length > 0 && reports.every((report) => report.ok)
          output.result({ ok, entries: reports, summary: summarize(reports) }, formatReports(reports))
          return ok ? EVIDENCE_EXIT_CODES.accepted : exitCodeOf(reports)
        },
        evidenceExitCodeOf,
      ),
    )
}

/** Wrong beats not judged: what was judged wrongly is the worse news. */
function exitCodeOf(reports: readonly VectorReport[]): number {
  const wrong = reports.some(({ ok, verdict, reason }) => !ok && verdict !== 'error' && reason !== 'unreviewed')
  return wrong ? EVIDENCE_EXIT_CODES.refused : EVIDENCE_EXIT_CODES.cannotCheck
}
