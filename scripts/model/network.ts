import { mean, type SeededRandom, seededRandom, standardDeviation } from '@spartan/analytics'
import { FEATURE_NAMES } from './features.ts'

/** Classes: the next `LABEL_DAYS` go down, stay, go up. */
export const CLASSES = 3
export const HIDDEN = 8

/**
 * Settings, chosen once before any test fold was looked at and never searched over: a small network, strong weight
 * decay, few steps, because daily returns are almost all noise.
 */
export const TRAINING = {
  seed: 'spartan-trend-1',
  epochs: 300,
  learningRate: 0.01,
  weightDecay: 0.01,
  /** Position = clip(gain · (P(up) - P(down)), -1, 1). */
  gain: 3,
} as const

/** Weights of features → (x - mean) / deviation → tanh(x·w1 + b1) → softmax(h·w2 + b2). Matrices row-major, input × output. */
export interface Network {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
  readonly w1: readonly number[]
  readonly b1: readonly number[]
  readonly w2: readonly number[]
  readonly b2: readonly number[]
}

export interface Prediction {
  /** -1 (short) to 1 (long). */
  readonly position: number
  /** Down, flat, up; sum 1. */
  readonly probabilities: readonly number[]
}

const INPUTS = FEATURE_NAMES.length

/** Forward pass on features. */
export function predict(network: Network, features: readonly number[]): Prediction {
  const input = features.map((value, i) => (value - (network.mean[i] ?? 0)) / (network.deviation[i] ?? 1))
  const hidden = affine(input, network.w1, network.b1).map(Math.tanh)
  const probabilities = softmax(affine(hidden, network.w2, network.b2))
  const lean = TRAINING.gain * ((probabilities[2] ?? 0) - (probabilities[0] ?? 0))
  return { position: Math.min(1, Math.max(-1, lean)), probabilities }
}

function affine(input: readonly number[], weights: readonly number[], bias: readonly number[]): number[] {
  return bias.map((start, j) =>
    input.reduce((sum, value, i) => sum + value * (weights[i * bias.length + j] ?? 0), start),
  )
}

function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - top))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** One training example: features and the class 0, 1 or 2. */
export interface Sample {
  readonly features: readonly number[]
  readonly label: number
}

/** Flat parameter vector during training: w1, b1, w2, b2. */
const SIZES = [INPUTS * HIDDEN, HIDDEN, HIDDEN * CLASSES, CLASSES] as const
const OFFSETS = SIZES.map((_, i) => SIZES.slice(0, i).reduce((sum, size) => sum + size, 0)) as [
  number,
  number,
  number,
  number,
]
const TOTAL = SIZES.reduce((sum, size) => sum + size, 0)

/** Trains on all samples at once with Adam. Deterministic: the same samples give the same network. */
export function trainNetwork(samples: readonly Sample[]): Network {
  const columns = Array.from({ length: INPUTS }, (_, i) => samples.map((sample) => sample.features[i] ?? 0))
  const centre = columns.map(mean)
  const deviation = columns.map((column) => standardDeviation(column) || 1)
  const inputs = samples.map((sample) =>
    Float64Array.from(sample.features, (value, i) => (value - (centre[i] ?? 0)) / (deviation[i] ?? 1)),
  )
  const labels = samples.map((sample) => sample.label)
  const parameters = initialParameters(seededRandom(TRAINING.seed))
  const [first, second] = [new Float64Array(TOTAL), new Float64Array(TOTAL)]
  for (let epoch = 1; epoch <= TRAINING.epochs; epoch += 1) {
    const gradient = gradientOf(parameters, inputs, labels)
    for (let i = 0; i < TOTAL; i += 1) {
      const slope = gradient[i] ?? 0
      const m = 0.9 * (first[i] ?? 0) + 0.1 * slope
      const v = 0.999 * (second[i] ?? 0) + 0.001 * slope * slope
      first[i] = m
      second[i] = v
      const step = m / (1 - 0.9 ** epoch) / (Math.sqrt(v / (1 - 0.999 ** epoch)) + 1e-8)
      parameters[i] = (parameters[i] ?? 0) - TRAINING.learningRate * step
    }
  }
  const part = (i: 0 | 1 | 2 | 3) => [...parameters.subarray(OFFSETS[i], OFFSETS[i] + SIZES[i])]
  return { mean: centre, deviation, w1: part(0), b1: part(1), w2: part(2), b2: part(3) }
}

function initialParameters(random: SeededRandom): Float64Array {
  const parameters = new Float64Array(TOTAL)
  for (let i = 0; i < SIZES[0]; i += 1) parameters[i] = random.normal() / Math.sqrt(INPUTS)
  for (let i = 0; i < SIZES[2]; i += 1) parameters[OFFSETS[2] + i] = random.normal() / Math.sqrt(HIDDEN)
  return parameters
}

/** Gradient of mean cross-entropy plus weightDecay / 2 · (‖w1‖² + ‖w2‖²). */
function gradientOf(parameters: Float64Array, inputs: readonly Float64Array[], labels: readonly number[]) {
  const gradient = new Float64Array(TOTAL)
  const hidden = new Float64Array(HIDDEN)
  const delta = new Float64Array(CLASSES)
  inputs.forEach((input, n) => {
    forward(parameters, input, hidden, delta)
    delta[labels[n] ?? 0] = (delta[labels[n] ?? 0] ?? 0) - 1
    backward(parameters, gradient, input, hidden, delta)
  })
  for (let i = 0; i < TOTAL; i += 1) {
    const decays = i < OFFSETS[1] || (i >= OFFSETS[2] && i < OFFSETS[3])
    const decay = decays ? TRAINING.weightDecay * (parameters[i] ?? 0) : 0
    gradient[i] = (gradient[i] ?? 0) / inputs.length + decay
  }
  return gradient
}

function forward(p: Float64Array, input: Float64Array, hidden: Float64Array, output: Float64Array): void {
  for (let j = 0; j < HIDDEN; j += 1) {
    let sum = p[OFFSETS[1] + j] ?? 0
    for (let i = 0; i < INPUTS; i += 1) sum += (input[i] ?? 0) * (p[i * HIDDEN + j] ?? 0)
    hidden[j] = Math.tanh(sum)
  }
  for (let k = 0; k < CLASSES; k += 1) {
    let sum = p[OFFSETS[3] + k] ?? 0
    for (let j = 0; j < HIDDEN; j += 1) sum += (hidden[j] ?? 0) * (p[OFFSETS[2] + j * CLASSES + k] ?? 0)
    output[k] = sum
  }
  output.set(softmax([...output]))
}

function backward(
  p: Float64Array,
  gradient: Float64Array,
  input: Float64Array,
  hidden: Float64Array,
  delta: Float64Array,
): void {
  const add = (at: number, value: number) => {
    gradient[at] = (gradient[at] ?? 0) + value
  }
  for (let k = 0; k < CLASSES; k += 1) add(OFFSETS[3] + k, delta[k] ?? 0)
  for (let j = 0; j < HIDDEN; j += 1) {
    const activation = hidden[j] ?? 0
    let back = 0
    for (let k = 0; k < CLASSES; k += 1) {
      const at = OFFSETS[2] + j * CLASSES + k
      add(at, activation * (delta[k] ?? 0))
      back += (p[at] ?? 0) * (delta[k] ?? 0)
    }
    back *= 1 - activation * activation
    add(OFFSETS[1] + j, back)
    for (let i = 0; i < INPUTS; i += 1) add(i * HIDDEN + j, back * (input[i] ?? 0))
  }
}
