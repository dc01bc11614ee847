import { BaseError } from '@spartan/errors'
import protobuf from 'protobufjs'
import {
  AVERAGE_DAYS,
  FEATURE_LIMIT,
  FEATURE_NAMES,
  MOMENTUM_DAYS,
  VARIANCE_FLOOR,
  VOLATILITY_DAYS,
  WINDOW,
} from './features.ts'
import { CLASSES, HIDDEN, type Network, TRAINING } from './network.ts'

/** The messages of onnx.proto that the model uses, with their field numbers. */
const SCHEMA = `
syntax = "proto3";
message Dimension { int64 dim_value = 1; }
message Shape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; }
message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Attribute { string name = 1; int64 i = 3; int32 type = 20; }
message Node {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated Attribute attribute = 5;
}
message Graph {
  repeated Node node = 1; string name = 2; repeated Tensor initializer = 5;
  repeated ValueInfo input = 11; repeated ValueInfo output = 12;
}
message OperatorSet { string domain = 1; int64 version = 2; }
message Model {
  int64 ir_version = 1; string producer_name = 2; string producer_version = 3; int64 model_version = 5;
  string doc_string = 6; Graph graph = 7; repeated OperatorSet opset_import = 8;
}
`
const DOUBLE = 11
const INT64 = 7
const ATTRIBUTE_INT = 2
const MODEL = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('Model')

interface TensorMessage {
  name: string
  dims: (number | { toNumber(): number })[]
  data_type: number
  raw_data: Uint8Array
}

/** Writes the model file: features, network and position in one graph of FP64 operators, opset 17. */
export function encodeTrendModel(network: Network): Uint8Array {
  const message = MODEL.create({
    ir_version: 8,
    producer_name: 'spartan',
    producer_version: '1',
    model_version: 1,
    doc_string: 'Daily trend model. Input: 257 daily closes, oldest first. Not investment advice.',
    opset_import: [{ domain: '', version: 17 }],
    graph: {
      name: 'trend',
      node: NODES.map(([op, input, output, axis]) => ({
        op_type: op,
        name: output,
        input: input.split(' '),
        output: [output],
        attribute: axis === undefined ? [] : [{ name: 'axis', i: axis, type: ATTRIBUTE_INT }],
      })),
      initializer: [...featureConstants(), ...networkConstants(network)],
      input: [valueInfo('closes', [1, WINDOW])],
      output: [valueInfo('position', [1, 1]), valueInfo('probabilities', [1, CLASSES])],
    },
  })
  return MODEL.encode(message).finish()
}

/** Operator, inputs, output, axis. Names of constants are those of the initializers. */
const NODES: readonly (readonly [string, string, string, number?])[] = [
  ['Log', 'closes', 'logs'],
  ['Slice', 'logs one end axis', 'later'],
  ['Slice', 'logs zero minusOne axis', 'earlier'],
  ['Sub', 'later earlier', 'returns'],
  ['Mul', 'returns returns', 'squares'],
  ['MatMul', 'squares volatilityMatrix', 'variances'],
  ['Add', 'variances varianceFloor', 'flooredVariances'],
  ['Sqrt', 'flooredVariances', 'volatilities'],
  ['Gather', 'volatilities shortColumn', 'volatilityShort', 1],
  ['Gather', 'volatilities scaleColumn', 'volatilityScale', 1],
  ['Gather', 'volatilities longColumn', 'volatilityLong', 1],
  ['MatMul', 'logs momentumMatrix', 'momentumMoves'],
  ['Gather', 'logs lastColumn', 'lastLog', 1],
  ['MatMul', 'closes averageMatrix', 'averages'],
  ['Log', 'averages', 'averageLogs'],
  ['Sub', 'lastLog averageLogs', 'averageMoves'],
  ['Concat', 'momentumMoves averageMoves', 'moves', 1],
  ['Mul', 'volatilityScale rootDays', 'units'],
  ['Div', 'moves units', 'trends'],
  ['Div', 'volatilityShort volatilityLong', 'volatilityQuotient'],
  ['Log', 'volatilityQuotient', 'volatilityRatio'],
  ['Concat', 'trends volatilityRatio', 'rawFeatures', 1],
  ['Clip', 'rawFeatures featureMinimum featureMaximum', 'features'],
  ['Sub', 'features mean', 'centred'],
  ['Div', 'centred deviation', 'standardised'],
  ['MatMul', 'standardised w1', 'hiddenProduct'],
  ['Add', 'hiddenProduct b1', 'hiddenSum'],
  ['Tanh', 'hiddenSum', 'hidden'],
  ['MatMul', 'hidden w2', 'logitProduct'],
  ['Add', 'logitProduct b2', 'logits'],
  ['Softmax', 'logits', 'probabilities', 1],
  ['MatMul', 'probabilities leanMatrix', 'lean'],
  ['Clip', 'lean positionMinimum positionMaximum', 'position'],
]

function featureConstants(): TensorMessage[] {
  const matrix = (name: string, rows: number, columns: number, at: (row: number, column: number) => number) =>
    doubles(
      name,
      [rows, columns],
      Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns)),
    )
  const last = WINDOW - 1
  const days = [...MOMENTUM_DAYS, ...AVERAGE_DAYS]
  return [
    matrix('volatilityMatrix', last, VOLATILITY_DAYS.length, (row, column) => {
      const span = VOLATILITY_DAYS[column] ?? 1
      return row >= last - span ? 1 / span : 0
    }),
    matrix('momentumMatrix', WINDOW, MOMENTUM_DAYS.length, (row, column) => {
      if (row === last) return 1
      return row === last - (MOMENTUM_DAYS[column] ?? 0) ? -1 : 0
    }),
    matrix('averageMatrix', WINDOW, AVERAGE_DAYS.length, (row, column) => {
      const span = AVERAGE_DAYS[column] ?? 1
      return row >= WINDOW - span ? 1 / span : 0
    }),
    doubles('rootDays', [1, days.length], days.map(Math.sqrt)),
    doubles('varianceFloor', [], [VARIANCE_FLOOR]),
    doubles('featureMinimum', [], [-FEATURE_LIMIT]),
    doubles('featureMaximum', [], [FEATURE_LIMIT]),
    doubles('positionMinimum', [], [-1]),
    doubles('positionMaximum', [], [1]),
    doubles('leanMatrix', [CLASSES, 1], [-TRAINING.gain, 0, TRAINING.gain]),
    integers('zero', [0]),
    integers('one', [1]),
    integers('minusOne', [-1]),
    integers('end', [WINDOW]),
    integers('axis', [1]),
    integers('lastColumn', [last]),
    ...['shortColumn', 'scaleColumn', 'longColumn'].map((name, column) => integers(name, [column])),
  ]
}

/** Shapes of the trained tensors, by the names that stand in the file. */
const NETWORK_SHAPES = {
  mean: [1, FEATURE_NAMES.length],
  deviation: [1, FEATURE_NAMES.length],
  w1: [FEATURE_NAMES.length, HIDDEN],
  b1: [1, HIDDEN],
  w2: [HIDDEN, CLASSES],
  b2: [1, CLASSES],
} as const satisfies Record<keyof Network, readonly number[]>

const NETWORK_NAMES = Object.keys(NETWORK_SHAPES) as (keyof Network)[]

function networkConstants(network: Network): TensorMessage[] {
  return NETWORK_NAMES.map((name) => doubles(name, NETWORK_SHAPES[name], network[name]))
}

/** Reads the trained weights back out of a model file. Throws `ANALYTICS_MODEL_MALFORMED`. */
export function decodeTrendModel(bytes: Uint8Array): Network {
  let tensors: readonly TensorMessage[]
  try {
    const message = MODEL.toObject(MODEL.decode(bytes)) as { graph?: { initializer?: TensorMessage[] } }
    tensors = message.graph?.initializer ?? []
  } catch (cause) {
    throw new BaseError('ANALYTICS_MODEL_MALFORMED', { cause })
  }
  const read = (name: keyof Network): number[] => {
    const raw = tensors.find((tensor) => tensor.name === name)?.raw_data
    const count = NETWORK_SHAPES[name][0] * NETWORK_SHAPES[name][1]
    if (raw === undefined || raw.length !== count * 8) {
      throw new BaseError('ANALYTICS_MODEL_MALFORMED', { metaMessages: [`tensor ${name}`] })
    }
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length)
    return Array.from({ length: count }, (_, i) => view.getFloat64(i * 8, true))
  }
  const { mean, deviation, w1, b1, w2, b2 } = Object.fromEntries(
    NETWORK_NAMES.map((name) => [name, read(name)]),
  ) as Record<keyof Network, number[]>
  return { mean, deviation, w1, b1, w2, b2 }
}

function doubles(name: string, dims: readonly number[], values: readonly number[]): TensorMessage {
  const view = new DataView(new ArrayBuffer(values.length * 8))
  values.forEach((value, i) => {
    view.setFloat64(i * 8, value, true)
  })
  return { name, dims: [...dims], data_type: DOUBLE, raw_data: new Uint8Array(view.buffer) }
}

function integers(name: string, values: readonly number[]): TensorMessage {
  const view = new DataView(new ArrayBuffer(values.length * 8))
  values.forEach((value, i) => {
    view.setBigInt64(i * 8, BigInt(value), true)
  })
  return { name, dims: [values.length], data_type: INT64, raw_data: new Uint8Array(view.buffer) }
}

function valueInfo(name: string, dims: readonly number[]) {
  return {
    name,
    type: { tensor_type: { elem_type: DOUBLE, shape: { dim: dims.map((value) => ({ dim_value: value })) } } },
  }
}
