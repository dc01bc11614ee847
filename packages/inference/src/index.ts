export type { Engine } from './engine.ts'
export { type InferenceCode, InferenceError } from './inferenceError.ts'
export { createOnnxEngine, DEFAULT_LIMITS, type EngineLimits, type OnnxEngineOptions } from './onnxEngine.ts'
export {
  formatInferRequest,
  formatInferResponse,
  formatModelMetadata,
  type InferRequest,
  type InferResponse,
  type ModelDescription,
  parseInferRequest,
  parseModelDescription,
} from './openInference.ts'
export {
  checkInputs,
  DATATYPES,
  type Datatype,
  fp64Tensor,
  type InputRange,
  type ModelMetadata,
  type Tensor,
  type TensorData,
  type TensorMap,
  type TensorSpec,
  unitsOf,
} from './tensor.ts'
