export { BaseError, type ErrorDetails, redact } from './baseError.ts'
export type { Invalidation, Reason, Retry } from './reason.ts'
export { codeOfSolidityError, isReasonCode, REASONS, type ReasonCode, reasonOf, solidityErrorOf } from './table.ts'
