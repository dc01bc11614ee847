import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import fc from 'fast-check'
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { utf8 } from './bytes.ts'
import { hkdfExpand, hkdfExtract } from './hkdf.ts'
import { createHpkeKeyPair, createRecipient, createSender } from './hpke.ts'
import * as node from './primitives.node.ts'
import * as web from './primitives.ts'

/** The library with its own primitives, all of them WebCrypto's. */
const stock = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
const info = utf8('context')
const label = utf8('exported')

describe('HPKE with primitives of our own', () => {
  test('opens and exports what the unchanged library sealed, and the other way round', async () => {
    const keyPair = await createHpkeKeyPair()
    const recipientPublicKey = keyPair.keys.publicKey
    const theirs = await stock.createSenderContext({ recipientPublicKey, info })
    const ours = await createRecipient(keyPair, new Uint8Array(theirs.enc), info)
    for (const text of ['first', 'second', '']) {
      const opened = await ours.open(await theirs.seal(utf8(text)))
      expect(new TextDecoder().decode(opened)).toBe(text)
    }
    expect(await ours.export(label, 40)).toEqual(await theirs.export(label, 40))

    const sender = await createSender(keyPair.publicKey, info)
    const recipient = await stock.createRecipientContext({ recipientKey: keyPair.keys, enc: sender.enc, info })
    const aad = utf8('bound')
    expect(new Uint8Array(await recipient.open(await sender.seal(info, aad), aad))).toEqual(info)
    expect(await recipient.export(label, 32)).toEqual(await sender.export(label, 32))
  })

  test('error: another info, another aad or a changed byte opens nothing', async () => {
    const keyPair = await createHpkeKeyPair()
    const sender = await createSender(keyPair.publicKey, info)
    const sealed = new Uint8Array(await sender.seal(info, info))
    const open = async (bytes: Uint8Array, aad: Uint8Array, context = info) =>
      (await createRecipient(keyPair, new Uint8Array(sender.enc), context)).open(new Uint8Array(bytes), aad)
    expect(new Uint8Array(await open(sealed, info))).toEqual(info)
    await expect(open(sealed, info, label)).rejects.toThrow()
    await expect(open(sealed, label)).rejects.toThrow()
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.map((byte, index) => (index === at ? byte ^ 1 : byte))
      await expect(open(changed, info)).rejects.toThrow()
      await expect(open(sealed.subarray(0, at), info)).rejects.toThrow()
    }
  })
})

describe('primitives', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

  test('of browser and Node give the same bytes and refuse the same', async () => {
    const inputs = [bytes(32), bytes(12), fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 70 })] as const
    await fc.assert(
      fc.asyncProperty(...inputs, async (key, nonce, plaintext, aad) => {
        expect(node.hmacSha256(aad, plaintext, key)).toEqual(web.hmacSha256(aad, plaintext, key))
        const sealed = await node.sealAes256Gcm(key, nonce, plaintext, aad)
        expect(await web.sealAes256Gcm(key, nonce, plaintext, aad)).toEqual(sealed)
        for (const { openAes256Gcm } of [node, web]) {
          expect(await openAes256Gcm(key, nonce, sealed, aad)).toEqual(new Uint8Array(plaintext))
          const changed = sealed.map((byte, index) => (index === sealed.length - 1 ? byte ^ 1 : byte))
          await expect(openAes256Gcm(key, nonce, changed, aad)).rejects.toThrow()
          await expect(openAes256Gcm(key, nonce, sealed.subarray(0, 15), aad)).rejects.toThrow()
        }
      }),
      { numRuns: 50 },
    )
  })

  test('of browser and Node sign alike, and recover the same signer or refuse', async () => {
    const expected = '0x0000000000000000000000000000000000000001'
    await fc.assert(
      fc.asyncProperty(bytes(32), bytes(32), bytes(64), async (digest, secret, noise) => {
        const hash = bytesToHex(digest)
        const key = generatePrivateKey()
        const signature = await node.signRecoverable(hash, key)
        expect(await web.signRecoverable(hash, key)).toBe(signature)
        for (const other of [hash, bytesToHex(secret)]) {
          for (const v of ['1b', '1c']) {
            for (const body of [signature.slice(0, 130), bytesToHex(noise), `0x${'00'.repeat(64)}`]) {
              const asked = [other, `${body}${v}` as Hex, expected] as const
              const recovered = async (from: typeof node) => from.recoverSigner(...asked).catch(() => 'refused')
              expect(await recovered(node)).toBe(await recovered(web))
            }
          }
        }
        expect(await node.recoverSigner(hash, signature, expected)).toBe(privateKeyToAddress(key))
      }),
      { numRuns: 20 },
    )
  })

  test('HKDF: RFC 5869, appendix A, cases 1 and 3', () => {
    const ikm = new Uint8Array(22).fill(0x0b)
    const salt = hexToBytes('0x000102030405060708090a0b0c')
    const prk = hkdfExtract(salt, ikm)
    expect(bytesToHex(prk)).toBe('0x077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5')
    expect(bytesToHex(hkdfExpand(prk, hexToBytes('0xf0f1f2f3f4f5f6f7f8f9'), 42))).toBe(
      '0x3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    )
    const empty = new Uint8Array(0)
    expect(bytesToHex(hkdfExpand(hkdfExtract(empty, ikm), empty, 42))).toBe(
      '0x8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    )
    expect(() => hkdfExpand(prk, empty, 255 * 32 + 1)).toThrow(RangeError)
  })
})
