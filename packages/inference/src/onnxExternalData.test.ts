import { describe, expect, it } from 'vitest'
import { createOnnxEngine } from './onnxEngine.ts'
import { refuseExternalData } from './onnxExternalData.ts'

/** A length-delimited protobuf field. */
function part(field: number, ...inner: (readonly number[])[]): number[] {
  const body = inner.flat()
  if (body.length > 127 || field > 15) {
    const tag = field * 8 + 2
    const tagBytes = tag < 128 ? [tag] : [(tag & 0x7f) | 0x80, tag >> 7]
    return [...tagBytes, (body.length & 0x7f) | 0x80, body.length >> 7, ...body]
  }
  return [field * 8 + 2, body.length, ...body]
}
const text = (value: string) => [...new TextEncoder().encode(value)]
const number = (field: number, value: number) => [field * 8, value]

const entry = part(13, part(1, text('location')), part(2, text('../secret.bin')))
const external = [...number(1, 1), ...number(2, 1), ...part(8, text('w')), ...entry, ...number(14, 1)]
const inline = [...number(1, 1), ...number(2, 1), ...part(8, text('w')), ...number(14, 0), ...part(9, [0, 0, 0, 0])]

/** Places a tensor can stand in a model. */
const PLACES: [string, (tensor: readonly number[]) => number[]][] = [
  ['initializer', (tensor) => part(7, part(5, tensor))],
  ['sparse initializer', (tensor) => part(7, part(15, part(1, tensor)))],
  ['attribute of a node', (tensor) => part(7, part(1, part(5, part(5, tensor))))],
  ['list attribute', (tensor) => part(7, part(1, part(5, part(10, tensor))))],
  ['subgraph of a node', (tensor) => part(7, part(1, part(5, part(6, part(5, tensor)))))],
  ['function', (tensor) => part(25, part(7, part(5, part(5, tensor))))],
  ['training graph', (tensor) => part(20, part(2, part(5, tensor)))],
]

describe('refuseExternalData', () => {
  it.each(PLACES)('finds it in: %s', (_, place) => {
    expect(() => refuseExternalData(Uint8Array.from(place(external)))).toThrow('outside the file')
    expect(() => refuseExternalData(Uint8Array.from(place([...number(2, 1), ...number(14, 1)])))).toThrow('outside')
    refuseExternalData(Uint8Array.from(place(inline)))
  })

  it('refuses every cut of a file, or reads it as a shorter one, without running over', () => {
    const file = part(7, part(5, inline))
    for (let length = 1; length < file.length; length += 1) {
      expect(() => refuseExternalData(Uint8Array.from(file.slice(0, length)))).toThrow('INFERENCE_MODEL_INVALID')
    }
  })

  it('refuses endless nesting and numbers', () => {
    let nested: number[] = []
    for (let i = 0; i < 80; i += 1) nested = part(1, part(5, part(6, nested)))
    expect(() => refuseExternalData(Uint8Array.from(part(7, nested)))).toThrow('INFERENCE_MODEL_INVALID')
    expect(() => refuseExternalData(new Uint8Array(20).fill(0xff))).toThrow('INFERENCE_MODEL_INVALID')
  })

  it('stands before the runtime', async () => {
    const model = Uint8Array.from(part(7, part(5, external)))
    const refused = createOnnxEngine({ name: 'x', model })
    await expect(refused).rejects.toMatchObject({ metaMessages: ['a tensor lies outside the file'] })
  })
})
