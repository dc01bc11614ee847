import { loadWycheproof, type Scheme, type WycheproofCase, WycheproofFileError } from './load.ts'

/** A case whose scheme is known. */
export type JudgedCase = WycheproofCase & { readonly scheme: Scheme }

/** Whether one case's signature holds. */
export type Verify = (one: JudgedCase) => Promise<boolean>

/** Outcome of one file. */
export interface WycheproofOutcome {
  readonly file: string
  readonly passed: number
  readonly failed: number
  /** Ids of the failed cases. */
  readonly ids: readonly number[]
  /** Cases of a scheme that no evidence uses: not judged, and not counted as passed. */
  readonly unsupported: number
  /** Why the file could not be read as signatures; then nothing was judged. */
  readonly problem?: string
}

/** Judges files one by one; one that cannot be read says so and the rest go on. */
export async function judgeFiles(files: readonly string[], verify: Verify): Promise<readonly WycheproofOutcome[]> {
  const outcomes: WycheproofOutcome[] = []
  for (const file of files) {
    try {
      outcomes.push(await judgeWycheproof(file, verify))
    } catch (error) {
      if (!(error instanceof WycheproofFileError)) throw error
      outcomes.push({ file, passed: 0, failed: 0, ids: [], unsupported: 0, problem: error.message })
    }
  }
  return outcomes
}

/** Judges every case of a file. A verifier that throws has failed the case, whatever was expected. */
export async function judgeWycheproof(file: string, verify: Verify): Promise<WycheproofOutcome> {
  const all = loadWycheproof(file)
  const cases = all.filter((one): one is JudgedCase => one.scheme !== undefined)
  const ids: number[] = []
  for (const one of cases) {
    if (!(await isRight(one, verify))) ids.push(one.id)
  }
  const unsupported = all.length - cases.length
  return { file, passed: cases.length - ids.length, failed: ids.length, ids, unsupported }
}

async function isRight(one: JudgedCase, verify: Verify): Promise<boolean> {
  try {
    const holds = await verify(one)
    return one.expected === 'acceptable' || holds === (one.expected === 'valid')
  } catch {
    return false
  }
}
