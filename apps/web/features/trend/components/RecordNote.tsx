import { formatPercent } from '../../../shared/format/number.ts'
import { hasDemonstratedEdge, type ModelRecord } from '../record.ts'

/** The model's record, in plain words, beside its price. */
export function RecordNote({ record }: { readonly record: ModelRecord | undefined }) {
  if (!record) {
    return (
      <p className="px-4 py-3 text-xs text-ink-3">
        No evaluation of this model is published here: treat it as unproven.
      </p>
    )
  }
  return (
    <div className="px-4 py-3 text-xs text-ink-2" data-testid="model-record">
      <p>
        <strong className="font-semibold text-ink">
          {hasDemonstratedEdge(record) ? 'The record shows an edge over its test.' : 'No demonstrated edge.'}
        </strong>{' '}
        In a walk-forward test on daily BTC ({record.from} to {record.to}, {record.costBps} bps costs) the model
        returned {formatPercent(record.modelReturn, 0)}, holding returned {formatPercent(record.buyAndHoldReturn, 0)}.
        It had the sign right on {formatPercent(record.accuracy)} of days.
      </p>
      <dl className="num mt-2 grid grid-cols-1 gap-x-5 gap-y-1 sm:grid-cols-2">
        <Figure label="Sharpe, model" value={signed(record.modelSharpe)} />
        <Figure label="Sharpe, holding" value={signed(record.buyAndHoldSharpe)} />
        <Figure label="Sharpe, 50-day rule" value={signed(record.averageRuleSharpe)} />
        <Figure label={`t of alpha (needs ${record.edge.requiredT})`} value={signed(record.alphaT)} />
      </dl>
    </div>
  )
}

const signed = (value: number) => value.toFixed(2).replace('-', '−')

function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div className="flex justify-between gap-2 border-t border-line pt-1">
      <dt className="text-ink-3">{label}</dt>
      <dd className="whitespace-nowrap">{value}</dd>
    </div>
  )
}
