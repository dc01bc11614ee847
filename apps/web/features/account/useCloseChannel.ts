'use client'
import type { CloseResult } from '@spartan/sdk'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useConfig } from 'wagmi'
import { getPublicClient, getWalletClient } from 'wagmi/actions'
import { isRejection } from '../../shared/errors/explain.ts'
import { WebError } from '../../shared/errors/WebError.ts'
import { observedWallet } from '../../shared/tx/observedWallet.ts'
import type { TxStage } from '../../shared/tx/transaction.ts'
import { isRunning, type TxFlowState, useTxFlow } from '../../shared/tx/useTxFlow.ts'
import { makeSpartanClient, useSpartanClient } from '../../shared/web3/spartanClient.ts'
import { useWorld } from '../../shared/web3/WorldContext.tsx'
import { type ChannelRow, closeStep } from './hooks.ts'

const LABELS = ['Agree with the provider on the final sum', 'Close, and take the rest back'] as const

/** The provider did not agree: why, and from when (Unix seconds) the refund can be taken. */
export type CloseRequested = Pick<Extract<CloseResult, { outcome: 'closeRequested' }>, 'error' | 'refundableAt'>

/**
 * Closes channels. With the session key in this browser: at once, signed by both sides; when the provider does not agree,
 * the SDK requests the close instead. Without the key: by request, or, once the delay is over, by taking the refund.
 */
export function useCloseChannel() {
  const world = useWorld()
  const config = useConfig()
  const queries = useQueryClient()
  const stored = useSpartanClient()
  const byTransaction = useTxFlow()
  const [atOnce, setAtOnce] = useState<TxFlowState | null>(null)
  const [requested, setRequested] = useState<CloseRequested | null>(null)

  const show = (stage: TxStage) => setAtOnce({ labels: LABELS, index: stage.name === 'preparing' ? 0 : 1, stage })

  const closeAtOnce = async ({ channelId }: ChannelRow) => {
    show({ name: 'preparing' })
    try {
      const client = getPublicClient(config, { chainId: world.chainId })
      if (!client) throw new WebError('WEB_CHAIN_UNREACHABLE')
      const wallet = await getWalletClient(config, { chainId: world.chainId })
      const spartan = await makeSpartanClient(world, client, observedWallet(wallet, client, show))
      const result = await spartan.closeNow(channelId)
      // First what the chain says now, then the end of the flow: the page never offers what is over.
      await queries.invalidateQueries()
      const labels = result.outcome === 'closed' ? LABELS : ['Ask to close the channel']
      if (result.outcome === 'closeRequested') setRequested(result)
      const hash = result.transaction?.transactionHash
      const index = labels.length - 1
      setAtOnce(hash ? { labels, index, stage: { name: 'confirmed', hash, spedUp: false } } : null)
    } catch (error) {
      show(isRejection(error) ? { name: 'rejected' } : { name: 'failed', error })
      await queries.invalidateQueries()
    }
  }

  const close = async (channel: ChannelRow) => {
    setRequested(null)
    setAtOnce(null)
    byTransaction.reset()
    const known = (await (await stored()).channels()).some(
      (state) => state.channelId === channel.channelId && state.opened,
    )
    if (known && channel.status === 'open') await closeAtOnce(channel)
    else await byTransaction.run([closeStep(world, channel)])
  }
  const state = atOnce ?? byTransaction.state
  return { state, close, requested, running: isRunning(state.stage) }
}
