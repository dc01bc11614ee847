import type { DcapEndorsements } from '@spartan/abi'
import { z } from 'zod'
import { AttesterError } from '../errors.ts'

const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/)
const chain = z.array(base64).min(1).max(4)
const document = z.object({ body: z.string().min(2), signature: base64, issuerChain: chain })
const schema = z.object({
  rootCaCrl: base64,
  pckCrl: base64,
  pckCrlIssuerChain: chain,
  tcbInfo: document,
  qeIdentity: document,
})

/** Endorsements in the JSON form of docs/architecture.md: bytes in base64, `body` the exact signed text. */
export type EndorsementsJson = z.infer<typeof schema>

/** Checks the shape only; signatures are checked by whoever uses them. Failure: `NODE_ENDORSEMENTS_UNAVAILABLE`. */
export function readEndorsements(json: unknown, source: string): EndorsementsJson {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new AttesterError('NODE_ENDORSEMENTS_UNAVAILABLE', {
    metaMessages: [`${source} is not in the documented form`, ...parsed.error.issues.map((i) => i.path.join('.'))],
  })
}

/** The same in bytes, as the EndorsementStore takes them. */
export function endorsementBytes(json: EndorsementsJson): DcapEndorsements {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
  const signed = (entry: EndorsementsJson['tcbInfo']) => ({
    body: new TextEncoder().encode(entry.body),
    signature: bytes(entry.signature),
    issuerChain: entry.issuerChain.map(bytes),
  })
  return {
    rootCaCrl: bytes(json.rootCaCrl),
    pckCrl: bytes(json.pckCrl),
    pckCrlIssuerChain: json.pckCrlIssuerChain.map(bytes),
    tcbInfo: signed(json.tcbInfo),
    qeIdentity: signed(json.qeIdentity),
  }
}
