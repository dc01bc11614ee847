'use client'
import type { ChannelState, OpenProgress, SpartanClient } from '@spartan/sdk'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Address, Hex } from 'viem'
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

  const run = async (
    action: (
      client: SpartanClient,
      onProgress: (progress: OpenProgress) => void,
      account: Address,
    ) => Promise<ChannelState>,
  ): Promise<Hex | undefined> => {
    let lastHash: Hex | undefined
    setState({ labels: LABELS, index: 0, stage: { name: 'preparing' } })
    const onProgress = ({ step, status, hash }: OpenProgress) => {
      if (hash) lastHash = hash
      const name = step === 'verify' || step === 'prepare' ? 'preparing' : 'simulating'
      if (status === 'started') setState({ labels: LABELS, index: STEP_INDEX[step], stage: { name } })
    }
    try {
      const client = getPublicClient(config, { chainId: world.chainId })
      if (!client) throw new WebError('WEB_CHAIN_UNREACHABLE')
      const wallet = await getWalletClient(config, { chainId: world.chainId })
      const spartan = await makeSpartanClient(world, client, observedWallet(wallet, client, show))
      const { channelId } = await action(spartan, onProgress, wallet.account.address)
      // First what the chain says now, then the end of the flow: the page never shows an opening that is over.
      await queries.invalidateQueries()
      const stage: TxStage | null = lastHash ? { name: 'confirmed', hash: lastHash, spedUp: false } : null
      setState({ labels: LABELS, index: LABELS.length - 1, stage })
      return channelId
    } catch (error) {
      show(isRejection(error) ? { name: 'rejected' } : { name: 'failed', error })
      await queries.invalidateQueries()
      return undefined
    }
  }
  const open = (request: OpenRequest) =>
    run(async (spartan, onProgress, account) => {
      const begun = await unfinishedOpening(spartan, request, account)
      return begun
        ? spartan.resumeOpening(begun.channelId, { onProgress })
        : spartan.openChannel({ ...request, onProgress })
    })
  const resume = (channelId: Hex) => run((spartan, onProgress) => spartan.resumeOpening(channelId, { onProgress }))
  return { state, open, resume, running: isRunning(state.stage), reset: () => setState(IDLE) }
}

/** The same opening begun before, declined or interrupted on the way: going on with it leaves no second one behind. */
async function unfinishedOpening(
  client: SpartanClient,
  request: OpenRequest,
  account: Address,
): Promise<ChannelState | undefined> {
  return (await client.channels()).find(
    ({ opened, payer, params }) =>
      !opened &&
      payer.toLowerCase() === account.toLowerCase() &&
      params.providerId === request.providerId &&
      params.assetId === request.assetId &&
      params.deposit === request.deposit &&
      params.maxPricePerUnitIn === request.maxPricePerUnitIn &&
      params.maxPricePerUnitOut === request.maxPricePerUnitOut,
  )
}

/** A late "the chain shows it" must not overwrite the end of the flow, nor the start of the next step. */
function later(now: TxStage | null, next: TxStage): TxStage {
  return next.name === 'confirming' && now?.name !== 'submitted' ? (now ?? next) : next
}
