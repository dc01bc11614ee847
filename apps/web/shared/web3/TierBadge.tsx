import type { TrustTierName } from '@spartan/sdk'
import { Badge, type Tone } from '../ui/Badge.tsx'

/** Tiers that a provider can have, best first, with what they mean. */
export const TIERS: readonly { readonly tier: TrustTierName; readonly tone: Tone; readonly meaning: string }[] = [
  {
    tier: 'Standard',
    tone: 'good',
    meaning: 'Breaking it takes a physical attack on this one machine.',
  },
  {
    tier: 'Low',
    tone: 'warn',
    meaning:
      'Attestation keys of this product have leaked in bulk: whoever owns the machine may be able to forge evidence.',
  },
  {
    tier: 'Simulated',
    tone: 'warn',
    meaning: 'There is no TEE behind it: it proves nothing about the machine.',
  },
]

/** What a tier means, in one sentence. */
export function meaningOf(tier: TrustTierName): string {
  return TIERS.find((row) => row.tier === tier)?.meaning ?? 'Evidence of this kind is not accepted.'
}

/** Trust tier in word, sign and colour. */
export function TierBadge({ tier }: { readonly tier: TrustTierName }) {
  const tone = TIERS.find((row) => row.tier === tier)?.tone ?? 'bad'
  return (
    <Badge tone={tone}>
      {tier}
      <span className="sr-only"> trust tier</span>
    </Badge>
  )
}
