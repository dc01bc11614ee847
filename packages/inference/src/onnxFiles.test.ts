import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Engine } from './engine.ts'
import { createOnnxEngine } from './onnxEngine.ts'
import type { Tensor, TensorMap } from './tensor.ts'

const fixtures = process.env.SPARTAN_FIXTURES
const folder = fixtures ? join(fixtures, 'models') : undefined
const available = folder !== undefined && existsSync(join(folder, 'src/mnist-8.onnx'))

let engine: Engine | undefined
afterEach(async () => await engine?.close())

describe('createOnnxEngine without files', () => {
  it('refuses bytes that are no model, and too many of them', async () => {
    const model = new Uint8Array(64).fill(7)
    await expect(createOnnxEngine({ name: 'x', model })).rejects.toMatchObject({ code: 'INFERENCE_MODEL_INVALID' })
    await expect(createOnnxEngine({ name: 'x', model, limits: { maxModelBytes: 63 } })).rejects.toMatchObject({
      code: 'INFERENCE_MODEL_TOO_LARGE',
    })
  })
})

describe.skipIf(!available)('published ONNX models (SPARTAN_FIXTURES/models)', () => {
  const read = (name: string) => readFileSync(join(folder ?? '', name))

  it('classifies a blank digit image with MNIST: ten finite scores of the declared shape', async () => {
    engine = await createOnnxEngine({ name: 'mnist', model: read('src/mnist-8.onnx') })
    const input = engine.metadata().inputs[0]
    expect(input).toMatchObject({ name: 'Input3', datatype: 'FP32', shape: [1, 1, 28, 28] })
    const image: TensorMap = { Input3: { datatype: 'FP32', shape: [1, 1, 28, 28], data: new Float32Array(784) } }
    const output = (await engine.infer(image)).Plus214_Output_0
    expect(output?.shape).toEqual([1, 10])
  })

  it('gives the published probabilities of SqueezeNet for its test image', async () => {
    engine = await createOnnxEngine({ name: 'squeezenet', model: read('squeezenet1.0-deepcompressed.onnx') })
    const floats = (name: string) => new Float32Array(Uint8Array.from(read(name)).buffer)
    const spec = engine.metadata().inputs[0]
    const output = engine.metadata().outputs[0]
    if (spec === undefined || output === undefined) throw new Error('the model has no input or output')
    const shape = spec.shape.map((dimension) => (dimension === -1 ? 1 : dimension))
    const data = floats('squeezenet_pelican_input.f32')
    const result = (await engine.infer({ [spec.name]: { datatype: 'FP32', shape, data } }))[output.name]
    const expected = floats('squeezenet_pelican_prob.f32')
    expect(result?.data.length).toBe(expected.length)
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - Number(result?.data[i]))))
    expect(worst).toBeLessThan(1e-4)
  })

  it('carries the state of a recurrent voice detector through 8 frames, with a scalar INT64 input', async () => {
    engine = await createOnnxEngine({ name: 'silero', model: read('src/silero_vad.onnx') })
    const wav = read('src/test.wav')
    const samples = new Int16Array(Uint8Array.from(wav.subarray(wav.indexOf('data') + 8)).buffer.slice(0, 8 * 1024))
    const audio = Float32Array.from(samples, (sample) => sample / 32768)
    const [frame, context] = [512, 64]
    let state: Tensor = { datatype: 'FP32', shape: [2, 1, 128], data: new Float32Array(256) }
    const probabilities: number[] = []
    for (let i = 0; i < 8; i += 1) {
      const data = new Float32Array(context + frame)
      if (i > 0) data.set(audio.subarray(i * frame - context, i * frame))
      data.set(audio.subarray(i * frame, (i + 1) * frame), context)
      const result = await engine.infer({
        input: { datatype: 'FP32', shape: [1, context + frame], data },
        state,
        sr: { datatype: 'INT64', shape: [], data: BigInt64Array.of(16_000n) },
      })
      probabilities.push(Number(result.output?.data[0]))
      state = result.stateN ?? state
    }
    const published = [0.208342, 0.817943, 0.891196, 0.996361, 0.999178, 0.999948, 0.999901, 0.999774]
    published.forEach((value, i) => {
      expect(probabilities[i]).toBeCloseTo(value, 3)
    })
  })
})
