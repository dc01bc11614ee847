import type { Reason } from '../reason.ts'

const RESTART_NODE = 'Restart the node; if it stays, run `spartan node doctor`.'
const CHECK_TEE = 'Check the tee section of the configuration and run `spartan node doctor`.'
const FIX_REQUEST = 'Correct the request; the same one will be refused again.'

/** Provider node: configuration, TEE, chain, asset loading, requests, journal and settlement. */
export const NODE_REASONS = {
  NODE_CONFIG_INVALID: {
    what: 'The configuration of the node is not valid.',
    action: 'Correct every line listed above and start again.',
    retry: 'never',
  },
  NODE_CONFIG_MISSING: {
    what: 'There is no configuration file.',
    action: 'Run `spartan node init`, or name the file with --config.',
    retry: 'never',
  },
  NODE_CONFIG_EXISTS: {
    what: 'A configuration or key exists there already.',
    action: 'Choose another data directory; nothing was overwritten.',
    retry: 'never',
  },
  NODE_KEY_FILE_MISSING: {
    what: 'The key file is missing or does not hold a 32-byte hexadecimal key.',
    action: 'Point to a file with one 0x-prefixed private key.',
    retry: 'never',
  },
  NODE_KEY_FILE_UNSAFE: {
    what: 'The key file can be read by other users.',
    action: 'Run chmod 600 on it.',
    retry: 'never',
  },
  NODE_PORT_TAKEN: {
    what: 'The port of the node is in use.',
    action: 'Stop the other process or set another listen.port.',
    retry: 'later',
  },
  NODE_DATA_DIR_IN_USE: {
    what: 'Another process of the node uses this data directory.',
    action: 'Stop it, or give each node its own data directory.',
    retry: 'later',
  },

  NODE_TEE_UNAVAILABLE: { what: 'The TEE interface is not there.', action: CHECK_TEE, retry: 'later' },
  NODE_TEE_QUOTE_FAILED: { what: 'The TEE gave no quote.', action: CHECK_TEE, retry: 'later', http: 503 },
  NODE_ENDORSEMENTS_UNAVAILABLE: {
    what: 'The endorsements of this platform could not be read.',
    action: 'Check tee.endorsements in the configuration.',
    retry: 'later',
    http: 503,
  },
  NODE_WORKLOAD_UNKNOWN: {
    what: 'The measurement of this node is not an active reference value.',
    action: 'Run a published workload, or have the measurement proposed.',
    retry: 'later',
  },

  NODE_CLIENT_POLICY_NOT_MET: {
    what: 'Clients with the default policy would refuse the evidence of this machine, even where the registry accepts it.',
    action:
      'Follow the reason above: fetch newer endorsements, update the firmware, or start the TD with other attributes.',
    retry: 'later',
  },

  NODE_CHAIN_UNREACHABLE: {
    what: 'The chain could not be read.',
    action: 'Check chain.rpcUrl and that the endpoint answers.',
    retry: 'later',
    http: 503,
  },
  NODE_CHAIN_WRONG_ID: {
    what: 'The RPC endpoint serves another chain.',
    action: 'Correct chain.rpcUrl or chain.chainId.',
    retry: 'never',
  },
  NODE_CHAIN_TRANSACTION_REVERTED: {
    what: 'The chain refused the transaction.',
    action: 'Read the reason above and run `spartan node doctor`.',
    retry: 'later',
  },
  NODE_CHAIN_LAGGING: {
    what: 'The newest block is older than the configured bound.',
    action: 'Wait until the chain endpoint has caught up.',
    retry: 'later',
    http: 503,
  },
  NODE_CLOCK_SKEWED: {
    what: 'The clock of this machine and the chain differ by more than the configured bound.',
    action: 'Synchronise the clock of the machine.',
    retry: 'later',
    http: 503,
  },
  NODE_OPERATOR_UNFUNDED: {
    what: 'The operator account cannot pay the gas of the transaction.',
    action: 'Send some gas to the operator; `spartan node doctor` names its address.',
    retry: 'later',
  },
  NODE_OPERATOR_NOT_APPROVED: {
    what: 'The owner has not approved this operator on-chain.',
    action: 'Have the owner call approveOperator with the operator address.',
    retry: 'later',
  },

  NODE_ASSET_FETCH_FAILED: {
    what: 'The sealed asset could not be fetched.',
    action: 'Check that the manifest URI and its records can be reached.',
    retry: 'later',
  },
  NODE_ASSET_TOO_LARGE: {
    what: 'The sealed asset is larger than this node accepts.',
    action: 'Raise limits.assetBytes if the machine has the memory.',
    retry: 'never',
  },
  NODE_ASSET_MISMATCH: {
    what: 'The sealed asset is not the one published on-chain.',
    action: 'Fetch it from a source of its owner.',
    retry: 'refetch',
  },
  NODE_ASSET_UNPAID: {
    what: 'Of every payment for this asset nothing is left for the provider.',
    action: 'Serve an asset whose owner and protocol shares leave the provider a part.',
    retry: 'never',
    http: 503,
  },
  NODE_ASSET_KEY_NOT_RELEASED: {
    what: 'No content key was released to this keyset yet.',
    action: 'Wait for the broker of the asset owner.',
    retry: 'later',
    http: 503,
  },

  NODE_NOT_READY: {
    what: 'The node is not ready to serve.',
    action: 'Read /readyz for the reason and try later, or choose another provider.',
    retry: 'later',
    http: 503,
  },
  NODE_REGISTERING: {
    what: 'The node is registering new keys and answers nothing until the chain has decided.',
    action: 'Try again in a few seconds, or choose another provider.',
    retry: 'later',
    http: 503,
  },
  NODE_GPU_EVIDENCE_UNAVAILABLE: {
    what: 'The source of a GPU gave no evidence.',
    action: 'Check the gpus section of the configuration and the service that it names.',
    retry: 'later',
  },
  NODE_GPU_REFUSED: {
    what: 'The node does not vouch for this GPU: its evidence does not verify.',
    action: 'Follow the reason above: newer OCSP responses, the manifests of this driver and VBIOS, or another GPU.',
    retry: 'later',
  },
  NODE_RENEWAL_NOTHING_GAINED: {
    what: 'Renewing now would change nothing: the registry would hold the same result until the same time.',
    action:
      'Wait until the vendor has issued newer endorsements, or check tee.endorsements when the time named above is near.',
    retry: 'later',
    http: 409,
  },
  NODE_RENEWAL_PENDING: {
    what: 'A renewal was sent and is not mined yet.',
    action: 'Wait; the node looks again by itself and sends no second one meanwhile.',
    retry: 'later',
    http: 409,
  },
  NODE_DRAINING: {
    what: 'The node is stopping and takes no new requests.',
    action: 'Choose another provider.',
    retry: 'later',
    http: 503,
  },
  NODE_BUSY: {
    what: 'The node works on as many requests as it may.',
    action: 'Try again after the time in Retry-After.',
    retry: 'later',
    http: 429,
  },
  NODE_REQUEST_TOO_LARGE: {
    what: 'The request is larger than this node accepts.',
    action: 'Send a smaller request.',
    retry: 'never',
    http: 413,
  },
  NODE_REQUEST_TIMED_OUT: {
    what: 'The request took longer than this node allows.',
    action: 'Try again, or send a smaller request.',
    retry: 'later',
    http: 504,
  },
  NODE_REQUEST_MALFORMED: { what: 'The request cannot be read.', action: FIX_REQUEST, retry: 'never', http: 400 },
  NODE_REQUEST_NOT_OPENED: {
    what: 'The encrypted request is not for the keys of this node.',
    action: 'Read the keyset from the registry again and encrypt to it.',
    retry: 'refetch',
    http: 401,
  },
  NODE_REQUEST_REPLAYED: {
    what: 'This encrypted request was seen before.',
    action: 'Encrypt the request anew; the same number and content is answered with the same receipt.',
    retry: 'never',
    http: 409,
  },
  NODE_ROUTE_UNKNOWN: { what: 'There is no such route.', action: FIX_REQUEST, retry: 'never', http: 404 },
  NODE_METHOD_NOT_ALLOWED: {
    what: 'The route exists but not with this method.',
    action: FIX_REQUEST,
    retry: 'never',
    http: 405,
  },
  NODE_MODEL_UNKNOWN: {
    what: 'The node does not serve this model.',
    action: 'Read the asset of the provider and use its model name.',
    retry: 'never',
    http: 404,
  },
  NODE_INPUT_INVALID: {
    what: 'The inputs do not fit the model.',
    action: 'Send the inputs that GET /v2/models/{name} describes.',
    retry: 'never',
    http: 400,
  },
  NODE_INFERENCE_FAILED: {
    what: 'The model could not be run on these inputs.',
    action: 'Nothing was charged; check the inputs or choose another provider.',
    retry: 'later',
    http: 500,
  },
  NODE_INTERNAL: {
    what: 'The node failed in an unexpected way.',
    action: 'Nothing was charged; try again and give the operator the request id.',
    retry: 'later',
    http: 500,
  },

  NODE_PAYMENT_MISSING: {
    what: 'The request carries no channel or voucher.',
    action: 'Open a channel and send spartan-channel and spartan-voucher.',
    retry: 'never',
    http: 402,
  },
  NODE_VOUCHER_MALFORMED: {
    what: 'The voucher header cannot be read or is for another channel.',
    action: FIX_REQUEST,
    retry: 'never',
    http: 400,
  },
  NODE_VOUCHER_TOO_SMALL: {
    what: 'The voucher does not cover the fee of this request.',
    action: 'Sign a voucher over at least the cumulative fee named above.',
    retry: 'refetch',
    http: 402,
  },
  NODE_CHANNEL_OTHER_PROVIDER: {
    what: 'The channel was opened with another provider.',
    action: 'Open a channel with this provider.',
    retry: 'never',
    http: 402,
  },
  NODE_CHANNEL_OTHER_ASSET: {
    what: 'The channel was opened for another asset or version.',
    action: 'Open a channel for the asset version of this node.',
    retry: 'never',
    http: 402,
  },
  NODE_CHANNEL_EXPIRING: {
    what: 'The channel has expired or expires too soon to settle.',
    action: 'Open a new channel.',
    retry: 'never',
    http: 402,
  },
  NODE_CHANNEL_CLOSE_AGREED: {
    what: 'Both sides have agreed to close this channel, so it is not served any more.',
    action: 'Send the signed close to the escrow, or open a new channel.',
    retry: 'never',
    http: 409,
  },
  NODE_CLOSE_AMOUNT_WRONG: {
    what: 'The final amount is below what the node has served, or outside what the escrow can pay.',
    action: 'Sign the sum of the newest receipt.',
    retry: 'refetch',
    http: 409,
  },
  NODE_CLOSE_SIGNATURE_INVALID: {
    what: 'The close is not signed by the voucher signer of the channel.',
    action: 'Sign CooperativeClose with the session key of the channel.',
    retry: 'never',
    http: 403,
  },
  NODE_CHANNEL_DEPOSIT_TOO_LOW: {
    what: 'The deposit of the channel does not cover the fee of this request.',
    action: 'Top the channel up.',
    retry: 'later',
    http: 402,
  },
  NODE_CHANNEL_SEQ_UNEXPECTED: {
    what: 'The request number is not the next one of this channel.',
    action: 'Use the next number named above.',
    retry: 'refetch',
    http: 409,
  },
  NODE_CHANNEL_SEQ_USED: {
    what: 'This request number was already used for another request.',
    action: 'Use the next number for a new request.',
    retry: 'refetch',
    http: 409,
  },
  NODE_ANSWER_NOT_KEPT: {
    what: 'The request was answered before and the same answer cannot be given again.',
    action: 'Use the next number; the receipt of the earlier answer stays valid.',
    retry: 'never',
    http: 409,
  },
  NODE_JOURNAL_BEHIND_CHAIN: {
    what: 'The chain has settled a receipt that the journal of this node does not know.',
    action: 'Restore the newest journal; the node does not serve from an older one.',
    retry: 'never',
    http: 503,
  },
  NODE_JOURNAL_FAILED: {
    what: 'The journal could not be written.',
    action: RESTART_NODE,
    retry: 'later',
    http: 503,
  },
} as const satisfies Record<string, Reason>
