import type { Reason } from '../reason.ts'

export const NODE_REASONS = {} as const satisfies Record<string, Reason>
