import type { AttestationResult } from '@spartan/attestation'
import {
  parseSnpReport,
  prepareSnpChain,
  type SnpClaims,
  type SnpPolicy,
  verifySnpEvidence,
} from '@spartan/attestation/snp'
import { describe, expect, test } from 'vitest'
import { SNP_VECTOR_REASONS } from '../../apps/node/src/commands/evidence/vectors/reasons/snp.ts'
import { hasVectors } from './support/manifest.ts'
import { snpPolicyOf } from './support/snpPolicy.ts'
import { type SnpVector, snpVectors } from './support/snpVectors.ts'

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Judges a vector with exactly the endorsements it carries; what it lacks is skipped by name and listed as such. */
async function judge(vector: SnpVector, evidence = vector.report): Promise<AttestationResult<SnpClaims>> {
  const { endorsements, trustAnchors, at, vtpmQuote } = vector
  const policy = snpPolicyOf(vector)
  const quote = evidence === vector.hcl ? vtpmQuote : undefined
  const result = await verifySnpEvidence({ evidence, endorsements, trustAnchors, at, policy, vtpmQuote: quote })
  for (const id of policy.dangerouslySkip) {
    const outcome = result.checks.find((check) => check.id === id)
    expect(outcome?.status, `${id} is listed`).toBe('not-requested')
  }
  return result
}

describe.skipIf(!hasVectors)('SEV-SNP vectors', () => {
  const vectors = snpVectors()
  const good = vectors.filter(({ expected }) => expected.verdict === 'pass')

  test('there are as many as published', () => {
    expect(vectors.length).toBe(42)
  })

  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', async (_, vector) => {
    const result = await judge(vector)
    if (vector.expected.verdict === 'pass') {
      expect(result.verdict, result.verdict === 'refused' ? result.error.message : '').toBe('accepted')
      return
    }
    const stated = SNP_VECTOR_REASONS[vector.expected.reason ?? '']
    expect(stated, `no code for the stated reason: ${vector.expected.reason}`).toBeDefined()
    expect(result).toMatchObject({ verdict: 'refused', reasonCode: stated })
  })

  test.each(good.map((vector) => [vector.id, vector] as const))('fields of %s', async (_, vector) => {
    const { fields } = vector.expected
    const result = await judge(vector)
    if (result.verdict !== 'accepted' || !fields) throw new Error('not accepted')
    const { claims } = result
    const report = parseSnpReport(vector.report)
    const { bootLoader: bl, tee, snp, microcode: ucode, fmc } = claims.tcbs.reported
    const version = ({ major, minor, build }: typeof claims.currentFirmware) => `${major}.${minor}.${build}`
    expect({
      version: claims.reportVersion,
      vmpl: claims.vmpl,
      signing_key: claims.endorsementKey,
      report_data: toHex(claims.reportData),
      measurement: toHex(report.measurement),
      host_data: toHex(report.hostData),
      chip_id: toHex(report.chipId),
      current_version: version(claims.currentFirmware),
      committed_version: version(claims.committedFirmware),
      guest_svn: claims.guestSvn,
      id_key_digest: toHex(report.idKeyDigest),
      report_id: toHex(report.reportId),
    }).toEqual({
      version: fields.version,
      vmpl: fields.vmpl,
      signing_key: fields.signing_key,
      report_data: fields.report_data,
      measurement: fields.measurement,
      host_data: fields.host_data,
      chip_id: fields.chip_id,
      current_version: fields.current_version,
      committed_version: fields.committed_version,
      guest_svn: fields.guest_svn,
      id_key_digest: fields.id_key_digest,
      report_id: fields.report_id,
    })
    expect({ bl, tee, snp, ucode, fmc }).toMatchObject(fields.reported_tcb_decoded)
    if (fields.product) expect(claims.productLine).toBe(fields.product)
    expect(Number(claims.launchMitigationVector ?? 0)).toBe(fields.launch_mit_vector ?? 0)
    expect(Number(claims.currentMitigationVector ?? 0)).toBe(fields.current_mit_vector ?? 0)
    expect(claims.simulated).toBe(vector.file('trusted_root.pem') !== undefined)
  })

  test.each(good.map((vector) => [vector.id, vector] as const))('%s without a root certificate', async (_, vector) => {
    const { root: _root, ...endorsements } = vector.endorsements
    expect((await judge({ ...vector, endorsements })).verdict).toBe('accepted')
  })

  test.each(good.map((vector) => [vector.id, vector] as const))('%s under a prepared chain', async (_, vector) => {
    const policy = snpPolicyOf(vector)
    const { report: evidence, at } = vector
    const chain = await prepareSnpChain({ ...vector, dangerouslySkip: policy.dangerouslySkip })
    const result = await verifySnpEvidence({ evidence, chain, at, policy })
    expect(result.verdict).toBe('accepted')
    expect(result.checks).toEqual((await judge(vector)).checks)
    const later = await verifySnpEvidence({ evidence, chain, at: at + 8 * 366 * 86_400, policy })
    expect(later).toMatchObject({ verdict: 'refused', reasonCode: expect.stringMatching(/_EXPIRED$/) })
  })

  describe('Azure', () => {
    const wrapped = good.filter(({ hcl }) => hcl)
    // The quote of this entry was made by the vTPM of another machine: its HCL report is judged without.
    const foreign = 'sev-snp/azure-milan-v2-vcek-hcl-coco'
    const azure = wrapped.filter(({ id }) => id !== foreign)

    test('there are as many as published', () => {
      expect(wrapped.length).toBe(4)
    })

    test.each(azure.map((vector) => [vector.id, vector] as const))(
      '%s: HCL report and vTPM quote',
      async (_, vector) => {
        const result = await judge(vector, vector.hcl)
        expect(result.verdict, result.verdict === 'refused' ? result.error.message : '').toBe('accepted')
        if (result.verdict !== 'accepted') return
        expect(result.claims.vtpm?.challenge.length).toBeGreaterThan(0)
        expect(result.claims.vtpm?.pcrs.size).toBe(vector.vtpmQuote?.pcrs ? result.claims.vtpm?.selection.length : 0)
      },
    )

    test('a quote by the vTPM of another machine is refused, the HCL report alone is not', async () => {
      const vector = wrapped.find(({ id }) => id === foreign)
      if (!vector?.hcl) throw new Error('no such vector')
      const refused = await judge(vector, vector.hcl)
      expect(refused).toMatchObject({ verdict: 'refused', reasonCode: 'SNP_VTPM_SIGNATURE_INVALID' })
      expect((await judge({ ...vector, vtpmQuote: undefined }, vector.hcl)).verdict).toBe('accepted')
    })

    test.each(azure.map((vector) => [vector.id, vector] as const))(
      '%s: the challenge is compared',
      async (_, vector) => {
        const { vtpmQuote, hcl = vector.report } = vector
        const policy: SnpPolicy = {
          ...snpPolicyOf(vector),
          vtpm: { challenge: toHex(Buffer.from('another')), pcrs: {} },
        }
        const result = await verifySnpEvidence({ ...vector, evidence: hcl, policy, vtpmQuote })
        expect(result).toMatchObject({ verdict: 'refused', reasonCode: 'SNP_VTPM_CHALLENGE_MISMATCH' })
      },
    )
  })
})
