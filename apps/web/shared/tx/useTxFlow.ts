'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import type { Config } from 'wagmi'
import { useConfig } from 'wagmi'
import { getPublicClient, getWalletClient } from 'wagmi/actions'
import { WebError } from '../errors/WebError.ts'
import { useWorld } from '../web3/WorldContext.tsx'
import { followTransaction, type MinedTransaction, type TxCall, type TxPorts, type TxStage } from './transaction.ts'

/** One step of a flow, with the sentence that the reader sees. */
export interface TxStep {
  readonly label: string
  readonly call: TxCall
}

/** What the flow shows. */
export interface TxFlowState {
  readonly labels: readonly string[]
  /** Index of the step that runs or ran last. */
  readonly index: number
  readonly stage: TxStage | null
}

const IDLE: TxFlowState = { labels: [], index: 0, stage: null }

/** Ends that let the reader start again. */
export function isRunning(stage: TxStage | null): boolean {
  return stage !== null && !['confirmed', 'reverted', 'replaced', 'rejected', 'failed'].includes(stage.name)
}

/** Chain and wallet of the connected account, as the flow wants them. */
async function connectedPorts(config: Config, chainId: number): Promise<TxPorts> {
  const client = getPublicClient(config, { chainId })
  if (!client) throw new WebError('WEB_CHAIN_UNREACHABLE')
  const wallet = await getWalletClient(config, { chainId })
  const { account } = wallet
  return {
    simulate: async (call) => {
      await client.simulateContract({ ...call, account })
    },
    send: (call) => wallet.writeContract({ ...call, account, chain: wallet.chain }),
    seen: async (hash) => {
      await client.getTransaction({ hash })
    },
    mined: async (hash, onReplaced) => {
      const receipt = await client.waitForTransactionReceipt({ hash, onReplaced: ({ reason }) => onReplaced(reason) })
      return { hash: receipt.transactionHash, status: receipt.status, logs: receipt.logs }
    },
  }
}

/**
 * Runs steps one after the other through the one transaction flow of the dApp. A step that does not end well ends the flow;
 * steps already mined stay mined, and running again goes on from what the chain says.
 */
export function useTxFlow() {
  const config = useConfig()
  const world = useWorld()
  const queries = useQueryClient()
  const [state, setState] = useState<TxFlowState>(IDLE)

  const run = useCallback(
    async (steps: readonly TxStep[]): Promise<readonly MinedTransaction[] | undefined> => {
      const labels = steps.map((step) => step.label)
      const results: MinedTransaction[] = []
      try {
        const ports = await connectedPorts(config, world.chainId)
        for (const [index, step] of steps.entries()) {
          const mined = await followTransaction(ports, step.call, (stage) => setState({ labels, index, stage }))
          if (!mined) return undefined
          results.push(mined)
        }
        return results
      } catch (error) {
        setState({ labels, index: results.length, stage: { name: 'failed', error } })
        return undefined
      } finally {
        // Every number on the page that came from the chain may have changed.
        await queries.invalidateQueries()
      }
    },
    [config, world.chainId, queries],
  )
  const reset = useCallback(() => setState(IDLE), [])
  return { state, run, reset, running: isRunning(state.stage) }
}
