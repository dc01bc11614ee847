import {
  type CcaPolicy,
  type CcaTrustAnchor,
  parseCcaPlatformClaims,
  parseCcaRealmClaims,
  vectorsCcaPolicy,
  verifyCcaEvidence,
} from '@spartan/attestation'
import { concat } from 'viem'
import { z } from 'zod'
import { CannotCheckError } from '../../../../errors.ts'
import { certificatesOf, requiredFile } from '../files.ts'
import { type Adapter, judgementBy, judgementOf } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { fromBase64, fromHex } from '../octets.ts'
import { policyKeysOf } from '../policyKeys.ts'

/** Arm CCA tokens. Nothing in a token depends on the time. */
export const ccaAdapter: Adapter = {
  endorsementChecks: [],
  judge: async (entry) => {
    const result = await verifyCcaEvidence({
      evidence: requiredFile(entry, 'token.cbor'),
      at: entry.at ?? 0,
      trustAnchors: anchorsOf(entry),
      policy: policyOf(entry),
    })
    return judgementOf(result, [])
  },
}

/** Unsigned claim maps, judged by the parser of claims. */
export const ccaClaimsAdapter: Adapter = {
  endorsementChecks: [],
  judge: (entry) => {
    const name = entry.fileNames.find((candidate) => candidate.endsWith('.cbor')) ?? 'claims.cbor'
    const claims = requiredFile(entry, name)
    return judgementBy(() => (/platform/.test(name) ? parseCcaPlatformClaims(claims) : parseCcaRealmClaims(claims)))
  },
}

function policyOf(entry: VectorEntry): CcaPolicy {
  const keys = policyKeysOf(entry)
  const allowDebug = keys.flag('allow_debug')
  const expected = keys.inner('expected')
  const [challenge, rim] = [expected.text('report_data'), expected.text('measurement')]
  keys.done()
  const policy = vectorsCcaPolicy({
    platforms: 'any',
    realms:
      rim === undefined ? 'any' : [{ initialMeasurement: rim, extensibleMeasurements: ['any', 'any', 'any', 'any'] }],
    personalizationValue: 'any',
    challenge: challenge === undefined ? 'any' : { expected: challenge },
  })
  if (allowDebug !== true) return policy
  return { ...policy, acceptedLifecycles: ['secured', 'non-cca-platform-debug', 'recoverable-cca-platform-debug'] }
}

/** Stores of platform keys, as Veraison writes them. */
const storeSchema = z.array(
  z.object({
    'instance-id': z.string(),
    'implementation-id': z.string(),
    pkey: z.object({ crv: z.string(), x: z.string(), y: z.string() }),
  }),
)

/** SubjectPublicKeyInfo up to the point. */
const SPKI_HEADS: Readonly<Record<string, string>> = {
  'P-256': '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  'P-384': '3076301006072a8648ce3d020106052b81040022036200',
  'P-521': '30819b301006072a8648ce3d020106052b8104002303818600',
}

/** The PEM key for whatever platform, else the stores with their identifiers. */
function anchorsOf(entry: VectorEntry): readonly CcaTrustAnchor[] {
  const [publicKey] = certificatesOf(entry.file('cpak_pub.pem'))
  if (publicKey) return [{ publicKey, simulated: true }]
  return entry.fileNames.filter((name) => /^ta.*\.json$/.test(name)).flatMap((name) => storedAnchors(entry, name))
}

function storedAnchors(entry: VectorEntry, name: string): readonly CcaTrustAnchor[] {
  const parsed = storeSchema.safeParse(JSON.parse(new TextDecoder().decode(requiredFile(entry, name))))
  if (!parsed.success) {
    throw new CannotCheckError('CLI_VECTOR_ENTRY_MALFORMED', { metaMessages: [name, z.prettifyError(parsed.error)] })
  }
  return parsed.data.map(({ pkey: { crv, x, y }, ...ids }) => {
    return {
      publicKey: concat([bytes(SPKI_HEADS[crv] ?? ''), Uint8Array.of(4), coordinate(x), coordinate(y)]),
      instanceId: bytes(ids['instance-id']),
      implementationId: bytes(ids['implementation-id']),
      simulated: true,
    }
  })
}

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array()
const coordinate = (text: string) => fromBase64(text) ?? new Uint8Array()
