/** The model's record, measured before anything was sold (models/trend/evaluation.json). */
export interface ModelRecord {
  readonly from: string
  readonly to: string
  /** Annualised Sharpe ratios over the walk-forward test, costs deducted. */
  readonly modelSharpe: number
  readonly buyAndHoldSharpe: number
  readonly averageRuleSharpe: number
  /** Return of the model over the whole test (0.1 = 10 %). */
  readonly modelReturn: number
  readonly buyAndHoldReturn: number
  /** Share of days with the right sign. */
  readonly accuracy: number
  readonly alphaT: number
  readonly costBps: number
}

/** t-statistic above which an edge would be called demonstrated, two-sided at 5 %. */
export const SIGNIFICANT_T = 1.96

/** Whether the walk-forward test demonstrated an edge at all. */
export function hasDemonstratedEdge(record: ModelRecord): boolean {
  return record.alphaT > SIGNIFICANT_T
}
