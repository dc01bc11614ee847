import {
  createOnnxEngine,
  formatInferResponse,
  formatModelMetadata,
  InferenceError,
  parseInferRequest,
  parseModelDescription,
  type TensorSpec,
  unitsOf,
} from '@spartan/inference'
import type { AssetFile, Manifest } from '@spartan/protocol'
import { AssetError, RequestError } from '../../errors.ts'
import type { ServedModel } from '../../services/ports.ts'

/**
 * Loads the one .onnx file of an opened asset.
 *
 * @throws {AssetError} `NODE_ASSET_MISMATCH` when the manifest describes no tensor model, or one whose outputs have no
 *   fixed size: the fee of a request has to be known before it runs.
 */
export async function loadOnnxModel(manifest: Manifest, files: readonly AssetFile[]): Promise<ServedModel> {
  const { model } = manifest
  const file = files.find(({ path }) => path.endsWith('.onnx'))
  if (model === undefined || file === undefined)
    throw new AssetError('NODE_ASSET_MISMATCH', { metaMessages: ['the manifest describes no tensor model'] })
  const description = parseModelDescription(model)
  const engine = await createOnnxEngine({ name: manifest.name, model: file.bytes, description })
  const metadata = engine.metadata()
  const sizes = new Map(metadata.outputs.map((output) => [output.name, elementsOf(output)]))
  return {
    name: manifest.name,
    metadata: () => ({ ...formatModelMetadata(metadata), versions: [] }),
    prepare: (body) => {
      const request = asRequestError(() => parseInferRequest(parseJson(body), metadata))
      const unitsOut = request.outputs.reduce((sum, name) => sum + (sizes.get(name) ?? 0n), 0n)
      return {
        unitsIn: unitsOf(request.inputs),
        unitsOut,
        run: async (signal) => {
          const tensors = await engine.infer(request.inputs, signal).catch((cause) => {
            throw new RequestError(signal.aborted ? 'NODE_REQUEST_TIMED_OUT' : 'NODE_INFERENCE_FAILED', { cause })
          })
          return new TextEncoder().encode(JSON.stringify(formatInferResponse(metadata, tensors, request)))
        },
      }
    },
    close: () => engine.close(),
  }
}

function elementsOf({ name, shape }: TensorSpec): bigint {
  if (shape.some((dimension) => dimension < 0))
    throw new AssetError('NODE_ASSET_MISMATCH', { metaMessages: [`output ${name} has no fixed size`] })
  return shape.reduce((product, dimension) => product * BigInt(dimension), 1n)
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new RequestError('NODE_INPUT_INVALID', { metaMessages: ['the body is not JSON'], cause })
  }
}

/** The codes of the engine stay visible in the detail; tensor values never stand in them. */
function asRequestError<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (!(cause instanceof InferenceError)) throw cause
    throw new RequestError('NODE_INPUT_INVALID', { metaMessages: [cause.code, ...cause.metaMessages], cause })
  }
}
