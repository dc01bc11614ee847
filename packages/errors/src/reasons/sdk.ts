import type { Reason } from '../reason.ts'

export const SDK_REASONS = {} as const satisfies Record<string, Reason>
