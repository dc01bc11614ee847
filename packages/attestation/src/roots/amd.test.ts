import { expect, it } from 'vitest'
import { toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { parseCertificate } from '../internal/x509.ts'
import { verifySigned } from '../internal/x509Signed.ts'
import { SNP_PRODUCTS } from '../snp/product.ts'
import { AMD_ROOTS } from './amd.ts'
import { AMD_INTERMEDIATES } from './amdIntermediates.ts'

/** SHA-256 of certificate and key, as in README.md. */
const DIGESTS: Readonly<Record<string, readonly [certificate: string, key: string]>> = {
  'ARK-Milan': [
    '69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd',
    '9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9',
  ],
  'ARK-Genoa': [
    '4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1',
    '429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831',
  ],
  'ARK-Turin': [
    '1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a',
    '4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08',
  ],
}

const parse = (bytes: Uint8Array) => parseCertificate({ bytes, code: 'SNP_ROOT_MALFORMED' })

it('the pinned roots have the recorded digests and sign themselves', async () => {
  const found = await Promise.all(
    AMD_ROOTS.map(async ({ certificate, simulated }) => {
      const root = parse(certificate)
      expect(simulated).toBe(false)
      expect(await verifySigned(root, root.key)).toBe(true)
      return [root.commonName, [toHex(await sha256(certificate)), toHex(await sha256(root.spki))]] as const
    }),
  )
  expect(Object.fromEntries(found)).toEqual(DIGESTS)
})

it('every embedded intermediate is issued by the root of its line', async () => {
  const roots = AMD_ROOTS.map(({ certificate }) => parse(certificate))
  for (const product of SNP_PRODUCTS) {
    const root = roots.find(({ commonName }) => commonName === `ARK-${product}`)
    for (const [kind, commonName] of [
      ['vcek', `SEV-${product}`],
      ['vlek', `SEV-VLEK-${product}`],
    ] as const) {
      const intermediate = parse(AMD_INTERMEDIATES[product][kind])
      expect(intermediate.commonName).toBe(commonName)
      expect(root && (await verifySigned(intermediate, root.key))).toBe(true)
    }
  }
})
