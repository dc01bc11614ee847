import type { Reason } from '../reason.ts'

/** Cryptographic contracts; verification itself answers true or false and never reverts. */
export const CRYPTO_REASONS = {
  CRYPTO_TABLE_UNKNOWN: {
    what: "The contract given as the P-384 generator's comb table has other code than the table has.",
    action: 'Create the table with P384Tables for the generator and deploy P384 with its address.',
    retry: 'never',
    invalidation: 'inconclusive',
  },
  CRYPTO_PRECOMPILE_MISSING: {
    what: 'The chain lacks a precompile that the check needs.',
    action: 'Use a chain with MODEXP (address 5).',
    retry: 'never',
    invalidation: 'inconclusive',
  },
  CRYPTO_TABLE_MISSING: {
    what: 'Nobody has made the comb table of this P-384 key.',
    action: 'Make it with P384Tables, or give the hints of the path for any key.',
    retry: 'later',
    invalidation: 'inconclusive',
  },
  CRYPTO_HASH_WRONG: {
    what: 'A contract given to RsaPss does not compute SHA-384, or MGF1 with it.',
    action: 'Deploy RsaPss with the addresses of Sha512 and Mgf1Sha384.',
    retry: 'never',
    invalidation: 'inconclusive',
  },
} as const satisfies Record<string, Reason>
