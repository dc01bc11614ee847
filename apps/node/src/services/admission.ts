import type { Hex } from 'viem'
import { RequestError } from '../errors.ts'
import type { Journal, ReplayRow } from './ports.ts'

/**
 * The way of one encapsulated key into the replay window. Whatever is answered to an admitted request, its key was
 * written down before the answer leaves, so the same message never does anything a second time.
 */
export interface Admission {
  /** Claims the key, once its payer is known. Failure: `NODE_REQUEST_REPLAYED` when it was claimed lately. */
  claim(): void
  /** Writes the key down by itself. Failures: `NODE_REQUEST_REPLAYED`, `NODE_JOURNAL_FAILED`. */
  write(): Promise<void>
  /**
   * Writes the key down together with something else, in one statement.
   *
   * @param run - False when the key was there already, and then nothing was written.
   * Failure: `NODE_REQUEST_REPLAYED`.
   */
  writeWith(run: (row: ReplayRow) => Promise<boolean>): Promise<void>
  /** Writes a claimed key down unless that was tried before. Failures: as {@link Admission.write}. */
  finish(): Promise<void>
}

/** Keys remembered in memory. Beyond it the journal alone knows; requests under way are always far fewer. */
const MAX_CLAIMED = 10_000

/** Makes the admissions of a node: one per opened request. */
export function createAdmissions(journal: Pick<Journal, 'admit'>): (row: ReplayRow) => Admission {
  const recent = new Set<Hex>()
  return (row) => {
    let claimed = false
    let tried = false
    const writeWith = async (run: (row: ReplayRow) => Promise<boolean>) => {
      tried = true
      if (!(await run(row))) throw new RequestError('NODE_REQUEST_REPLAYED')
    }
    const write = () => writeWith((fresh) => journal.admit(fresh))
    return {
      claim: () => {
        if (recent.has(row.encapsulatedKeyHash)) throw new RequestError('NODE_REQUEST_REPLAYED')
        claimed = true
        recent.add(row.encapsulatedKeyHash)
        const [oldest] = recent
        if (recent.size > MAX_CLAIMED && oldest !== undefined) recent.delete(oldest)
      },
      write,
      writeWith,
      finish: async () => {
        if (claimed && !tried) await write()
      },
    }
  }
}
