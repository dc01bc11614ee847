import { InferenceError } from './inferenceError.ts'

/** Messages of onnx.proto that can hold a tensor, and the fields that lead on. */
const FIELDS = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  function: { 7: 'node', 11: 'attribute' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
} as const satisfies Record<string, Readonly<Record<number, string>>>

type MessageName = keyof typeof FIELDS

const EXTERNAL_DATA = 13
const DATA_LOCATION = 14
const MAX_DEPTH = 64

/**
 * Refuses a model with tensors outside its file. The runtime would read them from the disk of the provider: a model
 * could carry any file there out through its outputs.
 *
 * Throws `INFERENCE_MODEL_INVALID` for such a tensor and for bytes that are no protobuf.
 */
export function refuseExternalData(model: Uint8Array): void {
  walk(model, 'model', 0)
}

function walk(bytes: Uint8Array, message: MessageName, depth: number): void {
  if (depth > MAX_DEPTH) throw invalid('nested too deeply')
  const fields: Readonly<Record<number, MessageName>> = FIELDS[message]
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    at = tag.next
    const [field, wire] = [Math.floor(tag.value / 8), tag.value % 8]
    if (message === 'tensor' && (field === EXTERNAL_DATA || field === DATA_LOCATION)) checkLocation(bytes, at, field)
    if (wire === 0) at = readVarint(bytes, at).next
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    else if (wire === 2) {
      const length = readVarint(bytes, at)
      const end = length.next + length.value
      if (end > bytes.length) throw invalid('cut off')
      const inner = fields[field]
      if (inner !== undefined) walk(bytes.subarray(length.next, end), inner, depth + 1)
      at = end
    } else throw invalid(`wire type ${wire}`)
    if (at > bytes.length) throw invalid('cut off')
  }
}

/** `data_location` may say DEFAULT (0), nothing else; `external_data` may not stand there at all. */
function checkLocation(bytes: Uint8Array, at: number, field: number): void {
  if (field === DATA_LOCATION && readVarint(bytes, at).value === 0) return
  throw invalid('a tensor lies outside the file')
}

function readVarint(bytes: Uint8Array, start: number): { value: number; next: number } {
  let value = 0
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[start + i]
    if (byte === undefined) throw invalid('cut off')
    // Beyond 2^53 the value is inexact, which only makes lengths too large; those are refused as cut off.
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, next: start + i + 1 }
  }
  throw invalid('number too long')
}

function invalid(why: string): InferenceError {
  return new InferenceError('INFERENCE_MODEL_INVALID', { metaMessages: [why] })
}
