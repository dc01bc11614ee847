import type { DcapClaims } from '../dcap/appraise.ts'

/** What accepted SGX evidence says. */
export interface SgxClaims extends DcapClaims {
  readonly tee: 'sgx'
  readonly measurements: SgxMeasurements
  /** The bytes whose keccak256 is the measurement on-chain. */
  readonly measurementPreimage: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  readonly configSvn: number
}

/** Identity and configuration of an enclave, raw. */
export type SgxMeasurements = {
  /** 32 bytes. */
  readonly mrEnclave: Uint8Array
  /** 32 bytes. */
  readonly mrSigner: Uint8Array
  /** 64 bytes; zero without KSS. */
  readonly configId: Uint8Array
  /** 16 bytes; zero without KSS. */
  readonly isvFamilyId: Uint8Array
  /** 16 bytes; zero without KSS. */
  readonly isvExtProdId: Uint8Array
  /** Flags 8, XFRM 8. */
  readonly attributes: Uint8Array
  /** 4 bytes, wire order. */
  readonly miscSelect: Uint8Array
}
