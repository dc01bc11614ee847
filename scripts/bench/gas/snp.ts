import { encodeSnpEvidence, snpVekKey } from '@spartan/abi'
import { createSnpSimulation, type SimulatedSnpEndorsements, type SimulatedSnpMachine } from '@spartan/simulator'
import { type SnpStore, startSnp } from '../../../test/support/snpWorld.ts'
import { type BenchRow, row } from '../row.ts'
import { BASE, dearer, type MeasuredFlow, repricedFlow } from './prices.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
/** Reports whose dearest one is stated. */
const REPORTS = 3
/** Published: the signature of a VCEK alone, with @solarity/solidity-lib and Sha2Ext, without calldata. */
const PUBLISHED_VCEK = 4_632_136
const LIMIT_OF_A_STEP = 8_000_000

/** Rows of AMD SEV-SNP: totals before the 21,000 base, hint calldata and storage included. */
export async function snpRows(): Promise<BenchRow[]> {
  const simulation = await createSnpSimulation({ now: NOW, product: 'Genoa' })
  const machine = await simulation.createMachine()
  const endorsements = await machine.endorsements()
  const chain = await startSnp(NOW)
  try {
    const store = await chain.deploy({ simulationRoots: [simulation.ark.certificate] })
    const uploads = await store.register(endorsements)
    const used = (name: string) => Number(uploads[name] ?? 0n) - BASE
    await chain.createTable(snpVekKey(endorsements.vek) ?? new Uint8Array())
    const key = await dearestReport(store, machine, endorsements, 'key')
    const table = await dearestReport(store, machine, endorsements, 'table')
    const step = {
      unit: 'gas',
      goal: LIMIT_OF_A_STEP,
      note: 'the goal is the limit of a step; no public peer',
    } as const
    const note = `every signed field filled; dearest of ${REPORTS}; no public peer`
    return [
      row({ name: 'SNP report, chip key cached', unit: 'gas', ours: key.gasUsed - BASE, goal: 1_000_000, note }),
      row({ name: 'SNP report, chip key with table', unit: 'gas', ours: table.gasUsed - BASE, goal: 550_000, note }),
      row({
        name: 'SNP VCEK, registered',
        unit: 'gas',
        ours: used('registerVek'),
        peer: PUBLISHED_VCEK,
        goal: 900_000,
        note: 'signature, extensions and storage; peer: published, the signature alone and without calldata',
      }),
      row({ name: 'SNP ASK, registered', ours: used('registerIntermediate'), ...step }),
      row({ name: 'SNP CRL, nothing revoked', ours: used('uploadCrl'), ...step }),
      repricedFlow('SNP report, chip key cached', key, 1_400_000),
      repricedFlow('SNP report, chip key with table', table, 700_000),
    ]
  } finally {
    await chain.close()
  }
}

async function dearestReport(
  store: SnpStore,
  machine: SimulatedSnpMachine,
  endorsements: SimulatedSnpEndorsements,
  path: 'key' | 'table',
): Promise<MeasuredFlow> {
  const filled = (length: number) => crypto.getRandomValues(new Uint8Array(length)).map((byte) => byte | 1)
  let most: MeasuredFlow = { gasUsed: 0, evidence: '0x' }
  for (let round = 0; round < REPORTS; round++) {
    const report = await machine.issueReport({
      familyId: filled(16),
      imageId: filled(16),
      reportData: filled(64),
      measurement: filled(48),
      hostData: filled(32),
      idKeyDigest: filled(48),
      authorKeyDigest: filled(48),
      reportId: filled(32),
    })
    const evidence = await encodeSnpEvidence(report, endorsements, { path })
    most = dearer(most, { gasUsed: Number(await store.gasOfVerify(evidence)), evidence })
  }
  return most
}
