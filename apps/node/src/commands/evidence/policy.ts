import { POLICY_PRESETS, presetPolicy } from '@spartan/attestation'
import { Argument, type Command } from 'commander'
import { action, type Common, type Host } from '../action.ts'

const HELP = `
The document is complete and in plain JSON: every field has a value, and "any" is written out. Change what you want and give the file
to --policy. Its schema is docs/specs/evidence-policy.schema.json.

Example:
  spartan evidence policy marketplace > policy.json
  spartan evidence verify quote.bin --endorsements endorsements/ --policy policy.json`

/** `spartan evidence policy PRESET`: the document to start an own policy from. */
export function addPolicyCommand(evidence: Command, host: Host): void {
  evidence
    .command('policy')
    .addArgument(new Argument('<preset>', 'the preset').choices(POLICY_PRESETS))
    .description('Print a preset as a policy document to start from.')
    .addHelpText('after', HELP)
    .action(
      action<Common>(host, (_output, _options, name) => {
        const preset = POLICY_PRESETS.find((known) => known === name)
        if (preset) host.stdout(`${JSON.stringify(presetPolicy(preset), null, 2)}\n`)
      }),
    )
}
