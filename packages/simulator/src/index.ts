export {
  type CertificateFields,
  type CrlFields,
  issueCertificate,
  issueCrl,
  SIMULATION_ORGANISATION,
} from './certificates.ts'
export { DEFAULT_TCB_EVALUATION_NUMBER, type QeIdentityBody, type TcbInfoBody } from './endorsements.ts'
export { generateSigningKey, type SigningKey } from './keys.ts'
export {
  caExtensions,
  distinguishedName,
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
  SimulatedPlatform,
} from './platform.ts'
export { encodeTdxQuote, type QuoteFields } from './quote.ts'
export {
  createSimulationRoot,
  endorsementsToJson,
  type SimulationRoot,
  type SimulationRootJson,
  type SimulationRootOptions,
  simulationRootFromJSON,
} from './root.ts'
export type {
  DcapEndorsements,
  PlatformTcb,
  QeFields,
  SignedDocument,
  TcbStatusText,
  TdFields,
  Validity,
  ValidityName,
} from './types.ts'
export { type WorkloadMeasurements, workload } from './workload.ts'
