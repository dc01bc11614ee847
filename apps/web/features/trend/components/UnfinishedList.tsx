'use client'
import Link from 'next/link'
import { useState } from 'react'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { shortHex } from '../../../shared/format/hex.ts'
import { formatAmount } from '../../../shared/format/number.ts'
import { TxStatus } from '../../../shared/tx/TxStatus.tsx'
import { Button } from '../../../shared/ui/Button.tsx'
import { Notice } from '../../../shared/ui/Notice.tsx'
import { WalletActionButton } from '../../../shared/web3/ConnectRequest.tsx'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'
import type { ModelRecord } from '../record.ts'
import {
  type RecoveredAnswer,
  type Unfinished,
  useDiscardOpening,
  useRecoverAnswer,
  useUnfinished,
} from '../unfinished.ts'
import { useOpenChannel } from '../useOpenChannel.ts'
import { TrendResult } from './TrendResult.tsx'

/** Offers to go on with what a reload interrupted: openings and paid answers. Shows nothing when there is nothing. */
export function UnfinishedList({ record }: { readonly record: ModelRecord | undefined }) {
  const unfinished = useUnfinished()
  const [recovered, setRecovered] = useState<readonly RecoveredAnswer[]>([])
  const entries = unfinished.data ?? []
  if (entries.length === 0 && recovered.length === 0) return null
  return (
    <div className="flex flex-col gap-3 p-4" data-testid="unfinished" aria-live="polite">
      {recovered.map((answer) => (
        <Recovered key={answer.receiptId} answer={answer} record={record} />
      ))}
      {entries.map((entry) =>
        entry.kind === 'opening' ? (
          <Opening key={entry.state.channelId} entry={entry} />
        ) : (
          <PaidAnswer
            key={entry.state.channelId}
            entry={entry}
            onRecovered={(answer) => setRecovered((known) => [...known, answer])}
          />
        ),
      )}
    </div>
  )
}

type Entry<Kind extends Unfinished['kind']> = Extract<Unfinished, { kind: Kind }>

function Opening({ entry: { state, onChain } }: { readonly entry: Entry<'opening'> }) {
  const { token } = useWorld()
  const opening = useOpenChannel()
  const discard = useDiscardOpening()
  const deposit = `${formatAmount(state.params.deposit, token.decimals, 6)} ${token.symbol}`
  return (
    <div>
      <Notice
        tone="warn"
        data-testid="unfinished-opening"
        title="A channel was not opened to its end."
        actions={
          <>
            <WalletActionButton
              size="sm"
              variant="primary"
              disabled={opening.running || discard.isPending}
              onClick={() => opening.resume(state.channelId)}
              data-testid="continue-opening"
            >
              Continue opening
            </WalletActionButton>
            {!onChain && (
              <Button
                size="sm"
                disabled={opening.running || discard.isPending}
                onClick={() => discard.mutate(state.channelId)}
                data-testid="discard-opening"
              >
                Discard
              </Button>
            )}
          </>
        }
      >
        {deposit} with provider <span className="mono">{shortHex(state.params.providerId, 8, 4)}</span>.{' '}
        {onChain
          ? 'The chain holds the channel; this browser has not taken note of it yet.'
          : 'The channel does not hold any money yet; what was deposited is in your ledger balance.'}
      </Notice>
      <TxStatus state={opening.state} />
    </div>
  )
}

function PaidAnswer({
  entry: { state, symbol },
  onRecovered,
}: {
  readonly entry: Entry<'answer'>
  readonly onRecovered: (answer: RecoveredAnswer) => void
}) {
  const recover = useRecoverAnswer()
  const fetchAnswer = async () => {
    // The mutation shows its own error.
    const answer = await recover.mutateAsync(state.channelId).catch(() => null)
    if (answer) onRecovered(answer)
  }
  return (
    <div className="flex flex-col gap-2">
      <Notice
        tone="warn"
        data-testid="unfinished-answer"
        title={symbol ? `You asked for the trend of ${symbol} and did not see the answer.` : 'An answer is missing.'}
        actions={
          <Button
            size="sm"
            variant="primary"
            disabled={recover.isPending}
            onClick={fetchAnswer}
            data-testid="fetch-answer"
          >
            {recover.isPending ? 'Asking again…' : 'Fetch the answer you paid for'}
          </Button>
        }
      >
        The request is repeated with the same voucher: the provider answers it again and charges it once.
      </Notice>
      {recover.isError && <ErrorNotice error={recover.error} />}
    </div>
  )
}

function Recovered({
  answer: { receiptId, symbol, purchase },
  record,
}: {
  readonly answer: RecoveredAnswer
  readonly record: ModelRecord | undefined
}) {
  if (purchase && symbol) {
    return (
      <div data-testid="recovered-answer">
        <p className="text-sm font-medium">Trend of {symbol}, fetched again</p>
        <TrendResult symbol={symbol} purchase={purchase} record={record} />
      </div>
    )
  }
  return (
    <Notice tone="good" title="The answer is here and its receipt is valid." data-testid="recovered-answer">
      <Link href={`/receipts/${receiptId}`} className="link">
        Open the receipt
      </Link>
    </Notice>
  )
}
