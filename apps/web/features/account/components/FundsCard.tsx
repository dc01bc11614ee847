'use client'
import { type FormEvent, useId, useState } from 'react'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { AMOUNT_PROBLEM_TEXT, formatAmount, formatAmountExact, parseAmount } from '../../../shared/format/number.ts'
import { TxStatus } from '../../../shared/tx/TxStatus.tsx'
import { useTxFlow } from '../../../shared/tx/useTxFlow.ts'
import { Button } from '../../../shared/ui/Button.tsx'
import { Card, CardHeader } from '../../../shared/ui/Card.tsx'
import { Skeleton } from '../../../shared/ui/Skeleton.tsx'
import { WalletActionButton } from '../../../shared/web3/ConnectRequest.tsx'
import { depositSteps, type Funds, faucetStep, useFunds, withdrawStep } from '../../../shared/web3/ledger.ts'
import { useWallet } from '../../../shared/web3/useWallet.ts'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'

type Direction = 'deposit' | 'withdraw'

/** Ledger balance with deposit and withdrawal; test tokens on local worlds. */
export function FundsCard() {
  const world = useWorld()
  const { address } = useWallet()
  const { funds, error, isLoading } = useFunds()
  const flow = useTxFlow()
  return (
    <Card>
      <CardHeader
        title="Money"
        note="Channels are paid from the ledger. Withdraw what is not in a channel at any time."
        actions={
          world.simulated && address ? (
            <Button
              size="sm"
              disabled={flow.running}
              onClick={() => flow.run([faucetStep(world, address)])}
              data-testid="faucet-button"
            >
              Get test tokens
            </Button>
          ) : undefined
        }
      />
      <div className="p-4">
        {error && <ErrorNotice error={error} />}
        <dl className="flex flex-col gap-2">
          <Amount label="In the ledger" amount={funds?.ledger} testId="ledger-balance" loading={isLoading} />
          <Amount label="In your wallet" amount={funds?.wallet} testId="wallet-balance" loading={isLoading} />
        </dl>
        <MoveForm funds={funds} flow={flow} />
        <TxStatus state={flow.state} />
      </div>
    </Card>
  )
}

function Amount({
  label,
  amount,
  testId,
  loading,
}: {
  readonly label: string
  readonly amount: bigint | undefined
  readonly testId: string
  readonly loading: boolean
}) {
  const { token } = useWorld()
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4">
      <dt className="text-sm text-ink-2">{label}</dt>
      <dd
        className="num text-xl font-semibold whitespace-nowrap"
        data-testid={testId}
        data-amount={amount === undefined ? '' : String(amount)}
        title={amount === undefined ? undefined : formatAmountExact(amount, token.decimals)}
      >
        {amount !== undefined && (
          <>
            {formatAmount(amount, token.decimals, 6)}{' '}
            <span className="text-base font-normal text-ink-2">{token.symbol}</span>
          </>
        )}
        {amount === undefined && (loading ? <Skeleton className="h-6 w-24" /> : '–')}
      </dd>
    </div>
  )
}

/** Why an amount cannot be moved now; undefined when it can. */
function blockedReason(
  text: string,
  direction: Direction,
  funds: Funds | undefined,
  decimals: number,
): string | undefined {
  const parsed = parseAmount(text, decimals)
  if (!parsed.ok) return AMOUNT_PROBLEM_TEXT[parsed.problem]
  if (!funds) return 'Reading your balance…'
  if (direction === 'deposit' && parsed.amount > funds.wallet) return 'More than your wallet holds.'
  if (direction === 'withdraw' && parsed.amount > funds.ledger) return 'More than the ledger holds.'
  return undefined
}

function MoveForm({ funds, flow }: { readonly funds: Funds | undefined; readonly flow: ReturnType<typeof useTxFlow> }) {
  const world = useWorld()
  const { decimals, symbol } = world.token
  const field = useId()
  const [direction, setDirection] = useState<Direction>('deposit')
  const [text, setText] = useState('')
  const blocked = blockedReason(text, direction, funds, decimals)
  const available = direction === 'deposit' ? funds?.wallet : funds?.ledger

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const parsed = parseAmount(text, decimals)
    if (!parsed.ok || !funds || blocked) return
    const steps =
      direction === 'deposit' ? depositSteps(world, funds, parsed.amount) : [withdrawStep(world, parsed.amount)]
    if (await flow.run(steps)) setText('')
  }
  return (
    <form onSubmit={submit} className="mt-5 flex flex-col gap-3">
      <fieldset className="inline-flex self-start rounded-md border border-line p-0.5">
        <legend className="sr-only">Direction</legend>
        {(['deposit', 'withdraw'] as const).map((choice) => (
          <button
            key={choice}
            type="button"
            aria-pressed={direction === choice}
            onClick={() => setDirection(choice)}
            data-testid={`move-${choice}`}
            className={`min-h-8 rounded-sm px-3 text-sm capitalize ${direction === choice ? 'bg-sunken font-medium' : 'text-ink-2'}`}
          >
            {choice}
          </button>
        ))}
      </fieldset>
      <div>
        <label htmlFor={field} className="text-sm font-medium">
          Amount in {symbol}
        </label>
        <div className="mt-1 flex gap-2">
          <input
            id={field}
            inputMode="decimal"
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
            data-testid="amount-input"
            className="num min-h-10 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-3"
          />
          <Button
            disabled={!available}
            onClick={() => setText(available ? formatAmountExact(available, decimals).replaceAll(',', '') : '')}
          >
            All
          </Button>
        </div>
      </div>
      <WalletActionButton
        type="submit"
        variant="primary"
        disabled={flow.running}
        blocked={text === '' ? 'Enter an amount' : blocked}
        data-testid="move-submit"
      >
        {direction === 'deposit' ? 'Deposit' : 'Withdraw'}
      </WalletActionButton>
    </form>
  )
}
