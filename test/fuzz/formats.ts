import { type AttestationResult, marketplaceTdxPolicy, verifyTdxEvidence } from '@spartan/attestation'
import { createSimulationRoot, workload } from '@spartan/simulator'

/** One format of evidence with a good piece of it, for the properties that hold for all. */
export interface FuzzFormat {
  readonly name: string
  readonly good: Uint8Array
  /** Byte ranges that a signature covers, end exclusive. */
  readonly signed: readonly (readonly [start: number, stop: number])[]
  readonly judge: (evidence: Uint8Array) => Promise<AttestationResult>
}

const NOW = Date.UTC(2026, 5, 1) / 1000

async function tdxV4(): Promise<FuzzFormat> {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'fuzz', ppid: '00112233445566778899aabbccddeeff' })
  const good = await platform.issueQuote({ ...(await workload('fuzz')), reportData: new Uint8Array(64) })
  const endorsements = await platform.endorsements()
  return {
    name: 'TDX quote v4',
    good,
    signed: [[0, 632]],
    judge: (quote) =>
      verifyTdxEvidence({
        quote,
        endorsements,
        at: NOW,
        trustAnchors: [{ publicKey: root.publicKey, simulated: true }],
        policy: marketplaceTdxPolicy({ measurements: 'any', reportData: 'any' }),
      }),
  }
}

/** Every format of evidence. */
export const FUZZ_FORMATS: readonly (() => Promise<FuzzFormat>)[] = [tdxV4]
