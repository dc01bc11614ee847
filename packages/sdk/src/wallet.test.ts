import { Wallet } from 'ethers'
import { createWalletClient, custom, InsufficientFundsError, recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { SdkError } from './errors.ts'
import { askWallet, fromEthersSigner, fromViemWallet, type WalletTypedData } from './wallet.ts'

const privateKey = `0x${'01'.repeat(32)}` as const
const account = privateKeyToAccount(privateKey)
const typedData: WalletTypedData = {
  domain: { name: 'Token', version: '1', chainId: 31337, verifyingContract: account.address },
  types: { Permit: [{ name: 'value', type: 'uint256' }] },
  primaryType: 'Permit',
  message: { value: 5n },
}
const transport = custom({ request: async ({ method }) => (method === 'eth_chainId' ? '0x7a69' : undefined) })

describe('wallet adapters', () => {
  test('viem and ethers give the same address and the same signature', async () => {
    const wallets = [
      fromViemWallet(createWalletClient({ account, transport })),
      fromEthersSigner(new Wallet(privateKey)),
    ]
    for (const wallet of wallets) {
      expect(await wallet.getAddress()).toBe(account.address)
      const signature = await wallet.signTypedData(typedData)
      const { message, ...rest } = typedData
      expect(await recoverTypedDataAddress({ ...rest, message, signature } as never)).toBe(account.address)
    }
    const [viem, ethers] = await Promise.all(wallets.map((wallet) => wallet.signTypedData(typedData)))
    expect(viem).toBe(ethers)
  })

  test('error: SDK_WALLET_FAILED for a signer without provider and a wallet without account', async () => {
    await expect(fromEthersSigner(new Wallet(privateKey)).getChainId()).rejects.toMatchObject({
      code: 'SDK_WALLET_FAILED',
    })
    const empty = fromViemWallet(createWalletClient({ transport: custom({ request: async () => [] }) }))
    await expect(empty.getAddress()).rejects.toMatchObject({ code: 'SDK_WALLET_FAILED' })
  })

  test('a declined prompt is SDK_WALLET_REJECTED, however deep its code lies', async () => {
    const declined = [
      Object.assign(new Error('no'), { code: 4001 }),
      new Error('outer', { cause: new Error('middle', { cause: Object.assign(new Error('no'), { code: 4001 }) }) }),
      Object.assign(new Error('no'), { code: 'ACTION_REJECTED' }),
    ]
    for (const error of declined) {
      await expect(askWallet(() => Promise.reject(error))).rejects.toMatchObject({ code: 'SDK_WALLET_REJECTED' })
    }
    await expect(askWallet(() => Promise.reject(new Error('x')))).rejects.toMatchObject({ code: 'SDK_WALLET_FAILED' })
    const own = new SdkError('SDK_CHAIN_WRONG')
    await expect(askWallet(() => Promise.reject(own))).rejects.toBe(own)
  })

  test('an account without gas is SDK_GAS_UNFUNDED, as viem and as ethers say it', async () => {
    const unfunded = [
      new Error('outer', { cause: new InsufficientFundsError() }),
      Object.assign(new Error('insufficient funds'), { code: 'INSUFFICIENT_FUNDS' }),
    ]
    for (const error of unfunded) {
      await expect(askWallet(() => Promise.reject(error))).rejects.toMatchObject({ code: 'SDK_GAS_UNFUNDED' })
    }
  })
})
