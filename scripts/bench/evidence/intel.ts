import { execFileSync } from 'node:child_process'
import { createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { verify } from '@phala/dcap-qvl'
import {
  type AttestationResult,
  dcapEndorsementsToJson,
  prepareDcapEndorsements,
  vectorsTdxPolicy,
  verifyTdxEvidence,
} from '@spartan/attestation'
import { rolldown } from 'rolldown'
import { type DcapVector, dcapVectors } from '../../../test/vectors/support/dcapVectors.ts'
import { type BenchRow, row } from '../row.ts'
import { ratePerSecond } from './rate.ts'

/** A TDX quote of real hardware with all its endorsements, UpToDate at its time. */
const QUOTE_VECTOR = 'tdx/v4-phala-uptodate'
/** Enough to keep the crypto threads of a process busy. */
const IN_FLIGHT = 8
const COLD_STARTS = 5

/** TDX quotes: everything given and nothing known, endorsements prepared, and the first verdict of a process. */
export async function intelRows(spanMs: number): Promise<readonly BenchRow[]> {
  const vector = dcapVectors('tdx').find(({ id }) => id === QUOTE_VECTOR)
  if (!vector) throw new Error(`no ${QUOTE_VECTOR}: set SPARTAN_FIXTURES`)
  const { quote: evidence, endorsements, trustAnchors, at } = vector
  const policy = vectorsTdxPolicy({ measurements: 'any', reportData: 'any' })
  const given = { evidence, trustAnchors, at, policy }
  const prepared = await prepareDcapEndorsements({ tee: 'tdx', endorsements, at, trustAnchors })
  const verifyRaw = () => expectAccepted(verifyTdxEvidence({ ...given, endorsements }))
  const verifyPrepared = () => expectAccepted(verifyTdxEvidence({ ...given, endorsements: prepared }))
  const peer = await ratePerSecond(peerOf(vector), spanMs, 1)
  const raw = await ratePerSecond(verifyRaw, spanMs, IN_FLIGHT)
  const signatures = await ratePerSecond(nativeVerification(), spanMs, 1)
  const cached = await ratePerSecond(verifyPrepared, spanMs, IN_FLIGHT)
  const round = (value: number) => Math.round(value)
  return [
    row({
      name: 'TDX quote, full endorsements, nothing cached',
      unit: '1/s',
      ours: round(raw),
      peer: round(peer),
      limit: round(signatures / 9),
      goal: round(3 * peer),
      moreIsBetter: true,
      note: `one process; goal: 3 x @phala/dcap-qvl 0.3.9 in the same run; limit: nine native P-256 checks on one core (${round(signatures)}/s)`,
    }),
    row({
      name: 'TDX quote, endorsements prepared',
      unit: '1/s',
      ours: round(cached),
      limit: round(signatures / 2),
      goal: 5_000,
      moreIsBetter: true,
      note: 'one process, a platform seen before; limit: two native P-256 checks on one core',
    }),
    row({
      name: 'TDX quote, cold start to the first verdict',
      unit: 'ms',
      ours: await medianColdStart(vector),
      goal: 100,
      note: `median of ${COLD_STARTS} processes: loading the built module and one quote with full endorsements`,
    }),
  ]
}

async function expectAccepted(result: Promise<AttestationResult>): Promise<void> {
  const found = await result
  if (found.verdict === 'refused') throw found.error
}

/** The other JavaScript verifier on the same quote and endorsements; it throws on refusal. */
function peerOf({ quote: evidence, endorsements, at }: DcapVector): () => unknown {
  const json = dcapEndorsementsToJson(endorsements)
  const hex = (base64 = '') => Buffer.from(base64, 'base64').toString('hex')
  const pem = (chain: readonly string[] = []) =>
    chain.map((der) => `-----BEGIN CERTIFICATE-----\n${der}\n-----END CERTIFICATE-----\n`).join('')
  const collateral = {
    pck_crl_issuer_chain: pem(json.pckCrlIssuerChain),
    root_ca_crl: hex(json.rootCaCrl),
    pck_crl: hex(json.pckCrl),
    tcb_info_issuer_chain: pem(json.tcbInfo?.issuerChain),
    tcb_info: json.tcbInfo?.body ?? '',
    tcb_info_signature: hex(json.tcbInfo?.signature),
    qe_identity_issuer_chain: pem(json.qeIdentity?.issuerChain),
    qe_identity: json.qeIdentity?.body ?? '',
    qe_identity_signature: hex(json.qeIdentity?.signature),
  }
  const quote = Buffer.from(evidence)
  return () => verify(quote, collateral, at)
}

/** One P-256 check of a message as long as a quote, by the platform's own library without WebCrypto around it. */
function nativeVerification(): () => void {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const message = Buffer.alloc(632, 1)
  const signature = createSign('sha256').update(message).sign(privateKey)
  return () => {
    if (!createVerify('sha256').update(message).verify(publicKey, signature)) throw new Error('not verified')
  }
}

async function medianColdStart({ quote, endorsements, at }: DcapVector): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'spartan-cold-start-'))
  const file = join(folder, 'input.json')
  const input = { quote: Buffer.from(quote).toString('base64'), endorsements: dcapEndorsementsToJson(endorsements), at }
  writeFileSync(file, JSON.stringify(input))
  const module = join(folder, 'tdx.mjs')
  try {
    // As `npm run build:attestation` bundles it.
    const build = await rolldown({ input: 'packages/attestation/src/tdx/index.ts', platform: 'neutral' })
    await build.write({ file: module, format: 'esm' })
    await build.close()
    const script = fileURLToPath(new URL('coldStart.ts', import.meta.url))
    const runs = Array.from({ length: COLD_STARTS }, () =>
      Number(execFileSync(process.execPath, [script, file, module], { encoding: 'utf8' })),
    )
    return runs.sort((left, right) => left - right)[Math.floor(runs.length / 2)] ?? Number.NaN
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
