import { encodeNitroEvidence, nitroCertificatesOf, nitroEndorsementsAbi, nitroUploads } from '@spartan/abi'
import {
  caExtensions,
  createNitroRoot,
  generatePkiKey,
  issuePkiCrl,
  leafExtensions,
  type NitroCrlOptions,
  type NitroRootOptions,
  pkiExtension,
  type SimulatedNitroRoot,
  simulatedName,
} from '@spartan/simulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appraised, HOUR, judge, NOW } from '../../packages/attestation/src/nitro/test/nitroCase.ts'
import { type NitroChain, type NitroStore, startNitro } from '../support/nitroWorld.ts'
import { outcome } from '../support/vendorChain.ts'

const NO_POLICY = appraised({ debug: 'accept', maxDocumentAgeSeconds: 'any', maxEndorsementAgeSeconds: 'any' })
/** Everything in the long test that lapses does so here. */
const LAPSE = NOW + 1_000
const LATER = NOW + 1_200

let chain: NitroChain
beforeAll(async () => {
  chain = await startNitro(NOW)
})
afterAll(() => chain.close())

const filesOf = async (root: SimulatedNitroRoot, options: NitroCrlOptions = {}) => {
  const { crls } = await root.endorsements(options)
  const issuers = [0, 1, 3]
  return {
    certificates: nitroCertificatesOf(await root.issueDocument()),
    crls: new Map(crls.map((crl, index) => [issuers[index] ?? 0, crl])),
  }
}

/** What the library says of a root's document at a time. */
async function libraryOf(root: SimulatedNitroRoot, at: number, options: NitroCrlOptions = {}): Promise<string> {
  const endorsements = await root.endorsements(options)
  const result = await judge({}, { ...NO_POLICY, at, endorsements }, root)
  return result.verdict === 'refused' ? result.reasonCode : 'accepted'
}

/** What becomes of registering everything and verifying a document, in a store of its own. */
async function contractOf(root: SimulatedNitroRoot, options: NitroCrlOptions = {}): Promise<string> {
  const nitro = await chain.deploy({ simulationRoot: root.certificate })
  return outcome(
    filesOf(root, options)
      .then(nitro.register)
      .then(() => root.issueDocument())
      .then(nitro.verifyDocument),
  )
}

async function expectBoth(options: Partial<NitroRootOptions>, code: string): Promise<void> {
  const root = await createNitroRoot({ now: NOW, ...options })
  expect([await libraryOf(root, NOW), await contractOf(root)]).toEqual([code, code])
}

describe('NitroEndorsements', () => {
  test('error: codes of use and path length are those of the library', async () => {
    await expectBoth({ pathLengths: { regional: 1 } }, 'NITRO_CA_PATH_LENGTH_EXCEEDED')
    await expectBoth({ pathLengths: { root: 2 } }, 'NITRO_CA_PATH_LENGTH_EXCEEDED')
    await expectBoth({ pathLengths: { root: 3 } }, 'accepted')
    await expectBoth({ extensions: { root: leafExtensions() } }, 'NITRO_ROOT_MALFORMED')
    await expectBoth({ extensions: { instance: leafExtensions() } }, 'NITRO_CA_MALFORMED')
    const [constraints = new Uint8Array()] = caExtensions()
    const crlSigner = [constraints, pkiExtension('2.5.29.15', Uint8Array.of(3, 2, 1, 2), true)]
    await expectBoth({ extensions: { zonal: crlSigner } }, 'NITRO_CA_MALFORMED')
    await expectBoth({ extensions: { enclave: [constraints, ...leafExtensions()] } }, 'NITRO_CERTIFICATE_MALFORMED')
    await expectBoth({ extensions: { enclave: [] } }, 'NITRO_CERTIFICATE_MALFORMED')
  })

  test('error: certificates of another curve or signature', async () => {
    await expectBoth({ algorithms: { root: 'ecdsa-p256' } }, 'NITRO_ROOT_MALFORMED')
    await expectBoth({ algorithms: { zonal: 'ecdsa-p521' } }, 'NITRO_CA_MALFORMED')
    const root = await createNitroRoot({ now: NOW, algorithms: { enclave: 'ecdsa-p256' } })
    const nitro = await chain.deploy({ simulationRoot: root.certificate })
    const files = { certificates: [...root.cabundle, root.enclave], crls: new Map() }
    expect(await outcome(nitro.register(files))).toBe('NITRO_CERTIFICATE_MALFORMED')
  })

  describe('one chain', () => {
    let root: SimulatedNitroRoot
    let stranger: SimulatedNitroRoot
    let nitro: NitroStore
    let ids: readonly string[]
    beforeAll(async () => {
      ;[root, stranger] = await Promise.all([createNitroRoot({ now: NOW }), createNitroRoot({ now: NOW })])
      nitro = await chain.deploy({ simulationRoot: root.certificate })
      const files = await filesOf(root)
      await nitro.register({ ...files, crls: new Map() })
      ids = (await nitroUploads(files)).flatMap(({ functionName, args }) =>
        functionName === 'registerRoot' ? [] : [`${args[0]}`],
      )
    })

    test('error: roots that are not pinned, parents that are not there', async () => {
      expect(await contractWith(stranger)).toBe('NITRO_ROOT_NOT_PINNED')
      const [, ca, , , leaf] = await nitroUploads(await filesOf(stranger))
      if (!ca || !leaf) throw new Error('no uploads')
      expect(await outcome(nitro.upload(ca))).toBe('NITRO_CA_MISSING')
      expect(await outcome(nitro.upload(leaf))).toBe('NITRO_CA_MISSING')
      async function contractWith(other: SimulatedNitroRoot) {
        return outcome(filesOf(other).then(nitro.register))
      }
    })

    test('error: certificates of the same names and another key, of another issuer, below a leaf', async () => {
      const own = await filesOf(root)
      const foreign = await filesOf(stranger)
      const mixed = (from: number) => ({
        certificates: [...own.certificates.slice(0, from), ...foreign.certificates.slice(from)],
        crls: new Map<number, Uint8Array>(),
      })
      expect(await outcome(nitro.register(mixed(1)))).toBe('NITRO_CA_SIGNATURE_INVALID')
      expect(await outcome(nitro.register(mixed(4)))).toBe('NITRO_CERTIFICATE_SIGNATURE_INVALID')
      const gap = { certificates: own.certificates.filter((_, index) => index !== 1), crls: new Map() }
      expect(await outcome(nitro.register(gap))).toBe('NITRO_CA_ISSUER_MISMATCH')
      const short = { certificates: own.certificates.filter((_, index) => index !== 3), crls: new Map() }
      expect(await outcome(nitro.register(short))).toBe('NITRO_CERTIFICATE_ISSUER_MISMATCH')
      const uploads = await nitroUploads(own)
      const [, , , , leaf] = uploads
      if (!leaf) throw new Error('no leaf')
      const { certificateId } = await encodeNitroEvidence(await root.issueDocument())
      const below = { ...leaf, args: [certificateId, ...leaf.args.slice(1)] }
      expect(await outcome(nitro.upload(below))).toBe('NITRO_CERTIFICATE_ISSUER_MISMATCH')
      expect(await outcome(nitro.upload({ ...below, functionName: 'registerCa' }))).toBe('NITRO_CA_MALFORMED')
    })

    test('error: bytes and proofs that are wrong', async () => {
      const [, ca, , , leaf] = await nitroUploads(await filesOf(root))
      if (!ca || !leaf) throw new Error('no uploads')
      for (const [upload, area] of [
        [ca, 'CA'],
        [leaf, 'CERTIFICATE'],
      ] as const) {
        const [parent = '0x', der = '0x', proof = '0x'] = upload.args
        const wrong = `${proof}`.replace(/..$/, (last) => (last === '00' ? '01' : '00')) as `0x${string}`
        const sent = (args: (typeof upload)['args']) => outcome(nitro.upload({ ...upload, args }))
        expect(await sent([parent, der, '0x'])).toBe(`NITRO_${area}_SIGNATURE_INVALID`)
        expect(await sent([parent, der, wrong])).toBe(`NITRO_${area}_SIGNATURE_INVALID`)
        expect(await sent([parent, `${der}00` as `0x${string}`, proof])).toBe(`NITRO_${area}_MALFORMED`)
        expect(await sent([parent, `${der}`.slice(0, -2) as `0x${string}`, proof])).toBe(`NITRO_${area}_MALFORMED`)
        // The same again is the same.
        expect(await sent(upload.args)).toBe('accepted')
      }
    })

    test('revocation: missing, then current, then revoked for good', async () => {
      const document = await root.issueDocument()
      const says = () => outcome(nitro.verifyDocument(document))
      const files = await filesOf(root)
      const [, , , , , ofRoot, ofRegional] = await nitroUploads(files)
      if (!ofRoot || !ofRegional) throw new Error('no CRLs')
      expect(await says()).toBe('NITRO_CRL_MISSING')
      await nitro.upload(ofRoot)
      expect(await says()).toBe('NITRO_CRL_MISSING')
      await nitro.upload(ofRegional)
      expect(await says()).toBe('accepted')
      // The instance CA's certificates name no place for a CRL; one that revokes counts even so, and a later one without does not undo it.
      const upload = async (options: NitroCrlOptions) => {
        const all = await nitroUploads(await filesOf(root, options))
        for (const call of all.slice(5)) await nitro.upload(call)
      }
      await upload({ revoked: ['enclave'] })
      expect(await says()).toBe('NITRO_CERTIFICATE_REVOKED')
      expect(await libraryOf(root, NOW, { revoked: ['enclave'] })).toBe('NITRO_CERTIFICATE_REVOKED')
      await upload({})
      expect(await says()).toBe('NITRO_CERTIFICATE_REVOKED')
      const older = await nitroUploads(await filesOf(root, { validity: { from: NOW - 2 * HOUR, until: NOW + HOUR } }))
      expect(await outcome(nitro.upload(older[5] ?? ofRoot))).toBe('NITRO_CRL_ROLLBACK')
    })

    test('error: codes of the CRLs', async () => {
      const [rootId = '', regionalId = ''] = ids
      const uploads = await nitroUploads(await filesOf(root))
      const ofRoot = uploads[5]
      if (!ofRoot) throw new Error('no CRL')
      const [, crl = '0x', proof = '0x', count = 0n] = ofRoot.args
      const sent = (...args: readonly (string | bigint)[]) =>
        outcome(nitro.upload({ functionName: 'uploadCrl', args: args as typeof ofRoot.args }))
      expect(await sent(`0x${'11'.repeat(32)}`, crl, proof, count)).toBe('NITRO_CA_MISSING')
      expect(await sent(regionalId, crl, proof, count)).toBe('NITRO_CRL_ISSUER_MISMATCH')
      const { certificateId } = await encodeNitroEvidence(await root.issueDocument())
      expect(await sent(certificateId, crl, proof, count)).toBe('NITRO_CRL_ISSUER_MISMATCH')
      expect(await sent(rootId, `${crl}00`, proof, count)).toBe('NITRO_CRL_MALFORMED')
      expect(await sent(rootId, crl, '0x', count)).toBe('NITRO_CRL_SIGNATURE_INVALID')
      const issuerKey = await generatePkiKey('ecdsa-p384')
      const forged = await issuePkiCrl({
        issuer: simulatedName('root.nitro-enclaves', 'AWS'),
        issuerKey,
        validity: { from: NOW, until: NOW },
        crlNumber: 9,
        revokedSerials: [],
      })
      const [forgery] = (
        await nitroUploads({
          certificates: nitroCertificatesOf(await root.issueDocument()),
          crls: new Map([[0, forged]]),
        })
      ).slice(5)
      expect(await sent(...(forgery?.args ?? []))).toBe('NITRO_CRL_SIGNATURE_INVALID')
      for (const validity of [
        { from: NOW - 2, until: NOW - 1 },
        { from: NOW + HOUR, until: NOW + 2 * HOUR },
      ]) {
        const expired = (await nitroUploads(await filesOf(root, { validity })))[5]
        expect(await sent(...(expired?.args ?? []))).toBe('NITRO_CRL_EXPIRED')
      }
    })
  })

  test('error: a certificate that is revoked or outside its validity is not registered', async () => {
    for (const level of ['regional', 'zonal'] as const) {
      const root = await createNitroRoot({ now: NOW })
      const options = { revoked: [level] }
      expect([await libraryOf(root, NOW, options), await contractOf(root, options)]).toEqual([
        'NITRO_CA_REVOKED',
        'NITRO_CA_REVOKED',
      ])
      // The other way round: the CRL is there before the certificate.
      const nitro = await chain.deploy({ simulationRoot: root.certificate })
      const uploads = await nitroUploads(await filesOf(root, options))
      const index = level === 'regional' ? 1 : 2
      const crl = uploads[index + 4]
      if (!crl) throw new Error('no CRL')
      for (const call of [...uploads.slice(0, index), crl]) await nitro.upload(call)
      const revoked = uploads[index]
      expect(revoked && (await outcome(nitro.upload(revoked)))).toBe('NITRO_CA_REVOKED')
    }
    const future = { from: NOW + HOUR, until: NOW + 2 * HOUR }
    await expectBoth({ validity: { zonal: future } }, 'NITRO_CA_EXPIRED')
    await expectBoth({ validity: { enclave: { from: 0, until: NOW - 1 } } }, 'NITRO_CERTIFICATE_EXPIRED')
  })

  test('error: a simulation root or skipped revocation outside of test chains', async () => {
    const root = await createNitroRoot({ now: NOW })
    for (const options of [{ simulationRoot: root.certificate }, { dangerouslySkipRevocation: true }]) {
      expect(await outcome(chain.deploy({ ...options, devMode: false }))).toBe('NITRO_TEST_CHAIN_ONLY')
    }
    const production = await chain.deploy({})
    const skips = {
      address: production.store.address,
      abi: nitroEndorsementsAbi,
      functionName: 'dangerouslySkipRevocation',
    } as const
    expect(await chain.client.readContract(skips)).toBe(false)
    expect(await outcome(filesOf(root).then(production.register))).toBe('NITRO_ROOT_NOT_PINNED')
    const skipping = await chain.deploy({ simulationRoot: root.certificate, dangerouslySkipRevocation: true })
    const files = await filesOf(root, { revoked: ['zonal'] })
    await skipping.register({ ...files, crls: new Map() })
    expect(await outcome(skipping.verifyDocument(await root.issueDocument()))).toBe('accepted')
    // A revocation that is known counts even so.
    for (const call of (await nitroUploads(files)).slice(5)) await skipping.upload(call)
    expect(await outcome(skipping.verifyDocument(await root.issueDocument()))).toBe('NITRO_CA_REVOKED')
  })

  test('a revocation that is learnt later reaches what is registered, whoever’s it is, and nobody else', async () => {
    const root = await createNitroRoot({ now: NOW })
    const document = await root.issueDocument()
    const validity = { from: NOW - HOUR, until: NOW + HOUR }
    const cases = [
      ['accepted', { validity, alsoRevoked: [Uint8Array.of(0x7f, 1)] }],
      ['NITRO_CERTIFICATE_REVOKED', { revoked: ['enclave'] }],
      ['NITRO_CA_REVOKED', { revoked: ['zonal'] }],
      ['NITRO_CA_REVOKED', { revoked: ['regional'] }],
    ] as const
    for (const [code, options] of cases) {
      const nitro = await chain.deploy({ simulationRoot: root.certificate })
      await nitro.register(await filesOf(root))
      expect((await nitro.verifyDocument(document)).earliestExpiry).toBeGreaterThan(validity.until)
      for (const call of (await nitroUploads(await filesOf(root, options))).slice(5)) await nitro.upload(call)
      expect([await libraryOf(root, NOW, options), await outcome(nitro.verifyDocument(document))]).toEqual([code, code])
      if (code !== 'accepted') continue
      // With a revocation on a CRL the chain is walked: the CRLs end first.
      expect((await nitro.verifyDocument(document)).earliestExpiry).toBe(BigInt(validity.until))
    }
  })

  test('every use asks for validity again: leaf, CA, root, CRL', async () => {
    const until = { from: NOW - HOUR, until: LAPSE }
    const cases = [
      ['NITRO_CERTIFICATE_EXPIRED', { validity: { enclave: until } }, {}],
      ['NITRO_CERTIFICATE_EXPIRED', { validity: { enclave: until, instance: until } }, {}],
      ['NITRO_CA_EXPIRED', { validity: { zonal: until } }, {}],
      ['NITRO_ROOT_EXPIRED', { validity: { root: until } }, {}],
      ['NITRO_CRL_EXPIRED', {}, { validity: until }],
      ['accepted', {}, {}],
    ] as const
    const made = []
    for (const [code, options, crl] of cases) {
      const root = await createNitroRoot({ now: NOW, ...options })
      const nitro = await chain.deploy({ simulationRoot: root.certificate })
      await nitro.register(await filesOf(root, crl))
      const document = await root.issueDocument()
      const claims = await nitro.verifyDocument(document)
      if (code !== 'accepted') expect(claims.earliestExpiry).toBe(BigInt(LAPSE))
      made.push({ code, root, crl, nitro, document })
    }
    await chain.travelTo(LATER)
    for (const { code, root, crl, nitro, document } of made) {
      expect([await libraryOf(root, LATER, crl), await outcome(nitro.verifyDocument(document))]).toEqual([code, code])
    }
  })
})
