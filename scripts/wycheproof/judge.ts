import { loadWycheproof, type WycheproofCase } from './load.ts'

/** Whether one case's signature holds. */
export type Verify = (one: WycheproofCase) => Promise<boolean>

/** Outcome of one file. */
export interface WycheproofOutcome {
  readonly file: string
  readonly passed: number
  readonly failed: number
  /** Ids of the failed cases. */
  readonly ids: readonly number[]
}

/** Judges every case of a file. A verifier that throws has failed the case, whatever was expected. */
export async function judgeWycheproof(file: string, verify: Verify): Promise<WycheproofOutcome> {
  const cases = loadWycheproof(file)
  const ids: number[] = []
  for (const one of cases) {
    if (!(await isRight(one, verify))) ids.push(one.id)
  }
  return { file, passed: cases.length - ids.length, failed: ids.length, ids }
}

async function isRight(one: WycheproofCase, verify: Verify): Promise<boolean> {
  try {
    const holds = await verify(one)
    return one.expected === 'acceptable' || holds === (one.expected === 'valid')
  } catch {
    return false
  }
}
