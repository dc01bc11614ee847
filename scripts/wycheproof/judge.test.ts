import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judgeFiles, judgeWycheproof } from './judge.ts'
import { loadWycheproof, WycheproofFileError } from './load.ts'

const MESSAGE = Buffer.from('message')

/** A file of one group with a good and a changed signature, the second expected to be valid where `lie` says so. */
function ecdsaFile(change: Record<string, unknown> = {}, lie = false) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const good = sign('sha384', MESSAGE, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const bad = Buffer.from(good)
  bad[3] = (bad[3] ?? 0) ^ 1
  const cases = [
    { tcId: 1, msg: MESSAGE.toString('hex'), sig: good.toString('hex'), result: 'valid' },
    { tcId: 2, msg: MESSAGE.toString('hex'), sig: bad.toString('hex'), result: lie ? 'valid' : 'invalid' },
    { tcId: 3, msg: MESSAGE.toString('hex'), sig: '00', result: 'acceptable' },
  ]
  const group = {
    type: 'EcdsaP1363Verify',
    publicKey: { curve: 'secp384r1', uncompressed: pointOf(publicKey).toString('hex') },
    publicKeyDer: publicKey.export({ type: 'spki', format: 'der' }).toString('hex'),
    sha: 'SHA-384',
    tests: cases,
    ...change,
  }
  return { path: write({ testGroups: [group] }), publicKey }
}

function pointOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}

function write(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'wycheproof-')), 'file.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('Wycheproof files', () => {
  test('default: counts what is right and names what is not', async () => {
    const { path, publicKey } = ecdsaFile({}, true)
    const [first] = loadWycheproof(path)
    expect(first).toMatchObject({ scheme: { kind: 'ecdsa', curve: 'P-384', hash: 'SHA-384', encoding: 'p1363' } })
    expect(first?.point?.[0]).toBe(4)
    const outcome = await judgeWycheproof(path, async ({ message, signature }) =>
      verify('sha384', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature),
    )
    expect(outcome).toEqual({ file: path, passed: 2, failed: 1, ids: [2], unsupported: 0, libraryOnly: false })
  })

  test('behavior: a file that cannot be read does not keep the others from being judged', async () => {
    const outcomes = await judgeFiles(['/nonexistent', ecdsaFile().path], async () => false)
    expect(outcomes).toMatchObject([{ passed: 0, problem: expect.stringContaining('/nonexistent') }, { ids: [1] }])
  })

  test('behavior: a verifier that throws fails every case', async () => {
    const outcome = await judgeWycheproof(ecdsaFile().path, () => Promise.reject(new Error('no')))
    expect(outcome.ids).toEqual([1, 2, 3])
  })

  test('behavior: the older schema, and RSASSA-PSS', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const rsa = publicKey.export({ type: 'pkcs1', format: 'der' })
    const older = write({
      testGroups: [
        {
          type: 'EcdsaVerify',
          key: { curve: 'secp256r1', uncompressed: '04' },
          keyDer: '30',
          sha: 'SHA-512',
          tests: [{ tcId: 7, msg: '', sig: '3000', result: 'invalid' }],
        },
        {
          type: 'RsassaPssVerify',
          publicKeyAsn: rsa.toString('hex'),
          ...{ sha: 'SHA-256', mgf: 'MGF1', mgfSha: 'SHA-256', sLen: 20 },
          tests: [{ tcId: 8, msg: '', sig: '', result: 'invalid' }],
        },
      ],
    })
    expect(loadWycheproof(older)).toMatchObject([
      { id: 7, scheme: { kind: 'ecdsa', curve: 'P-256', hash: 'SHA-512', encoding: 'der' } },
      { id: 8, scheme: { kind: 'rsa-pss', hash: 'SHA-256', saltLength: 20 } },
    ])
    expect(loadWycheproof(older)[1]?.spki).toEqual(new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })))
  })

  test.each([
    ['another curve', ecdsaFile({ publicKey: { curve: 'secp521r1', uncompressed: '04' } }).path],
    ['another hash', ecdsaFile({ sha: 'SHA-1' }).path],
  ])('behavior: %s is counted as unsupported, never as passed', async (_, path) => {
    const outcome = await judgeWycheproof(path, async () => true)
    expect(outcome).toMatchObject({ passed: 0, failed: 0, unsupported: 3 })
  })

  test.each([
    ['not JSON', 'x'],
    ['no group', { testGroups: [] }],
    ['another algorithm', ecdsaFile({ type: 'EddsaVerify' }).path],
  ])('error: %s', (_, content) => {
    const path = typeof content === 'string' && content.startsWith('/') ? content : write(content)
    expect(() => loadWycheproof(path)).toThrow(WycheproofFileError)
  })
})
