import { type VectorEntry, vectorsOf } from '../support/manifest.ts'
import type { Judged, OnchainAdapter, Outcome, Verdict } from './types.ts'

/** One entry of the manifest and what became of it. */
export interface Agreement {
  readonly id: string
  /** What the manifest says. */
  readonly expected: string
  /** `accepted`, or the code; undefined where the entry is nothing that a contract is given. */
  readonly library: string | undefined
  readonly contract: string | undefined
  /** Why the entry is not applicable. */
  readonly notApplicable: string | undefined
  /** Same verdict, same code, same claims, and no negative accepted. */
  readonly ok: boolean
  /** Claims on which the two differ. */
  readonly differences: readonly string[]
}

/** Runs every entry of the adapters' families; `onDone` hears of each as it is done. */
export async function agreements(
  adapters: readonly OnchainAdapter[],
  onDone: (agreement: Agreement) => void = () => undefined,
): Promise<readonly Agreement[]> {
  const found: Agreement[] = []
  for (const { family, run } of adapters) {
    for (const entry of vectorsOf(family)) {
      const agreement = agreementOf(entry, await run(entry))
      onDone(agreement)
      found.push(agreement)
    }
  }
  return found
}

/** Same verdict, same code, same claims. */
export function isSame({ library, contract }: Judged): boolean {
  return wordOf(library) === wordOf(contract) && differencesOf(library, contract).length === 0
}

const wordOf = ({ code }: Verdict) => code ?? 'accepted'

function agreementOf({ id, expected }: VectorEntry, outcome: Outcome): Agreement {
  const base = { id, expected: expected.verdict }
  if (outcome.notApplicable !== undefined) {
    const nothing = { library: undefined, contract: undefined, differences: [] }
    return { ...base, ...nothing, notApplicable: outcome.notApplicable, ok: true }
  }
  const { library, contract } = outcome
  const differences = differencesOf(library, contract)
  return {
    ...base,
    library: wordOf(library),
    contract: wordOf(contract),
    notApplicable: undefined,
    ok: isSame(outcome) && !(expected.verdict === 'fail' && contract.code === undefined),
    differences,
  }
}

function differencesOf(library: Verdict, contract: Verdict): readonly string[] {
  if (library.claims === undefined || contract.claims === undefined) return []
  const names = new Set([...Object.keys(library.claims), ...Object.keys(contract.claims)])
  return [...names].filter((name) => library.claims?.[name] !== contract.claims?.[name])
}

/** The table of docs/specs/onchain-agreement.md. */
export function agreementPage(found: readonly Agreement[]): string {
  const judged = found.filter(({ notApplicable }) => notApplicable === undefined)
  const lines = judged.map(
    ({ id, expected, library, contract, ok }) =>
      `| ${id} | ${expected} | ${cell(library)} | ${cell(contract)} | ${ok ? 'yes' : '**no**'} |`,
  )
  const others = found.filter(({ notApplicable }) => notApplicable !== undefined)
  return [
    '# Contract and library on the published evidence',
    '',
    'Written by `npm run vectors:onchain`: every published entry that carries what a contract needs, judged by `packages/attestation` and by',
    'the contracts at the time that the entry names; of AMD and Intel with the appraisal policy of the entry on both sides. "Same" asks for the same verdict, the same reason code and the same claims, and that',
    'nothing published as wrong is accepted.',
    '',
    `${judged.length} judged, ${judged.filter(({ ok }) => ok).length} the same; ${others.length} are nothing that a contract is given.`,
    '',
    '| entry | published as | library | contract | same |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
    '## Not given to a contract',
    '',
    ...others.map(({ id, notApplicable }) => `- ${id}: ${notApplicable}`),
    '',
  ].join('\n')
}

const cell = (word: string | undefined) => (word === 'accepted' ? word : `\`${word}\``)
