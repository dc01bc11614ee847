import { stringToHex } from 'viem'
import { expect, test } from 'vitest'
import { productName } from './product.ts'

test('productName', () => {
  expect(productName('Tdx', `0x50806f000000${'00'.repeat(26)}`)).toBe('50806F000000')
  expect(productName('SevSnp', stringToHex('Genoa', { size: 32 }))).toBe('Genoa')
  expect(productName('NvidiaGpu', stringToHex('GH100', { size: 32 }))).toBe('GH100')
})
