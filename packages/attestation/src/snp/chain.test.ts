import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  AMD_ROOTS,
  parseSnp,
  prepareSnpChain,
  type SnpEndorsements,
  snpEndorsementsFromJson,
  snpEndorsementsToJson,
  verifySnp,
  verifySnpEvidence,
} from './index.ts'
import { anchorsOf, createSnpWorld, flipped, NOW, type SnpCase, type SnpWorld, strict } from './test/snpCase.ts'

let world: SnpWorld
let genoa: SnpWorld['genoa']
let turin: SnpWorld['turin']
let machine: SnpWorld['machine']
let endorsements: SnpWorld['endorsements']
const outcome = (given?: SnpCase) => world.outcome(given)
beforeAll(async () => {
  world = await createSnpWorld()
  ;({ genoa, turin, machine, endorsements } = world)
}, 120_000)

describe('error: the chain', () => {
  const later = { from: NOW + 60, until: NOW + 3600 }
  const before = { from: NOW - 3600, until: NOW - 60 }
  it.each<[string, () => SnpCase]>([
    ['SNP_ROOT_MALFORMED', () => ({ change: (e) => ({ ...e, root: e.vek }) })],
    ['SNP_ROOT_SIGNATURE_INVALID', () => ({ change: (e) => ({ ...e, root: flipped(genoa.ark.certificate, 1300) }) })],
    ['SNP_INTERMEDIATE_MISSING', () => ({ change: ({ intermediate: _intermediate, ...e }) => e })],
    ['SNP_INTERMEDIATE_MALFORMED', () => ({ change: (e) => ({ ...e, intermediate: e.intermediate.slice(0, -1) }) })],
    ['SNP_INTERMEDIATE_MALFORMED', () => ({ change: (e) => ({ ...e, intermediate: e.vek }) })],
    ['SNP_INTERMEDIATE_ISSUER_MISMATCH', () => ({ change: (e) => ({ ...e, intermediate: turin.ask.certificate }) })],
    [
      'SNP_INTERMEDIATE_SIGNATURE_INVALID',
      () => ({ change: (e) => ({ ...e, intermediate: flipped(e.intermediate, 600) }) }),
    ],
    ['SNP_INTERMEDIATE_WRONG', () => ({ change: (e) => ({ ...e, intermediate: genoa.ark.certificate }) })],
    ['SNP_INTERMEDIATE_WRONG', () => ({ change: (e) => ({ ...e, intermediate: genoa.asvk.certificate }) })],
    ['SNP_INTERMEDIATE_WRONG', () => ({ machine: { issuer: 'asvk' } })],
    ['SNP_VEK_MISSING', () => ({ change: ({ vek: _vek, ...e }) => e })],
    ['SNP_VEK_MALFORMED', () => ({ change: (e) => ({ ...e, vek: e.vek.slice(1) }) })],
    ['SNP_VEK_MALFORMED', () => ({ machine: { commonName: 'SEV-CEK' } })],
    ['SNP_VEK_MALFORMED', () => ({ machine: { algorithm: 'ecdsa-p256' } })],
    ['SNP_VEK_ISSUER_MISMATCH', () => ({ change: (e) => ({ ...e, vek: turinVek }) })],
    ['SNP_VEK_SIGNATURE_INVALID', () => ({ change: (e) => ({ ...e, vek: flipped(e.vek, 400) }) })],
    ['SNP_VEK_SIGNATURE_INVALID', () => ({ change: (e) => ({ ...e, vek: flipped(e.vek, 15) }) })],
    ['SNP_VEK_EXPIRED', () => ({ machine: { validity: later } })],
    ['SNP_VEK_EXPIRED', () => ({ machine: { validity: before } })],
    ['SNP_ROOT_EXPIRED', () => ({ at: NOW + 21 * 365 * 86_400 })],
    ['SNP_INTERMEDIATE_EXPIRED', () => ({ at: NOW + 11 * 365 * 86_400 })],
    ['SNP_CRL_MISSING', () => ({ change: ({ crl: _crl, ...e }) => e })],
    ['SNP_CRL_MALFORMED', () => ({ change: (e) => ({ ...e, crl: new Uint8Array() }) })],
    [
      'SNP_CRL_MALFORMED',
      () => ({ change: (e) => ({ ...e, crl: new Uint8Array(16) }), policy: { dangerouslySkip: ['crl'] } }),
    ],
    ['SNP_CRL_ISSUER_MISMATCH', () => ({ change: (e) => ({ ...e, crl: turinCrl }) })],
    ['SNP_CRL_SIGNATURE_INVALID', () => ({ endorsements: { crlSigner: 'ask' } })],
    ['SNP_CRL_EXPIRED', () => ({ endorsements: { crlValidity: before } })],
    ['SNP_CRL_EXPIRED', () => ({ endorsements: { crlValidity: later } })],
    ['SNP_INTERMEDIATE_REVOKED', () => ({ endorsements: { revokedSerials: [genoa.ask.serial] } })],
    [
      'SNP_VEK_REVOKED',
      () => ({ machine: { serial: Uint8Array.of(9) }, endorsements: { revokedSerials: [Uint8Array.of(9)] } }),
    ],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { omit: ['3.8'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { omit: ['1'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { omit: ['2'] } })],
    ['SNP_VEK_EXTENSION_MISSING', () => ({ machine: { kind: 'vlek', omit: ['5'] } })],
    ['SNP_VEK_EXTENSION_MALFORMED', () => ({ machine: { structVersion: 1 } })],
    ['SNP_VEK_EXTENSION_MALFORMED', () => ({ machine: { tcb: { bootLoader: 256, tee: 0, snp: 1, microcode: 1 } } })],
    ['SNP_PRODUCT_UNKNOWN', () => ({ machine: { productName: 'Venice' } })],
    ['SNP_HWID_MISSING', () => ({ machine: { omit: ['4'] } })],
    ['SNP_HWID_LENGTH_WRONG', () => ({ machine: { hardwareId: new Uint8Array(8).fill(1) } })],
    ['SNP_HWID_LENGTH_WRONG', () => ({ machine: { hardwareId: new Uint8Array(65).fill(1) } })],
  ])('%s', async (code, given) => {
    expect(await outcome(given())).toBe(code)
  })

  const withoutRoot = ({ root: _root, ...rest }: SnpEndorsements) => rest
  let turinVek: Uint8Array
  let turinCrl: Uint8Array
  beforeAll(async () => {
    const own = await turin.createMachine()
    turinVek = own.vek
    turinCrl = (await own.endorsements()).crl
  })

  it('behavior: no anchor, no acceptance; AMD’s own do not take a simulation', async () => {
    const evidence = await machine.issueReport()
    for (const trustAnchors of [[], AMD_ROOTS]) {
      for (const given of [endorsements, withoutRoot(endorsements)]) {
        const result = await verifySnpEvidence({ evidence, endorsements: given, at: NOW, trustAnchors, policy: strict })
        expect(result).toMatchObject({ verdict: 'refused', reasonCode: 'SNP_ROOT_NOT_PINNED' })
      }
    }
  })
})

describe('a prepared chain', () => {
  const withoutCrl = ({ crl: _crl, ...rest }: SnpEndorsements) => rest
  const prepare = (skip: readonly 'crl'[] = [], given: Partial<SnpEndorsements> = endorsements) =>
    prepareSnpChain({ endorsements: given, at: NOW, trustAnchors: anchorsOf(genoa), dangerouslySkip: skip })

  it('default: the same verdict and checks as without', async () => {
    const [chain, evidence] = [await prepare(), await machine.issueReport()]
    const result = await verifySnpEvidence({ evidence, chain, at: NOW, policy: strict })
    const fresh = await verifySnpEvidence({
      evidence,
      endorsements,
      trustAnchors: anchorsOf(genoa),
      at: NOW,
      policy: strict,
    })
    expect(result).toEqual(fresh)
    expect(result.verdict).toBe('accepted')
  })

  it('error: outside of the validity of what it holds', async () => {
    const [chain, evidence] = [await prepare(), await machine.issueReport()]
    const codeAt = async (at: number) => {
      const result = await verifySnpEvidence({ evidence, chain, at, policy: strict })
      return result.verdict === 'refused' ? result.reasonCode : result.verdict
    }
    expect(await codeAt(NOW + 366 * 86_400)).toBe('SNP_CRL_EXPIRED')
    expect(await codeAt(NOW + 8 * 366 * 86_400)).toBe('SNP_VEK_EXPIRED')
    expect(await codeAt(NOW - 2 * 86_400)).toBe('SNP_ROOT_EXPIRED')
    expect(await codeAt(Number.NaN)).toBe('SNP_ROOT_EXPIRED')
  })

  it('behavior: holds copies, whatever becomes of the buffers that it was made from', async () => {
    const buffers = { ...endorsements, vek: Buffer.from(endorsements.vek), crl: Buffer.from(endorsements.crl) }
    const preparing = prepare([], buffers)
    buffers.crl.fill(0)
    const chain = await preparing
    buffers.vek.fill(0)
    const result = await verifySnpEvidence({ evidence: await machine.issueReport(), chain, at: NOW, policy: strict })
    expect(result.verdict).toBe('accepted')
  })

  it('error: one without a CRL does not meet a policy that wants it', async () => {
    const chain = await prepare(['crl'], withoutCrl(endorsements))
    const result = await verifySnpEvidence({ evidence: await machine.issueReport(), chain, at: NOW, policy: strict })
    expect(result).toMatchObject({ verdict: 'refused', reasonCode: 'SNP_CRL_MISSING' })
  })

  it('error: verifySnp throws what verifySnpEvidence lists', async () => {
    const evidence = parseSnp(await machine.issueReport({ vmpl: 0xffff_ffff }))
    await expect(verifySnp({ evidence, chain: await prepare(), at: NOW })).rejects.toMatchObject({
      code: 'SNP_HOST_REQUESTED',
    })
  })

  it('property: no flipped bit of the signed part is accepted', async () => {
    const [chain, evidence] = [await prepare(), await machine.issueReport()]
    const accepted: number[] = []
    for (let bit = 0; bit < 8 * 0x2a0; bit++) {
      const changed = evidence.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const result = await verifySnpEvidence({ evidence: changed, chain, at: NOW, policy: strict })
      if (result.verdict === 'accepted') accepted.push(bit)
    }
    expect(accepted).toEqual([])
  })

  it('property: no changed byte of an endorsement is accepted', async () => {
    const evidence = await machine.issueReport()
    const field = fc.constantFrom('vek' as const, 'intermediate' as const, 'crl' as const)
    await fc.assert(
      fc.asyncProperty(field, fc.nat(), fc.integer({ min: 1, max: 255 }), async (name, place, change) => {
        const bytes = endorsements[name].slice()
        const at = place % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ change
        const result = await verifySnpEvidence({
          evidence,
          endorsements: { ...endorsements, [name]: bytes },
          trustAnchors: anchorsOf(genoa),
          at: NOW,
          policy: strict,
        })
        expect(result.verdict).toBe('refused')
      }),
      { numRuns: 300 },
    )
  })
})

describe('endorsements as JSON', () => {
  it('default: there and back', () => {
    expect(snpEndorsementsFromJson(snpEndorsementsToJson(endorsements))).toEqual(endorsements)
    expect(snpEndorsementsFromJson({})).toEqual({})
  })

  it.each([[null], [[]], [{ vek: 1 }], [{ vek: '!' }], [{ vcek: '' }]])('error: %j', (json) => {
    expect(() => snpEndorsementsFromJson(json)).toThrow(expect.objectContaining({ code: 'SNP_ENDORSEMENTS_MALFORMED' }))
  })
})
