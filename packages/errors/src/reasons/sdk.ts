import type { Reason } from '../reason.ts'

const STOP = 'Do not send anything to this provider; choose another.'
const REJECT_RECEIPT = 'Do not send another voucher on this channel; keep the receipt as proof and close the channel.'

/** Client: configuration, wallet, verification of providers, channels, requests and receipts. */
export const SDK_REASONS = {
  SDK_CONFIG_INVALID: {
    what: 'The client was created with invalid options.',
    action: 'Correct the option that the message names.',
    retry: 'never',
  },
  SDK_SIMULATED_ON_MAIN_CHAIN: {
    what: 'Simulated evidence can never be accepted on this chain.',
    action: 'Leave out dangerouslyAllowSimulated and simulated trust anchors.',
    retry: 'never',
  },
  SDK_CHAIN_UNREACHABLE: {
    what: 'The chain could not be read.',
    action: 'Check the RPC endpoint and try again.',
    retry: 'later',
  },
  SDK_CHAIN_WRONG: {
    what: 'Wallet or RPC endpoint are on another chain than the client.',
    action: 'Switch to the chain that the message names.',
    retry: 'later',
  },
  SDK_CONTRACT_REFUSED: {
    what: 'A contract refused the call with an error of its own.',
    action: 'Read the error that the message names.',
    retry: 'never',
  },
  SDK_GAS_UNFUNDED: {
    what: 'The account cannot pay the gas of the transaction.',
    action: 'Add gas to the account and repeat the step; nothing was sent.',
    retry: 'later',
  },
  SDK_TRANSACTION_REVERTED: {
    what: 'The transaction was mined but reverted.',
    action: 'Read the state again and repeat the step.',
    retry: 'refetch',
  },
  SDK_WALLET_MISSING: {
    what: 'This needs a wallet and the client has none.',
    action: 'Create the client with a wallet.',
    retry: 'never',
  },
  SDK_WALLET_REJECTED: {
    what: 'The request was declined in the wallet.',
    action: 'Nothing was sent; repeat the step when you want to.',
    retry: 'later',
  },
  SDK_WALLET_FAILED: {
    what: 'The wallet could not do what was asked.',
    action: 'Read the message of the wallet and try again.',
    retry: 'later',
  },

  SDK_PROVIDER_UNREACHABLE: {
    what: 'The provider did not answer.',
    action: 'Try again, or choose another provider.',
    retry: 'later',
  },
  SDK_PROVIDER_ANSWER_MALFORMED: {
    what: 'The answer of the provider is not in the documented form.',
    action: STOP,
    retry: 'later',
  },
  SDK_PROVIDER_ENDPOINT_INVALID: {
    what: 'The endpoint of the provider is not an HTTP URL that may be called.',
    action: 'Choose another provider.',
    retry: 'never',
  },
  SDK_PROVIDER_NOT_ACTIVE: {
    what: 'The registry does not list the provider as active.',
    action: 'Choose another provider, or wait until this one has renewed.',
    retry: 'later',
  },
  SDK_CHALLENGE_NOT_ANSWERED: {
    what: 'The evidence answers another challenge than the one sent.',
    action: STOP,
    retry: 'never',
  },
  SDK_KEYSET_NOT_ON_CHAIN: {
    what: 'The keyset of the provider is not the one in the registry.',
    action: STOP,
    retry: 'refetch',
  },
  SDK_KEYSET_NOT_BOUND: {
    what: 'The evidence does not bind this keyset and challenge.',
    action: STOP,
    retry: 'never',
  },
  SDK_KEYSET_EXPIRED: {
    what: 'The keyset of the provider is past its end.',
    action: 'Choose another provider, or wait until this one has renewed.',
    retry: 'later',
  },
  SDK_ENCRYPTION_KEY_MISMATCH: {
    what: 'The encryption key offered is not the one in the keyset on-chain.',
    action: STOP,
    retry: 'never',
  },
  SDK_EVIDENCE_REJECTED: {
    what: 'The evidence of the provider was rejected.',
    action: STOP,
    retry: 'never',
  },
  SDK_EVIDENCE_SIMULATED: {
    what: 'The evidence is simulated.',
    action: 'Use real hardware, or allow simulated evidence by name in a local world.',
    retry: 'never',
  },
  SDK_MEASUREMENT_MISMATCH: {
    what: 'The measurement in the evidence is not the one registered for this provider.',
    action: STOP,
    retry: 'never',
  },
  SDK_WORKLOAD_NOT_ACCEPTED: {
    what: 'The measured workload is not an active reference value, or not the one in the keyset.',
    action: STOP,
    retry: 'later',
  },
  SDK_PLATFORM_MISMATCH: {
    what: 'The evidence comes from another platform than the one registered.',
    action: STOP,
    retry: 'never',
  },
  SDK_TEE_KIND_UNSUPPORTED: {
    what: 'Evidence of this TEE kind cannot be verified by this client.',
    action: 'Choose a provider of another kind.',
    retry: 'never',
  },

  SDK_CHANNEL_STATE_MISSING: {
    what: 'There is no stored state for this channel.',
    action: 'Use the storage in which the channel was opened, or open a new channel.',
    retry: 'never',
  },
  SDK_CHANNEL_STATE_MALFORMED: {
    what: 'The stored state of the channel cannot be read.',
    action: 'Close the channel on-chain and open a new one.',
    retry: 'never',
  },
  SDK_CHANNEL_STATE_MISMATCH: {
    what: 'The channel on-chain is not the one that was asked for.',
    action: 'Do not use this channel; close it and open a new one.',
    retry: 'never',
  },
  SDK_CHANNEL_NOT_OPEN: {
    what: 'The channel is not open.',
    action: 'Open a new channel.',
    retry: 'never',
  },
  SDK_CHANNEL_DEPOSIT_TOO_LOW: {
    what: 'What is left of the deposit does not cover the fee of this request.',
    action: 'Top the channel up, or open a new one.',
    retry: 'later',
  },
  SDK_CLOSE_SIGNATURE_INVALID: {
    what: 'The provider did not sign the close with the receipt signer of its keyset.',
    action: 'Request the close and finalize it after the close delay.',
    retry: 'never',
  },
  SDK_DEPOSIT_INVALID: {
    what: 'The deposit is zero or does not fit into 128 bits.',
    action: 'Pass a deposit in token base units above zero.',
    retry: 'never',
  },
  SDK_TOKEN_BALANCE_TOO_LOW: {
    what: 'The wallet does not hold enough of the token.',
    action: 'Get more of the token, or open the channel with a smaller deposit.',
    retry: 'later',
  },
  SDK_FEE_UNKNOWN: {
    what: 'The fee cannot be known before the request because the output sizes are not fixed.',
    action: 'Pass maxUnitsOut.',
    retry: 'never',
  },
  SDK_FEE_ABOVE_LIMIT: {
    what: 'The fee of the request is above the limit given.',
    action: 'Raise maxFee, or send a smaller request.',
    retry: 'never',
  },
  SDK_INPUT_INVALID: {
    what: 'The inputs of the request are not valid tensors.',
    action: 'Pass for each input a name, datatype, shape and as many finite numbers as the shape says.',
    retry: 'never',
  },
  SDK_REQUEST_REFUSED: {
    what: 'The provider refused the request without a known reason code.',
    action: 'Read the status that the message names.',
    retry: 'later',
  },
  SDK_RECEIPT_MISSING: {
    what: 'The answer carries no receipt.',
    action: 'Repeat the request: the same number and content is answered with the same receipt.',
    retry: 'later',
  },
  SDK_RECEIPT_SIGNATURE_INVALID: {
    what: 'The receipt is not signed by the receipt signer in the registry.',
    action: REJECT_RECEIPT,
    retry: 'never',
  },
  SDK_RECEIPT_MISMATCH: {
    what: 'The receipt names another provider, channel, asset or model than the request.',
    action: REJECT_RECEIPT,
    retry: 'never',
  },
  SDK_RECEIPT_HASH_MISMATCH: {
    what: 'The receipt is for another request or response than the one exchanged.',
    action: REJECT_RECEIPT,
    retry: 'never',
  },
  SDK_RECEIPT_OUT_OF_ORDER: {
    what: 'The receipt does not follow the previous receipt of the channel.',
    action: REJECT_RECEIPT,
    retry: 'never',
  },
  SDK_RECEIPT_UNITS_WRONG: {
    what: 'The receipt counts other units than the request and response have.',
    action: REJECT_RECEIPT,
    retry: 'never',
  },
  SDK_RECEIPT_FEE_WRONG: {
    what: 'The fee in the receipt is not price × units, or above the voucher.',
    action: REJECT_RECEIPT,
    retry: 'never',
  },
  SDK_RECEIPT_TIME_WRONG: {
    what: 'The times in the receipt are not in order, or outside the channel and the voucher.',
    action: REJECT_RECEIPT,
    retry: 'never',
  },
} as const satisfies Record<string, Reason>
