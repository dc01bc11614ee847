import { domainSeparator, type Hex, keccak256, stringToHex } from 'viem'
import type { eip712Domain } from './typedData.ts'

type Field = { readonly name: string; readonly type: string }
type Domain = ReturnType<typeof eip712Domain>

/**
 * Makes a hasher for one EIP-712 struct whose fields are all numbers or 32-byte values.
 *
 * Equal to viem's `hashStruct` (the tests compare them), and about eight times as fast: receipts and vouchers are hashed
 * four times per request.
 */
export function structHasher(primaryType: string, fields: readonly Field[]) {
  const typeHash = keccak256(
    stringToHex(`${primaryType}(${fields.map(({ name, type }) => `${type} ${name}`).join(',')})`),
  )
  return (message: object): Hex => {
    const values = message as Readonly<Record<string, unknown>>
    return keccak256(`${typeHash}${fields.map(({ name, type }) => word(values[name], type)).join('')}`)
  }
}

const domainSeparators = new Map<string, Hex>()

/** keccak256(0x1901 ‖ domain separator ‖ struct hash). */
export function typedDigest(domain: Domain, structHash: Hex): Hex {
  const key = `${domain.name}|${domain.chainId}|${domain.verifyingContract.toLowerCase()}`
  const known = domainSeparators.get(key)
  const separator = known ?? domainSeparator({ domain })
  if (!known) domainSeparators.set(key, separator)
  return keccak256(`0x1901${separator.slice(2)}${structHash.slice(2)}`)
}

/** One 32-byte word without 0x. A value that does not fit its type is a bug of the caller. */
function word(value: unknown, type: string): string {
  if (type === 'bytes32') {
    if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{64}$/.test(value)) throw new RangeError(`not 32 bytes: ${value}`)
    return value.slice(2)
  }
  const bits = BigInt(type.slice(4))
  const number = BigInt(value as bigint | number)
  if (number < 0n || number >> bits !== 0n) throw new RangeError(`${number} does not fit ${type}`)
  return number.toString(16).padStart(64, '0')
}
