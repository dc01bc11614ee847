import type { ProviderVerification } from '@spartan/sdk'
import { bytesToHex } from 'viem'

/** Text of a verification: verdict, claims and every check, bytes as hex and bigints as decimal strings. */
export function exportVerification(providerId: string, verification: ProviderVerification): string {
  const { verdict, checks, evidenceChecks } = verification
  const outcome =
    verification.verdict === 'accepted'
      ? {
          claims: verification.provider.claims,
          keyset: verification.provider.keyset,
          verifiedAt: verification.provider.verifiedAt,
        }
      : { reasonCode: verification.reasonCode, problem: verification.error.shortMessage }
  return JSON.stringify(
    { format: 'spartan-verification/1', providerId, verdict, ...outcome, checks, evidenceChecks },
    (_, value) =>
      value instanceof Uint8Array ? bytesToHex(value) : typeof value === 'bigint' ? value.toString() : value,
    2,
  )
}
