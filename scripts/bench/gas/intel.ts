import { encodeTdxEvidence, endorsementStoreAbi, endorsementUploads } from '@spartan/abi'
import {
  createSimulationRoot,
  type EndorsementOptions,
  issueCrl,
  type SimulatedPlatform,
  type SimulationRoot,
} from '@spartan/simulator'
import { bytesToHex, encodeFunctionData, getContractAddress, type Hex } from 'viem'
import { availableUploads, type DcapChain, dcapChain, verifyOnchain } from '../../../test/vectors/support/dcapChain.ts'
import { type BenchRow, row } from '../row.ts'
import { BASE, repriced, repricedFlow } from './prices.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const DAY = 86_400
/** Size of the largest published TCB info at hand: the simulated one is filled up to it, in Intel's own form. */
const TCB_INFO_BYTES = 6_578
/** Revocations in the CRL that comes in by steps; Intel's have 44. */
const REVOCATIONS = 2_000
const REVOCATIONS_PER_STEP = 150
const LIMIT_OF_A_STEP = 8_000_000
/** Published figures under Osaka rules: automata-dcap-attestation 2df31aa with on-chain-pccs 5241b64, P-256 by precompile. */
const PUBLISHED = {
  tdx: 3_860_172 + 81_260,
  sgx: 4_544_850 + 68_424,
  certificate: 800_000,
  rootCrl: 560_000,
  tcbInfo: 9_000_000,
  qeIdentity: 1_500_000,
}
const PEER = 'peer: published (automata-dcap-attestation, on-chain-pccs)'

interface Simulation {
  readonly chain: DcapChain
  readonly root: SimulationRoot
  readonly platform: SimulatedPlatform
}

/** Rows of Intel SGX and TDX: totals before the 21,000 base, calldata and storage included. */
export async function intelRows(): Promise<BenchRow[]> {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'machine' })
  const hex = bytesToHex(root.publicKey).slice(-128)
  const chain = await dcapChain({ time: NOW, simulationRoot: [`0x${hex.slice(0, 64)}`, `0x${hex.slice(64)}`] })
  const simulation = { chain, root, platform }
  try {
    return [...(await quoteRows(simulation)), ...(await crlRows(simulation))]
  } finally {
    await chain.close()
  }
}

async function quoteRows({ chain, platform }: Simulation): Promise<BenchRow[]> {
  const reportData = new Uint8Array(64).fill(7)
  const quotes = {
    v4: await platform.issueQuote({ reportData }),
    v5: await platform.issueQuote({ reportData, version: 5, td15: {} }),
    sgx: await platform.issueSgxQuote({ reportData }),
  }
  const editTcbInfo: EndorsementOptions['editTcbInfo'] = filledUp
  const endorsements = await platform.endorsements({ now: NOW, editTcbInfo })
  const before = await chain.client.getTransactionCount({ address: chain.store.address })
  const tdx = await verifyOnchain(chain, 'Tdx', quotes.v4, endorsements)
  const codeBytes = await largestDocument(chain, before)
  const v5 = await verifyOnchain(chain, 'Tdx', quotes.v5, {})
  const sgxEndorsements = await platform.endorsements({ now: NOW, sgx: { tcbInfoVersion: 3 } })
  const sgx = await verifyOnchain(chain, 'Sgx', quotes.sgx, sgxEndorsements)
  const gas = (found: typeof tdx, name: string) => Number(found.gas[name] ?? 0n) - BASE
  const cost = (name: string, ours: number, goal: number, peer: number | null, note: string) =>
    row({ name, unit: 'gas', ours, goal, peer, note: peer === null ? note : `${note}; ${PEER}` })
  return [
    cost('TDX quote v4, endorsements cached', gas(tdx, 'verify'), 120_000, PUBLISHED.tdx, 'full TCB evaluation'),
    cost(
      'TDX quote v5, endorsements cached',
      gas(v5, 'verify'),
      120_000,
      null,
      'TD 1.5, relaunch advice; no public peer',
    ),
    cost('SGX quote v3, endorsements cached', gas(sgx, 'verify'), 120_000, PUBLISHED.sgx, 'full TCB evaluation'),
    cost(
      'TCB info, stored',
      gas(tdx, 'uploadTcbInfo'),
      4_000_000,
      PUBLISHED.tcbInfo,
      `${TCB_INFO_BYTES} bytes, the largest published at hand; 9.0 to 13.0 M`,
    ),
    cost('QE identity, stored', gas(tdx, 'uploadQeIdentity'), 1_500_000, PUBLISHED.qeIdentity, '1.5 to 2.7 M'),
    cost('PCK certificate, stored', gas(tdx, 'uploadPck'), 800_000, PUBLISHED.certificate, '0.80 to 0.91 M'),
    cost('Root CRL, stored', gas(tdx, 'uploadRootCrl'), 560_000, PUBLISHED.rootCrl, 'nothing revoked'),
    repricedFlow(
      'TDX quote v4, endorsements cached',
      {
        gasUsed: Number(tdx.gas.verify ?? 0n),
        evidence: encodeTdxEvidence(quotes.v4).evidence,
      },
      200_000,
    ),
    row({
      name: 'TCB info, stored, repriced',
      unit: 'gas',
      ours: repriced({
        gasUsed: Number(tdx.gas.uploadTcbInfo ?? 0n),
        calldataBytes: tcbInfoCallBytes(quotes.v4, endorsements),
        accounts: 1,
        codeBytes,
        slots: 1,
      }),
      goal: 8_000_000,
      note: `EIP-7976 and EIP-8037: ${codeBytes} bytes of code and one slot are kept; the goal is the limit of a step`,
    }),
  ]
}

/** Bytes of the largest document that the store has kept as code from its nonce `from` on: the filled-up TCB info. */
async function largestDocument({ client, store }: DcapChain, from: number): Promise<number> {
  const made = await client.getTransactionCount({ address: store.address })
  const sizes: number[] = []
  for (let nonce = from; nonce < made; nonce++) {
    const code = await client.getCode({ address: getContractAddress({ from: store.address, nonce: BigInt(nonce) }) })
    sizes.push(code === undefined ? 0 : code.length / 2 - 1)
  }
  return Math.max(...sizes)
}

function tcbInfoCallBytes(quote: Uint8Array, endorsements: Parameters<typeof availableUploads>[1]): number {
  const upload = availableUploads(quote, endorsements, 'Tdx').find(
    ({ functionName }) => functionName === 'uploadTcbInfo',
  )
  if (upload === undefined) throw new Error('no TCB info to upload')
  return (
    encodeFunctionData({ abi: endorsementStoreAbi, ...upload } as Parameters<typeof encodeFunctionData>[0]).length / 2 -
    1
  )
}

type TcbInfo = Parameters<NonNullable<EndorsementOptions['editTcbInfo']>>[0]

/** Names of the components and advisories as Intel writes them, levels added below the lowest one until the size is reached. */
function filledUp(body: TcbInfo): TcbInfo {
  const named = body.tcbLevels.map((level) => ({
    ...level,
    tcb: {
      ...level.tcb,
      sgxtcbcomponents: level.tcb.sgxtcbcomponents.map((component, index) =>
        index < 8 ? { ...component, category: 'BIOS', type: 'Early Microcode Update' } : component,
      ),
    },
    advisoryIDs: ['INTEL-SA-00828', 'INTEL-SA-00837'],
  }))
  const last = named.at(-1)
  if (last === undefined) throw new Error('a TCB info without levels')
  const levels = [...named]
  const size = () => JSON.stringify({ ...body, tcbLevels: levels }).length
  while (size() < TCB_INFO_BYTES) {
    const pcesvn = Math.max(0, last.tcb.pcesvn - levels.length)
    levels.push({ ...last, tcb: { ...last.tcb, pcesvn } })
  }
  return { ...body, tcbLevels: levels }
}

async function crlRows({ chain, root, platform }: Simulation): Promise<BenchRow[]> {
  const { pckCa } = root.authorities
  const serials = Array.from({ length: REVOCATIONS }, (_, index) => {
    const serial = new Uint8Array(20).fill(0x81)
    new DataView(serial.buffer).setUint16(18, index)
    return serial
  })
  const crl = await issueCrl({
    issuerName: pckCa.commonName,
    issuerKey: pckCa.key,
    validity: { from: NOW, until: NOW + 30 * DAY },
    crlNumber: 2,
    revokedSerials: serials,
  })
  const quote = await platform.issueQuote({ reportData: new Uint8Array(64) })
  const uploads = endorsementUploads(quote, await platform.endorsements({ now: NOW }))
  const caId = uploads.find(({ functionName }) => functionName === 'uploadPckCrl')?.args[0] as Hex
  const args = [caId, bytesToHex(crl)]
  const steps: number[] = []
  for (let done = 0; done < REVOCATIONS; done += REVOCATIONS_PER_STEP) {
    const step = { functionName: 'recordRevocations', args: [...args, REVOCATIONS_PER_STEP] } as const
    steps.push(Number(await chain.upload(step)) - BASE)
  }
  steps.push(Number(await chain.upload({ functionName: 'uploadPckCrl', args })) - BASE)
  return [
    row({
      name: 'PCK CRL, dearest step',
      unit: 'gas',
      ours: Math.max(...steps),
      goal: LIMIT_OF_A_STEP,
      note: `${REVOCATIONS} revocations in ${steps.length} steps, ${crl.length} bytes of calldata each; the goal is the limit of a step`,
    }),
  ]
}
