export { NVIDIA_DEVICE_ROOT, NVIDIA_RIM_ROOT, NVIDIA_ROOTS, type NvidiaTrustAnchor } from '../roots/nvidia.ts'
export { appraiseNvidia, type NvidiaEvidenceInput, verifyNvidiaEvidence } from './appraise.ts'
export {
  GPU_BINDING_CHECKS,
  type GpuBindingCheckId,
  type GpuBindingInput,
  type GpuBindingResult,
  type GpuResultBinding,
  gpuNonce,
  gpuResultDigest,
  verifyGpuBinding,
} from './binding.ts'
export { NVIDIA_CHECKS, NVIDIA_SKIPPABLE, type NvidiaCheckId, type NvidiaSkippable } from './checks.ts'
export type { NvidiaClaims } from './claims.ts'
export {
  type NvidiaEndorsements,
  type NvidiaEndorsementsJson,
  nvidiaEndorsementsFromJson,
  nvidiaEndorsementsToJson,
} from './endorsements.ts'
export { compareMeasurements, type MeasurementComparison, type RimMeasurement } from './measurements.ts'
export type { FeatureMode, OpaqueFields } from './opaque.ts'
export {
  type NvidiaArchitecture,
  type NvidiaDevice,
  type NvidiaEvidence,
  type NvidiaEvidenceBytes,
  type NvidiaRimIds,
  nvidiaRimIds,
  parseNvidiaEvidence,
  parseNvidiaReport,
} from './parse.ts'
export {
  marketplaceNvidiaPolicy,
  type NvidiaExpectedValues,
  type NvidiaPolicy,
  strictNvidiaPolicy,
  vectorsNvidiaPolicy,
} from './policy.ts'
export { type NvidiaVerification, type VerifyNvidiaInput, verifyNvidia } from './verify.ts'
export {
  type EnvelopedSignature,
  type NamedRim,
  type PairedRims,
  pairRims,
  type RimContent,
  readNvidiaRim,
  type VerifiedRim,
  type VerifyRimInput,
  verifyRim,
} from './verifyRim.ts'
