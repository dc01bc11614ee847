import {
  caExtensions,
  generatePkiKey,
  issuePkiCertificate,
  issuePkiCrl,
  leafExtensions,
  type PkiAlgorithm,
  type PkiKey,
  pkiExtension,
  simulatedName,
} from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectCa, isSigningLeaf, verifyCrl, verifyIssued } from './chain.ts'
import { parsePublicKey } from './publicKey.ts'
import { parseCertificate } from './x509.ts'
import { verifySigned } from './x509Signed.ts'

const VALIDITY = { from: 1_760_000_000, until: 1_770_000_000 }
const AT = 1_765_000_000
const ROOT = simulatedName('Root', 'any vendor')
const LEAF = simulatedName('Leaf', 'any vendor')
const CODES = {
  issuerMismatch: 'DCAP_PCK_ISSUER_MISMATCH',
  signatureInvalid: 'DCAP_PCK_SIGNATURE_INVALID',
  expired: 'DCAP_PCK_EXPIRED',
  revoked: 'DCAP_PCK_REVOKED',
} as const
const CRL_CODES = {
  missing: 'DCAP_PCK_CRL_MISSING',
  malformed: 'DCAP_PCK_CRL_MALFORMED',
  issuerMismatch: 'DCAP_PCK_CRL_ISSUER_MISMATCH',
  signatureInvalid: 'DCAP_PCK_CRL_SIGNATURE_INVALID',
  expired: 'DCAP_PCK_CRL_EXPIRED',
} as const
const ALGORITHMS: readonly PkiAlgorithm[] = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa-pss-4096']

const parse = (bytes: Uint8Array) => parseCertificate({ bytes, code: 'DCAP_PCK_MALFORMED' })

let keys: Readonly<Record<PkiAlgorithm, PkiKey>>
beforeAll(async () => {
  const made = await Promise.all(ALGORITHMS.map(async (name) => [name, await generatePkiKey(name)] as const))
  keys = Object.fromEntries(made) as Record<PkiAlgorithm, PkiKey>
})

const rootOf = (key: PkiKey, extensions = caExtensions()) =>
  issuePkiCertificate({
    serial: Uint8Array.of(1),
    subject: ROOT,
    subjectKey: key,
    issuer: ROOT,
    issuerKey: key,
    validity: VALIDITY,
    extensions,
  })

const leafOf = (issuerKey: PkiKey, subjectKey: PkiKey, extensions: readonly Uint8Array[] = leafExtensions()) =>
  issuePkiCertificate({
    serial: Uint8Array.of(0x7f, 2),
    subject: LEAF,
    subjectKey,
    issuer: ROOT,
    issuerKey,
    validity: VALIDITY,
    extensions,
  })

describe.each(ALGORITHMS)('certificates signed with %s', (algorithm) => {
  test('default: root and leaf verify, with names, key and uses read', async () => {
    const root = parse(await rootOf(keys[algorithm], caExtensions(0)))
    const leaf = parse(await leafOf(keys[algorithm], keys['ecdsa-p384']))
    expect(await verifySigned(root, root.key)).toBe(true)
    await verifyIssued(leaf, root, { at: AT, crl: undefined, codes: CODES })
    expectCa(root, 'DCAP_PCK_MALFORMED')
    expect([root.commonName, root.pathLength, leaf.serial, isSigningLeaf(leaf)]).toEqual(['Root', 0, '7f02', true])
    expect(leaf.key).toEqual({ type: 'ec', curve: 'P-384', point: keys['ecdsa-p384'].point })
    expect(leaf.spki).toEqual(keys['ecdsa-p384'].spki)
    expect(parsePublicKey({ bytes: keys[algorithm].spki, code: 'DCAP_PCK_MALFORMED' })).toEqual(root.key)
  })

  test('error: another key of the same kind, a flipped byte of body or signature', async () => {
    const other = parse(await rootOf(await generatePkiKey(algorithm === 'rsa-pss-4096' ? 'ecdsa-p256' : algorithm)))
    const root = parse(await rootOf(keys[algorithm]))
    const bytes = await leafOf(keys[algorithm], keys['ecdsa-p256'])
    await expect(verifyIssued(parse(bytes), other, { at: AT, crl: undefined, codes: CODES })).rejects.toMatchObject({
      code: CODES.signatureInvalid,
    })
    for (const at of [bytes.length - 1, 20]) {
      const changed = bytes.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      const attempt = async () => verifyIssued(parse(changed), root, { at: AT, crl: undefined, codes: CODES })
      await expect(attempt()).rejects.toMatchObject({
        code: expect.stringMatching(/DCAP_PCK_(SIGNATURE_INVALID|MALFORMED|ISSUER_MISMATCH)/),
      })
    }
  })

  test('behavior: a CRL refuses what it lists, and is itself judged by issuer, signature and window', async () => {
    const root = parse(await rootOf(keys[algorithm]))
    const leaf = parse(await leafOf(keys[algorithm], keys['ecdsa-p256']))
    const crlOf = (issuerKey: PkiKey, issuer = ROOT) =>
      issuePkiCrl({ issuer, issuerKey, validity: VALIDITY, crlNumber: 7, revokedSerials: [Uint8Array.of(0x7f, 2)] })
    const judge = async (bytes: Uint8Array | undefined, at = AT) => verifyCrl(bytes, root, { at, codes: CRL_CODES })
    const crl = await judge(await crlOf(keys[algorithm]))
    expect([crl.number, [...crl.revokedSerials]]).toEqual(['07', ['7f02']])
    const revoked = verifyIssued(leaf, root, { at: AT, crl, codes: CODES })
    await expect(revoked).rejects.toMatchObject({ code: CODES.revoked })
    const good = await crlOf(keys[algorithm])
    await expect(judge(undefined)).rejects.toMatchObject({ code: CRL_CODES.missing })
    await expect(judge(good.subarray(1))).rejects.toMatchObject({ code: CRL_CODES.malformed })
    await expect(judge(good, VALIDITY.until + 1)).rejects.toMatchObject({ code: CRL_CODES.expired })
    await expect(judge(good, VALIDITY.from - 1)).rejects.toMatchObject({ code: CRL_CODES.expired })
    await expect(judge(await crlOf(keys[algorithm], LEAF))).rejects.toMatchObject({ code: CRL_CODES.issuerMismatch })
    const foreign = await crlOf(keys[algorithm === 'ecdsa-p256' ? 'ecdsa-p384' : 'ecdsa-p256'])
    await expect(judge(foreign)).rejects.toMatchObject({ code: CRL_CODES.signatureInvalid })
  })
})

describe('form of certificates', () => {
  test.each([
    ['an unknown critical extension', [pkiExtension('1.2.3.4', new Uint8Array(1), true)]],
    ['a repeated extension', [...leafExtensions(), ...leafExtensions()]],
  ])('error: %s', async (_, extensions) => {
    const bytes = await leafOf(keys['ecdsa-p256'], keys['ecdsa-p256'], extensions)
    expect(() => parse(bytes)).toThrow('DCAP_PCK_MALFORMED')
  })

  test('behavior: an extension that the caller names may be critical', async () => {
    const extensions = [pkiExtension('1.2.3.4', Uint8Array.of(5, 0), true)]
    const bytes = await leafOf(keys['ecdsa-p256'], keys['ecdsa-p256'], extensions)
    const found = parseCertificate({ bytes, code: 'DCAP_PCK_MALFORMED' }, { criticalExtensions: ['2a0304'] })
    expect([...found.extensions.keys()]).toEqual(['2a0304'])
  })

  test('error: a CA with fewer CAs allowed below than there are', async () => {
    const root = parse(await rootOf(keys['ecdsa-p256'], caExtensions(0)))
    expect(() => expectCa(root, 'DCAP_PCK_MALFORMED', { casBelow: 1 })).toThrow('path length')
    expect(() => expectCa(parse(root.document.bytes.slice()), 'DCAP_PCK_MALFORMED')).not.toThrow()
  })

  test('error: bytes behind the end, and a certificate cut anywhere', async () => {
    const bytes = await leafOf(keys['ecdsa-p384'], keys['ecdsa-p384'])
    expect(() => parse(Uint8Array.of(...bytes, 0))).toThrow('DCAP_PCK_MALFORMED')
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parse(bytes.subarray(0, length))).toThrow('DCAP_PCK_MALFORMED')
    }
  })
})
