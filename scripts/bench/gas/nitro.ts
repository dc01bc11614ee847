import { encodeNitroEvidence, nitroCertificatesOf, nitroUploads } from '@spartan/abi'
import { createNitroRoot, type SimulatedNitroRoot } from '@spartan/simulator'
import { type NitroStore, startNitro } from '../../../test/support/nitroWorld.ts'
import { type BenchRow, row } from '../row.ts'
import { BASE, dearer, type MeasuredFlow, repricedFlow } from './prices.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
/** Size of published documents of AWS's: the simulated one is filled up to it. */
const DOCUMENT_BYTES = 4_526
/** Documents whose dearest one is stated. */
const DOCUMENTS = 3
/** Published figures: base/nitro-validator 0ea0d12, hinted, a transaction for each certificate. */
const PUBLISHED = { document: 13_780_000, certificate: 6_800_000, cold: 41_300_000 }
const LIMIT_OF_A_STEP = 8_000_000

/** Rows of AWS Nitro: totals before the 21,000 base, hint calldata and storage included. */
export async function nitroRows(): Promise<BenchRow[]> {
  const root = await createNitroRoot({ now: NOW })
  const chain = await startNitro(NOW)
  try {
    const nitro = await chain.deploy({ simulationRoot: root.certificate })
    const { certificates, crls } = await registrations(nitro, root)
    const dearest = await dearestDocument(nitro, root)
    const document = dearest.gasUsed - BASE
    const published = 'peer: published (base/nitro-validator)'
    return [
      row({
        name: 'Nitro document, leaf cached',
        unit: 'gas',
        ours: document,
        peer: PUBLISHED.document,
        goal: 2_000_000,
        note: `document of ${DOCUMENT_BYTES} bytes, the size of AWS's; dearest of ${DOCUMENTS}; ${published}`,
      }),
      row({
        name: 'Nitro certificate, registered',
        unit: 'gas',
        ours: Math.max(...certificates),
        peer: PUBLISHED.certificate,
        goal: 1_500_000,
        note: `dearest of a chain of ${certificates.length}; ${published}`,
      }),
      row({
        name: 'Nitro CRL, nothing revoked',
        unit: 'gas',
        ours: Math.max(...crls),
        goal: LIMIT_OF_A_STEP,
        note: 'the goal is the limit of a step; no public peer',
      }),
      row({
        name: 'Nitro, cold: chain and document',
        unit: 'gas',
        ours: certificates.reduce((sum, gas) => sum + gas, document),
        peer: PUBLISHED.cold,
        goal: 8_000_000,
        note: `${certificates.length + 1} transactions; ${published}`,
      }),
      repricedFlow('Nitro document, leaf cached', dearest, 2_500_000),
    ]
  } finally {
    await chain.close()
  }
}

/** Gas of each certificate and of each CRL. */
async function registrations(nitro: NitroStore, root: SimulatedNitroRoot) {
  const { crls } = await root.endorsements()
  const certificates = nitroCertificatesOf(await root.issueDocument())
  const gas: { certificates: number[]; crls: number[] } = { certificates: [], crls: [] }
  for (const call of await nitroUploads({ certificates, crls: new Map(crls.entries()) })) {
    const used = Number(await nitro.upload(call)) - BASE
    gas[call.functionName === 'uploadCrl' ? 'crls' : 'certificates'].push(used)
  }
  return gas
}

async function dearestDocument(nitro: NitroStore, root: SimulatedNitroRoot): Promise<MeasuredFlow> {
  const userData = new Uint8Array(64).fill(0xa5)
  const { length } = await root.issueDocument({ userData, publicKey: new Uint8Array(500) })
  const publicKey = new Uint8Array(500 + DOCUMENT_BYTES - length).fill(0x5a)
  let most: MeasuredFlow = { gasUsed: 0, evidence: '0x' }
  for (let round = 0; round < DOCUMENTS; round++) {
    const document = await root.issueDocument({ userData, publicKey, timestampMs: NOW * 1000 + round })
    if (document.length !== DOCUMENT_BYTES) throw new Error(`a document of ${document.length} bytes`)
    const { evidence } = await encodeNitroEvidence(document)
    most = dearer(most, { gasUsed: Number(await nitro.gasOfVerify(evidence)), evidence })
  }
  return most
}
