import { AnalyticsError, requireArgument } from './analyticsError.ts'
import type { WeightRule } from './rules.ts'

export interface WalkForwardOptions {
  /** Samples of the first training window. */
  readonly initialTrain: number
  /** Samples of each test window; the last one may be shorter, but not below half of it. */
  readonly test: number
  /** Samples dropped between training and test: at least the horizon of the label, or the labels overlap the test. */
  readonly embargo: number
}

/** Half-open index ranges. */
export interface Fold {
  readonly train: readonly [number, number]
  readonly test: readonly [number, number]
}

/**
 * Anchored walk-forward: each fold trains on everything before its test window less the embargo. Test windows follow
 * each other without overlap. Throws `ANALYTICS_SERIES_TOO_SHORT` when not even one fold fits.
 */
export function walkForwardFolds(samples: number, options: WalkForwardOptions): Fold[] {
  const { initialTrain, test, embargo } = options
  requireArgument([samples, initialTrain, test, embargo].every(Number.isSafeInteger), 'expected whole numbers')
  requireArgument(initialTrain > 0 && test > 0 && embargo >= 0, 'expected initialTrain, test > 0 and embargo ≥ 0')
  const folds: Fold[] = []
  for (let start = initialTrain + embargo; start + test / 2 <= samples; start += test) {
    folds.push({ train: [0, start - embargo], test: [start, Math.min(start + test, samples)] })
  }
  if (folds.length === 0) {
    throw new AnalyticsError('ANALYTICS_SERIES_TOO_SHORT', { metaMessages: [`${samples} samples hold no fold`] })
  }
  return folds
}

/**
 * Truncate test: the weight of each bar must be the same when all later bars are removed. Proves the absence of
 * look-ahead on this series at the checked bars only. `every` checks each n-th bar.
 *
 * Throws `ANALYTICS_LOOK_AHEAD` with the first bar that differs.
 */
export function checkNoLookAhead(rule: WeightRule, closes: readonly number[], every = 1): void {
  requireArgument(Number.isSafeInteger(every) && every > 0, `every ${every}: expected a whole number above 0`)
  const full = rule(closes)
  for (let t = 0; t < closes.length; t += every) {
    const seen = rule(closes.slice(0, t + 1)).at(-1)
    if (!Object.is(seen, full[t])) {
      throw new AnalyticsError('ANALYTICS_LOOK_AHEAD', {
        metaMessages: [`bar ${t}: ${seen} with data up to it, ${full[t]} with later data`],
      })
    }
  }
}
