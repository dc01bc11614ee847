import type { Reason } from '../reason.ts'

/** Engines and the tensors of the Open Inference Protocol. */
export const INFERENCE_REASONS = {
  INFERENCE_REQUEST_MALFORMED: {
    what: 'The inference request is not an Open Inference Protocol v2 request.',
    action: 'Send { inputs: [{ name, shape, datatype, data }] } as the model metadata says.',
    retry: 'never',
    http: 400,
  },
  INFERENCE_INPUT_MISSING: {
    what: 'An input that the model needs is missing.',
    action: 'Send every input of the model metadata.',
    retry: 'never',
    http: 400,
  },
  INFERENCE_INPUT_UNKNOWN: {
    what: 'The request names an input that the model does not have, or names one twice.',
    action: 'Send each input of the model metadata once.',
    retry: 'never',
    http: 400,
  },
  INFERENCE_OUTPUT_UNKNOWN: {
    what: 'The request asks for an output that the model does not have.',
    action: 'Ask only for outputs of the model metadata.',
    retry: 'never',
    http: 400,
  },
  INFERENCE_DATATYPE_MISMATCH: {
    what: 'A tensor has another datatype than the model metadata says.',
    action: 'Send the datatype of the model metadata.',
    retry: 'never',
    http: 400,
  },
  INFERENCE_SHAPE_MISMATCH: {
    what: 'A tensor has another shape than the model metadata says, or its data does not fill its shape.',
    action: 'Send the shape of the model metadata with exactly that many elements.',
    retry: 'never',
    http: 400,
  },
  INFERENCE_VALUE_INVALID: {
    what: 'A tensor holds a value that is not finite, does not fit its datatype or is outside the range of the input.',
    action: 'Clean the input: finite numbers inside the range of the model metadata.',
    retry: 'never',
    http: 400,
  },
  INFERENCE_TENSOR_TOO_LARGE: {
    what: 'The tensors hold more elements than this engine accepts.',
    action: 'Send a smaller request.',
    retry: 'never',
    http: 413,
  },
  INFERENCE_MODEL_INVALID: {
    what: 'The model bytes could not be loaded.',
    action: 'Check that the file is a supported model and matches its manifest.',
    retry: 'never',
    http: 500,
  },
  INFERENCE_MODEL_TOO_LARGE: {
    what: 'The model is larger than this engine accepts.',
    action: 'Use a smaller model or raise the limit of the engine.',
    retry: 'never',
    http: 500,
  },
  INFERENCE_DATATYPE_UNSUPPORTED: {
    what: 'The model has an input or output of a datatype that this engine does not carry.',
    action: 'Export the model with numeric tensors.',
    retry: 'never',
    http: 500,
  },
  INFERENCE_RUN_FAILED: {
    what: 'The model run failed.',
    action: 'Check the input; tell the operator if it stays so.',
    retry: 'later',
    http: 500,
  },
  INFERENCE_OUTPUT_INVALID: {
    what: 'The model produced a value that cannot be sent: not finite or not representable.',
    action: 'Check the input; tell the owner of the model.',
    retry: 'never',
    http: 500,
  },
  INFERENCE_CANCELLED: {
    what: 'The inference was cancelled before its result was ready.',
    action: 'Send the request again, with more time.',
    retry: 'later',
    http: 503,
  },
  INFERENCE_ENGINE_CLOSED: {
    what: 'The engine is closed.',
    action: 'Try again when the model is loaded.',
    retry: 'later',
    http: 503,
  },
} as const satisfies Record<string, Reason>
