import { createSign, createVerify, generateKeyPairSync } from 'node:crypto'
import { ANY_SNP_PRODUCT, prepareSnpChain, vectorsSnpPolicy, verifySnpEvidence } from '@spartan/attestation'
import { snpVectors } from '../../../test/vectors/support/snpVectors.ts'
import { type BenchRow, row } from '../row.ts'
import { ratePerSecond } from './rate.ts'

/** An SNP report of real hardware (EPYC Bergamo, report version 5). */
const REPORT_VECTOR = 'sev-snp/genoa-v5-vcek-bergamo-attestation-rs'
/** Enough to keep the crypto threads of a process busy. */
const IN_FLIGHT = 8

/** SNP reports under a chain that was verified before: one signature each. */
export async function snpRows(spanMs: number): Promise<readonly BenchRow[]> {
  const vector = snpVectors().find(({ id }) => id === REPORT_VECTOR)
  if (!vector) throw new Error(`no ${REPORT_VECTOR}: set SPARTAN_FIXTURES`)
  const { report: evidence, endorsements, trustAnchors, at } = vector
  const anything = { measurements: 'any', reportData: 'any', minTcb: ANY_SNP_PRODUCT, vtpm: 'any' } as const
  // The published report comes without a CRL.
  const dangerouslySkip = ['crl'] as const
  const policy = { ...vectorsSnpPolicy(anything), dangerouslySkip }
  const chain = await prepareSnpChain({ endorsements, trustAnchors, at, dangerouslySkip })
  const verify = async () => {
    const result = await verifySnpEvidence({ evidence, chain, at, policy })
    if (result.verdict === 'refused') throw result.error
  }
  const ours = await ratePerSecond(verify, spanMs, IN_FLIGHT)
  const limit = await ratePerSecond(nativeVerification(), spanMs, 1)
  return [
    row({
      name: 'SNP report, chain prepared',
      unit: '1/s',
      ours: Math.round(ours),
      limit: Math.round(limit),
      goal: 1_800,
      moreIsBetter: true,
      note: 'one process, a chip seen before; limit: one native P-384 check on one core',
    }),
  ]
}

/** One P-384 check of a message as long as a report, by the platform's own library without WebCrypto around it. */
function nativeVerification(): () => void {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  const message = Buffer.alloc(672, 1)
  const signature = createSign('sha384').update(message).sign(privateKey)
  return () => {
    if (!createVerify('sha384').update(message).verify(publicKey, signature)) throw new Error('not verified')
  }
}
