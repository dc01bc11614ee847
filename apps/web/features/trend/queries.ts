import 'server-only'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelRecord } from './record.ts'

const performance = z.object({ sharpe: z.number(), totalReturn: z.number() })
const evaluationSchema = z.object({
  costBps: z.number(),
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

const FILE = ['models', 'trend', 'evaluation.json'] as const
/** The dApp is started from its own folder or from the repository's root. */
const ROOTS = [join(process.cwd(), '..', '..'), process.cwd()]

/** Reads the model's record; undefined when the file is not there, and the page then says that there is no record. */
export async function modelRecord(): Promise<ModelRecord | undefined> {
  for (const root of ROOTS) {
    const text = await readFile(/* turbopackIgnore: true */ join(root, ...FILE), 'utf8').catch(() => undefined)
    const parsed = text === undefined ? undefined : evaluationSchema.safeParse(JSON.parse(text))
    if (parsed?.success) return toRecord(parsed.data)
  }
  return undefined
}

function toRecord({ costBps, walkForward: { accuracy, total } }: z.infer<typeof evaluationSchema>): ModelRecord {
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
  }
}
