import type { Comparison, Evaluation, StrategyFigures } from './evaluate.ts'

const percent = (value: number) => `${(100 * value).toFixed(1)} %`
const signed = (value: number) => value.toFixed(2)

function strategyRow(name: string, figures: StrategyFigures): string {
  const low = figures.sharpe - 1.96 * figures.sharpeStandardError
  const high = figures.sharpe + 1.96 * figures.sharpeStandardError
  return `| ${name} | ${signed(figures.sharpe)} [${signed(low)}, ${signed(high)}] | ${percent(figures.cagr)} | ${percent(figures.maxDrawdown)} | ${figures.turnover.toFixed(1)} | ${signed(figures.tStatistic)} |`
}

function totalTable(total: Comparison): string {
  return [
    '| strategy | Sharpe [95 %] | growth per year | largest drawdown | turnover | t of the mean |',
    '|---|---|---|---|---|---|',
    strategyRow('trend model', total.model),
    strategyRow('buy and hold', total.buyAndHold),
    strategyRow('price above 50-day average', total.priceAbove50),
    strategyRow('20-day above 100-day average', total.cross20over100),
  ].join('\n')
}

function foldTable(label: string, rows: readonly (readonly [string, Comparison])[]): string {
  return [
    `| ${label} | model | buy and hold | price > average 50 | return of model | of buy and hold | alpha t |`,
    '|---|---|---|---|---|---|---|',
    ...rows.map(
      ([name, row]) =>
        `| ${name} | ${signed(row.model.sharpe)} | ${signed(row.buyAndHold.sharpe)} | ${signed(row.priceAbove50.sharpe)} | ${percent(row.model.totalReturn)} | ${percent(row.buyAndHold.totalReturn)} | ${signed(row.alpha.tStatistic)} |`,
    ),
  ].join('\n')
}

/** The one sentence that matters, derived from the numbers so that it cannot drift from them. */
export function verdict(evaluation: Evaluation): string {
  const { total, folds } = evaluation.walkForward
  const { demonstrated, requiredT } = evaluation.edge
  const ahead = folds.filter((fold) => fold.model.totalReturn > fold.buyAndHold.totalReturn).length
  const facts = `It beat buy and hold in ${ahead} of ${folds.length} test periods; the t-statistics are ${signed(total.alpha.tStatistic)} for alpha, ${signed(total.tOverBuyAndHold)} against buy and hold and ${signed(total.tOverPriceAbove50)} against the 50-day average rule, where ${requiredT} would be needed.`
  return demonstrated
    ? `**On this one history the model passed every test, which is still no promise.** ${facts}`
    : `**The model has no demonstrated edge.** ${facts}`
}

/** What the training script prints. */
export function formatReport(evaluation: Evaluation): string {
  const { folds, total, accuracy } = evaluation.walkForward
  return [
    `Walk-forward on daily BTC, ${total.from} to ${total.to}, ${evaluation.costBps} bps per unit of turnover`,
    totalTable(total),
    `Days with the right sign: ${percent(accuracy)}. Alpha per day ${(1e4 * total.alpha.alpha).toFixed(1)} bps, 95 % [${total.alpha.interval.map((bound) => (1e4 * bound).toFixed(1)).join(', ')}], beta ${signed(total.alpha.beta)}.`,
    foldTable(
      'test period (Sharpe)',
      folds.map((fold) => [`${fold.from} to ${fold.to}`, fold]),
    ),
    'Unseen months of 2024 in 8-hour bars, all assets with hourly data, model trained on daily BTC before 2024 only:',
    foldTable(
      'asset (Sharpe)',
      evaluation.crossAsset.map((row) => [row.symbol, row]),
    ),
    verdict(evaluation),
  ].join('\n\n')
}

/** Text of models/trend/README.md. */
export function modelCard(evaluation: Evaluation): string {
  return `# Trend model

${verdict(evaluation)}

A small neural network that reads 257 daily closes of one asset and says whether the next five days lean down, flat or
up. It exists so that Spartan's confidential inference has a real model to run. It is **not investment advice**, and no
signal should be traded because of it.

## Interface

| | name | type | meaning |
|---|---|---|---|
| input | \`closes\` | FP64 [1, 257] | daily closes, oldest first, all above zero |
| output | \`position\` | FP64 [1, 1] | -1 (short) to 1 (long): clip(3 · (P(up) - P(down))) |
| output | \`probabilities\` | FP64 [1, 3] | down, flat, up over the next five days |

\`trend.onnx\` (opset 17) computes the features itself, so a caller sends prices and nothing else. \`model.json\` is the
description that goes into the manifest of the sealed asset; engines refuse a close that is not finite or not above zero
before the model runs.

## Data and licence

- Training and walk-forward: daily BTCUSDT, 2017-08-17 to 2024-07-18, from
  [simonpotel/QTSBE](https://github.com/simonpotel/QTSBE) (MIT), origin Binance public klines.
- Test on unseen months and assets: hourly BTC, ETH, SOL, XRP, LTC, DOGE, 2024-01-01 to 2024-09-07, from
  [imsatoshi/GeneTrader](https://github.com/imsatoshi/GeneTrader) (MIT), origin Binance public klines.

The prices themselves are not in this repository. The model is licensed Apache-2.0 like the rest.

## How it works

Nine features: log returns over 7, 14, 28, 56, 112 and 224 days and the distance to the 50- and 200-day averages, each
divided by 60-day volatility times the root of its days; the log ratio of 20- to 120-day volatility. Clipped to ±4,
standardised on the training window, then 8 tanh units and a softmax over three classes. The label is the move of the
next five days in units of volatility, cut at ±0.43 (terciles of a normal distribution). Full-batch Adam, 300 steps,
weight decay 0.01, one seed.

## Evaluation

Anchored walk-forward: two years of samples first, then half-year test periods, each with a network trained only on what
was known the day before it, labels included. Settings were fixed before the first run and not searched over. Weights
decided at a close are held to the next close; every unit of turnover costs ${evaluation.costBps} basis points. The final model is then
trained on all days, so it must not be tested on any of them. A rule enters a period with the weight it already held,
so buy and hold pays nothing there.

${formatReport(evaluation).split('\n\n').slice(0, -1).join('\n\n')}

t-statistics and intervals assume independent returns. The hourly files hold 249 days, too few for one window of 257
daily closes, so this test uses 8-hour bars: harder than the intended use, and only a few months.

## Limits

One asset, one exchange, one history with a strong upward drift, no funding, spread or slippage beyond the flat cost.
Published studies find no dependable predictability of Bitcoin from past prices out of sample.

## Rebuild

\`node scripts/model/train.ts --data DIR\` trains, prints this evaluation and writes this folder;
\`node scripts/model/train.ts --data DIR --check\` only compares.
`
}
