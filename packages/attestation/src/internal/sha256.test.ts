import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from './bytes.ts'
import { sha256 } from './hashes.ts'
import { sha256Short } from './sha256.ts'

test('FIPS 180-4 example', () => {
  expect(toHex(sha256Short(new TextEncoder().encode('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})

test('every length around the block says what WebCrypto says', async () => {
  for (let length = 0; length <= 200; length++) {
    const message = Uint8Array.from({ length }, (_, index) => index * 7 + length)
    expect(toHex(sha256Short(message))).toBe(toHex(await sha256(message)))
  }
})

test('property: the same as WebCrypto', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (message) => {
      expect(toHex(sha256Short(message))).toBe(toHex(await sha256(message)))
    }),
    { numRuns: 200 },
  )
})
