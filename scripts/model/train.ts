import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Candle, closesOf, parseCandlesCsv } from '@spartan/analytics'
import { BaseError } from '@spartan/errors'
import { formatReport, modelCard } from './card.ts'
import { COST_BPS, crossAsset, type Evaluation, edgeOf, walkForward } from './evaluate.ts'
import { WINDOW } from './features.ts'
import { CLASSES, type Network, trainNetwork } from './network.ts'
import { decodeTrendModel, encodeTrendModel } from './onnx.ts'
import { TREND } from './paths.ts'
import { samplesUntil } from './samples.ts'

const HELP = `Trains the trend model and writes models/trend.

  node scripts/model/train.ts [--data DIR] [--check]

  --data DIR  folder with daily/binance_api/BTCUSDT_1d.csv and hourly/*USDT_1h.csv
              (default: MARKET_DATA, else SPARTAN_FIXTURES/market)
  --check     writes nothing; fails when the result differs from the committed files`

/** Relative difference up to which a retrained figure counts as equal: mathematical libraries differ in the last digits. */
const TOLERANCE = 1e-4

interface TrainingData {
  readonly daily: readonly Candle[]
  readonly hourly: ReadonlyMap<string, readonly Candle[]>
}

function readData(folder: string | undefined): TrainingData {
  const file = join(folder ?? '', 'daily/binance_api/BTCUSDT_1d.csv')
  const hours = join(folder ?? '', 'hourly')
  if (folder === undefined || !existsSync(file) || !existsSync(hours)) {
    throw new BaseError('ANALYTICS_DATA_MISSING', { metaMessages: ['daily/binance_api/BTCUSDT_1d.csv and hourly/'] })
  }
  const hourly = new Map<string, readonly Candle[]>()
  for (const name of readdirSync(hours).sort()) {
    const symbol = /^([A-Z]+)USDT_1h\.csv$/.exec(name)?.[1]
    if (symbol !== undefined) hourly.set(symbol, parseCandlesCsv(readFileSync(join(hours, name), 'utf8')))
  }
  return { daily: parseCandlesCsv(readFileSync(file, 'utf8')), hourly }
}

function round(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(8))
  if (Array.isArray(value)) return value.map(round)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, round(inner)]))
}

/** Paths at which two JSON values differ by more than the tolerance. */
function differences(expected: unknown, actual: unknown, path = ''): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const near = Math.abs(expected - actual) <= TOLERANCE * Math.max(1, Math.abs(expected))
    return near ? [] : [`${path}: committed ${expected}, now ${actual}`]
  }
  if (typeof expected !== 'object' || typeof actual !== 'object' || expected === null || actual === null) {
    return expected === actual ? [] : [`${path}: committed ${String(expected)}, now ${String(actual)}`]
  }
  const [left, right] = [expected as Record<string, unknown>, actual as Record<string, unknown>]
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...keys].flatMap((key) => differences(left[key], right[key], `${path}/${key}`))
}

function check(network: Network, evaluation: Evaluation): void {
  const committed = {
    network: decodeTrendModel(readFileSync(TREND.onnx)),
    evaluation: JSON.parse(readFileSync(TREND.evaluation, 'utf8')) as unknown,
  }
  const found = differences(committed, { network, evaluation: round(evaluation) })
  if (readFileSync(TREND.card, 'utf8') !== modelCard(committed.evaluation as Evaluation)) found.push('README.md')
  if (found.length > 0) {
    throw new BaseError('ANALYTICS_MODEL_DIFFERS', { metaMessages: found.slice(0, 10) })
  }
  console.log('The retrained model and its evaluation equal the committed ones.')
}

function write(network: Network, evaluation: Evaluation): void {
  const rounded = round(evaluation) as Evaluation
  writeFileSync(TREND.onnx, encodeTrendModel(network))
  writeFileSync(TREND.evaluation, `${JSON.stringify(rounded, null, 2)}\n`)
  writeFileSync(TREND.card, modelCard(rounded))
  const description = {
    engine: 'onnx',
    inputs: [{ name: 'closes', datatype: 'FP64', shape: [1, WINDOW], inputRange: { above: 0 } }],
    outputs: [
      { name: 'position', datatype: 'FP64', shape: [1, 1] },
      { name: 'probabilities', datatype: 'FP64', shape: [1, CLASSES] },
    ],
    units: 'elements',
  }
  writeFileSync(TREND.description, `${JSON.stringify(description, null, 2)}\n`)
}

function main(): void {
  const options = { data: { type: 'string' }, check: { type: 'boolean' }, help: { type: 'boolean' } } as const
  const { values } = parseArgs({ options })
  if (values.help) {
    console.log(HELP)
    return
  }
  const fixtures = process.env.SPARTAN_FIXTURES
  const fallback = process.env.MARKET_DATA ?? (fixtures === undefined ? undefined : join(fixtures, 'market'))
  const { daily, hourly } = readData(values.data ?? fallback)
  const closes = closesOf(daily)
  const walked = walkForward(daily)
  const evaluation: Evaluation = {
    costBps: COST_BPS,
    walkForward: walked,
    crossAsset: crossAsset(daily, hourly),
    edge: edgeOf(walked.total),
  }
  const network = trainNetwork(samplesUntil(closes, closes.length))
  console.log(formatReport(evaluation))
  if (values.check) check(network, evaluation)
  else write(network, evaluation)
}

try {
  main()
} catch (error) {
  console.error(error instanceof BaseError ? error.message : error)
  process.exitCode = 1
}
