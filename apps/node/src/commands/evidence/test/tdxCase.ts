import { createSimulationRoot, workload } from '@spartan/simulator'

/** Time of the simulated evidence, Unix seconds. */
export const NOW = Date.UTC(2026, 5, 1) / 1000
/** 64 bytes. */
export const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, index) => index)

/** A good TDX quote with its endorsements, below a root of its own. */
export async function tdxCase() {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'a', ppid: '00112233445566778899aabbccddeeff' })
  const quote = await platform.issueQuote({ ...(await workload('trend')), reportData: REPORT_DATA })
  return { quote, endorsements: await platform.endorsements(), rootKey: root.publicKey }
}
