import * as z from 'zod'
import { InferenceError } from './inferenceError.ts'
import {
  checkDatatype,
  checkInputs,
  checkShape,
  dataFromJson,
  type ModelMetadata,
  type Tensor,
  type TensorMap,
} from './tensor.ts'

const MAX_RANK = 8
const MAX_NAME = 128

const requestSchema = z.object({
  id: z.string().max(MAX_NAME).optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  inputs: z
    .array(
      z.object({
        name: z.string().min(1).max(MAX_NAME),
        shape: z.array(z.number().int().nonnegative()).max(MAX_RANK),
        datatype: z.string().max(16),
        parameters: z.record(z.string(), z.unknown()).optional(),
        data: z.array(z.unknown()),
      }),
    )
    .max(64),
  outputs: z.array(z.object({ name: z.string().min(1).max(MAX_NAME), parameters: z.unknown().optional() })).optional(),
})

/** A checked Open Inference Protocol v2 request. `outputs` are the names asked for, all of the model's by default. */
export interface InferRequest {
  readonly id: string | undefined
  readonly inputs: TensorMap
  readonly outputs: readonly string[]
}

/** Body of an Open Inference Protocol v2 answer: data flat, row-major; 64-bit integers as JSON numbers. */
export interface InferResponse {
  readonly model_name: string
  readonly id?: string
  readonly outputs: readonly {
    readonly name: string
    readonly datatype: string
    readonly shape: readonly number[]
    readonly data: readonly (number | boolean)[]
  }[]
}

/**
 * Reads an Open Inference Protocol v2 request (parsed JSON) against the metadata of a model: names, datatypes, shapes,
 * finite values, ranges. Data may be flat or nested in the declared shape.
 *
 * Throws `INFERENCE_REQUEST_MALFORMED`, `INFERENCE_INPUT_MISSING`, `INFERENCE_INPUT_UNKNOWN`,
 * `INFERENCE_OUTPUT_UNKNOWN`, `INFERENCE_DATATYPE_MISMATCH`, `INFERENCE_SHAPE_MISMATCH`, `INFERENCE_VALUE_INVALID`.
 */
export function parseInferRequest(json: unknown, metadata: ModelMetadata): InferRequest {
  const parsed = requestSchema.safeParse(json)
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new InferenceError('INFERENCE_REQUEST_MALFORMED', { metaMessages: issues })
  }
  const inputs: Record<string, Tensor> = {}
  for (const entry of parsed.data.inputs) {
    const spec = metadata.inputs.find((candidate) => candidate.name === entry.name)
    if (spec === undefined || Object.hasOwn(inputs, entry.name)) {
      throw new InferenceError('INFERENCE_INPUT_UNKNOWN', { metaMessages: [`input ${JSON.stringify(entry.name)}`] })
    }
    checkDatatype(spec, entry.datatype)
    const values = flatten(entry.name, entry.data, entry.shape)
    checkShape(spec, entry.shape, values.length)
    inputs[spec.name] = {
      datatype: spec.datatype,
      shape: entry.shape,
      data: dataFromJson(spec.name, spec.datatype, values),
    }
  }
  checkInputs(inputs, metadata.inputs)
  const outputs = parsed.data.outputs?.map((output) => output.name) ?? metadata.outputs.map((output) => output.name)
  for (const name of outputs) {
    if (!metadata.outputs.some((output) => output.name === name)) {
      throw new InferenceError('INFERENCE_OUTPUT_UNKNOWN', { metaMessages: [`output ${JSON.stringify(name)}`] })
    }
  }
  return { id: parsed.data.id, inputs, outputs: [...new Set(outputs)] }
}

/** Nested data must follow the declared shape exactly; flat data is taken as it stands. */
function flatten(name: string, data: readonly unknown[], shape: readonly number[]): readonly unknown[] {
  if (!data.some(Array.isArray)) return data
  let level: readonly unknown[] = [data]
  for (const dimension of shape) {
    const next: unknown[] = []
    for (const part of level) {
      if (!Array.isArray(part) || part.length !== dimension) {
        throw new InferenceError('INFERENCE_SHAPE_MISMATCH', {
          metaMessages: [`input ${name}: nested data does not follow [${shape.join(', ')}]`],
        })
      }
      for (const element of part) next.push(element)
    }
    level = next
  }
  return level
}

/**
 * Writes the answer: only the asked outputs, in the order asked.
 *
 * Throws `INFERENCE_OUTPUT_UNKNOWN` when the tensors lack one, `INFERENCE_OUTPUT_INVALID` when a value is not finite or
 * a 64-bit integer is beyond 2^53 - 1 (JSON could only carry it rounded).
 */
export function formatInferResponse(
  metadata: ModelMetadata,
  tensors: TensorMap,
  request: Pick<InferRequest, 'id' | 'outputs'>,
): InferResponse {
  const outputs = request.outputs.map((name) => {
    const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined
    if (tensor === undefined) {
      throw new InferenceError('INFERENCE_OUTPUT_UNKNOWN', { metaMessages: [`output ${JSON.stringify(name)}`] })
    }
    return { name, datatype: tensor.datatype, shape: [...tensor.shape], data: dataToJson(name, tensor) }
  })
  return { model_name: metadata.name, ...(request.id === undefined ? {} : { id: request.id }), outputs }
}

/** Writes a request for tensors, as a client sends it. Throws `INFERENCE_OUTPUT_INVALID` for values JSON cannot carry. */
export function formatInferRequest(tensors: TensorMap, id?: string) {
  const inputs = Object.entries(tensors).map(([name, tensor]) => ({
    name,
    shape: [...tensor.shape],
    datatype: tensor.datatype,
    data: dataToJson(name, tensor),
  }))
  return { ...(id === undefined ? {} : { id }), inputs }
}

function dataToJson(name: string, tensor: Tensor): (number | boolean)[] {
  return Array.from(tensor.data as ArrayLike<number | bigint>, (element, i) => {
    const value = Number(element)
    const exact = typeof element === 'bigint' ? Number.isSafeInteger(value) : Number.isFinite(value)
    if (!exact) {
      throw new InferenceError('INFERENCE_OUTPUT_INVALID', { metaMessages: [`tensor ${name}, element ${i}`] })
    }
    return tensor.datatype === 'BOOL' ? value === 1 : value
  })
}

/** Body of `GET /v2/models/{name}`. `parameters.inputRange` of an input is this project's addition; clients may ignore it. */
export function formatModelMetadata(metadata: ModelMetadata) {
  return {
    name: metadata.name,
    platform: metadata.platform,
    inputs: metadata.inputs.map(({ name, datatype, shape, inputRange }) => ({
      name,
      datatype,
      shape: [...shape],
      ...(inputRange === undefined ? {} : { parameters: { inputRange } }),
    })),
    outputs: metadata.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
  }
}

const specSchema = z.object({
  name: z.string().min(1).max(MAX_NAME),
  datatype: z.enum(['BOOL', 'UINT8', 'INT8', 'UINT16', 'INT16', 'UINT32', 'INT32', 'UINT64', 'INT64', 'FP32', 'FP64']),
  shape: z.array(z.number().int().min(-1)).max(MAX_RANK),
  inputRange: z
    .strictObject({ above: z.number().optional(), min: z.number().optional(), max: z.number().optional() })
    .optional(),
})

const descriptionSchema = z.object({
  engine: z.literal('onnx'),
  inputs: z.array(specSchema).min(1).max(64),
  outputs: z.array(specSchema).min(1).max(64),
  units: z.literal('elements'),
})

/** The `model` object of a sealed-asset manifest: which engine, which tensors, how units are counted. */
export type ModelDescription = z.infer<typeof descriptionSchema>

/** Reads the `model` object of a manifest. Throws `INFERENCE_MODEL_INVALID`. */
export function parseModelDescription(json: unknown): ModelDescription {
  const parsed = descriptionSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new InferenceError('INFERENCE_MODEL_INVALID', { metaMessages: issues })
}
