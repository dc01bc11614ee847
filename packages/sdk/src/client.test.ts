import * as chains from 'viem/chains'
import { describe, expect, test } from 'vitest'
import { createSpartanClient, MAIN_CHAINS, type SpartanClientOptions } from './client.ts'
import { encodeInferBody, expectedUnitsOut, parseInferAnswer, unitsInOf, unitsInOfBody } from './openInference.ts'
import { problemError } from './problem.ts'

const at = (byte: string) => `0x${byte.repeat(20)}` as const
const options: SpartanClientOptions = {
  chainId: 31337,
  rpcUrl: 'http://127.0.0.1:1',
  contracts: {
    attestationRegistry: at('01'),
    referenceValues: at('02'),
    assetRegistry: at('03'),
    ledger: at('04'),
    channelEscrow: at('05'),
  },
}
const simulated = { publicKey: new Uint8Array(65), simulated: true }

describe('createSpartanClient', () => {
  test('error: SDK_CONFIG_INVALID', () => {
    const { rpcUrl: _, ...withoutRpc } = options
    for (const wrong of [
      { ...options, chainId: 0 },
      { ...options, contracts: { ...options.contracts, ledger: '0x12' as const } },
      { ...options, trustAnchors: [simulated] },
      withoutRpc,
    ]) {
      expect(() => createSpartanClient(wrong)).toThrow(expect.objectContaining({ code: 'SDK_CONFIG_INVALID' }))
    }
  })

  test('error: SDK_SIMULATED_ON_MAIN_CHAIN on every main chain, with or without the anchor', () => {
    for (const chainId of MAIN_CHAINS) {
      for (const trustAnchors of [undefined, [simulated]]) {
        const client = () =>
          createSpartanClient({
            ...options,
            chainId,
            dangerouslyAllowSimulated: true,
            ...(trustAnchors === undefined ? {} : { trustAnchors }),
          })
        expect(client).toThrow(expect.objectContaining({ code: 'SDK_SIMULATED_ON_MAIN_CHAIN' }))
      }
      const known = Object.values(chains).filter((chain) => chain.id === chainId)
      expect(known.some((chain) => !('testnet' in chain && chain.testnet))).toBe(true)
    }
    expect(
      createSpartanClient({ ...options, dangerouslyAllowSimulated: true, trustAnchors: [simulated] }),
    ).toBeDefined()
  })

  test('error: SDK_WALLET_MISSING and SDK_CHAIN_UNREACHABLE', async () => {
    const client = createSpartanClient(options)
    await expect(client.withdraw(at('09'), 1n)).rejects.toMatchObject({ code: 'SDK_WALLET_MISSING' })
    await expect(client.provider(`0x${'11'.repeat(32)}`)).rejects.toMatchObject({ code: 'SDK_CHAIN_UNREACHABLE' })
  })
})

describe('Open Inference Protocol', () => {
  const input = { name: 'x', datatype: 'FP64', shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }
  const spec = (shape: number[]) => ({ name: 'm', inputs: [], outputs: [{ name: 'y', datatype: 'FP64', shape }] })

  test('units are elements', () => {
    expect(unitsInOf([input, { ...input, shape: [4] }])).toBe(10n)
    expect(unitsInOfBody(encodeInferBody([input]))).toBe(6n)
    expect(expectedUnitsOut(spec([1, 4]), [input])).toBe(4n)
    expect(expectedUnitsOut(spec([-1, 4]), [input])).toBe(8n)
    expect(expectedUnitsOut(spec([1, -1]), [input])).toBeUndefined()
  })

  test('error: SDK_INPUT_INVALID', () => {
    for (const wrong of [
      { ...input, data: [1] },
      { ...input, data: [1, 2, 3, 4, 5, Number.NaN] },
    ]) {
      expect(() => encodeInferBody([wrong])).toThrow(expect.objectContaining({ code: 'SDK_INPUT_INVALID' }))
    }
    expect(() => encodeInferBody([])).toThrow(expect.objectContaining({ code: 'SDK_INPUT_INVALID' }))
  })

  test('error: an answer whose shape claims more values than it carries', () => {
    const answer = (shape: number[]) =>
      new TextEncoder().encode(
        JSON.stringify({ model_name: 'm', outputs: [{ name: 'y', datatype: 'FP64', shape, data: [1] }] }),
      )
    expect(parseInferAnswer(answer([1])).unitsOut).toBe(1n)
    expect(() => parseInferAnswer(answer([1000]))).toThrow(
      expect.objectContaining({ code: 'SDK_PROVIDER_ANSWER_MALFORMED' }),
    )
  })
})

describe('problem documents', () => {
  const problem = (value: unknown) => problemError(402, new TextEncoder().encode(JSON.stringify(value)))

  test('the code of the table, else SDK_REQUEST_REFUSED', () => {
    expect(problem({ code: 'NODE_VOUCHER_TOO_SMALL', detail: 'x' })).toMatchObject({ code: 'NODE_VOUCHER_TOO_SMALL' })
    expect(problem({ code: 'constructor' })).toMatchObject({ code: 'SDK_REQUEST_REFUSED' })
    expect(problem('text')).toMatchObject({ code: 'SDK_REQUEST_REFUSED' })
  })
})
