export {
  type CborEntries,
  type CborKey,
  cborArray,
  cborBoolean,
  cborBytes,
  cborHead,
  cborIndefiniteMap,
  cborInteger,
  cborMap,
  cborNull,
  cborTag,
  cborText,
} from './cbor.ts'
export {
  type CcaClaimsMap,
  type CcaPlatformOptions,
  type CcaTokenOptions,
  type CcaTokenProfile,
  ccaSoftware,
  ccaWorkload,
  createCcaPlatform,
  type SimulatedCcaPlatform,
} from './cca/index.ts'
export {
  type CertificateFields,
  type CrlFields,
  issueCertificate,
  issueCrl,
  SIMULATION_ORGANISATION,
} from './certificates.ts'
export { type CoseSign1Options, coseAlgorithmOf, encodeCoseKey, signCose } from './cose.ts'
export { DEFAULT_TCB_EVALUATION_NUMBER, type QeIdentityBody, type TcbInfoBody } from './endorsements.ts'
export { generateSigningKey, type SigningKey } from './keys.ts'
export {
  createNitroRoot,
  NITRO_LEVELS,
  type NitroCrlOptions,
  type NitroDocumentOptions,
  type NitroLevel,
  type NitroRootOptions,
  nitroPcrs,
  type SimulatedNitroRoot,
} from './nitro/index.ts'
export { createNvidiaAuthority, type NvidiaAuthority, type NvidiaAuthorityFields } from './nvidia/authority.ts'
export { createSimulatedGpu, type SimulatedGpu, type SimulatedGpuEvidence } from './nvidia/gpu.ts'
export { createOcspResponder, issueOcspResponse, OCSP_SIGNING, type OcspFields, type OcspHash } from './nvidia/ocsp.ts'

export { encodeNvidiaReport, type NvidiaReportFields, nvidiaText, nvidiaVbios } from './nvidia/report.ts'
export { issueNvidiaRim, type NvidiaRimFields } from './nvidia/rim.ts'
export {
  createNvidiaSimulation,
  type NvidiaDeviceOptions,
  type NvidiaEvidenceOptions,
  type NvidiaSimulation,
  pemChain,
  type SimulatedNvidiaDevice,
} from './nvidia/simulation.ts'
export {
  caExtensions,
  distinguishedName,
  extendedKeyUsage,
  generatePkiKey,
  issuePkiCertificate,
  issuePkiCrl,
  leafExtensions,
  type PkiAlgorithm,
  type PkiCertificateFields,
  type PkiCrlFields,
  type PkiKey,
  type PkiName,
  pkiExtension,
  signPkiBody,
  simulatedName,
} from './pki.ts'
export type {
  Authorities,
  Authority,
  EndorsementOptions,
  PlatformJson,
  PlatformOptions,
  QuoteOptions,
  SgxQuoteOptions,
  SimulatedPlatform,
} from './platform.ts'
export { encodeQuote, type QuoteBody, type QuoteFields } from './quote.ts'
export {
  createSimulationRoot,
  endorsementsToJson,
  type SimulationRoot,
  type SimulationRootJson,
  type SimulationRootOptions,
  simulationRootFromJSON,
} from './root.ts'
export type { SnpAuthority, SnpVekFields } from './snp/certificates.ts'
export type { SnpProductLine, SnpReportFields, SnpTcbFields } from './snp/report.ts'
export {
  createSnpSimulation,
  type SimulatedSnpEndorsements,
  type SimulatedSnpMachine,
  type SnpEndorsementOptions,
  type SnpMachineOptions,
  type SnpSimulation,
  type SnpSimulationOptions,
} from './snp/simulation.ts'
export { createVtpm, type SignedVtpmQuote, type SimulatedVtpm } from './snp/vtpm.ts'
export type {
  DcapEndorsements,
  EnclaveFields,
  PlatformTcb,
  QeFields,
  SignedDocument,
  TcbStatusText,
  Td15Fields,
  TdFields,
  Validity,
  ValidityName,
} from './types.ts'
export { type WorkloadMeasurements, workload } from './workload.ts'
