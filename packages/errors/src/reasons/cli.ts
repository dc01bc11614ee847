import type { Reason } from '../reason.ts'

/** `spartan` commands other than `spartan node serve`. */
export const CLI_REASONS = {
  CLI_USAGE_INVALID: {
    what: 'The command line is not valid.',
    action: 'Run the command with --help.',
    retry: 'never',
  },
  CLI_CHECK_FAILED: {
    what: 'At least one precondition is not met.',
    action: 'Follow the next step of each failed check.',
    retry: 'later',
  },
  CLI_REGISTRATION_NOT_SEEN: {
    what: 'The running node has not registered anew.',
    action: 'Read the log of the node, which names the reason, and repeat the command.',
    retry: 'later',
  },
  CLI_NODE_NOT_RUNNING: {
    what: 'No node runs from this data directory, and the keys of a registration die with the node that made them.',
    action: 'Start it with `spartan node serve`: it registers by itself.',
    retry: 'later',
  },
  CLI_NODE_UNREACHABLE: {
    what: 'The running node does not answer on its control socket.',
    action: 'Run the command as the user of the node, or read the log of the node.',
    retry: 'later',
  },
  CLI_OUTPUT_EXISTS: {
    what: 'The output exists already.',
    action: 'Choose another path; nothing was overwritten.',
    retry: 'never',
  },
  CLI_INPUT_UNREADABLE: {
    what: 'An input file cannot be read.',
    action: 'Check the path and its permissions.',
    retry: 'never',
  },
  CLI_INPUT_TOO_LARGE: {
    what: 'An input is larger than anything that this command reads.',
    action: 'Check that it is the right file.',
    retry: 'never',
  },
  CLI_MANIFEST_MALFORMED: {
    what: 'The folder has no manifest.json that is an array of entries.',
    action: 'Give a folder of test vectors; `spartan evidence vectors --help` names the form.',
    retry: 'never',
  },
  CLI_VECTOR_ENTRY_MALFORMED: {
    what: 'An entry of the manifest cannot be read.',
    action: 'Correct the entry; the others were judged.',
    retry: 'never',
  },
  CLI_VECTOR_FILE_OUTSIDE: {
    what: 'An entry of the manifest names a file outside of its folder.',
    action: 'Do not use this folder: entries name only files inside.',
    retry: 'never',
  },
  CLI_VECTOR_FILE_CORRUPT: {
    what: 'A file is not the one that the manifest describes.',
    action: 'Fetch the folder again.',
    retry: 'never',
  },
  CLI_VECTOR_POLICY_UNKNOWN: {
    what: 'The policy of an entry has a key that means nothing for its kind.',
    action: 'Correct the policy of the entry; it was not judged.',
    retry: 'never',
  },
  CLI_ENDORSEMENT_UNKNOWN: {
    what: 'A file is no endorsement of this kind of evidence.',
    action: 'Give TCB info, QE identity, CRLs, certificates, OCSP responses, RIMs or a bundle for this kind.',
    retry: 'never',
  },
  CLI_ANCHOR_UNKNOWN: {
    what: 'A file is no trust anchor of this kind of evidence.',
    action: 'Give a root certificate in PEM or DER; for CCA the public key of the platform in PEM.',
    retry: 'never',
  },
  CLI_ANCHORS_NOT_TRUSTED: {
    what: 'The bundle brings trust anchors of its own, which nobody has said to trust.',
    action: 'Look at them, and pass --trust-anchor with your own copy, or --trust-bundle-anchors for a simulation.',
    retry: 'never',
  },
  CLI_CERTIFICATES_MISSING: {
    what: 'NVIDIA evidence is a report and its certificate chain, and the chain is not there.',
    action: 'Pass --certificates with the chain in PEM, or the JSON of the collector, which holds both.',
    retry: 'never',
  },
  CLI_PROVIDER_REFUSED: {
    what: 'The provider did not pass the checks of the key broker.',
    action: 'Nothing was released; read the reason above.',
    retry: 'later',
  },
  CLI_RECEIPT_INVALID: {
    what: 'The receipt does not verify.',
    action: 'Do not accept this receipt.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
