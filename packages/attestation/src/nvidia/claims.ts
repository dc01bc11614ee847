import type { CommonClaims } from '../result.ts'
import type { FeatureMode } from './opaque.ts'
import type { NvidiaArchitecture } from './parse.ts'

/** What accepted evidence of an NVIDIA device says. `reportData` is the 32-byte nonce that it answers. */
export interface NvidiaClaims extends CommonClaims {
  readonly tee: 'nvidia'
  readonly kind: 'gpu' | 'switch'
  readonly architecture: NvidiaArchitecture
  /** Common name of the boot ROM's certificate, for example `GH100 A01 GSP BROM`. */
  readonly hardwareModel: string
  /**
   * Universal entity id, as NVIDIA's tools print it: the serial number of the attestation key's certificate, decimal. Another one with
   * other firmware; what stays is `platformId`.
   */
  readonly ueid: string
  /** 32 bytes: SHA-256 of the SubjectPublicKeyInfo of the boot ROM's certificate. */
  readonly platformId: Uint8Array
  readonly driverVersion: string | undefined
  readonly vbiosVersion: string | undefined
  /** 48 bytes: identity of the firmware that holds the attestation key. */
  readonly fwid: Uint8Array
  readonly mode: FeatureMode | undefined
  readonly protectedPcie: boolean | undefined
  /** `true` when driver and VBIOS are matched by their manifests, as NVIDIA derives it; otherwise nothing is known. */
  readonly secureBoot: true | undefined
  readonly debugStatus: 'disabled' | undefined
  /** Identities (hex) of the switches that a GPU sees, or of the switch itself. The device's own word. */
  readonly switchPdis: readonly string[]
  /** Identities (hex) of the GPUs that a switch sees. */
  readonly gpuPdis: readonly string[]
}
