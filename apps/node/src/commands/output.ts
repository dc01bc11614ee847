import { BaseError } from '@spartan/errors'
import { AssetError, AttesterError, ConfigError, JournalError, UsageError } from '../errors.ts'

/** Stable exit codes of every `spartan` command. */
export const EXIT_CODES = { ok: 0, unexpected: 1, usage: 2, attestation: 3, chain: 4, config: 5 } as const

/** Where a command writes; `main.ts` gives the process's own streams. */
export interface Output {
  /** Prints one result: JSON on one line with --json, else the text. */
  result(value: unknown, text: string): void
  /** Prints progress for people; nothing with --json. */
  note(text: string): void
  fail(error: unknown): void
}

/** JSON with bigints as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? field.toString() : field))
}

/** Output over two text sinks. */
export function createOutput(json: boolean, stdout: (text: string) => void, stderr: (text: string) => void): Output {
  return {
    result: (value, text) => stdout(`${json ? toJson(value) : text}\n`),
    note: (text) => {
      if (!json) stderr(`${text}\n`)
    },
    fail: (error) => {
      if (error instanceof BaseError) {
        const { code, shortMessage, metaMessages, action } = error
        stderr(json ? `${toJson({ error: { code, shortMessage, metaMessages, action } })}\n` : `${error.message}\n`)
      } else {
        const text = error instanceof Error ? error.message : String(error)
        stderr(json ? `${toJson({ error: { code: 'NODE_INTERNAL', shortMessage: text } })}\n` : `${text}\n`)
      }
    },
  }
}

const ATTESTATION =
  /^(DCAP|SNP|CCA|NITRO|NVIDIA|CRYPTO|APPRAISAL|REGISTRY|EVIDENCE|POLICY|NODE_TEE|NODE_ENDORSEMENTS|NODE_WORKLOAD|NODE_RENEWAL|NODE_GPU)_/
const CHAIN = /^(NODE_CHAIN|NODE_NOT_READY|CLI_REGISTRATION|CLI_NODE|CHANNEL|LEDGER|ASSET|NODE_OPERATOR)(_|$)/

/** Exit code of a failure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_CODES.usage
  if (error instanceof AttesterError) return EXIT_CODES.attestation
  if (error instanceof ConfigError) return EXIT_CODES.config
  if (error instanceof JournalError)
    return error.code === 'NODE_JOURNAL_BEHIND_CHAIN' ? EXIT_CODES.chain : EXIT_CODES.config
  if (error instanceof AssetError) return EXIT_CODES.chain
  if (!(error instanceof BaseError)) return EXIT_CODES.unexpected
  if (ATTESTATION.test(error.code)) return EXIT_CODES.attestation
  if (CHAIN.test(error.code)) return EXIT_CODES.chain
  return EXIT_CODES.unexpected
}
