'use client'
import Link from 'next/link'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { shortHex } from '../../../shared/format/hex.ts'
import { formatAmount } from '../../../shared/format/number.ts'
import { formatDistance, formatInstant } from '../../../shared/format/time.ts'
import { TxStatus } from '../../../shared/tx/TxStatus.tsx'
import { Badge, type Tone } from '../../../shared/ui/Badge.tsx'
import { buttonClasses } from '../../../shared/ui/Button.tsx'
import { Card, CardHeader } from '../../../shared/ui/Card.tsx'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { Notice } from '../../../shared/ui/Notice.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { WalletActionButton } from '../../../shared/web3/ConnectRequest.tsx'
import { useWallet } from '../../../shared/web3/useWallet.ts'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'
import { type ChannelRow, refundable, useChainTime, useChannels } from '../hooks.ts'
import { useCloseChannel } from '../useCloseChannel.ts'

const TONES: Record<ChannelRow['status'], Tone> = { none: 'neutral', open: 'good', closing: 'warn', closed: 'neutral' }

const STATUS_TEXT: Record<ChannelRow['status'], string> = {
  none: 'Unknown',
  open: 'Open',
  closing: 'Closing',
  closed: 'Closed',
}

/** Channels of the connected account, and what can be taken back from them. */
export function ChannelsCard() {
  const world = useWorld()
  const { isConnected } = useWallet()
  const channels = useChannels()
  const closing = useCloseChannel()
  const total = channels.data?.reduce((sum, channel) => sum + refundable(channel), 0n) ?? 0n
  return (
    <Card>
      <CardHeader
        title="Channels"
        note={
          <>
            Money you can take back:{' '}
            <strong className="num font-semibold text-ink" data-testid="refundable-total" data-amount={String(total)}>
              {formatAmount(total, world.token.decimals, 6)} {world.token.symbol}
            </strong>
          </>
        }
      />
      {channels.isError && (
        <div className="p-4">
          <ErrorNotice error={channels.error} />
        </div>
      )}
      {isConnected && channels.isPending && <SkeletonRows rows={2} />}
      {(!isConnected || channels.data?.length === 0) && <NoChannel connected={isConnected} />}
      <ul>
        {channels.data?.map((channel) => (
          <li key={channel.channelId} className="border-b border-line last:border-b-0">
            <ChannelLine channel={channel} closing={closing} />
          </li>
        ))}
      </ul>
      {(channels.data?.some(({ status }) => status === 'open') ?? false) && (
        <p className="border-t border-line px-4 py-3 text-xs text-ink-3">
          Closing pays what you signed for and gives the rest back in one transaction, signed by both sides. When the
          provider does not answer, you close alone: it then has a delay to claim what you signed, and the rest is
          yours.
        </p>
      )}
      <ClosingStatus closing={closing} />
    </Card>
  )
}

function NoChannel({ connected }: { readonly connected: boolean }) {
  return (
    <EmptyState
      title={connected ? 'No channel yet' : 'Connect a wallet to see your channels'}
      action={
        connected ? (
          <Link href="/markets" className={buttonClasses('secondary')}>
            Choose a market
          </Link>
        ) : undefined
      }
    >
      A channel holds a deposit for one provider. What was not spent comes back when you close it.
    </EmptyState>
  )
}

function ClosingStatus({ closing: { state, requested } }: { readonly closing: ReturnType<typeof useCloseChannel> }) {
  return (
    <div className={state.stage || requested ? 'px-4 pb-4' : undefined}>
      <TxStatus state={state} />
      {requested && (
        <div className="mt-3">
          <Notice
            tone="warn"
            data-testid="close-requested"
            title={`The provider did not agree to close at once. The refund can be taken from ${formatInstant(requested.refundableAt)}.`}
          >
            <span className="mono">{requested.error.code}</span>: {requested.error.shortMessage}
          </Notice>
        </div>
      )}
    </div>
  )
}

/** What the button of a channel can do now, or why it cannot. */
function actionOf(channel: ChannelRow, chainTime: bigint | undefined): { label: string; blocked?: string } | undefined {
  if (channel.status === 'open') return { label: 'Close' }
  if (channel.status !== 'closing' || channel.refundableAt === null) return undefined
  if (chainTime === undefined || chainTime >= channel.refundableAt) return { label: 'Take refund' }
  return { label: 'Take refund', blocked: `Refund ${formatDistance(channel.refundableAt, chainTime)}` }
}

function ChannelLine({
  channel,
  closing,
}: {
  readonly channel: ChannelRow
  readonly closing: ReturnType<typeof useCloseChannel>
}) {
  const world = useWorld()
  const chainTime = useChainTime()
  const action = actionOf(channel, chainTime)
  const money = (amount: bigint) => `${formatAmount(amount, world.token.decimals, 6)} ${world.token.symbol}`
  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-2 px-4 py-3" data-testid={`channel-${channel.channelId}`}>
      <div className="min-w-0 flex-1 basis-52">
        <p className="flex flex-wrap items-center gap-2">
          <span className="mono">{shortHex(channel.channelId, 8, 6)}</span>
          <Badge tone={TONES[channel.status]}>{STATUS_TEXT[channel.status]}</Badge>
        </p>
        <p className="mt-0.5 text-xs text-ink-3">
          with{' '}
          <Link href={`/providers/${channel.providerId}`} className="link mono">
            {shortHex(channel.providerId, 8, 4)}
          </Link>{' '}
          ·{' '}
          {channel.refundableAt
            ? `refund from ${formatInstant(channel.refundableAt)}`
            : `until ${formatInstant(channel.expiresAt)}`}
        </p>
      </div>
      <dl className="num flex gap-5 text-sm">
        <div>
          <dt className="text-xs text-ink-3">Deposit</dt>
          <dd>{money(channel.deposit)}</dd>
        </div>
        <div>
          <dt className="text-xs text-ink-3">Settled</dt>
          <dd data-testid="channel-settled" data-amount={String(channel.settled)}>
            {money(channel.settled)}
          </dd>
        </div>
      </dl>
      {action && (
        <WalletActionButton
          size="sm"
          disabled={closing.running}
          blocked={action.blocked}
          onClick={() => closing.close(channel)}
          data-testid="channel-action"
        >
          {action.label}
        </WalletActionButton>
      )}
    </div>
  )
}
