import { keccak256, pad, stringToHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { enumNumber, TEE_KINDS } from './enums.ts'
import { productName, productNames } from './product.ts'
import { snpProductTag } from './snp.ts'

describe('productName', () => {
  test('is what the vendor calls the product', () => {
    expect(productName('Tdx', `0x50806f000000${'00'.repeat(26)}`)).toBe('50806F000000')
    expect(productName('SevSnp', stringToHex('Genoa', { size: 32 }))).toBe('Genoa')
    expect(productName('NvidiaGpu', stringToHex('GH100', { size: 32 }))).toBe('GH100')
    expect(productName('Nitro', pad('0x', { size: 32 }))).toBe('')
  })

  test.each([
    ['Cca', 'an implementation ID', keccak256('0x01')],
    ['SevSnp', 'the tag of a VLEK', snpProductTag('Genoa', 'provider')],
    ['SevSnp', 'a name that is not ASCII', stringToHex('Génoa', { size: 32 })],
    ['SevSnp', 'a name with a control character', stringToHex('Genoa\n', { size: 32 })],
    ['SevSnp', 'bytes after the zeros', `0x${'47'.repeat(4)}00${'47'.repeat(27)}`],
    ['Cca', 'a name that does not begin at the left', `0x00${'47'.repeat(31)}`],
  ] as const)('%s: %s stays in hexadecimal digits', (kind, _, product) => {
    expect(productName(kind, product)).toBe(product)
  })
})

test('productNames reads platform and GPUs each by its own kind', () => {
  const [platformId, gpuId] = [keccak256('0x01'), keccak256('0x02')]
  const fmspc = { args: { platformId, product: `0x50806f000000${'00'.repeat(26)}` } } as const
  const gpu = { args: { platformId: gpuId, product: stringToHex('GH100', { size: 32 }) } }
  expect(productNames(enumNumber(TEE_KINDS, 'Tdx'), [fmspc], [gpu])).toEqual(
    new Map([
      [platformId, '50806F000000'],
      [gpuId, 'GH100'],
    ]),
  )
  expect(productNames(TEE_KINDS.length, [fmspc], []).get(platformId)).toBe(fmspc.args.product)
})
