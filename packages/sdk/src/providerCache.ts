import type { Hex } from 'viem'
import type { ClientContext } from './clientContext.ts'
import { type VerifiedProvider, verifyProvider } from './verifyProvider.ts'

/** Verified providers of one client, each used for at most `verificationMaxAgeSeconds`. */
export interface ProviderCache {
  /** A verified provider, or the error of its refusal: nothing is sent to any other. */
  readonly require: (providerId: Hex) => Promise<VerifiedProvider>
  readonly put: (provider: VerifiedProvider) => void
  readonly drop: (providerId: Hex) => void
}

/** Makes an empty cache. */
export function createProviderCache(context: ClientContext): ProviderCache {
  const known = new Map<string, VerifiedProvider>()
  const keyOf = (providerId: Hex) => providerId.toLowerCase()
  return {
    require: async (providerId) => {
      const cached = known.get(keyOf(providerId))
      const age = context.now() - (cached?.verifiedAt ?? 0)
      if (cached !== undefined && age >= 0 && age <= context.verificationMaxAgeSeconds) return cached
      known.delete(keyOf(providerId))
      const verification = await verifyProvider(context, providerId)
      if (verification.verdict === 'refused') throw verification.error
      known.set(keyOf(providerId), verification.provider)
      return verification.provider
    },
    put: (provider) => void known.set(keyOf(provider.providerId), provider),
    drop: (providerId) => void known.delete(keyOf(providerId)),
  }
}
