import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { ModelRecord } from './record.ts'

const performance = z.object({ sharpe: z.number(), totalReturn: z.number() })
const evaluationSchema = z.object({
  costBps: z.number(),
  edge: z.object({ demonstrated: z.boolean(), requiredT: z.number() }),
  walkForward: z.object({
    accuracy: z.number(),
    total: z.object({
      from: z.string(),
      to: z.string(),
      model: performance,
      buyAndHold: performance,
      priceAbove50: performance,
      alpha: z.object({ tStatistic: z.number() }),
    }),
  }),
})

/** Relative to the working directory: the dApp is started from the repository's root or from its own folder. */
const FILES = ['models/trend/evaluation.json', '../../models/trend/evaluation.json'] as const

/** Reads the model's record; undefined when the file is not there, and the page then says that there is no record. */
export async function modelRecord(): Promise<ModelRecord | undefined> {
  for (const file of FILES) {
    const text = await readFile(/* turbopackIgnore: true */ file, 'utf8').catch(() => undefined)
    const parsed = text === undefined ? undefined : evaluationSchema.safeParse(JSON.parse(text))
    if (parsed?.success) return toRecord(parsed.data)
  }
  return undefined
}

function toRecord({ costBps, edge, walkForward: { accuracy, total } }: z.infer<typeof evaluationSchema>): ModelRecord {
  return {
    from: total.from,
    to: total.to,
    modelSharpe: total.model.sharpe,
    buyAndHoldSharpe: total.buyAndHold.sharpe,
    averageRuleSharpe: total.priceAbove50.sharpe,
    modelReturn: total.model.totalReturn,
    buyAndHoldReturn: total.buyAndHold.totalReturn,
    accuracy,
    alphaT: total.alpha.tStatistic,
    costBps,
    edge,
  }
}
