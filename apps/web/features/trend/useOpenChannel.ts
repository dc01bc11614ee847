'use client'
import type { OpenProgress } from '@spartan/sdk'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Hex } from 'viem'
import { useConfig } from 'wagmi'
import { getPublicClient, getWalletClient } from 'wagmi/actions'
import { isRejection } from '../../shared/errors/explain.ts'
import { WebError } from '../../shared/errors/WebError.ts'
import { observedWallet } from '../../shared/tx/observedWallet.ts'
import type { TxStage } from '../../shared/tx/transaction.ts'
import { isRunning, type TxFlowState } from '../../shared/tx/useTxFlow.ts'
import { makeSpartanClient } from '../../shared/web3/spartanClient.ts'
import { useWorld } from '../../shared/web3/WorldContext.tsx'

/** What a channel is opened with. */
export interface OpenRequest {
  readonly providerId: Hex
  readonly assetId: bigint
  /** Token base units. */
  readonly deposit: bigint
  readonly maxPricePerUnitIn: bigint
  readonly maxPricePerUnitOut: bigint
}

const LABELS = [
  'Verify the provider again',
  'Allow the ledger to take the missing amount',
  'Deposit into your ledger balance',
  'Open the channel',
] as const
const STEP_INDEX: Readonly<Record<OpenProgress['step'], number>> = {
  verify: 0,
  prepare: 0,
  approve: 1,
  deposit: 2,
  open: 3,
  confirm: 3,
}
const IDLE: TxFlowState = { labels: [], index: 0, stage: null }

/** Opens a channel through the SDK, with the same stages as every transaction of the dApp. */
export function useOpenChannel() {
  const world = useWorld()
  const config = useConfig()
  const queries = useQueryClient()
  const [state, setState] = useState<TxFlowState>(IDLE)
  const show = (stage: TxStage) => setState((now) => ({ ...now, labels: LABELS, stage: later(now.stage, stage) }))

  const open = async (request: OpenRequest): Promise<Hex | undefined> => {
    let lastHash: Hex | undefined
    setState({ labels: LABELS, index: 0, stage: { name: 'simulating' } })
    const onProgress = ({ step, status, hash }: OpenProgress) => {
      if (hash) lastHash = hash
      if (status === 'started') setState({ labels: LABELS, index: STEP_INDEX[step], stage: { name: 'simulating' } })
    }
    try {
      const client = getPublicClient(config, { chainId: world.chainId })
      if (!client) throw new WebError('WEB_CHAIN_UNREACHABLE')
      const wallet = await getWalletClient(config, { chainId: world.chainId })
      const spartan = await makeSpartanClient(world, client, observedWallet(wallet, client, show))
      const { channelId } = await spartan.openChannel({ ...request, onProgress })
      const stage: TxStage | null = lastHash ? { name: 'confirmed', hash: lastHash, spedUp: false } : null
      setState({ labels: LABELS, index: LABELS.length - 1, stage })
      return channelId
    } catch (error) {
      show(isRejection(error) ? { name: 'rejected' } : { name: 'failed', error })
      return undefined
    } finally {
      await queries.invalidateQueries()
    }
  }
  return { state, open, running: isRunning(state.stage), reset: () => setState(IDLE) }
}

/** A late "the chain shows it" must not overwrite the end of the flow, nor the start of the next step. */
function later(now: TxStage | null, next: TxStage): TxStage {
  return next.name === 'confirming' && now?.name !== 'submitted' ? (now ?? next) : next
}
