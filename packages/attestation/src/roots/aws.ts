import { fromBase64 } from '../internal/bytes.ts'

/** A root certificate at which the chain of an AWS Nitro document may end. */
export interface NitroTrustAnchor {
  /** DER. The first certificate of a bundle must be this one, byte for byte. */
  readonly certificate: Uint8Array
  /** True for the root of a simulation: what it signs proves nothing about AWS. */
  readonly simulated: boolean
}

/** "aws.nitro-enclaves" (Root G1) of the commercial partitions. Source, digest and date: README.md in this folder. */
export const AWS_NITRO_ROOT_G1: NitroTrustAnchor = {
  certificate: decode(
    'MIICETCCAZagAwIBAgIRAPkxdWgbkK/hHUbMtOTn+FYwCgYIKoZIzj0EAwMwSTELMAkGA1UEBhMCVVMxDzANBgNVBAoMBkFtYXpvbjEMMAoGA1' +
      'UECwwDQVdTMRswGQYDVQQDDBJhd3Mubml0cm8tZW5jbGF2ZXMwHhcNMTkxMDI4MTMyODA1WhcNNDkxMDI4MTQyODA1WjBJMQswCQYDVQQGEwJV' +
      'UzEPMA0GA1UECgwGQW1hem9uMQwwCgYDVQQLDANBV1MxGzAZBgNVBAMMEmF3cy5uaXRyby1lbmNsYXZlczB2MBAGByqGSM49AgEGBSuBBAAiA2' +
      'IABPwCVOumCMHzaHDimtqQvkY4MpJzbolL//Zy2YlES1BR5TSksfbb48C8WBoyt7F2Bw7eEtaaP+ohG2bnUs990d0JX28TcPQXCEPZ3BABIeTP' +
      'YwEoCWZEh8l5YoQwTcU/9KNCMEAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUkCW1DdkFR+eWw5b6cp3PmanfS5YwDgYDVR0PAQH/BAQDAg' +
      'GGMAoGCCqGSM49BAMDA2kAMGYCMQCjfy+Rocm9Xue4YnwWmNJVA44fA0P5W2OpYow9OYCVRaEevL8uO1XYru5xtMPWrfMCMQCi85sWBbJwKKXd' +
      'S6BptQFuZbT73o/gBh1qUxl/nNr12UO8Yfwr6wPLb+6NIwLz3/Y=',
  ),
  simulated: false,
}

function decode(base64: string): Uint8Array {
  const der = fromBase64(base64)
  if (!der) throw new TypeError('the embedded root is not base64')
  return der
}
