import pino from 'pino'
import { AssetError, AttesterError, ChainError, ConfigError, JournalError, messageOf } from '../errors.ts'

/**
 * The only fields that reach a log. Ids, hashes, counts, codes and times; nothing that a client or an asset owner sent.
 * Anything else handed to the logger is dropped, whatever its name.
 */
const ALLOWED_FIELDS = [
  'requestId',
  'route',
  'status',
  'code',
  'durationMs',
  'channelId',
  'seq',
  'fee',
  'providerId',
  'epoch',
  'keysetDigest',
  'workloadId',
  'assetId',
  'assetVersion',
  'blockNumber',
  'transactionHash',
  'items',
  'paid',
  'skipped',
  'activeUntil',
  'address',
  'port',
  'signal',
  'detail',
  'state',
] as const

/** One log line's fields. */
export type LogFields = Partial<Record<(typeof ALLOWED_FIELDS)[number], string | number | bigint | boolean | undefined>>

/** Structured logger: an event name and allowed fields, one JSON line each. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

function allowed(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const name of ALLOWED_FIELDS) {
    const value = fields[name]
    if (value !== undefined) out[name] = typeof value === 'bigint' ? value.toString() : value
  }
  return out
}

/** @param destination - Where lines go; standard output by default. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const logger = destination === undefined ? pino(options) : pino(options, destination)
  return {
    debug: (event, fields = {}) => logger.debug(allowed(fields), event),
    info: (event, fields = {}) => logger.info(allowed(fields), event),
    warn: (event, fields = {}) => logger.warn(allowed(fields), event),
    error: (event, fields = {}) => logger.error(allowed(fields), event),
  }
}

const OPERATIONAL = [AssetError, AttesterError, ChainError, ConfigError, JournalError]

/**
 * Fields of a failure: its code, and its text only for errors about the machine, the chain or the journal. Errors about
 * a request may quote the request, so they give their code alone.
 */
export function failureFields(error: unknown): LogFields {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'NODE_INTERNAL'
  const detail = OPERATIONAL.some((kind) => error instanceof kind) ? messageOf(error) : undefined
  return { code, detail }
}
