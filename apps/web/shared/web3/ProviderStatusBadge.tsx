import { Badge, type Tone } from '../ui/Badge.tsx'
import type { ProviderStatus } from './registry.ts'

const TONES: Record<ProviderStatus, Tone> = {
  None: 'neutral',
  Active: 'good',
  Grace: 'warn',
  Expired: 'bad',
  Revoked: 'bad',
  Draining: 'warn',
}

/** Status of a registration in word, sign and colour. */
export function ProviderStatusBadge({ status }: { readonly status: ProviderStatus }) {
  return <Badge tone={TONES[status]}>{status}</Badge>
}
