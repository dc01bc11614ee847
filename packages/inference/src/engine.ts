import type { ModelMetadata, TensorMap } from './tensor.ts'

/**
 * One loaded model. An engine checks its inputs itself and never logs them; queueing, concurrency and deadlines belong
 * to the node.
 */
export interface Engine {
  readonly kind: 'onnx'
  metadata(): ModelMetadata
  /**
   * Runs the model on checked inputs. `signal` rejects at once with `INFERENCE_CANCELLED`; native work already begun
   * runs on to its end and is then dropped.
   */
  infer(inputs: TensorMap, signal?: AbortSignal): Promise<TensorMap>
  /** Frees the model after the runs in progress. Later calls of `infer` throw `INFERENCE_ENGINE_CLOSED`. */
  close(): Promise<void>
}
