import type { Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { followTransaction, type MinedTransaction, type TxPorts, type TxStage } from './transaction.ts'

const HASH: Hex = '0x01'
const OTHER: Hex = '0x02'
const CALL = { address: '0x0000000000000000000000000000000000000001', abi: [], functionName: 'open', args: [] } as const
const success = (hash: Hex): MinedTransaction => ({ hash, status: 'success', logs: [] })

function ports(over: Partial<TxPorts> = {}): TxPorts {
  return {
    simulate: async () => undefined,
    send: async () => HASH,
    seen: async () => undefined,
    mined: () => new Promise((resolve) => setTimeout(() => resolve(success(HASH)), 5)),
    ...over,
  }
}

async function follow(over: Partial<TxPorts> = {}) {
  const stages: TxStage[] = []
  const mined = await followTransaction(ports(over), CALL, (stage) => stages.push(stage))
  return { mined, stages, names: stages.map((stage) => stage.name) }
}

describe('followTransaction', () => {
  test('default: simulate, sign, submit, confirm', async () => {
    const { mined, names } = await follow()
    expect(names).toEqual(['simulating', 'awaiting-signature', 'submitted', 'confirming', 'confirmed'])
    expect(mined?.hash).toBe(HASH)
  })

  test('behavior: what would revert is never given to the wallet', async () => {
    let asked = false
    const { mined, names } = await follow({
      simulate: async () => {
        throw new Error('reverted')
      },
      send: async () => {
        asked = true
        return HASH
      },
    })
    expect(names).toEqual(['simulating', 'failed'])
    expect(asked).toBe(false)
    expect(mined).toBeUndefined()
  })

  test('behavior: a refusal in the wallet is its own end', async () => {
    const { names } = await follow({
      send: async () => {
        throw Object.assign(new Error('User rejected'), { code: 4001 })
      },
    })
    expect(names.at(-1)).toBe('rejected')
  })

  test('behavior: a reverted transaction is not a result', async () => {
    const { mined, stages } = await follow({ mined: async () => ({ ...success(HASH), status: 'reverted' }) })
    expect(stages.at(-1)).toEqual({ name: 'reverted', hash: HASH })
    expect(mined).toBeUndefined()
  })

  test('behavior: sped up counts as done, under its new hash', async () => {
    const { mined, stages } = await follow({
      mined: async (_, onReplaced) => {
        onReplaced('repriced')
        return success(OTHER)
      },
    })
    expect(stages.at(-1)).toEqual({ name: 'confirmed', hash: OTHER, spedUp: true })
    expect(mined?.hash).toBe(OTHER)
  })

  test('behavior: cancelled in the wallet is not done', async () => {
    const { mined, stages } = await follow({
      mined: async (_, onReplaced) => {
        onReplaced('cancelled')
        return success(OTHER)
      },
    })
    expect(stages.at(-1)).toEqual({ name: 'replaced', hash: OTHER, reason: 'cancelled' })
    expect(mined).toBeUndefined()
  })

  test('behavior: a chain that never shows the pending transaction does not stop the flow', async () => {
    const { names } = await follow({ seen: () => Promise.reject(new Error('unknown')) })
    expect(names.at(-1)).toBe('confirmed')
  })
})
