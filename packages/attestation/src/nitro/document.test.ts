import {
  type CborKey,
  cborArray,
  cborBytes,
  cborInteger,
  cborMap,
  cborNull,
  cborText,
  generatePkiKey,
  nitroPcrs,
  signCose,
} from '@spartan/simulator'
import { describe, expect, test } from 'vitest'
import { concat } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { nitroEndorsementsFromJson, nitroEndorsementsToJson, parseNitro } from './index.ts'
import { appraised, field, HOUR, judge, NOW, reasonOf, root } from './test/nitroCase.ts'

describe('verifyNitroEvidence', () => {
  test('default: accepts, with claims and every check listed in order', async () => {
    const [userData, nonce, publicKey] = [Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5, 6)]
    const policy = {
      userData: { expected: '0x0102' },
      nonce: { expected: '03' },
      publicKey: { expected: '040506' },
    }
    const result = await judge({ workload: 'trend', userData, nonce, publicKey }, appraised(policy))
    if (result.verdict === 'refused') throw result.error
    expect(result.claims).toMatchObject({
      tee: 'nitro',
      simulated: true,
      trustTier: 'simulated',
      tcbStatus: 'Unknown',
      platformId: undefined,
      moduleId: 'i-00000000000000000-enc0000000000000000',
      timestampMs: NOW * 1000,
      reportData: userData,
      userData,
      nonce,
      publicKey,
      endorsementAgeSeconds: HOUR,
      // The signing certificate ends first.
      earliestExpiry: NOW + 1.5 * HOUR,
    })
    expect(result.claims.measurements.pcr0).toEqual((await nitroPcrs('trend')).get(0))
    expect(result.checks.filter(({ status }) => status !== 'done').map(({ id }) => id)).toEqual(['pcrs'])
  })

  test('behavior: indefinite map or not, tag 18 or not, fields null or absent', async () => {
    for (const indefinite of [true, false]) {
      for (const tagged of [true, false]) expect(await reasonOf({ indefinite, tagged })).toBe('accepted')
    }
    const result = await judge({ change: (fields) => void fields.delete('nonce') })
    expect(result).toMatchObject({ verdict: 'accepted', claims: { nonce: undefined } })
    const empty = await judge({ userData: new Uint8Array() })
    expect(empty).toMatchObject({ verdict: 'accepted', claims: { userData: new Uint8Array() } })
  })

  test('behavior: the evidence id is the hash of what is signed, with and without tag', async () => {
    const tagged = await root.issueDocument({ tagged: true })
    const { toBeSigned } = parseNitro(tagged).message
    for (const evidence of [tagged, tagged.subarray(1)]) {
      const result = await judge({}, { evidence })
      expect(result.verdict === 'accepted' && result.claims.evidenceId).toEqual(await sha256(toBeSigned))
    }
  })

  test('error: codes of the message', async () => {
    const good = await root.issueDocument()
    expect(await reasonOf({}, { evidence: concat(good, new Uint8Array(1)) })).toBe('NITRO_TRAILING_BYTES')
    expect(await reasonOf({}, { evidence: new Uint8Array() })).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(await reasonOf({}, { evidence: new Uint8Array(20_000) })).toBe('NITRO_DOCUMENT_MALFORMED')
    const key = await generatePkiKey('ecdsa-p384')
    for (const payload of [cborArray(), cborNull(), new Uint8Array()]) {
      expect(await reasonOf({}, { evidence: await signCose(payload, key) })).toBe('NITRO_DOCUMENT_MALFORMED')
    }
    const unprotectedHeaders = new Map([[4, cborBytes(Uint8Array.of(1))]])
    expect(await reasonOf({ unprotectedHeaders })).toBe('NITRO_DOCUMENT_MALFORMED')
    const protectedHeaders = new Map([[1, cborInteger(-7)]])
    expect(await reasonOf({ protectedHeaders })).toBe('NITRO_ALGORITHM_UNSUPPORTED')
    const critical = new Map([
      [1, cborInteger(-35)],
      [2, cborArray(cborInteger(99))],
    ])
    expect(await reasonOf({ protectedHeaders: critical })).toBe('NITRO_CRITICAL_HEADER_UNSUPPORTED')
  })

  test('error: NITRO_FIELD_MISSING, NITRO_FIELD_UNKNOWN', async () => {
    for (const name of ['module_id', 'digest', 'timestamp', 'pcrs', 'certificate', 'cabundle']) {
      expect(await reasonOf(field(name, undefined))).toBe('NITRO_FIELD_MISSING')
      expect(await reasonOf(field(name, cborNull()))).toBe('NITRO_FIELD_MALFORMED')
    }
    expect(await reasonOf(field('extra', cborNull()))).toBe('NITRO_FIELD_UNKNOWN')
    expect(await reasonOf(field(1, cborNull()))).toBe('NITRO_FIELD_UNKNOWN')
  })

  const zeros = (size: number) => cborBytes(new Uint8Array(size))
  const pcrs = (...entries: readonly (readonly [CborKey, Uint8Array])[]) => cborMap(new Map(entries))
  test.each([
    ['module_id', cborText('')],
    ['module_id', zeros(8)],
    ['digest', cborText('SHA256')],
    ['timestamp', cborInteger(0)],
    ['timestamp', cborInteger(-1)],
    ['timestamp', cborText('1767472867402')],
    ['pcrs', pcrs()],
    ['pcrs', pcrs([32, zeros(48)])],
    ['pcrs', pcrs([-1, zeros(48)])],
    ['pcrs', pcrs(['0', zeros(48)])],
    ['pcrs', pcrs([0, zeros(47)])],
    ['pcrs', pcrs([0, cborText('x'.repeat(48))])],
    ['pcrs', cborArray(zeros(48))],
    ['certificate', zeros(0)],
    ['certificate', zeros(1025)],
    ['cabundle', cborArray()],
    ['cabundle', cborArray(zeros(1025))],
    ['cabundle', cborArray(...Array.from({ length: 9 }, () => zeros(1)))],
    ['public_key', zeros(0)],
    ['public_key', zeros(1025)],
    ['user_data', zeros(513)],
    ['user_data', cborText('x')],
    ['nonce', zeros(513)],
  ])('error: NITRO_FIELD_MALFORMED for %s', async (name, value) => {
    expect(await reasonOf(field(name, value))).toBe('NITRO_FIELD_MALFORMED')
  })

  test('error: indefinite lengths anywhere but in the outermost map', async () => {
    const indefinite = Uint8Array.of(0xbf, 0x00, ...zeros(48), 0xff)
    expect(await reasonOf(field('pcrs', indefinite))).toBe('NITRO_DOCUMENT_MALFORMED')
    expect(await reasonOf({ indefinite: true, ...field('pcrs', indefinite) })).toBe('NITRO_DOCUMENT_MALFORMED')
  })

  test('error: NITRO_DOCUMENT_SIGNATURE_INVALID', async () => {
    const evidence = await root.issueDocument({ userData: new Uint8Array(32).fill(0xaa) })
    const changed = Uint8Array.from(evidence)
    changed[changed.indexOf(0xaa)] = 0xab
    expect(await reasonOf({}, { evidence: changed })).toBe('NITRO_DOCUMENT_SIGNATURE_INVALID')
  })
})

describe('endorsements', () => {
  test('default: as JSON and back', async () => {
    const endorsements = await root.endorsements()
    const json = JSON.parse(JSON.stringify(nitroEndorsementsToJson(endorsements)))
    expect(nitroEndorsementsFromJson(json)).toEqual(endorsements)
  })

  test('error: NITRO_ENDORSEMENTS_MALFORMED', () => {
    for (const json of [
      undefined,
      null,
      [],
      {},
      { crls: 'x' },
      { crls: [1] },
      { crls: ['*'] },
      { crls: [], more: 1 },
    ]) {
      const code = 'NITRO_ENDORSEMENTS_MALFORMED'
      expect(() => nitroEndorsementsFromJson(json)).toThrow(expect.objectContaining({ code }))
    }
  })
})
