import { z } from 'zod'
import { SdkError } from './errors.ts'

/** Open Inference Protocol v2, the client's side. */

/** A tensor: data flat and row-major, as many values as the shape says. */
export interface TensorInput {
  readonly name: string
  /** For example `FP64`, `INT32`, `BOOL`. */
  readonly datatype: string
  readonly shape: readonly number[]
  readonly data: readonly (number | boolean)[] | Float64Array | Float32Array | Int32Array
}

export interface TensorOutput {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly data: readonly (number | boolean)[]
}

const shape = z.array(z.int().min(0)).max(16)
const specSchema = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int().min(-1)).max(16) })

const shapesSchema = z.object({ inputs: z.array(z.object({ shape })) })

const metadataSchema = z.object({
  name: z.string(),
  inputs: z.array(specSchema).max(64),
  outputs: z.array(specSchema).max(64),
})

const answerSchema = z.object({
  model_name: z.string(),
  outputs: z
    .array(
      z.object({ name: z.string(), datatype: z.string(), shape, data: z.array(z.union([z.number(), z.boolean()])) }),
    )
    .max(64),
})

/** What a model takes and gives; -1 stands for a size that the request chooses. */
export type ModelMetadata = z.infer<typeof metadataSchema>

/** Path of a model's routes. Failure: `SDK_INPUT_INVALID` for a name that cannot stand in a path. */
export function modelPath(model: string): string {
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(model)) throw invalid(`model name ${JSON.stringify(model)}`)
  return `/v2/models/${model}`
}

/** Body of an inference request. Failure: `SDK_INPUT_INVALID`. */
export function encodeInferBody(inputs: readonly TensorInput[]): Uint8Array {
  if (inputs.length === 0) throw invalid('no inputs')
  const tensors = inputs.map((input) => {
    const data = Array.from(input.data as ArrayLike<number | boolean>)
    if (data.length !== elements(input.shape)) {
      throw invalid(`input ${input.name}: shape [${input.shape.join(', ')}] does not hold ${data.length} values`)
    }
    if (!data.every((value) => typeof value === 'boolean' || Number.isFinite(value))) {
      throw invalid(`input ${input.name}: not every value is a finite number`)
    }
    return { name: input.name, shape: [...input.shape], datatype: input.datatype, data }
  })
  return new TextEncoder().encode(JSON.stringify({ inputs: tensors }))
}

/** Units of a request: elements of its input tensors. */
export function unitsInOf(inputs: readonly Pick<TensorInput, 'shape'>[]): bigint {
  return BigInt(inputs.reduce((sum, input) => sum + elements(input.shape), 0))
}

/** Units of a stored request body. Failure: `SDK_INPUT_INVALID`. */
export function unitsInOfBody(body: Uint8Array): bigint {
  const parsed = shapesSchema.safeParse(jsonFrom(body))
  if (!parsed.success) throw invalid('stored request is not an inference request')
  return unitsInOf(parsed.data.inputs)
}

/**
 * Units of the response, known before the request where the model's output sizes are fixed; a free first dimension is
 * taken to be the batch, that is the first dimension of the first input. Undefined where that leaves a size open.
 */
export function expectedUnitsOut(metadata: ModelMetadata, inputs: readonly TensorInput[]): bigint | undefined {
  const batch = inputs[0]?.shape[0]
  let sum = 0
  for (const output of metadata.outputs) {
    const [first, ...rest] = output.shape
    const size = elements([...(first === undefined ? [] : [first === -1 ? (batch ?? -1) : first]), ...rest])
    if (size < 0 || output.shape.slice(1).includes(-1)) return undefined
    sum += size
  }
  return BigInt(sum)
}

/** Reads a model's metadata. Failure: `SDK_PROVIDER_ANSWER_MALFORMED`. */
export function parseMetadata(body: Uint8Array): ModelMetadata {
  const parsed = metadataSchema.safeParse(jsonFrom(body))
  if (parsed.success) return parsed.data
  throw new SdkError('SDK_PROVIDER_ANSWER_MALFORMED', { metaMessages: ['model metadata'] })
}

/** Reads an inference answer and counts its units from the values that are there. Failure: `SDK_PROVIDER_ANSWER_MALFORMED`. */
export function parseInferAnswer(body: Uint8Array): { outputs: readonly TensorOutput[]; unitsOut: bigint } {
  const parsed = answerSchema.safeParse(jsonFrom(body))
  if (!parsed.success || parsed.data.outputs.some((output) => output.data.length !== elements(output.shape))) {
    throw new SdkError('SDK_PROVIDER_ANSWER_MALFORMED', { metaMessages: ['inference answer'] })
  }
  const { outputs } = parsed.data
  return { outputs, unitsOut: BigInt(outputs.reduce((sum, output) => sum + output.data.length, 0)) }
}

function elements(dimensions: readonly number[]): number {
  return dimensions.reduce((product, dimension) => product * dimension, 1)
}

function jsonFrom(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

function invalid(line: string): SdkError {
  return new SdkError('SDK_INPUT_INVALID', { metaMessages: [line] })
}
