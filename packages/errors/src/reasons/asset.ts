import type { Reason } from '../reason.ts'

export const ASSET_REASONS = {} as const satisfies Record<string, Reason>
