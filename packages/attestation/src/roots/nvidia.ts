import { fromBase64 } from '../internal/bytes.ts'

/** A root certificate at which a chain of NVIDIA's may end. */
export interface NvidiaTrustAnchor {
  /** `device`: certificates of GPUs and switches. `rim`: signers of reference integrity manifests. */
  readonly role: 'device' | 'rim'
  /** DER. */
  readonly certificate: Uint8Array
  /** True for the root of a simulation: what it signs proves nothing about hardware. */
  readonly simulated: boolean
}

const der = (base64: string) => fromBase64(base64) ?? new Uint8Array()

/** "NVIDIA Device Identity CA". Source, digest and date: README.md in this folder. */
export const NVIDIA_DEVICE_ROOT: NvidiaTrustAnchor = {
  role: 'device',
  simulated: false,
  certificate: der(
    'MIICCzCCAZCgAwIBAgIQLTZwscoQBBHB/sDoKgZbVDAKBggqhkjOPQQDAzA1MSIwIAYDVQQDDBlOVklESUEgRGV2aWNlIElkZW50aXR5IENB' +
      'MQ8wDQYDVQQKDAZOVklESUEwIBcNMjExMTA1MDAwMDAwWhgPOTk5OTEyMzEyMzU5NTlaMDUxIjAgBgNVBAMMGU5WSURJQSBEZXZpY2UgSWRl' +
      'bnRpdHkgQ0ExDzANBgNVBAoMBk5WSURJQTB2MBAGByqGSM49AgEGBSuBBAAiA2IABA5MFKM7+KViZljbQSlgfky/RRnEQScW9NDZF8SXgAW9' +
      '6r6u/Ve8ZggtcYpPi2BS4VFu6KfEIrhN6FcHG7WP05W+oM+hxj7nyA1r1jkB2Ry70YfThX3Ba1zOryOP+MJ9vaNjMGEwDwYDVR0TAQH/BAUw' +
      'AwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFFeF/4PyY8xlfWi3Olv0jUrL+0lfMB8GA1UdIwQYMBaAFFeF/4PyY8xlfWi3Olv0jUrL' +
      '+0lfMAoGCCqGSM49BAMDA2kAMGYCMQCPeFM3TASsKQVaT+8S0sO9u97PVGCpE9d/I42IT7k3UUOLSR/qvJynVOD1vQKVXf0CMQC+EY55WYoD' +
      'Bvs2wPAH1Gw4LbcwUN8QCff8bFmV4ZxjCRr4WXTLFHBKjbfneGSBWwA=',
  ),
}

/** "NVIDIA CoRIM signing Root CA". Source, digest and date: README.md in this folder. */
export const NVIDIA_RIM_ROOT: NvidiaTrustAnchor = {
  role: 'rim',
  simulated: false,
  certificate: der(
    'MIICKTCCAbCgAwIBAgIQRdrjoA5QN73fh1N17LXicDAKBggqhkjOPQQDAzBFMQswCQYDVQQGEwJVUzEPMA0GA1UECgwGTlZJRElBMSUwIwYD' +
      'VQQDDBxOVklESUEgQ29SSU0gc2lnbmluZyBSb290IENBMCAXDTIzMDMxNjE1MzczNFoYDzIwNTMwMzA4MTUzNzM0WjBFMQswCQYDVQQGEwJV' +
      'UzEPMA0GA1UECgwGTlZJRElBMSUwIwYDVQQDDBxOVklESUEgQ29SSU0gc2lnbmluZyBSb290IENBMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE' +
      'uECyi9vNM+Iw2lfUzyBldHAwaC1HF7TCgp12QcEyUTm3Tagxwr48d55+K2VIlWYIDk7NlAIQdcV/Ff7euGLI+Qauj93HsSI4WX298PpW54RT' +
      'gz9tC+Q684caR/BXWEeZo2MwYTAdBgNVHQ4EFgQUpaXrOPK4ZDAk08DBskn594zeZjAwHwYDVR0jBBgwFoAUpaXrOPK4ZDAk08DBskn594ze' +
      'ZjAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwMDZwAwZAIwHGDyscDP6ihHqRvZlI3eqZ4YkvjE1duaN84t' +
      'AHRVgxVMvNrp5Tnom3idHYGW/dskAjATvjIx6VzHm/4e2GiZAyZEIUBDOKPzp5ei/A0iUZpdvngenDwV8Qa/wGdiTmJ7Bp4=',
  ),
}

/** Both roots of NVIDIA. */
export const NVIDIA_ROOTS: readonly NvidiaTrustAnchor[] = [NVIDIA_DEVICE_ROOT, NVIDIA_RIM_ROOT]
