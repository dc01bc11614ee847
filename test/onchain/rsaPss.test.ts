import { constants, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { mgf1Sha384Abi, rsaPssAbi } from '@spartan/abi'
import { network } from 'hardhat'
import { bytesToHex, concatHex, type Hex } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 4_096 })
const modulus = Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url')

function signature(
  message: Uint8Array,
  hash = 'sha384',
  saltLength = 48,
  padding = constants.RSA_PKCS1_PSS_PADDING,
): Buffer {
  return sign(
    hash,
    message,
    padding === constants.RSA_PKCS1_PSS_PADDING
      ? { key: privateKey, padding, saltLength }
      : { key: privateKey, padding },
  )
}

describe('RsaPss', () => {
  let mask: (digest: Uint8Array) => Promise<Hex>
  let verify: (message: Uint8Array, modulus: Uint8Array, signature: Uint8Array) => Promise<boolean>

  beforeAll(async () => {
    const { viem } = await network.create('local')
    const client = await viem.getPublicClient()
    const sha = await viem.deployContract('Sha512')
    const mgf1 = await viem.deployContract('Mgf1Sha384')
    const { address } = await viem.deployContract('RsaPss', [sha.address, mgf1.address])
    mask = async (digest) => {
      const [high, low] = [bytesToHex(digest.subarray(0, 32)), bytesToHex(digest.subarray(32))]
      const call = { address: mgf1.address, abi: mgf1Sha384Abi, functionName: 'mask', args: [high, low] } as const
      return concatHex(await client.readContract(call))
    }
    verify = (...parts) => {
      const args = parts.map((part) => bytesToHex(part)) as [Hex, Hex, Hex]
      return client.readContract({ address, abi: rsaPssAbi, functionName: 'verify', args })
    }
    await expect(viem.deployContract('RsaPss', [address, mgf1.address])).rejects.toThrow()
  })

  test('MGF1 with SHA-384', async () => {
    const seeds = [
      new Uint8Array(48),
      new Uint8Array(48).fill(0xff),
      ...Array.from({ length: 30 }, () => randomBytes(48)),
    ]
    for (const seed of seeds) {
      const hashes = Array.from({ length: 10 }, (_, counter) => {
        return createHash('sha384')
          .update(seed)
          .update(Uint8Array.of(0, 0, 0, counter))
          .digest()
      })
      expect(await mask(seed)).toBe(bytesToHex(Buffer.concat(hashes)))
    }
  })

  test('signatures by OpenSSL', async () => {
    for (const length of [0, 1, 104, 700]) {
      const message = randomBytes(length)
      expect(await verify(message, modulus, signature(message)), `${length} bytes`).toBe(true)
    }
  })

  test('any bit changed in signature, message or modulus', async () => {
    const message = randomBytes(64)
    const valid = signature(message)
    for (let bit = 0; bit < 4_096; bit += 97) {
      const changed = Buffer.from(valid)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(await verify(message, modulus, changed), `signature bit ${bit}`).toBe(false)
    }
    expect(await verify(randomBytes(64), modulus, valid), 'message').toBe(false)
    const other = Buffer.from(modulus)
    other[200] = (other[200] ?? 0) ^ 1
    expect(await verify(message, other, valid), 'modulus').toBe(false)
  })

  test('other parameters and lengths', async () => {
    const message = randomBytes(64)
    const valid = signature(message)
    for (const saltLength of [0, 32, 47, 49, 413])
      expect(await verify(message, modulus, signature(message, 'sha384', saltLength)), `salt ${saltLength}`).toBe(false)
    for (const hash of ['sha256', 'sha512'])
      expect(await verify(message, modulus, signature(message, hash)), hash).toBe(false)
    expect(
      await verify(message, modulus, signature(message, 'sha384', 0, constants.RSA_PKCS1_PADDING)),
      'PKCS #1 v1.5',
    ).toBe(false)
    expect(await verify(message, modulus, valid.subarray(1)), '511 bytes').toBe(false)
    expect(await verify(message, modulus, Buffer.concat([Buffer.of(0), valid])), '513 bytes').toBe(false)
    expect(await verify(message, Buffer.concat([Buffer.of(0), modulus]), valid), 'modulus of 513 bytes').toBe(false)
    const number = (bytes: Uint8Array) => BigInt(bytesToHex(bytes))
    const plus = number(valid) + number(modulus)
    if (plus < 1n << 4_096n) {
      const bytes = Buffer.from(plus.toString(16).padStart(1_024, '0'), 'hex')
      expect(await verify(message, modulus, bytes), 's + n').toBe(false)
    }
    expect(await verify(message, modulus, Buffer.alloc(512)), 's = 0').toBe(false)
    expect(await verify(message, modulus, modulus), 's = n').toBe(false)
  })
})
