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
      <table className="num mt-2 w-full text-left">
        <caption className="sr-only">Sharpe ratio per year in the walk-forward test</caption>
        <thead className="text-ink-3">
          <tr>
            <th scope="col" className="font-normal">
              Sharpe, model
            </th>
            <th scope="col" className="font-normal">
              holding
            </th>
            <th scope="col" className="font-normal">
              50-day rule
            </th>
            <th scope="col" className="font-normal">
              t of alpha
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>{record.modelSharpe.toFixed(2)}</td>
            <td>{record.buyAndHoldSharpe.toFixed(2)}</td>
            <td>{record.averageRuleSharpe.toFixed(2)}</td>
            <td>
              {record.alphaT.toFixed(2)} <span className="text-ink-3">(needs {record.edge.requiredT})</span>
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  )
}
