import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Engine } from './engine.ts'
import { InferenceError } from './inferenceError.ts'
import { refuseExternalData } from './onnxExternalData.ts'
import type { ModelDescription } from './openInference.ts'
import {
  checkInputs,
  type Datatype,
  type InputRange,
  type ModelMetadata,
  type Tensor,
  type TensorData,
  type TensorMap,
  type TensorSpec,
  unitsOf,
} from './tensor.ts'

/** Bounds of one engine. Elements are counted over all inputs, and over all outputs, of one run. */
export interface EngineLimits {
  readonly maxModelBytes: number
  readonly maxInputElements: number
  readonly maxOutputElements: number
}

/** 512 MiB of model, 16 million elements each way. */
export const DEFAULT_LIMITS: EngineLimits = {
  maxModelBytes: 512 * 2 ** 20,
  maxInputElements: 2 ** 24,
  maxOutputElements: 2 ** 24,
}

export interface OnnxEngineOptions {
  /** Name in the metadata and the routes. */
  readonly name: string
  /** The .onnx file, in memory: a decrypted model never touches the disk. */
  readonly model: Uint8Array
  /** Ranges by input name, enforced before each run. */
  readonly inputRanges?: Readonly<Record<string, InputRange>> | undefined
  /** From the manifest: must agree with the file; its ranges are used. */
  readonly description?: ModelDescription | undefined
  readonly limits?: Partial<EngineLimits> | undefined
}

const DATATYPE_OF_ORT: Readonly<Record<string, Datatype>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  int8: 'INT8',
  uint16: 'UINT16',
  int16: 'INT16',
  uint32: 'UINT32',
  int32: 'INT32',
  uint64: 'UINT64',
  int64: 'INT64',
  float32: 'FP32',
  float64: 'FP64',
}

const ORT_OF_DATATYPE = Object.fromEntries(Object.entries(DATATYPE_OF_ORT).map(([ort, own]) => [own, ort]))

/**
 * Loads an ONNX model from memory on the CPU with one thread (same input, same machine, same output).
 *
 * Throws `INFERENCE_MODEL_TOO_LARGE`, `INFERENCE_MODEL_INVALID` (not a model, not the one described,
 * or with tensors outside the file) and
 * `INFERENCE_DATATYPE_UNSUPPORTED`. `infer` throws the codes of `checkInputs`, `INFERENCE_TENSOR_TOO_LARGE`,
 * `INFERENCE_RUN_FAILED`, `INFERENCE_OUTPUT_INVALID`, `INFERENCE_CANCELLED` and `INFERENCE_ENGINE_CLOSED`.
 */
export async function createOnnxEngine(options: OnnxEngineOptions): Promise<Engine> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  if (options.model.length > limits.maxModelBytes) {
    throw new InferenceError('INFERENCE_MODEL_TOO_LARGE', {
      metaMessages: [`${options.model.length} bytes, at most ${limits.maxModelBytes}`],
    })
  }
  refuseExternalData(options.model)
  const session = await loadSession(options.model)
  try {
    const metadata = metadataOf(session, options)
    if (options.description) checkDescription(metadata, options.description)
    return new OnnxEngine(session, metadata, limits)
  } catch (error) {
    await session.release()
    throw error
  }
}

class OnnxEngine implements Engine {
  readonly kind = 'onnx'
  readonly #session: InferenceSession
  readonly #metadata: ModelMetadata
  readonly #limits: EngineLimits
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  constructor(session: InferenceSession, metadata: ModelMetadata, limits: EngineLimits) {
    this.#session = session
    this.#metadata = metadata
    this.#limits = limits
  }

  metadata(): ModelMetadata {
    return this.#metadata
  }

  async infer(inputs: TensorMap, signal?: AbortSignal): Promise<TensorMap> {
    if (this.#closed) throw new InferenceError('INFERENCE_ENGINE_CLOSED')
    if (signal?.aborted) throw new InferenceError('INFERENCE_CANCELLED', { cause: signal.reason })
    checkElements(inputs, this.#limits.maxInputElements)
    checkInputs(inputs, this.#metadata.inputs)
    const run = this.#run(inputs)
    this.#running.add(run)
    const done = run.finally(() => this.#running.delete(run))
    return await orCancelled(done, signal)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.allSettled(this.#running)
    await this.#session.release()
  }

  async #run(inputs: TensorMap): Promise<TensorMap> {
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]))
    let results: InferenceSession.OnnxValueMapType
    try {
      results = await this.#session.run(feeds)
    } catch (cause) {
      // The runtime's text names operators and shapes of the model, which may be confidential: it stays in `cause`.
      throw new InferenceError('INFERENCE_RUN_FAILED', { cause })
    }
    const outputs: Record<string, Tensor> = {}
    for (const spec of this.#metadata.outputs) outputs[spec.name] = await fromOrt(spec, results[spec.name])
    checkElements(outputs, this.#limits.maxOutputElements)
    return outputs
  }
}

async function loadSession(model: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // Confidential workload: the runtime must not print anything derived from a request. 4 = fatal only.
      logSeverityLevel: 4,
    })
  } catch (cause) {
    throw new InferenceError('INFERENCE_MODEL_INVALID', { cause })
  }
}

function metadataOf(session: InferenceSession, options: OnnxEngineOptions): ModelMetadata {
  const ranges: Record<string, InputRange> = {}
  for (const input of options.description?.inputs ?? []) if (input.inputRange) ranges[input.name] = input.inputRange
  Object.assign(ranges, options.inputRanges)
  const inputs = session.inputMetadata.map((value) => {
    const inputRange = Object.hasOwn(ranges, value.name) ? ranges[value.name] : undefined
    return { ...specOf(value), ...(inputRange === undefined ? {} : { inputRange }) }
  })
  const unknown = Object.keys(ranges).filter((name) => !inputs.some((input) => input.name === name))
  if (unknown.length > 0) {
    throw new InferenceError('INFERENCE_MODEL_INVALID', {
      metaMessages: [`a range is given for ${unknown.join(', ')}, which the model does not have`],
    })
  }
  return { name: options.name, platform: 'onnxruntime_onnx', inputs, outputs: session.outputMetadata.map(specOf) }
}

function specOf(value: InferenceSession.ValueMetadata): TensorSpec {
  const datatype = value.isTensor ? DATATYPE_OF_ORT[value.type] : undefined
  if (!value.isTensor || datatype === undefined) {
    throw new InferenceError('INFERENCE_DATATYPE_UNSUPPORTED', { metaMessages: [value.name] })
  }
  const shape = value.shape.map((dimension) => (typeof dimension === 'number' && dimension > 0 ? dimension : -1))
  return { name: value.name, datatype, shape }
}

function checkDescription(metadata: ModelMetadata, description: ModelDescription): void {
  const text = (specs: readonly TensorSpec[]) =>
    specs
      .map((spec) => `${spec.name} ${spec.datatype} [${spec.shape.join(', ')}]`)
      .sort()
      .join('; ')
  for (const side of ['inputs', 'outputs'] as const) {
    const [declared, actual] = [text(description[side]), text(metadata[side])]
    if (declared !== actual) {
      throw new InferenceError('INFERENCE_MODEL_INVALID', {
        metaMessages: [`${side} declared: ${declared}`, `${side} of the file: ${actual}`],
      })
    }
  }
}

function checkElements(tensors: TensorMap, limit: number): void {
  const elements = unitsOf(tensors)
  if (elements <= BigInt(limit)) return
  throw new InferenceError('INFERENCE_TENSOR_TOO_LARGE', {
    metaMessages: [`${elements} elements, at most ${limit}`],
  })
}

function toOrt(tensor: Tensor): OrtTensor {
  const type = ORT_OF_DATATYPE[tensor.datatype] as OrtTensor.Type
  return new OrtTensor(type, tensor.data as OrtTensor.DataType, tensor.shape)
}

async function fromOrt(spec: TensorSpec, value: unknown): Promise<Tensor> {
  if (!(value instanceof OrtTensor)) throw new InferenceError('INFERENCE_RUN_FAILED', { metaMessages: [spec.name] })
  const data = (await value.getData()) as TensorData
  if (spec.datatype === 'FP32' || spec.datatype === 'FP64') {
    const bad = (data as Float64Array).findIndex((element) => !Number.isFinite(element))
    if (bad !== -1) {
      throw new InferenceError('INFERENCE_OUTPUT_INVALID', { metaMessages: [`output ${spec.name}, element ${bad}`] })
    }
  }
  return { datatype: spec.datatype, shape: [...value.dims], data }
}

async function orCancelled<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work
  let onAbort = () => {}
  const cancelled = new Promise<never>((_, reject) => {
    onAbort = () => reject(new InferenceError('INFERENCE_CANCELLED', { cause: signal.reason }))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, cancelled])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
