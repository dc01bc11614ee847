import {
  createSnpSimulation,
  type SimulatedSnpMachine,
  type SnpEndorsementOptions,
  type SnpMachineOptions,
  type SnpReportFields,
  type SnpSimulation,
} from '@spartan/simulator'
import { type SnpEndorsements, type SnpPolicy, strictSnpPolicy, verifySnpEvidence } from '../index.ts'

/** Unix seconds of every judgement. */
export const NOW = Date.UTC(2026, 5, 1) / 1000
const YEAR_SECONDS = 365 * 86_400

export const MIN_TCB = { bootLoader: 10, tee: 0, snp: 23, microcode: 219, fmc: 0 }
/** The strict preset with the TCB of the simulated machines as the minimum. */
export const strict: SnpPolicy = strictSnpPolicy({
  measurements: 'any',
  reportData: 'any',
  minTcb: { Milan: MIN_TCB, Genoa: MIN_TCB, Turin: MIN_TCB },
  vtpm: 'any',
})

/** What differs from a good report of a good machine under good endorsements. */
export interface SnpCase {
  readonly fields?: SnpReportFields
  readonly machine?: SnpMachineOptions
  readonly endorsements?: SnpEndorsementOptions
  readonly change?: (endorsements: SnpEndorsements) => Partial<SnpEndorsements>
  readonly policy?: Partial<SnpPolicy>
  readonly at?: number
}

/** Two vendors and a machine of the Genoa line. */
export interface SnpWorld {
  readonly genoa: SnpSimulation
  readonly turin: SnpSimulation
  readonly machine: SimulatedSnpMachine
  readonly endorsements: SnpEndorsements
  /** Judges a report of a machine of the Genoa line, strictly where the case does not say otherwise. */
  readonly judge: (given?: SnpCase) => ReturnType<typeof verifySnpEvidence>
  /** What a case comes to: `accepted` or the reason code. */
  readonly outcome: (given?: SnpCase) => Promise<string>
}

export const anchorsOf = (...simulations: readonly SnpSimulation[]) =>
  simulations.map(({ ark }) => ({ certificate: ark.certificate, simulated: true }))

/** Makes the vendors: six RSA-4096 keys, some seconds. */
export async function createSnpWorld(): Promise<SnpWorld> {
  const [genoa, turin] = await Promise.all([
    createSnpSimulation({
      now: NOW,
      product: 'Genoa',
      validity: { ask: { from: NOW - 86_400, until: NOW + 10 * YEAR_SECONDS } },
    }),
    createSnpSimulation({ now: NOW, product: 'Turin' }),
  ])
  const machine = await genoa.createMachine()
  const endorsements = await machine.endorsements()
  const judge: SnpWorld['judge'] = async (given = {}) => {
    const own = given.machine ? await genoa.createMachine(given.machine) : machine
    const issued = given.endorsements || given.machine ? await own.endorsements(given.endorsements) : endorsements
    return verifySnpEvidence({
      evidence: await own.issueReport(given.fields),
      endorsements: given.change?.(issued) ?? issued,
      at: given.at ?? NOW,
      trustAnchors: anchorsOf(genoa, turin),
      policy: { ...strict, ...given.policy },
    })
  }
  const outcome: SnpWorld['outcome'] = async (given) => {
    const result = await judge(given)
    return result.verdict === 'accepted' ? result.verdict : result.reasonCode
  }
  return { genoa, turin, machine, endorsements, judge, outcome }
}

/** The bytes with one bit changed. */
export const flipped = (bytes: Uint8Array, at: number) => {
  const changed = bytes.slice()
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}
/** Bytes over the finished report, before it is signed. */
export const patch = (offset: number, ...bytes: readonly number[]): SnpReportFields => ({
  patches: [[offset, Uint8Array.from(bytes)]],
})
