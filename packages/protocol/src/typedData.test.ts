import { encodeAbiParameters, keccak256, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { cooperativeCloseDigest, receiptDigest, receiptHash, voucherDigest } from './channel.ts'
import {
  hpkeKeyDigest,
  KEM_X25519_HKDF_SHA256,
  keysetDigest,
  providerId,
  registerDigest,
  reportData,
} from './keyset.ts'
import { KEYSET_TYPES, type Keyset, RECEIPT_TYPES, type Receipt, VOUCHER_TYPES } from './typedData.ts'

const word = (byte: string) => `0x${byte.repeat(32)}` as const
const escrow = { chainId: 31337n, address: '0x00000000000000000000000000000000000000ee' } as const
const keyset: Keyset = {
  chainId: 31337n,
  registry: '0x00000000000000000000000000000000000000aa',
  owner: '0x00000000000000000000000000000000000000bb',
  operator: '0x00000000000000000000000000000000000000cc',
  epoch: 1n,
  receiptSigner: '0x00000000000000000000000000000000000000dd',
  hpkeKeyDigest: word('01'),
  tlsSpkiDigest: word('00'),
  workloadId: word('02'),
  configDigest: word('03'),
  notAfter: 1_900_000_000n,
}
const voucher = { channelId: word('ab'), cumulativeMax: 10n, seq: 5n, notAfter: 1_900_000_000n }
const receipt: Receipt = {
  providerId: word('01'),
  keysetEpoch: 1n,
  channelId: word('ab'),
  seq: 5n,
  requestHash: word('02'),
  responseHash: word('03'),
  assetId: 9n,
  assetVersion: 1,
  modelRoot: word('04'),
  dataRoot: word('00'),
  status: 0,
  unitsIn: 257n,
  unitsOut: 4n,
  fee: 1000n,
  cumulativeFee: 5000n,
  budgetCounter: 5n,
  startedAt: 1_800_000_000n,
  finishedAt: 1_800_000_001n,
  previousReceipt: word('05'),
}

describe('EIP-712', () => {
  test('struct hash of a voucher, computed by hand from its type string', () => {
    const type = `Voucher(${VOUCHER_TYPES.Voucher.map(({ type, name }) => `${type} ${name}`).join(',')})`
    expect(type).toBe('Voucher(bytes32 channelId,uint128 cumulativeMax,uint64 seq,uint64 notAfter)')
    const struct = keccak256(
      encodeAbiParameters(
        [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint128' }, { type: 'uint64' }, { type: 'uint64' }],
        [keccak256(toHex(type)), voucher.channelId, voucher.cumulativeMax, voucher.seq, voucher.notAfter],
      ),
    )
    const domainType = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
    const domain = keccak256(
      encodeAbiParameters(
        [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }],
        [
          keccak256(toHex(domainType)),
          keccak256(toHex('Spartan ChannelEscrow')),
          keccak256(toHex('1')),
          escrow.chainId,
          escrow.address,
        ],
      ),
    )
    expect(voucherDigest(escrow, voucher)).toBe(keccak256(`0x1901${domain.slice(2)}${struct.slice(2)}`))
  })

  test('golden: digests', () => {
    expect({
      keyset: keysetDigest(keyset),
      register: registerDigest(keyset, word('09')),
      receipt: receiptDigest(escrow, receipt),
      receiptHash: receiptHash(receipt),
      voucher: voucherDigest(escrow, voucher),
      cooperativeClose: cooperativeCloseDigest(escrow, voucher.channelId, 7n),
      providerId: providerId(keyset.owner, keyset.operator),
      hpkeKeyDigest: hpkeKeyDigest(KEM_X25519_HKDF_SHA256, new Uint8Array(32).fill(7)),
    }).toMatchInlineSnapshot(`
      {
        "cooperativeClose": "0x651146a9f004e9d93545a6af56eef178a6cd2f4520c6a60d380e06c7f63eb67a",
        "hpkeKeyDigest": "0x9b9f0e4da3872d560a412f7f921f484b6835d8f508d30d06c0ff521bd3358e3a",
        "keyset": "0xa0d81a547acbd52eccd2556dadca37f2b0933faa8c238d9d77ae681229add850",
        "providerId": "0x2236ee515b1b4738285304c97d8aaac2e955fa7f0467b065b9fb4e33c664f11d",
        "receipt": "0x085f1110ea3505f41a7c37fd06737ef97957601ba50b7739c5a1ac8c3e820e65",
        "receiptHash": "0x14250547d775b7467449180aad7d507299a503f39fb46d25cc66bf687acfaccb",
        "register": "0x4ae8c9d085398c09554a5f5b753ee28533aead96ecf0918918d89e769ad50ab6",
        "voucher": "0xf8d7ae6a9181af1c0f8212847f7334194a69cb242256a752e85fa35bd2d97001",
      }
    `)
    expect(reportData(word('01'), word('02'))).toBe(`${word('01')}${'02'.repeat(32)}`)
  })

  test('behavior: every field of keyset and receipt changes its digest', () => {
    for (const { name, type } of KEYSET_TYPES.Keyset) {
      const changed = { ...keyset, [name]: otherValue(keyset[name], type) }
      expect(keysetDigest(changed), name).not.toBe(keysetDigest(keyset))
    }
    for (const { name, type } of RECEIPT_TYPES.Receipt) {
      const changed = { ...receipt, [name]: otherValue(receipt[name], type) }
      expect(receiptDigest(escrow, changed), name).not.toBe(receiptDigest(escrow, receipt))
    }
  })
})

function otherValue(value: unknown, type: string): unknown {
  if (typeof value === 'bigint') return value + 1n
  if (typeof value === 'number') return value + 1
  if (type === 'address') return '0x0000000000000000000000000000000000000001'
  return String(value).replace(/.$/, (last) => (last === '1' ? '2' : '1'))
}
