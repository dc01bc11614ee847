import type { Command } from 'commander'
import type { Host } from '../action.ts'
import { addBundleCommand } from './bundle.ts'
import { EVIDENCE_EXIT_HELP } from './exitCodes.ts'
import { addInspectCommand } from './inspect.ts'
import { addPolicyCommand } from './policy.ts'
import { addFetchCommand } from './sources/fetch.ts'
import { addTcbStatusCommand } from './sources/tcbStatus.ts'
import { addVectorsCommand } from './vectors/command.ts'
import { addVerifyCommand } from './verify.ts'

/** Subcommands of `spartan evidence`, each in a file of its own. */
const SUBCOMMANDS: readonly ((evidence: Command, host: Host) => void)[] = [
  addInspectCommand,
  addVerifyCommand,
  addPolicyCommand,
  addBundleCommand,
  addVectorsCommand,
  addFetchCommand,
  addTcbStatusCommand,
]

/** Adds `spartan evidence …`. */
export function addEvidenceCommands(program: Command, host: Host): void {
  const evidence = program
    .command('evidence')
    .description('Look at, check and keep TEE evidence: TDX, SGX, SEV-SNP, Arm CCA, NVIDIA, AWS Nitro.')
    .addHelpText('after', EVIDENCE_EXIT_HELP)
  for (const add of SUBCOMMANDS) add(evidence, host)
}
