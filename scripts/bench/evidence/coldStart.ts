// coldStart.ts FILE: prints the milliseconds that loading the verifier and its first verdict take in a fresh process.
// FILE: JSON of a quote (base64), its endorsements and the time to judge at.
import { readFileSync } from 'node:fs'

const input = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  readonly quote: string
  readonly endorsements: unknown
  readonly at: number
}
const evidence = new Uint8Array(Buffer.from(input.quote, 'base64'))
const startedAt = performance.now()
const { dcapEndorsementsFromJson, INTEL_SGX_ROOT, vectorsTdxPolicy, verifyTdxEvidence } = await import(
  '@spartan/attestation/tdx'
)
const result = await verifyTdxEvidence({
  evidence,
  endorsements: dcapEndorsementsFromJson(input.endorsements),
  trustAnchors: [INTEL_SGX_ROOT],
  at: input.at,
  policy: vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }),
})
if (result.verdict === 'refused') throw result.error
console.log(performance.now() - startedAt)
