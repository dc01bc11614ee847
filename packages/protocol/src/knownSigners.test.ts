import { keccak256, toHex } from 'viem'
import { recoverPublicKey } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import { createKnownSigners } from './knownSigners.ts'
import { createReceiptKey } from './signers.ts'

describe('createKnownSigners', () => {
  test('default: confirms nothing before a signer came twice, then exactly what that key signed', async () => {
    const known = createKnownSigners()
    const [key, other] = [createReceiptKey(), createReceiptKey()]
    for (let i = 0; i < 50; i += 1) {
      const hash = keccak256(toHex(i, { size: 32 }))
      const signature = await key.signDigest(hash)
      expect(known.confirms(key.signer, hash, signature)).toBe(i >= 2)
      known.learn(key.signer, await recoverPublicKey({ hash, signature }))
      expect(known.confirms(key.signer, hash, await other.signDigest(hash))).toBe(false)
      expect(known.confirms(key.signer, keccak256(hash), signature)).toBe(false)
      expect(known.confirms(other.signer, hash, signature)).toBe(false)
      const twin = `${signature.slice(0, 130)}${signature.endsWith('1b') ? '1c' : '1b'}` as const
      expect(known.confirms(key.signer, hash, twin as typeof hash)).toBe(false)
    }
  })

  test('error: values outside the group are never confirmed', async () => {
    const known = createKnownSigners()
    const key = createReceiptKey()
    const hash = keccak256('0x12')
    const signature = await key.signDigest(hash)
    const publicKey = await recoverPublicKey({ hash, signature })
    for (let i = 0; i < 2; i += 1) known.learn(key.signer, publicKey)
    const zero = '00'.repeat(32)
    const rest = signature.slice(66)
    expect(known.confirms(key.signer, hash, signature)).toBe(true)
    expect(known.confirms(key.signer, hash, `0x${zero}${rest}`)).toBe(false)
    expect(known.confirms(key.signer, hash, `0x${'ff'.repeat(32)}${rest}`)).toBe(false)
    expect(known.confirms(key.signer, hash, `${signature.slice(0, 66) as '0x'}${zero}1b`)).toBe(false)
    expect(known.confirms(key.signer, `0x${zero}`, signature)).toBe(false)
  })
})
