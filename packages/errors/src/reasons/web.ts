import type { Reason } from '../reason.ts'

const OWN_CHECK = 'Reload the page; if it stays, check that the local world is running.'

/** The dApp: what it reads and what people type into it. Wallet refusals are no errors and have no code. */
export const WEB_REASONS = {
  WEB_CONFIGURATION_INVALID: {
    what: 'The dApp does not know which deployment to show.',
    action: 'Start it with `npm start`, or point SPARTAN_WORLD at the world.json of a deployment.',
    retry: 'never',
  },
  WEB_MARKET_UNREACHABLE: {
    what: 'The price feed did not answer.',
    action: 'It is asked again every few seconds; everything but prices works without it.',
    retry: 'later',
    http: 502,
  },
  WEB_CHAIN_UNREACHABLE: { what: 'The chain did not answer.', action: OWN_CHECK, retry: 'later' },
  WEB_CONTRACT_MISSING: {
    what: 'The deployment does not name a contract that this page needs.',
    action: 'Deploy the current contracts and write world.json again.',
    retry: 'never',
  },
  WEB_WALLET_MISSING: {
    what: 'No wallet is connected.',
    action: 'Connect a wallet; reading works without one.',
    retry: 'later',
  },
  WEB_FUNDS_INSUFFICIENT: {
    what: 'The account cannot pay for the gas of this transaction.',
    action: 'Send some of the native currency to the account and try again.',
    retry: 'later',
  },
  WEB_HISTORY_TOO_SHORT: {
    what: 'The market has fewer daily closes than the model reads.',
    action: 'Choose an asset with a longer history.',
    retry: 'later',
  },
  WEB_RECEIPT_MALFORMED: {
    what: 'The file is not a Spartan receipt.',
    action: 'Use a file that was exported from a receipt page or by the command line.',
    retry: 'never',
  },
  WEB_ANSWER_MALFORMED: {
    what: 'The model answered in a shape that the page does not understand.',
    action: 'The receipt is kept; tell the owner of the model.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
