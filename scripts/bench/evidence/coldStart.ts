// coldStart.ts FILE MODULE: prints the milliseconds that loading the verifier and its first verdict take in a fresh process.
// FILE: JSON of a quote (base64), its endorsements and the time to judge at. MODULE: path of the built verifier of TDX.
import { readFileSync } from 'node:fs'

const input = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  readonly quote: string
  readonly endorsements: unknown
  readonly at: number
}
const evidence = new Uint8Array(Buffer.from(input.quote, 'base64'))
const startedAt = performance.now()
const tdx = (await import(process.argv[3] ?? '')) as typeof import('@spartan/attestation/tdx')
const result = await tdx.verifyTdxEvidence({
  evidence,
  endorsements: tdx.dcapEndorsementsFromJson(input.endorsements),
  trustAnchors: [tdx.INTEL_SGX_ROOT],
  at: input.at,
  policy: tdx.vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }),
})
if (result.verdict === 'refused') throw result.error
console.log(performance.now() - startedAt)
