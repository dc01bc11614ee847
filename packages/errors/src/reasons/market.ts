import type { Reason } from '../reason.ts'

/** Ledger and ChannelEscrow. */
export const MARKET_REASONS = {
  LEDGER_BALANCE_TOO_LOW: {
    what: 'The ledger balance is too low.',
    action: 'Deposit more, then try again.',
    retry: 'later',
  },
  LEDGER_CALLER_NOT_ESCROW: {
    what: 'Only an escrow may move balances.',
    action: 'Use deposit, withdraw or an escrow.',
    retry: 'never',
  },
  LEDGER_RECIPIENT_INVALID: {
    what: 'The ledger does not pay out to itself.',
    action: 'Name another recipient.',
    retry: 'never',
  },
  LEDGER_AMOUNT_ZERO: { what: 'The amount is zero.', action: 'Pass an amount above zero.', retry: 'never' },
  CHANNEL_UNKNOWN: {
    what: 'There is no channel with this id.',
    action: 'Open a channel first.',
    retry: 'never',
    http: 402,
  },
  CHANNEL_EXISTS: {
    what: 'A channel with these parameters exists already.',
    action: 'Use another salt.',
    retry: 'never',
  },
  CHANNEL_NOT_OPEN: { what: 'The channel is not open.', action: 'Open a new channel.', retry: 'never', http: 402 },
  CHANNEL_CLOSED: { what: 'The channel is closed.', action: 'Open a new channel.', retry: 'never', http: 402 },
  CHANNEL_NOT_CLOSING: { what: 'No close was requested.', action: 'Request the close first.', retry: 'never' },
  CHANNEL_CLOSE_TOO_EARLY: {
    what: 'The close delay is not over.',
    action: 'Finalize after the time in the error.',
    retry: 'later',
  },
  CHANNEL_CLOSE_DELAY_OUT_OF_RANGE: {
    what: 'The close delay is outside the allowed range.',
    action: 'Choose a delay within the range.',
    retry: 'never',
  },
  CHANNEL_EXPIRY_INVALID: {
    what: 'The expiry lies in the past or too far ahead.',
    action: 'Choose an expiry within the allowed range.',
    retry: 'never',
  },
  CHANNEL_CALLER_NOT_PAYER: {
    what: 'Only the payer may do this before the channel expires.',
    action: 'Send from the payer, or wait for the expiry.',
    retry: 'later',
  },
  CHANNEL_PRICE_TOO_HIGH: {
    what: 'The on-chain price is above the bound of the payer.',
    action: 'Read the current price and confirm it.',
    retry: 'refetch',
  },
  CHANNEL_ASSET_VERSION_UNAVAILABLE: {
    what: 'This asset version does not exist or was retired.',
    action: 'Use the latest version.',
    retry: 'refetch',
  },
  CHANNEL_PROVIDER_CANNOT_SERVE: {
    what: 'The provider may not serve this asset now.',
    action: 'Choose another provider.',
    retry: 'later',
  },
  CHANNEL_VOUCHER_SIGNER_INVALID: {
    what: 'The voucher signer is not an ERC-7913 signer.',
    action: 'Pass an address or verifier ‖ key.',
    retry: 'never',
  },
  CHANNEL_BATCH_TOO_LARGE: { what: 'The batch has too many items.', action: 'Split the batch.', retry: 'never' },
  CHANNEL_RECEIPT_MISMATCH: {
    what: 'Receipt, voucher and channel do not belong together.',
    action: 'Check channel id, provider, asset and version.',
    retry: 'never',
  },
  CHANNEL_RECEIPT_SIGNATURE_INVALID: {
    what: 'The receipt is not signed by the receipt signer of its epoch.',
    action: 'Do not accept this receipt.',
    retry: 'never',
  },
  CHANNEL_VOUCHER_SIGNATURE_INVALID: {
    what: 'The voucher is not signed by the voucher signer of the channel.',
    action: 'Sign the voucher with the key given at opening.',
    retry: 'never',
    http: 402,
  },
  CHANNEL_VOUCHER_EXPIRED: {
    what: 'The request finished after the voucher ended.',
    action: 'Sign a new voucher.',
    retry: 'refetch',
    http: 402,
  },
  CHANNEL_VOUCHER_SEQ_TOO_LOW: {
    what: 'The voucher does not cover this request number.',
    action: 'Sign a voucher for the next request.',
    retry: 'refetch',
    http: 402,
  },
  CHANNEL_RECEIPT_OUT_OF_TIME: {
    what: 'The receipt was made before the channel opened, after now, or after the close was requested.',
    action: 'Do not settle this receipt.',
    retry: 'never',
  },
  CHANNEL_NOTHING_TO_PAY: {
    what: 'The three bounds leave nothing above what is already paid.',
    action: 'Nothing to do.',
    retry: 'never',
  },
  CHANNEL_FINAL_AMOUNT_OUT_OF_RANGE: {
    what: 'The agreed final amount is below what is settled or above the deposit.',
    action: 'Agree on an amount within the range in the error.',
    retry: 'never',
  },
  CHANNEL_PROTOCOL_SHARE_TOO_HIGH: {
    what: 'The protocol share is above the maximum.',
    action: 'Deploy with a lower share.',
    retry: 'never',
  },
  CHANNEL_TREASURY_MISSING: {
    what: 'The protocol takes a share but no treasury is named.',
    action: 'Deploy with a treasury, or with a share of zero.',
    retry: 'never',
  },
  REPLAY_ANSWER_NOT_POSITIVE: {
    what: 'The price is not above zero.',
    action: 'Push a price above zero.',
    retry: 'never',
  },
  REPLAY_UPDATE_NOT_NEWER: {
    what: 'The price is not newer than the last one.',
    action: 'Push prices in the order of their time.',
    retry: 'never',
  },
  REPLAY_ROUND_UNKNOWN: {
    what: 'The price feed has no such round.',
    action: 'Wait for the first price, or read an existing round.',
    retry: 'later',
  },
  TOKEN_FAUCET_AMOUNT_TOO_LARGE: {
    what: 'The amount is above what the faucet gives at once.',
    action: 'Ask for less.',
    retry: 'never',
  },
  DEPLOY_ARTIFACT_MISSING: {
    what: 'A compiled contract is not there.',
    action: 'Run npm run build:contracts, then node scripts/codegen/compiled.ts.',
    retry: 'never',
  },
  DEPLOY_OPTIONS_INVALID: {
    what: 'The options of the deployment contradict each other.',
    action: 'Correct the option named in the error.',
    retry: 'never',
  },
  DEPLOY_TRANSACTION_FAILED: {
    what: 'A transaction of the deployment failed.',
    action: 'Look at the transaction, then deploy again from the start.',
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
