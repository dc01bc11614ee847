import { trendFeatures, WINDOW } from './features.ts'
import { type Network, type Prediction, predict, type Sample } from './network.ts'

/** Days the label looks ahead. Training leaves out as many samples before each test window. */
export const LABEL_DAYS = 5
/** Terciles of the normal distribution: without drift or skill each class would hold a third. */
const THRESHOLD = 0.43
const VOLATILITY_SPAN = 60

/** Index of the first close with a full window. */
export const FIRST = WINDOW - 1

/** Class of bar t: move of the next `LABEL_DAYS` closes in units of σ60 √days; undefined where they are not known yet. */
export function labelAt(closes: readonly number[], t: number): number | undefined {
  const [now, later] = [closes[t], closes[t + LABEL_DAYS]]
  if (now === undefined || later === undefined || t < VOLATILITY_SPAN) return undefined
  let squares = 0
  for (let i = t - VOLATILITY_SPAN + 1; i <= t; i += 1) {
    squares += Math.log((closes[i] ?? Number.NaN) / (closes[i - 1] ?? Number.NaN)) ** 2
  }
  const move = Math.log(later / now) / (Math.sqrt((squares / VOLATILITY_SPAN) * LABEL_DAYS) + 1e-6)
  if (move > THRESHOLD) return 2
  return move < -THRESHOLD ? 0 : 1
}

/** Samples of the bars from `FIRST` on whose label is known by bar `end` (exclusive). */
export function samplesUntil(closes: readonly number[], end: number): Sample[] {
  const known = closes.slice(0, end)
  const samples: Sample[] = []
  for (let t = FIRST; t < known.length; t += 1) {
    const label = labelAt(known, t)
    if (label !== undefined) samples.push({ features: trendFeatures(known.slice(t - FIRST, t + 1)), label })
  }
  return samples
}

/** Prediction with data up to bar t. */
export function predictAt(network: Network, closes: readonly number[], t: number): Prediction {
  return predict(network, trendFeatures(closes.slice(t - FIRST, t + 1)))
}
