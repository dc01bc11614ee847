import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createConfigfsTsmAttester, type TsmFiles } from './configfsTsm.ts'
import { endorsementsFromFile } from './vendorEndorsements.ts'

const NONE = endorsementsFromFile('/nonexistent')

/** A directory that behaves like configfs: mkdir makes the attributes, a write to inblob makes outblob, rmdir takes all. */
function kernel(provider = 'tdx_guest', generationStep = 1): { base: string; files: TsmFiles } {
  const base = mkdtempSync(join(tmpdir(), 'spartan-tsm-'))
  const files: TsmFiles = {
    mkdir: async (path) => {
      await mkdir(path)
      writeFileSync(join(path, 'provider'), `${provider}\n`)
      writeFileSync(join(path, 'generation'), '4\n')
    },
    rmdir: async (path) => rmSync(path, { recursive: true }),
    readFile,
    writeFile: async (path, bytes) => {
      await writeFile(path, bytes)
      if (basename(path) !== 'inblob') return
      writeFileSync(join(dirname(path), 'generation'), `${4 + generationStep}\n`)
      writeFileSync(join(dirname(path), 'outblob'), Buffer.concat([Buffer.from('quote over '), bytes]))
    },
  }
  return { base, files }
}

describe('createConfigfsTsmAttester', () => {
  test('default: the quote over exactly our REPORTDATA, and no entry is left', async () => {
    const { base, files } = kernel()
    const reportData = new Uint8Array(64).fill(7)
    const { quote } = await createConfigfsTsmAttester(base, NONE, files).issue(reportData)
    expect(Buffer.from(quote)).toEqual(Buffer.concat([Buffer.from('quote over '), reportData]))
    expect(readdirSync(base)).toEqual([])
  })

  test('error: NODE_TEE_QUOTE_FAILED when somebody else wrote to the entry', async () => {
    const { base, files } = kernel('tdx_guest', 2)
    await expect(createConfigfsTsmAttester(base, NONE, files).issue(new Uint8Array(64))).rejects.toEqual(
      expect.objectContaining({ code: 'NODE_TEE_QUOTE_FAILED' }),
    )
    expect(readdirSync(base)).toEqual([])
  })

  test('error: NODE_TEE_UNAVAILABLE for another TEE and without the interface', async () => {
    const refused = expect.objectContaining({ code: 'NODE_TEE_UNAVAILABLE' })
    const { base, files } = kernel('sev_guest')
    await expect(createConfigfsTsmAttester(base, NONE, files).issue(new Uint8Array(64))).rejects.toEqual(refused)
    const nowhere = createConfigfsTsmAttester('/nonexistent/tsm/report', NONE)
    await expect(nowhere.issue(new Uint8Array(64))).rejects.toEqual(refused)
  })

  test('error: NODE_TEE_QUOTE_FAILED for REPORTDATA of another length, before touching the device', async () => {
    const { base, files } = kernel()
    await expect(createConfigfsTsmAttester(base, NONE, files).issue(new Uint8Array(63))).rejects.toEqual(
      expect.objectContaining({ code: 'NODE_TEE_QUOTE_FAILED' }),
    )
    expect(readdirSync(base)).toEqual([])
  })

  test('error: NODE_ENDORSEMENTS_UNAVAILABLE for a missing or malformed file', async () => {
    const base = mkdtempSync(join(tmpdir(), 'spartan-tsm-'))
    mkdirSync(join(base, 'x'))
    const file = join(base, 'endorsements.json')
    const refused = expect.objectContaining({ code: 'NODE_ENDORSEMENTS_UNAVAILABLE' })
    await expect(createConfigfsTsmAttester(base, endorsementsFromFile(file)).endorsements()).rejects.toEqual(refused)
    writeFileSync(file, JSON.stringify({ rootCaCrl: 'AAAA' }))
    await expect(createConfigfsTsmAttester(base, endorsementsFromFile(file)).endorsements()).rejects.toEqual(refused)
  })
})
