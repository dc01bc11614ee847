export * from './attestationAnswer.ts'
export {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type InnerRequest,
  type InnerResponse,
  sizeClass,
} from './binaryHttp.ts'
export { fromBase64Url, toBase64Url } from './bytes.ts'
export { canonicalDigest, canonicalJson, configDigest } from './canonical.ts'
export * from './channel.ts'
export { ProtocolError } from './errors.ts'
export { createHpkeKeyPair, type HpkeKeyPair } from './hpke.ts'
export * from './inferenceHeaders.ts'
export * from './keyRelease.ts'
export * from './keyset.ts'
export * from './manifest.ts'
export * from './merkle.ts'
export { nodeUrl } from './nodeUrl.ts'
export * from './ohttp.ts'
export * from './sealedAsset.ts'
export * from './signers.ts'
export * from './typedData.ts'
