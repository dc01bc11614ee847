import { InferenceError } from './inferenceError.ts'

/** Datatypes of the Open Inference Protocol v2 that engines here carry. */
export const DATATYPES = [
  'BOOL',
  'UINT8',
  'INT8',
  'UINT16',
  'INT16',
  'UINT32',
  'INT32',
  'UINT64',
  'INT64',
  'FP32',
  'FP64',
] as const

export type Datatype = (typeof DATATYPES)[number]

export type TensorData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array

/** A dense tensor, row-major. `data.length` is the product of `shape`. BOOL is one byte per element, 0 or 1. */
export interface Tensor {
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly data: TensorData
}

/** Tensors by name. */
export type TensorMap = Readonly<Record<string, Tensor>>

/** Values an input may have: `above` is exclusive, `min` and `max` inclusive. Checked before the model runs. */
export interface InputRange {
  readonly above?: number | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/** An input or output of a model. A dimension of -1 is free. */
export interface TensorSpec {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  readonly inputRange?: InputRange | undefined
}

/** Model metadata as `GET /v2/models/{name}` answers it, plus `inputRange` on inputs. */
export interface ModelMetadata {
  readonly name: string
  readonly platform: string
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
}

const ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  INT8: Int8Array,
  UINT16: Uint16Array,
  INT16: Int16Array,
  UINT32: Uint32Array,
  INT32: Int32Array,
  UINT64: BigUint64Array,
  INT64: BigInt64Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Record<Datatype, unknown>

const INTEGER_RANGES: Partial<Record<Datatype, readonly [number, number]>> = {
  UINT8: [0, 0xff],
  INT8: [-0x80, 0x7f],
  UINT16: [0, 0xffff],
  INT16: [-0x8000, 0x7fff],
  UINT32: [0, 0xffffffff],
  INT32: [-0x80000000, 0x7fffffff],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
}

/** Product of the dimensions. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1)
}

/** Elements of all tensors: the units of tensor models (`unitsIn` of the inputs, `unitsOut` of the outputs). */
export function unitsOf(tensors: TensorMap): bigint {
  return Object.values(tensors).reduce((sum, tensor) => sum + BigInt(tensor.data.length), 0n)
}

/** Builds an FP64 tensor. Throws `INFERENCE_SHAPE_MISMATCH` when the values do not fill the shape. */
export function fp64Tensor(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Tensor {
  if (elementCount(shape) !== values.length) {
    throw new InferenceError('INFERENCE_SHAPE_MISMATCH', {
      metaMessages: [`shape [${shape.join(', ')}] does not hold ${values.length} elements`],
    })
  }
  return { datatype: 'FP64', shape: [...shape], data: Float64Array.from(values) }
}

/**
 * Converts JSON numbers (BOOL: booleans) to the array of a datatype, refusing instead of rounding: integers must be
 * integers in range (64-bit ones as JSON numbers up to 2^53 - 1), FP32 must not overflow.
 *
 * Throws `INFERENCE_VALUE_INVALID` with the index, never the value.
 */
export function dataFromJson(name: string, datatype: Datatype, values: readonly unknown[]): TensorData {
  const invalid = (index: number, why: string) =>
    new InferenceError('INFERENCE_VALUE_INVALID', { metaMessages: [`input ${name}, element ${index}: ${why}`] })
  const range = INTEGER_RANGES[datatype]
  const numbers = values.map((value, index) => {
    if (datatype === 'BOOL') {
      if (typeof value !== 'boolean') throw invalid(index, 'expected true or false')
      return value ? 1 : 0
    }
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(index, 'expected a finite number')
    if (datatype === 'FP32' && !Number.isFinite(Math.fround(value))) throw invalid(index, 'too large for FP32')
    if (range && (!Number.isInteger(value) || value < range[0] || value > range[1])) {
      throw invalid(index, `expected an integer that fits ${datatype}`)
    }
    return value
  })
  if (datatype === 'INT64') return BigInt64Array.from(numbers, BigInt)
  if (datatype === 'UINT64') return BigUint64Array.from(numbers, BigInt)
  return ARRAYS[datatype].from(numbers)
}

/**
 * Checks tensors against the inputs of a model: every input once, datatype, shape, element type of the array, finite
 * values, `inputRange`. What passes may still make a model fail; it only is well-formed.
 *
 * Throws `INFERENCE_INPUT_MISSING`, `INFERENCE_INPUT_UNKNOWN`, `INFERENCE_DATATYPE_MISMATCH`,
 * `INFERENCE_SHAPE_MISMATCH`, `INFERENCE_VALUE_INVALID`.
 */
export function checkInputs(tensors: TensorMap, specs: readonly TensorSpec[]): void {
  for (const name of Object.keys(tensors)) {
    if (!specs.some((spec) => spec.name === name)) {
      throw new InferenceError('INFERENCE_INPUT_UNKNOWN', { metaMessages: [`input ${JSON.stringify(name)}`] })
    }
  }
  for (const spec of specs) {
    const tensor = Object.hasOwn(tensors, spec.name) ? tensors[spec.name] : undefined
    if (tensor === undefined) {
      throw new InferenceError('INFERENCE_INPUT_MISSING', { metaMessages: [`input ${spec.name}`] })
    }
    checkTensor(tensor, spec)
  }
}

function checkTensor(tensor: Tensor, spec: TensorSpec): void {
  checkDatatype(spec, tensor.datatype)
  if (!(tensor.data instanceof ARRAYS[spec.datatype])) {
    throw new InferenceError('INFERENCE_DATATYPE_MISMATCH', {
      metaMessages: [`input ${spec.name}: the array is not one of ${spec.datatype}`],
    })
  }
  checkShape(spec, tensor.shape, tensor.data.length)
  const { above, min, max } = spec.inputRange ?? {}
  for (let i = 0; i < tensor.data.length; i += 1) {
    const value = Number(tensor.data[i])
    const inRange =
      Number.isFinite(value) &&
      (above === undefined || value > above) &&
      (min === undefined || value >= min) &&
      (max === undefined || value <= max) &&
      (spec.datatype !== 'BOOL' || value === 0 || value === 1)
    if (!inRange) {
      throw new InferenceError('INFERENCE_VALUE_INVALID', {
        metaMessages: [`input ${spec.name}, element ${i}`, rangeText(spec.inputRange)],
      })
    }
  }
}

/** Throws `INFERENCE_DATATYPE_MISMATCH` unless the datatype is that of the input. */
export function checkDatatype(spec: TensorSpec, datatype: string): void {
  if (datatype === spec.datatype) return
  throw new InferenceError('INFERENCE_DATATYPE_MISMATCH', {
    metaMessages: [`input ${spec.name}: expected ${spec.datatype}, got ${JSON.stringify(datatype)}`],
  })
}

/** Throws `INFERENCE_SHAPE_MISMATCH` unless the shape fits the input (free dimensions ≥ 1) and holds `length` elements. */
export function checkShape(spec: TensorSpec, shape: readonly number[], length: number): void {
  const fits =
    shape.length === spec.shape.length &&
    shape.every((dimension, i) => {
      const expected = spec.shape[i]
      return Number.isSafeInteger(dimension) && dimension >= 1 && (expected === -1 || expected === dimension)
    })
  if (fits && elementCount(shape) === length) return
  throw new InferenceError('INFERENCE_SHAPE_MISMATCH', {
    metaMessages: [
      `input ${spec.name}: expected [${spec.shape.join(', ')}], got [${shape.join(', ')}] with ${length} elements`,
    ],
  })
}

function rangeText(range: InputRange | undefined): string {
  const parts = Object.entries(range ?? {}).map(([key, value]) => `${key} ${value}`)
  return `expected finite${parts.length > 0 ? `, ${parts.join(', ')}` : ''}`
}
