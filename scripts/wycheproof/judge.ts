import { readWycheproof, type Scheme, signatureCases, type WycheproofCase, WycheproofFileError } from './load.ts'
import { type Judged, judgeSecrecy } from './secrecy.ts'

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
  /** Cases with parameters that nothing here uses: not judged, and not counted as passed. */
  readonly unsupported: number
  /** True for encryption and key exchange, which no contract does: judged by the library whatever was asked for. */
  readonly libraryOnly: boolean
  /** Why the file could not be read; then nothing was judged. */
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
      outcomes.push({ file, passed: 0, failed: 0, ids: [], unsupported: 0, libraryOnly: false, problem: error.message })
    }
  }
  return outcomes
}

/** Judges every case of a file. A verifier that throws has failed the case, whatever was expected. */
export async function judgeWycheproof(file: string, verify: Verify): Promise<WycheproofOutcome> {
  const json = readWycheproof(file)
  const secrecy = await judgeSecrecy(json, file)
  if (secrecy) return outcomeOf(file, secrecy, true)
  const all = signatureCases(json, file)
  const judged: Judged[] = []
  for (const one of all) {
    judged.push({ id: one.id, right: hasScheme(one) ? await isRight(one, verify) : undefined })
  }
  return outcomeOf(file, judged, false)
}

const hasScheme = (one: WycheproofCase): one is JudgedCase => one.scheme !== undefined

function outcomeOf(file: string, judged: readonly Judged[], libraryOnly: boolean): WycheproofOutcome {
  const countOf = (right: boolean | undefined) => judged.filter((one) => one.right === right).length
  const ids = judged.filter(({ right }) => right === false).map(({ id }) => id)
  return { file, passed: countOf(true), failed: ids.length, ids, unsupported: countOf(undefined), libraryOnly }
}

async function isRight(one: JudgedCase, verify: Verify): Promise<boolean> {
  try {
    const holds = await verify(one)
    return one.expected === 'acceptable' || holds === (one.expected === 'valid')
  } catch {
    return false
  }
}
