import fc from 'fast-check'
import { type Hex, keccak256, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { createReceiptKey, createSessionKey, verifyDigest } from './signers.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const digest = keccak256('0x1234')

describe('verifyDigest', () => {
  test('default: accepts what the key signed', async () => {
    const key = createReceiptKey()
    await verifyDigest(key.signer, digest, await key.signDigest(digest))
    const stored = createSessionKey(createSessionKey().privateKey)
    await verifyDigest(stored.signer.toLowerCase() as Hex, digest, await stored.signDigest(digest))
  })

  test('behavior: a signer verified before is held to the same: every digest, and not one changed bit', async () => {
    const key = createReceiptKey()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(519), async (bytes, bit) => {
        const signed = toHex(bytes)
        const signature = await key.signDigest(signed)
        await verifyDigest(key.signer, signed, signature)
        const changed = Buffer.from(signature.slice(2), 'hex')
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        await expect(verifyDigest(key.signer, signed, toHex(changed))).rejects.toMatchObject({
          code: expect.stringMatching(/^SIGNATURE_/),
        })
        // The other recovery id belongs to another key: the escrow would refuse it.
        const twin = `${signature.slice(0, 130)}${signature.endsWith('1b') ? '1c' : '1b'}` as Hex
        await expect(verifyDigest(key.signer, signed, twin)).rejects.toMatchObject({ code: 'SIGNATURE_MISMATCH' })
        await expect(verifyDigest(key.signer, keccak256(signed), signature)).rejects.toMatchObject({
          code: 'SIGNATURE_MISMATCH',
        })
      }),
      { numRuns: 60 },
    )
  })

  test('golden: key 1 signs deterministically (RFC 6979)', async () => {
    const key = createSessionKey(toHex(1n, { size: 32 }))
    expect(key.signer).toBe('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf')
    expect(await key.signDigest(digest)).toMatchInlineSnapshot(
      `"0x60c1658ee5e0f56c9037738cfa35cb47186dd038aad83c08755ff318e87a6e423d1fd449aa2510ba6ea8376424a361f3991dc9118ef5e74e058d881d2fbce1091c"`,
    )
  })

  test('error: SIGNATURE_MISMATCH for another digest, another signer and any changed byte of r or s', async () => {
    const key = createReceiptKey()
    const signature = await key.signDigest(digest)
    await expect(verifyDigest(key.signer, keccak256('0x1235'), signature)).rejects.toMatchObject({
      code: 'SIGNATURE_MISMATCH',
    })
    await expect(verifyDigest(createReceiptKey().signer, digest, signature)).rejects.toMatchObject({
      code: 'SIGNATURE_MISMATCH',
    })
    await fc.assert(
      fc.asyncProperty(fc.nat(63), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const bytes = Buffer.from(signature.slice(2), 'hex')
        bytes[at] = (bytes[at] ?? 0) ^ mask
        const code = await verifyDigest(key.signer, digest, toHex(bytes)).catch((error) => error.code)
        expect(['SIGNATURE_MISMATCH', 'SIGNATURE_MALFORMED']).toContain(code)
      }),
      { numRuns: 60 },
    )
  })

  test('error: SIGNATURE_MALFORMED for the high-s twin, a compact v and wrong lengths', async () => {
    const key = createReceiptKey()
    const signature = await key.signDigest(digest)
    const s = BigInt(`0x${signature.slice(66, 130)}`)
    const v = signature.endsWith('1b') ? '1c' : '1b'
    const twin: Hex = `${signature.slice(0, 66) as Hex}${toHex(ORDER - s, { size: 32 }).slice(2)}${v}`
    const malformed: Hex[] = [twin, `${signature.slice(0, 130) as Hex}00`, `${signature}00`, '0x', '0xzz']
    for (const bad of malformed) {
      await expect(verifyDigest(key.signer, digest, bad)).rejects.toMatchObject({ code: 'SIGNATURE_MALFORMED' })
    }
  })

  test('error: SIGNER_UNSUPPORTED for verifier and key, fail closed', async () => {
    const key = createReceiptKey()
    const signature = await key.signDigest(digest)
    const signers: Hex[] = [`${key.signer}01`, '0x', '0xzz']
    for (const signer of signers) {
      await expect(verifyDigest(signer, digest, signature)).rejects.toMatchObject({ code: 'SIGNER_UNSUPPORTED' })
    }
  })
})
