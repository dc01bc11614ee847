import { fromHex } from '../internal/bytes.ts'

/** A key at which a chain may end. */
export interface TrustAnchor {
  /** Uncompressed P-256 point, 65 bytes. */
  readonly publicKey: Uint8Array
  /** True for the root of a simulation: what it signs proves nothing about hardware. */
  readonly simulated: boolean
}

/** Key of the "Intel SGX Root CA". Source, digest of the certificate and date: README.md in this folder. */
export const INTEL_SGX_ROOT: TrustAnchor = {
  publicKey: fromHex(
    '040ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5' +
      '67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394',
  ),
  simulated: false,
}
