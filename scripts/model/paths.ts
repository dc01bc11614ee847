import { fileURLToPath } from 'node:url'

/** Files of the trend model in the repository. */
export const TREND = {
  onnx: fileURLToPath(new URL('../../models/trend/trend.onnx', import.meta.url)),
  description: fileURLToPath(new URL('../../models/trend/model.json', import.meta.url)),
  evaluation: fileURLToPath(new URL('../../models/trend/evaluation.json', import.meta.url)),
  card: fileURLToPath(new URL('../../models/trend/README.md', import.meta.url)),
} as const
