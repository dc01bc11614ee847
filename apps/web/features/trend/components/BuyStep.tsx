'use client'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { formatAmountExact } from '../../../shared/format/number.ts'
import { Button } from '../../../shared/ui/Button.tsx'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'
import type { useBuyTrend } from '../hooks.ts'

/** Buys one analysis through the open channel. The wallet is not asked: the session key signs. */
export function BuyStep({
  fee,
  purchase,
  blocked,
  onBuy,
}: {
  readonly fee: bigint
  readonly purchase: ReturnType<typeof useBuyTrend>
  readonly blocked: string | undefined
  readonly onBuy: () => void
}) {
  const { token } = useWorld()
  const price = `${formatAmountExact(fee, token.decimals)} ${token.symbol}`
  return (
    <div className="flex flex-col gap-3">
      <Button
        variant="primary"
        disabled={blocked !== undefined || purchase.isPending}
        onClick={onBuy}
        data-testid="buy-trend-button"
      >
        {blocked ?? (purchase.isPending ? 'Encrypted, waiting for the answer…' : `Buy for ${price}`)}
      </Button>
      <div aria-live="polite" className="empty:hidden">
        {purchase.isError && <ErrorNotice error={purchase.error} />}
      </div>
    </div>
  )
}
