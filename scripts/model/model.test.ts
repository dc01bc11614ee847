import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkNoLookAhead, closesOf, parseCandlesCsv, seededRandom, syntheticMarket } from '@spartan/analytics'
import { createOnnxEngine, type Engine, fp64Tensor, parseInferRequest, parseModelDescription } from '@spartan/inference'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelCard } from './card.ts'
import { type Evaluation, edgeOf, walkForward } from './evaluate.ts'
import { FEATURE_NAMES, trendFeatures, WINDOW } from './features.ts'
import { type Network, predict, type Sample, trainNetwork } from './network.ts'
import { decodeTrendModel, encodeTrendModel } from './onnx.ts'
import { TREND } from './paths.ts'
import { FIRST, LABEL_DAYS, labelAt, predictAt, samplesUntil } from './samples.ts'

let engine: Engine
let network: Network

beforeAll(async () => {
  const model = readFileSync(TREND.onnx)
  network = decodeTrendModel(model)
  const description = parseModelDescription(JSON.parse(readFileSync(TREND.description, 'utf8')))
  engine = await createOnnxEngine({ name: 'trend', model, description })
})
afterAll(async () => await engine.close())

function randomWalk(seed: string, length = WINDOW, volatility = 0.03): number[] {
  const random = seededRandom(seed)
  let price = 100 * 10 ** (6 * random.uniform() - 3)
  return Array.from({ length }, () => {
    price *= Math.exp(volatility * random.normal())
    return price
  })
}

/** Largest difference of ONNX and TypeScript over position and probabilities. */
async function gap(closes: readonly number[], running = engine, weights = network): Promise<number> {
  const out = await running.infer({ closes: fp64Tensor(closes, [1, WINDOW]) })
  const expected = predict(weights, trendFeatures(closes))
  const own = [expected.position, ...expected.probabilities]
  const theirs = [...Array.from(out.position?.data ?? [], Number), ...Array.from(out.probabilities?.data ?? [], Number)]
  expect(theirs).toHaveLength(4)
  return Math.max(...own.map((value, i) => Math.abs(value - (theirs[i] ?? Number.NaN))))
}

describe('the committed model', () => {
  it('has the agreed interface and is small', () => {
    expect(engine.metadata()).toEqual({
      name: 'trend',
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'closes', datatype: 'FP64', shape: [1, WINDOW], inputRange: { above: 0 } }],
      outputs: [
        { name: 'position', datatype: 'FP64', shape: [1, 1] },
        { name: 'probabilities', datatype: 'FP64', shape: [1, 3] },
      ],
    })
    expect(statSync(TREND.onnx).size).toBeLessThan(2 * 2 ** 20)
  })

  it('equals the TypeScript forward pass on random walks, wild and calm', async () => {
    for (let i = 0; i < 100; i += 1) {
      expect(await gap(randomWalk(`walk ${i}`, WINDOW, [0.001, 0.03, 0.5][i % 3]))).toBeLessThan(1e-9)
    }
  })

  it('equals it on constant and on straight prices', async () => {
    expect(await gap(Array.from({ length: WINDOW }, () => 123.45))).toBeLessThan(1e-9)
    expect(await gap(Array.from({ length: WINDOW }, (_, i) => 50 + i))).toBeLessThan(1e-9)
  })

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['zero', 0],
    ['a negative price', -1],
  ])('is not run on %s', async (_, bad) => {
    const closes = randomWalk('bad').with(7, bad)
    const tensors = { closes: fp64Tensor(closes, [1, WINDOW]) }
    await expect(engine.infer(tensors)).rejects.toMatchObject({ code: 'INFERENCE_VALUE_INVALID' })
    expect(() => trendFeatures(closes)).toThrow('ANALYTICS_ARGUMENT_INVALID')
  })

  it('is not run on another length or type, and not after it was cancelled or closed', async () => {
    const short = { closes: fp64Tensor(randomWalk('x', 256), [1, 256]) }
    await expect(engine.infer(short)).rejects.toMatchObject({ code: 'INFERENCE_SHAPE_MISMATCH' })
    const good = { closes: fp64Tensor(randomWalk('x'), [1, WINDOW]) }
    const cancelled = engine.infer(good, AbortSignal.abort())
    await expect(cancelled).rejects.toMatchObject({ code: 'INFERENCE_CANCELLED' })
    const late = new AbortController()
    const running = engine.infer(good, late.signal)
    late.abort()
    await expect(running).rejects.toMatchObject({ code: 'INFERENCE_CANCELLED' })
    const other = await createOnnxEngine({ name: 'trend', model: readFileSync(TREND.onnx) })
    await Promise.all([other.infer(good), other.close(), other.close()])
    await expect(other.infer(good)).rejects.toMatchObject({ code: 'INFERENCE_ENGINE_CLOSED' })
  })

  it('is refused when the manifest describes other tensors or a range for an unknown input', async () => {
    const model = readFileSync(TREND.onnx)
    const description = parseModelDescription(
      JSON.parse(readFileSync(TREND.description, 'utf8').replace('"probabilities"', '"odds"')),
    )
    const wrong = createOnnxEngine({ name: 'trend', model, description })
    await expect(wrong).rejects.toMatchObject({ code: 'INFERENCE_MODEL_INVALID' })
    const ranges = createOnnxEngine({ name: 'trend', model, inputRanges: { prices: { above: 0 } } })
    await expect(ranges).rejects.toMatchObject({ code: 'INFERENCE_MODEL_INVALID' })
  })

  it('takes requests of the Open Inference Protocol, and limits bind', async () => {
    const data = randomWalk('request')
    const body = { inputs: [{ name: 'closes', shape: [1, WINDOW], datatype: 'FP64', data }] }
    const request = parseInferRequest(body, engine.metadata())
    const position = Number((await engine.infer(request.inputs)).position?.data[0])
    expect(Math.abs(position)).toBeLessThanOrEqual(1)
    const small = await createOnnxEngine({
      name: 'trend',
      model: readFileSync(TREND.onnx),
      limits: { maxInputElements: 256 },
    })
    await expect(small.infer(request.inputs)).rejects.toMatchObject({ code: 'INFERENCE_TENSOR_TOO_LARGE' })
    await small.close()
  })

  it('refuses to pass on an answer that is not a number', async () => {
    const broken = await createOnnxEngine({
      name: 'x',
      model: encodeTrendModel({ ...network, b2: [Number.NaN, 0, 0] }),
    })
    const run = broken.infer({ closes: fp64Tensor(randomWalk('nan'), [1, WINDOW]) })
    await expect(run).rejects.toMatchObject({ code: 'INFERENCE_OUTPUT_INVALID' })
    await broken.close()
  })

  it('has the card that its evaluation gives', () => {
    const evaluation = JSON.parse(readFileSync(TREND.evaluation, 'utf8')) as Evaluation
    expect(readFileSync(TREND.card, 'utf8')).toBe(modelCard(evaluation))
  })

  it('carries the verdict that its figures give', () => {
    const evaluation = JSON.parse(readFileSync(TREND.evaluation, 'utf8')) as Evaluation
    expect(evaluation.edge).toEqual(edgeOf(evaluation.walkForward.total))
  })

  it.each([
    [2, 2, 2, true],
    [1.96, 2, 2, false],
    [9, 1, 2, false],
    [9, 2, 1, false],
  ])(
    'alpha %s, over holding %s, over the rule %s: edge %s',
    (tStatistic, tOverBuyAndHold, tOverPriceAbove50, expected) => {
      const alpha = { alpha: 0, beta: 0, tStatistic, interval: [0, 0] as const }
      expect(edgeOf({ alpha, tOverBuyAndHold, tOverPriceAbove50 }).demonstrated).toBe(expected)
    },
  )
})

describe('features and labels', () => {
  it('do not depend on the scale of the price', () => {
    const closes = randomWalk('scale')
    const scaled = trendFeatures(closes.map((close) => close * 1000))
    trendFeatures(closes).forEach((value, i) => {
      expect(scaled[i]).toBeCloseTo(value, 8)
    })
  })

  it('samples know nothing after their end', () => {
    const closes = randomWalk('samples', 320)
    const cut = samplesUntil(closes, 300)
    expect(cut).toHaveLength(300 - LABEL_DAYS - FIRST)
    expect(cut).toEqual(samplesUntil([...closes.slice(0, 300), ...closes.slice(300).map((close) => close * 3)], 300))
    expect(labelAt(closes, 319)).toBeUndefined()
  })

  it('labels a jump up, a jump down and a calm stretch', () => {
    const closes = randomWalk('labels', 100)
    const movedBy = (factor: number) => [
      ...closes,
      ...Array.from({ length: LABEL_DAYS }, () => (closes[99] ?? 1) * factor),
    ]
    expect([movedBy(1.5), movedBy(0.5), movedBy(1)].map((series) => labelAt(series, 99))).toEqual([2, 0, 1])
  })
})

describe('trainNetwork', () => {
  const random = seededRandom('toy')
  const samples: Sample[] = Array.from({ length: 300 }, () => {
    const features = FEATURE_NAMES.map(() => random.normal())
    const sum = (features[0] ?? 0) - (features[3] ?? 0)
    return { features, label: sum > 0.6 ? 2 : sum < -0.6 ? 0 : 1 }
  })

  it('learns a rule that is there, the same way each time', () => {
    const trained = trainNetwork(samples)
    const right = samples.filter(({ features, label }) => {
      const { probabilities } = predict(trained, features)
      return probabilities.indexOf(Math.max(...probabilities)) === label
    })
    expect(right.length / samples.length).toBeGreaterThan(0.8)
    expect(trainNetwork(samples)).toEqual(trained)
  })

  it('survives the model file unchanged, which runs like it', async () => {
    const trained = trainNetwork(samples)
    const file = encodeTrendModel(trained)
    expect(decodeTrendModel(file)).toEqual(trained)
    const other = await createOnnxEngine({ name: 'other', model: file })
    expect(await gap(randomWalk('file'), other, trained)).toBeLessThan(1e-9)
    await other.close()
    expect(() => decodeTrendModel(Uint8Array.of(1, 2, 3))).toThrow('ANALYTICS_MODEL_MALFORMED')
    expect(() => decodeTrendModel(new Uint8Array())).toThrow('ANALYTICS_MODEL_MALFORMED')
  })
})

describe('walkForward', () => {
  const start = Date.UTC(2018, 0, 1) / 1000
  const candles = syntheticMarket({ seed: 'walk', days: 1400, start, symbols: ['BTC'] }).get('BTC') ?? []

  it('never uses later data: a shorter history gives the same first folds', () => {
    const [long, short] = [walkForward(candles), walkForward(candles.slice(0, 1200))]
    expect(long.folds).toHaveLength(2)
    expect(short.folds).toEqual(long.folds.slice(0, 1))
    expect(long.folds[1]?.from).toBe(long.folds[0]?.to)
  })

  it('the model is a rule without look-ahead', () => {
    const rule = (closes: readonly number[]) =>
      closes.map((_, t) => (t < FIRST ? 0 : predictAt(network, closes, t).position))
    checkNoLookAhead(rule, closesOf(candles.slice(0, 400)), 9)
  })
})

const fixtures = process.env.SPARTAN_FIXTURES
const daily = fixtures ? join(fixtures, 'market/daily/binance_api/BTCUSDT_1d.csv') : ''

describe.skipIf(!existsSync(daily))('real prices (SPARTAN_FIXTURES/market)', () => {
  it('equals the TypeScript forward pass all along daily BTC', async () => {
    const closes = closesOf(parseCandlesCsv(readFileSync(daily, 'utf8')))
    for (let t = FIRST; t < closes.length; t += 23) {
      expect(await gap(closes.slice(t - FIRST, t + 1))).toBeLessThan(1e-9)
    }
  })

  it('trains again to the committed weights', () => {
    const closes = closesOf(parseCandlesCsv(readFileSync(daily, 'utf8')))
    const again = trainNetwork(samplesUntil(closes, closes.length))
    again.w2.forEach((weight, i) => {
      expect(weight).toBeCloseTo(network.w2[i] ?? Number.NaN, 6)
    })
  })
})
