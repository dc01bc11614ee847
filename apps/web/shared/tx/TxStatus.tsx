'use client'
import type { ReactNode } from 'react'
import { ErrorNotice } from '../errors/ErrorNotice.tsx'
import { Copyable } from '../ui/Copyable.tsx'
import { classNames } from '../ui/classNames.ts'
import { Notice } from '../ui/Notice.tsx'
import type { TxStage } from './transaction.ts'
import type { TxFlowState } from './useTxFlow.ts'

/** One component per stage: what is happening, and whose turn it is. */
const STAGES: { readonly [name in TxStage['name']]: (stage: Extract<TxStage, { name: name }>) => ReactNode } = {
  preparing: () => <Pending>Asking the provider…</Pending>,
  simulating: () => <Pending>Checking on a copy of the chain that this would succeed…</Pending>,
  'awaiting-signature': () => <Pending strong>Your turn: confirm in the wallet.</Pending>,
  submitted: ({ hash }) => <Pending hash={hash}>Sent. The chain does not show it yet…</Pending>,
  confirming: ({ hash }) => <Pending hash={hash}>Waiting for its block…</Pending>,
  confirmed: ({ hash, spedUp }) => (
    <Notice tone="good" title={spedUp ? 'Done, with the sped-up transaction.' : 'Done.'}>
      <Copyable text={hash} label="transaction hash" />
    </Notice>
  ),
  reverted: ({ hash }) => (
    <Notice tone="bad" title="The chain mined the transaction, but the contract refused it. Only gas was spent.">
      <Copyable text={hash} label="transaction hash" />
    </Notice>
  ),
  replaced: ({ hash, reason }) => (
    <Notice
      tone="neutral"
      title={reason === 'cancelled' ? 'You cancelled it in the wallet.' : 'Another transaction took its place.'}
    >
      <Copyable text={hash} label="transaction hash" />
    </Notice>
  ),
  rejected: () => (
    <Notice tone="neutral" title="You declined in the wallet.">
      Nothing was sent. Try again when you like.
    </Notice>
  ),
  failed: ({ error }) => <ErrorNotice error={error} />,
}

function Pending({
  children,
  hash,
  strong = false,
}: {
  readonly children: ReactNode
  readonly hash?: string
  readonly strong?: boolean
}) {
  return (
    <Notice tone="info" title={<span className={classNames(strong && 'font-semibold')}>{children}</span>}>
      {hash && <Copyable text={hash} label="transaction hash" />}
    </Notice>
  )
}

/** The running flow: which step of how many, and its stage. Announced to screen readers. */
export function TxStatus({ state }: { readonly state: TxFlowState }) {
  const { stage, labels, index } = state
  return (
    <div aria-live="polite" data-testid="tx-status" data-stage={stage?.name ?? 'idle'} data-step={index + 1}>
      {stage && (
        <div className="mt-3 flex flex-col gap-2">
          {labels.length > 1 && <Steps labels={labels} index={index} done={stage.name === 'confirmed'} />}
          {(STAGES[stage.name] as (stage: TxStage) => ReactNode)(stage)}
        </div>
      )}
    </div>
  )
}

function Steps({
  labels,
  index,
  done,
}: {
  readonly labels: readonly string[]
  readonly index: number
  readonly done: boolean
}) {
  return (
    <ol className="flex flex-col gap-1 text-sm">
      {labels.map((label, step) => {
        const finished = step < index || (step === index && done)
        return (
          <li
            key={label}
            aria-current={step === index ? 'step' : undefined}
            className={classNames('flex gap-2', step === index ? 'font-medium' : 'text-ink-3')}
          >
            <span aria-hidden="true" className={classNames('num w-4 text-center', finished && 'text-up')}>
              {finished ? '✓' : step + 1}
            </span>
            <span>
              {label}
              {finished && <span className="sr-only"> (done)</span>}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
