'use client'
import Link from 'next/link'
import { type FormEvent, useId, useState } from 'react'
import type { Hex } from 'viem'
import {
  AMOUNT_PROBLEM_TEXT,
  formatAmount,
  formatAmountExact,
  formatCount,
  parseAmount,
} from '../../../shared/format/number.ts'
import { TxStatus } from '../../../shared/tx/TxStatus.tsx'
import { WalletActionButton } from '../../../shared/web3/ConnectRequest.tsx'
import { useFunds } from '../../../shared/web3/ledger.ts'
import type { ModelOffer } from '../../../shared/web3/registry.ts'
import { useWallet } from '../../../shared/web3/useWallet.ts'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'
import type { UsableChannel } from '../hooks.ts'
import type { useOpenChannel } from '../useOpenChannel.ts'

/** Analyses that the suggested deposit pays for. */
const SUGGESTED_ANALYSES = 20n

/** Opens a channel, or shows the one that is open. */
export function OpenChannelStep({
  channel,
  providerId,
  offer,
  fee,
  blocked,
  opening,
}: {
  readonly opening: ReturnType<typeof useOpenChannel>
  readonly channel: UsableChannel | null
  readonly providerId: Hex | undefined
  readonly offer: ModelOffer
  readonly fee: bigint
  readonly blocked: string | undefined
}) {
  if (channel && !opening.running) return <ChannelSummary channel={channel} fee={fee} />
  return (
    <>
      <OpenForm providerId={providerId} offer={offer} fee={fee} blocked={blocked} opening={opening} />
      <TxStatus state={opening.state} />
    </>
  )
}

function ChannelSummary({ channel, fee }: { readonly channel: UsableChannel; readonly fee: bigint }) {
  const { token } = useWorld()
  const left = channel.deposit - channel.spent
  return (
    <p className="num text-sm text-ink-2" data-testid="channel-open" data-channel={channel.channelId}>
      <strong className="font-semibold text-ink">
        {formatAmount(left, token.decimals, 6)} {token.symbol}
      </strong>{' '}
      left of {formatAmount(channel.deposit, token.decimals, 6)}: enough for {formatCount(fee > 0n ? left / fee : 0n)}{' '}
      more.{' '}
      <Link href="/account" className="link">
        Close it and take the rest back
      </Link>
    </p>
  )
}

function OpenForm({
  providerId,
  offer,
  fee,
  blocked,
  opening,
}: {
  readonly providerId: Hex | undefined
  readonly offer: ModelOffer
  readonly fee: bigint
  readonly blocked: string | undefined
  readonly opening: ReturnType<typeof useOpenChannel>
}) {
  const { token } = useWorld()
  const { isConnected } = useWallet()
  const { funds } = useFunds()
  const field = useId()
  const suggestion = formatAmountExact(fee * SUGGESTED_ANALYSES, token.decimals).replaceAll(',', '')
  const [typed, setTyped] = useState<string | null>(null)
  const text = typed ?? suggestion
  const parsed = parseAmount(text, token.decimals)
  const problem = !parsed.ok
    ? AMOUNT_PROBLEM_TEXT[parsed.problem]
    : parsed.amount < fee
      ? 'Less than one analysis costs'
      : funds && parsed.amount > funds.ledger + funds.wallet
        ? 'More than you have: get test tokens under Account'
        : undefined

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!parsed.ok || !providerId || blocked || problem) return
    void opening.open({
      providerId,
      assetId: offer.assetId,
      deposit: parsed.amount,
      maxPricePerUnitIn: offer.pricePerUnitIn,
      maxPricePerUnitOut: offer.pricePerUnitOut,
    })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div>
        <label htmlFor={field} className="text-sm">
          Deposit in {token.symbol}
          {parsed.ok && fee > 0n && (
            <span className="num text-ink-3"> · {formatCount(parsed.amount / fee)} analyses at today&apos;s price</span>
          )}
        </label>
        <input
          id={field}
          inputMode="decimal"
          autoComplete="off"
          value={text}
          onChange={(event) => setTyped(event.target.value)}
          data-testid="deposit-input"
          className="num mt-1 min-h-10 w-full rounded-md border border-line-strong bg-surface px-3"
        />
      </div>
      <WalletActionButton
        type="submit"
        variant="primary"
        disabled={opening.running}
        blocked={blocked ?? (isConnected ? problem : undefined)}
        data-testid="open-channel-button"
      >
        {opening.running ? 'Opening…' : 'Open channel'}
      </WalletActionButton>
      <details className="text-sm text-ink-2">
        <summary className="inline-block min-h-6 py-1 text-ink-3">
          What is a channel, and what is its session key?
        </summary>
        <p>
          The deposit is the most you can lose. A session key, made and kept in this browser, signs a voucher per
          analysis, so the wallet is not asked each time. It can spend this channel only: this provider, this model,
          this price. The escrow pays the least of receipt, voucher, and price × units.
        </p>
      </details>
    </form>
  )
}
