import { encodeNitroEvidence, encodeSnpEvidence, nitroCertificatesOf, nitroUploads, snpVekKey } from '@spartan/abi'
import { createNitroRoot, createSnpSimulation } from '@spartan/simulator'
import type { Hex } from 'viem'
import { startNitro } from '../../../test/support/nitroWorld.ts'
import { startSnp } from '../../../test/support/snpWorld.ts'
import { type BenchRow, row } from '../row.ts'
import { BASE, repriced } from './repricing.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
/** A call of one `bytes`: selector, offset, length, the bytes up to the next word. */
const callBytes = (evidence: Hex) => 4 + 64 + 32 * Math.ceil((evidence.length / 2 - 1) / 32)

/** A verification makes no state: only the floor of calldata counts. */
function flowRow(name: string, gasUsed: number, evidence: Hex, goal: number): BenchRow {
  const calldataBytes = callBytes(evidence)
  const today = gasUsed - BASE
  return row({
    name: `${name}, repriced`,
    unit: 'gas',
    ours: repriced({ gasUsed, calldataBytes }),
    goal,
    note: `EIP-7976; ${today.toLocaleString('en')} today, ${calldataBytes.toLocaleString('en')} bytes of calldata, a slope for every step`,
  })
}

/** Verifications of whole evidence under the announced price of calldata, before the base of 21,000. */
export async function repricedFlowRows(): Promise<BenchRow[]> {
  return [...(await snpFlows()), await nitroFlow()]
}

async function snpFlows(): Promise<BenchRow[]> {
  const simulation = await createSnpSimulation({ now: NOW, product: 'Genoa' })
  const machine = await simulation.createMachine()
  const endorsements = await machine.endorsements()
  const chain = await startSnp(NOW)
  try {
    const store = await chain.deploy({ simulationRoots: [simulation.ark.certificate] })
    await store.register(endorsements)
    await chain.createTable(snpVekKey(endorsements.vek) ?? new Uint8Array())
    const report = await machine.issueReport({ reportData: new Uint8Array(64).fill(0xa5) })
    const [key, table] = [
      await encodeSnpEvidence(report, endorsements),
      await encodeSnpEvidence(report, endorsements, { path: 'table' }),
    ]
    return [
      flowRow('SNP report, chip key cached', Number(await store.gasOfVerify(key)), key, 1_400_000),
      flowRow('SNP report, chip key with table', Number(await store.gasOfVerify(table)), table, 700_000),
    ]
  } finally {
    await chain.close()
  }
}

async function nitroFlow(): Promise<BenchRow> {
  const root = await createNitroRoot({ now: NOW })
  const chain = await startNitro(NOW)
  try {
    const nitro = await chain.deploy({ simulationRoot: root.certificate })
    const { crls } = await root.endorsements()
    const document = await root.issueDocument({ publicKey: new Uint8Array(500).fill(0x5a) })
    const uploads = { certificates: nitroCertificatesOf(document), crls: new Map(crls.entries()) }
    for (const call of await nitroUploads(uploads)) await nitro.upload(call)
    const { evidence } = await encodeNitroEvidence(document)
    return flowRow('Nitro document, leaf cached', Number(await nitro.gasOfVerify(evidence)), evidence, 2_500_000)
  } finally {
    await chain.close()
  }
}
