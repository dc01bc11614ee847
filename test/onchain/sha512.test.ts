import { createHash } from 'node:crypto'
import { sha512Abi } from '@spartan/abi'
import { network } from 'hardhat'
import { bytesToHex, type Hex } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'

/** Deterministic bytes that are neither constant nor periodic in the block length. */
const pattern = (length: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 197 + (index >> 7) * 31 + 11) & 0xff)
const LONGEST = 1_024

describe('Sha512', () => {
  let digest: (functionName: 'sha384' | 'sha512', message: Uint8Array) => Promise<string>

  beforeAll(async () => {
    const { viem } = await network.create('local')
    const client = await viem.getPublicClient()
    const { address } = await viem.deployContract('Sha512')
    digest = async (functionName, message) => {
      const args: readonly [Hex] = [bytesToHex(message)]
      const halves = await client.readContract({ address, abi: sha512Abi, functionName, args })
      return halves.map((half) => half.slice(2)).join('')
    }
  })

  test(`every length from 0 to ${LONGEST} bytes`, async () => {
    for (let length = 0; length <= LONGEST; length++) {
      const message = pattern(length)
      expect(await digest('sha384', message), `SHA-384 of ${length} bytes`).toBe(hash('sha384', message))
      if (length % 16 < 2) expect(await digest('sha512', message), `${length}`).toBe(hash('sha512', message))
    }
  })

  test('bytes behind the message in the calldata do not count', async () => {
    // ABI padding is zero; here the argument ends in the middle of a word that other calldata follows.
    expect(await digest('sha384', Uint8Array.of(0xff))).toBe(hash('sha384', Uint8Array.of(0xff)))
    expect(await digest('sha512', pattern(20_000))).toBe(hash('sha512', pattern(20_000)))
  })
})

function hash(algorithm: string, message: Uint8Array): string {
  return createHash(algorithm).update(message).digest('hex')
}
