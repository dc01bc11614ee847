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
  /** Verdict of the evaluation: demonstrated only when alpha and both comparisons with rules are significant. */
  readonly edge: { readonly demonstrated: boolean; readonly requiredT: number }
}

/** Whether the walk-forward test demonstrated an edge at all, by the evaluation's own verdict. */
export function hasDemonstratedEdge(record: ModelRecord): boolean {
  return record.edge.demonstrated
}
