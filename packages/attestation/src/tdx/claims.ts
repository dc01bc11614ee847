import type { DcapClaims } from '../dcap/appraise.ts'

/** What accepted TDX evidence says. */
export interface TdxClaims extends DcapClaims {
  readonly tee: 'tdx'
  readonly measurements: TdxMeasurements
  /** The bytes whose keccak256 is the measurement on-chain. */
  readonly measurementPreimage: Uint8Array
  /** 16 bytes: TCB of the TDX module at launch. */
  readonly teeTcbSvn: Uint8Array
  /** 16 bytes: TCB of the TDX module that runs now; undefined in TD 1.0. */
  readonly teeTcbSvn2: Uint8Array | undefined
  /** 48 bytes, zero for none; undefined in TD 1.0. */
  readonly mrServiceTd: Uint8Array | undefined
}

/** Measurement registers and attributes of a TD and of the TDX module, raw. */
export type TdxMeasurements = {
  readonly mrSeam: Uint8Array
  readonly mrSignerSeam: Uint8Array
  readonly seamAttributes: Uint8Array
  readonly mrTd: Uint8Array
  readonly mrConfigId: Uint8Array
  readonly mrOwner: Uint8Array
  readonly mrOwnerConfig: Uint8Array
  readonly rtmr0: Uint8Array
  readonly rtmr1: Uint8Array
  readonly rtmr2: Uint8Array
  readonly rtmr3: Uint8Array
  readonly tdAttributes: Uint8Array
  readonly xfam: Uint8Array
}
