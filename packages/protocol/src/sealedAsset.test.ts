import fc from 'fast-check'
import { bytesToHex, hexToBytes } from 'viem'
import { describe, expect, test } from 'vitest'
import { utf8 } from './bytes.ts'
import { createHpkeKeyPair } from './hpke.ts'
import { type KeyReleaseContext, openSealedContentKey, sealContentKey } from './keyRelease.ts'
import { encodeManifest, type Manifest, MIN_RECORD_BYTES, manifestHash, parseManifest } from './manifest.ts'
import { merkleProof, merkleRoot, merkleRootFromProof, recordLeaf } from './merkle.ts'
import { contentRootOf, openRecords, type SealOptions, sealAsset } from './sealedAsset.ts'

const asset = { assetId: 7n, version: 2 }
const options: SealOptions = { ...asset, name: 'trend', kind: 'model', licence: 'Apache-2.0', keyEpoch: 3 }
const files = [
  { path: 'model.onnx', bytes: new Uint8Array(2 * MIN_RECORD_BYTES + 5).map((_, i) => i % 251) },
  { path: 'card/README.md', bytes: utf8('# card') },
]
const sealed = await sealAsset(files, options)
const open = (change: Partial<Parameters<typeof openRecords>[0]> = {}) =>
  openRecords({ ...sealed, asset, expectedRoot: sealed.contentRoot, ...change })

function flip(bytes: Uint8Array, at = 0): Uint8Array {
  const out = new Uint8Array(bytes)
  out[at] = (out[at] ?? 0) ^ 1
  return out
}

describe('sealAsset and openRecords', () => {
  test('default: round trip over several files and records', async () => {
    expect(sealed.manifest.files.map(({ records }) => records)).toEqual([3, 1])
    expect(sealed.records).toHaveLength(4)
    expect((await open()).map(({ path, bytes }) => [path, bytesToHex(bytes)])).toEqual(
      files.map(({ path, bytes }) => [path, bytesToHex(bytes)]),
    )
  })

  test('behavior: the same files sealed twice share neither key nor ciphertext', async () => {
    const again = await sealAsset(files, options)
    expect(again.contentKey).not.toEqual(sealed.contentKey)
    expect(again.contentRoot).not.toBe(sealed.contentRoot)
  })

  test('error: a changed, swapped, missing or cut record is refused before anything is decrypted', async () => {
    const [a, b, c, d] = sealed.records
    if (!a || !b || !c || !d) throw new Error('four records expected')
    const wrongKey = new Uint8Array(32)
    for (const [records, code] of [
      [[flip(a), b, c, d], 'SEALED_CONTENT_ROOT_MISMATCH'],
      [[a, b, c, flip(d, d.length - 1)], 'SEALED_CONTENT_ROOT_MISMATCH'],
      [[b, a, c, d], 'SEALED_CONTENT_ROOT_MISMATCH'],
      [[a, b, c], 'SEALED_RECORD_MISSING'],
      [[a, b, c, d, d], 'SEALED_RECORD_MISSING'],
      [[a, b, c, d.subarray(1)], 'SEALED_RECORD_MISSING'],
    ] as const) {
      // A key that cannot decrypt shows the order: the Merkle root speaks first.
      await expect(open({ records, contentKey: wrongKey })).rejects.toMatchObject({ code })
    }
    const expectedRoot = bytesToHex(new Uint8Array(32))
    await expect(open({ expectedRoot })).rejects.toMatchObject({ code: 'SEALED_CONTENT_ROOT_MISMATCH' })
  })

  test('error: another key, asset, version or record count does not decrypt', async () => {
    for (const change of [
      { contentKey: new Uint8Array(32) },
      { asset: { assetId: 8n, version: 2 } },
      { asset: { assetId: 7n, version: 1 } },
    ]) {
      await expect(open(change)).rejects.toMatchObject({ code: 'SEALED_RECORD_OPEN_FAILED' })
    }
    await expect(open({ contentKey: new Uint8Array(31) })).rejects.toMatchObject({ code: 'SEALED_KEY_MALFORMED' })
  })

  test('error: a manifest that states another file hash', async () => {
    const [first, second] = sealed.manifest.files
    if (!first || !second) throw new Error('two files expected')
    const manifest = { ...sealed.manifest, files: [{ ...first, sha256: second.sha256 }, second] }
    await expect(open({ manifest })).rejects.toMatchObject({ code: 'SEALED_FILE_HASH_MISMATCH' })
  })

  test('error: SEALED_INPUT_INVALID and paths that leave the folder', async () => {
    await expect(sealAsset([], options)).rejects.toMatchObject({ code: 'SEALED_INPUT_INVALID' })
    await expect(sealAsset(files, { ...options, recordSize: 1024 })).rejects.toMatchObject({
      code: 'SEALED_INPUT_INVALID',
    })
    for (const path of ['../x', 'a/../b', '/etc/x', 'a//b', 'a/.', '..', 'a\\b', '']) {
      await expect(sealAsset([{ path, bytes: utf8('x') }], options), path).rejects.toMatchObject({
        code: 'SEALED_MANIFEST_MALFORMED',
      })
    }
  })
})

describe('manifest', () => {
  const text = encodeManifest(sealed.manifest)

  test('default: parse gives back what was encoded', () => {
    expect(parseManifest(utf8(text), sealed.manifestHash)).toEqual(sealed.manifest)
  })

  test('golden: canonical text and hash', () => {
    const manifest: Manifest = {
      format: 'spartan-sealed/1',
      name: 'trend',
      kind: 'model',
      licence: 'Apache-2.0',
      files: [{ path: 'model.onnx', size: 10, records: 1, sha256: `0x${'11'.repeat(32)}` }],
      recordSize: 65536,
      recordCount: 1,
      contentRoot: `0x${'22'.repeat(32)}`,
      keyEpoch: 1,
      inputs: [],
    }
    expect(encodeManifest(manifest)).toMatchInlineSnapshot(
      `"{"contentRoot":"0x2222222222222222222222222222222222222222222222222222222222222222","files":[{"path":"model.onnx","records":1,"sha256":"0x1111111111111111111111111111111111111111111111111111111111111111","size":10}],"format":"spartan-sealed/1","inputs":[],"keyEpoch":1,"kind":"model","licence":"Apache-2.0","name":"trend","recordCount":1,"recordSize":65536}"`,
    )
    expect(manifestHash(manifest)).toMatchInlineSnapshot(
      `"0x1675a9c3a7fa5bc6bed554b9366ae7861fa3a7656f5f4b815d0ba26251df79ed"`,
    )
  })

  test('error: any changed byte changes the hash; a non-canonical text is malformed', () => {
    expect(() => parseManifest(flip(utf8(text), 5), sealed.manifestHash)).toThrow(
      expect.objectContaining({ code: 'SEALED_MANIFEST_HASH_MISMATCH' }),
    )
    expect(() => manifestHash({ ...sealed.manifest, recordCount: 5 })).toThrow(
      expect.objectContaining({ code: 'SEALED_MANIFEST_MALFORMED' }),
    )
    expect(() => manifestHash({ ...sealed.manifest, extra: 1 } as Manifest)).toThrow(
      expect.objectContaining({ code: 'SEALED_MANIFEST_MALFORMED' }),
    )
  })
})

describe('Merkle tree', () => {
  test('golden: leaf and root of three', async () => {
    const leaves = await Promise.all([0, 1, 2].map((index) => recordLeaf(index, utf8(`record ${index}`))))
    expect(leaves.map((leaf) => bytesToHex(leaf))).toMatchInlineSnapshot(`
      [
        "0xaf9d2e7e0b17e5967a5ecfa29d25a95304e5d97eb7b2fa4282e9b5b7e4ff03ad",
        "0x6c870323b27d338ed7bcc5856c9e06cae852c22bde6315129ba8c7e1371ccf20",
        "0x680504d59b069927a99768abd7cdf7dee93f70551040e3ed487bb2c984e4a46e",
      ]
    `)
    expect(bytesToHex(merkleRoot(leaves))).toMatchInlineSnapshot(
      `"0xeffd9be94e97a41762225c16a5552494a76133cbc1f2b14b0b56dd65810a704c"`,
    )
    expect(await contentRootOf([0, 1, 2].map((index) => utf8(`record ${index}`)))).toEqual(merkleRoot(leaves))
  })

  test('property: every proof leads to the root, and to no other for another leaf', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 40 }),
        (leaves) => {
          const root = merkleRoot(leaves)
          for (const [index, leaf] of leaves.entries()) {
            const proof = merkleProof(leaves, index)
            expect(merkleRootFromProof(leaf, proof)).toEqual(root)
            expect(merkleRootFromProof(flip(leaf), proof)).not.toEqual(root)
          }
        },
      ),
    )
  })
})

describe('key release', () => {
  const context: KeyReleaseContext = {
    chainId: 31337n,
    keyReleases: '0x00000000000000000000000000000000000000aa',
    assetId: 7n,
    keyEpoch: 3,
    keysetDigest: `0x${'11'.repeat(32)}`,
  }

  test('default: round trip, 80 bytes', async () => {
    const keyPair = await createHpkeKeyPair()
    const sealedKey = await sealContentKey({ contentKey: sealed.contentKey, publicKey: keyPair.publicKey, context })
    expect(sealedKey).toHaveLength(80)
    expect(await openSealedContentKey({ sealedKey, keyPair, context })).toEqual(sealed.contentKey)
  })

  test('error: another key pair, context or any changed byte', async () => {
    const keyPair = await createHpkeKeyPair()
    const sealedKey = await sealContentKey({ contentKey: sealed.contentKey, publicKey: keyPair.publicKey, context })
    const refused = { code: 'SEALED_KEY_OPEN_FAILED' }
    await expect(
      openSealedContentKey({ sealedKey, keyPair: await createHpkeKeyPair(), context }),
    ).rejects.toMatchObject(refused)
    for (let at = 0; at < sealedKey.length; at++) {
      await expect(openSealedContentKey({ sealedKey: flip(sealedKey, at), keyPair, context })).rejects.toMatchObject(
        refused,
      )
    }
    for (const change of [
      { chainId: 1n },
      { keyReleases: '0x00000000000000000000000000000000000000ab' },
      { assetId: 8n },
      { keyEpoch: 4 },
      { keysetDigest: bytesToHex(flip(hexToBytes(context.keysetDigest))) },
    ] as const) {
      const wrong = { ...context, ...change }
      await expect(openSealedContentKey({ sealedKey, keyPair, context: wrong })).rejects.toMatchObject(refused)
    }
    await expect(openSealedContentKey({ sealedKey: sealedKey.subarray(1), keyPair, context })).rejects.toMatchObject({
      code: 'SEALED_KEY_MALFORMED',
    })
  })
})
