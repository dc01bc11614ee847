import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AttesterError } from '../../errors.ts'
import type { Attester } from '../../services/ports.ts'
import type { EndorsementReader } from './vendorEndorsements.ts'

/** The file operations used; tests pass ones that answer like the kernel. */
export interface TsmFiles {
  mkdir(path: string): Promise<unknown>
  rmdir(path: string): Promise<unknown>
  readFile(path: string): Promise<Uint8Array>
  writeFile(path: string, bytes: Uint8Array): Promise<unknown>
}

const LINUX: TsmFiles = { mkdir, rmdir, readFile, writeFile }

/** Values of `provider` (Linux, Documentation/ABI/testing/configfs-tsm) whose outblob is a TDX quote. */
const TDX_PROVIDERS = new Set(['tdx_guest'])
/** A TDX quote with its PCK chain takes about 5 kB. */
const MAX_QUOTE_BYTES = 64 * 1024

/**
 * Attester over Linux configfs-tsm: a directory per request, 64 bytes written to `inblob`, the quote read from `outblob`.
 *
 * `generation` must have moved by exactly our one write: otherwise somebody else wrote to the same entry and the quote is
 * refused.
 *
 * @param path - `/sys/kernel/config/tsm/report`; any directory that behaves alike in tests.
 * @param readEndorsements - Asked anew for every use.
 */
export function createConfigfsTsmAttester(
  path: string,
  readEndorsements: EndorsementReader,
  files: TsmFiles = LINUX,
): Attester {
  return {
    kind: 'configfs-tsm',
    issue: async (reportData) => ({ quote: await issueQuote(files, path, reportData) }),
    // REPORTDATA does not matter there: the quote is asked for its PCK certificate only.
    endorsements: () => readEndorsements(() => issueQuote(files, path, new Uint8Array(64))),
  }
}

async function issueQuote(files: TsmFiles, path: string, reportData: Uint8Array): Promise<Uint8Array> {
  if (reportData.length !== 64)
    throw new AttesterError('NODE_TEE_QUOTE_FAILED', { metaMessages: [`REPORTDATA of ${reportData.length} bytes`] })
  const entry = join(path, `spartan-${randomBytes(8).toString('hex')}`)
  try {
    await files.mkdir(entry)
  } catch (cause) {
    throw new AttesterError('NODE_TEE_UNAVAILABLE', { metaMessages: [path], cause })
  }
  try {
    const generation = Number(await readText(files, entry, 'generation'))
    await files.writeFile(join(entry, 'inblob'), reportData)
    const provider = await readText(files, entry, 'provider')
    if (!TDX_PROVIDERS.has(provider))
      throw new AttesterError('NODE_TEE_UNAVAILABLE', { metaMessages: [`provider "${provider}" is not supported`] })
    const quote = await files.readFile(join(entry, 'outblob'))
    const after = Number(await readText(files, entry, 'generation'))
    if (after !== generation + 1)
      throw new AttesterError('NODE_TEE_QUOTE_FAILED', { metaMessages: [`generation ${generation} became ${after}`] })
    if (quote.length === 0 || quote.length > MAX_QUOTE_BYTES)
      throw new AttesterError('NODE_TEE_QUOTE_FAILED', { metaMessages: [`quote of ${quote.length} bytes`] })
    return new Uint8Array(quote)
  } catch (cause) {
    if (cause instanceof AttesterError) throw cause
    throw new AttesterError('NODE_TEE_QUOTE_FAILED', { metaMessages: [entry], cause })
  } finally {
    // configfs takes the attribute files away with the directory.
    await files.rmdir(entry).catch(() => undefined)
  }
}

async function readText(files: TsmFiles, entry: string, name: string): Promise<string> {
  return new TextDecoder().decode(await files.readFile(join(entry, name))).trim()
}
