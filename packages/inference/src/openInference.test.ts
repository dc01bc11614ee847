import { describe, expect, it } from 'vitest'
import { formatInferRequest, formatInferResponse, formatModelMetadata, parseInferRequest } from './openInference.ts'
import { type ModelMetadata, type TensorMap, unitsOf } from './tensor.ts'

const metadata: ModelMetadata = {
  name: 'demo',
  platform: 'test',
  inputs: [
    { name: 'prices', datatype: 'FP64', shape: [-1, 2], inputRange: { above: 0 } },
    { name: 'count', datatype: 'INT64', shape: [1] },
  ],
  outputs: [
    { name: 'y', datatype: 'FP64', shape: [-1] },
    { name: 'n', datatype: 'INT64', shape: [1] },
  ],
}
const prices = { name: 'prices', shape: [2, 2], datatype: 'FP64', data: [1, 2, 3, 4] }
const count = { name: 'count', shape: [1], datatype: 'INT64', data: [7] }

function refusal(inputs: unknown, rest: object = {}): unknown {
  try {
    return parseInferRequest({ inputs, ...rest }, metadata)
  } catch (error) {
    return (error as { code: unknown }).code
  }
}

describe('parseInferRequest', () => {
  it('reads flat and nested data alike', () => {
    const flat = parseInferRequest({ id: 'a', inputs: [prices, count] }, metadata)
    const nested = parseInferRequest(
      {
        inputs: [
          {
            ...prices,
            data: [
              [1, 2],
              [3, 4],
            ],
          },
          count,
        ],
        outputs: [{ name: 'n' }],
      },
      metadata,
    )
    expect(flat.inputs.prices?.data).toEqual(Float64Array.of(1, 2, 3, 4))
    expect(nested.inputs.prices).toEqual(flat.inputs.prices)
    expect(flat.inputs.count?.data).toEqual(BigInt64Array.of(7n))
    expect([flat.id, flat.outputs, nested.outputs]).toEqual(['a', ['y', 'n'], ['n']])
    expect(unitsOf(flat.inputs)).toBe(5n)
  })

  it.each([
    ['INFERENCE_REQUEST_MALFORMED', 'text'],
    ['INFERENCE_REQUEST_MALFORMED', [{ ...prices, shape: [1.5, 2] }]],
    ['INFERENCE_INPUT_MISSING', [prices]],
    ['INFERENCE_INPUT_UNKNOWN', [prices, count, { ...count, name: 'other' }]],
    ['INFERENCE_INPUT_UNKNOWN', [prices, count, prices]],
    ['INFERENCE_INPUT_UNKNOWN', [prices, count, { ...count, name: '__proto__' }]],
    ['INFERENCE_DATATYPE_MISMATCH', [{ ...prices, datatype: 'FP32' }, count]],
    ['INFERENCE_SHAPE_MISMATCH', [{ ...prices, shape: [2, 3] }, count]],
    ['INFERENCE_SHAPE_MISMATCH', [{ ...prices, shape: [4] }, count]],
    ['INFERENCE_SHAPE_MISMATCH', [{ ...prices, shape: [0, 2], data: [] }, count]],
    ['INFERENCE_SHAPE_MISMATCH', [{ ...prices, data: [1, 2, 3] }, count]],
    ['INFERENCE_SHAPE_MISMATCH', [{ ...prices, data: [[1, 2, 3], [4]] }, count]],
    ['INFERENCE_VALUE_INVALID', [{ ...prices, data: [1, 2, 3, 0] }, count]],
    ['INFERENCE_VALUE_INVALID', [{ ...prices, data: [1, 2, 3, -4] }, count]],
    ['INFERENCE_VALUE_INVALID', [{ ...prices, data: [1, 2, 3, null] }, count]],
    ['INFERENCE_VALUE_INVALID', [{ ...prices, data: [1, 2, 3, '4'] }, count]],
    ['INFERENCE_VALUE_INVALID', [{ ...prices, data: [1, 2, 3, Number.NaN] }, count]],
    ['INFERENCE_VALUE_INVALID', [prices, { ...count, data: [1.5] }]],
    ['INFERENCE_VALUE_INVALID', [prices, { ...count, data: [2 ** 53] }]],
  ])('refuses with %s', (code, inputs) => {
    expect(refusal(inputs)).toBe(code)
  })

  it('refuses unknown outputs and never shows a value', () => {
    expect(refusal([prices, count], { outputs: [{ name: 'z' }] })).toBe('INFERENCE_OUTPUT_UNKNOWN')
    const secret = { ...prices, data: [1, 2, 3, -987654] }
    let message = ''
    try {
      parseInferRequest({ inputs: [secret, count] }, metadata)
    } catch (error) {
      message = String(error)
    }
    expect(message).toContain('element 3')
    expect(message).not.toContain('987654')
  })
})

describe('formatInferResponse', () => {
  const tensors: TensorMap = {
    y: { datatype: 'FP64', shape: [2], data: Float64Array.of(0.5, -1) },
    n: { datatype: 'INT64', shape: [1], data: BigInt64Array.of(9n) },
  }

  it('writes the asked outputs', () => {
    expect(formatInferResponse(metadata, tensors, { id: 'r', outputs: ['n', 'y'] })).toEqual({
      model_name: 'demo',
      id: 'r',
      outputs: [
        { name: 'n', datatype: 'INT64', shape: [1], data: [9] },
        { name: 'y', datatype: 'FP64', shape: [2], data: [0.5, -1] },
      ],
    })
  })

  it('refuses what JSON cannot carry', () => {
    const big: TensorMap = { ...tensors, n: { datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n ** 60n) } }
    const code = (map: TensorMap, outputs: string[]) => {
      try {
        return formatInferResponse(metadata, map, { id: undefined, outputs })
      } catch (error) {
        return (error as { code: unknown }).code
      }
    }
    expect(code(big, ['n'])).toBe('INFERENCE_OUTPUT_INVALID')
    expect(code(tensors, ['gone'])).toBe('INFERENCE_OUTPUT_UNKNOWN')
    const nan: TensorMap = { y: { datatype: 'FP64', shape: [1], data: Float64Array.of(Number.NaN) } }
    expect(code(nan, ['y'])).toBe('INFERENCE_OUTPUT_INVALID')
  })

  it('round-trips a request through JSON', () => {
    const request = parseInferRequest({ id: 'x', inputs: [prices, count] }, metadata)
    const again = parseInferRequest(JSON.parse(JSON.stringify(formatInferRequest(request.inputs, 'x'))), metadata)
    expect(again).toEqual(request)
  })

  it('shows ranges in the metadata', () => {
    expect(formatModelMetadata(metadata).inputs[0]).toMatchObject({ parameters: { inputRange: { above: 0 } } })
  })
})
