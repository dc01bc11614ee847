import type { Reason } from '../reason.ts'

export const CLI_REASONS = {} as const satisfies Record<string, Reason>
