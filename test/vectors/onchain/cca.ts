import type { CcaTrustAnchor } from '@spartan/attestation'
import { hexToBytes } from 'viem'
import {
  type CcaVerdict,
  type CcaWorld,
  evidenceOf,
  judgeInTypeScript,
  parsedOf,
  startCca,
} from '../../support/ccaWorld.ts'
import { outcome } from '../../support/vendorChain.ts'
import { derOf, fileOf, type VectorEntry } from '../support/manifest.ts'
import type { OnchainAdapter, Verdict } from './types.ts'

/** SubjectPublicKeyInfo up to the coordinates. */
const SPKI_HEADS: Readonly<Record<string, string>> = {
  'P-256': '3059301306072a8648ce3d020106082a8648ce3d03010703420004',
  'P-384': '3076301006072a8648ce3d020106052b8104002203620004',
}
const STORES = ['ta.json', 'tastore.json', 'ta-bad.json']

interface AnchorJson {
  readonly 'instance-id': string
  readonly 'implementation-id': string
  readonly pkey: { readonly crv: string; readonly x: string; readonly y: string }
}

let started: Promise<CcaWorld> | undefined

/** Arm CCA: whole tokens. Nothing in them has a time, so all are judged on one chain, each from its first state. */
export const ccaAdapter: OnchainAdapter = {
  family: 'cca',
  run: async (entry) => {
    const token = fileOf(entry, 'token.cbor')
    if (token === undefined) return { notApplicable: 'claims that nobody has signed' }
    const anchors = anchorsOf(entry)
    started ??= startCca()
    const library = verdictOf(await judgeInTypeScript(token, anchors))
    return { library, contract: await contractOf(await started, token, anchors) }
  },
}

/** The published key for whatever platform, or a store of keys with their identifiers. */
function anchorsOf(entry: VectorEntry): readonly CcaTrustAnchor[] {
  const pem = fileOf(entry, 'cpak_pub.pem')
  if (pem) return [{ publicKey: derOf(pem), simulated: true }]
  return STORES.flatMap((name) => {
    const text = fileOf(entry, name)
    return text === undefined ? [] : (JSON.parse(new TextDecoder().decode(text)) as readonly AnchorJson[])
  }).map(({ pkey, ...ids }) => ({
    publicKey: Buffer.concat([
      Buffer.from(SPKI_HEADS[pkey.crv] ?? '', 'hex'),
      Buffer.from(pkey.x, 'base64url'),
      Buffer.from(pkey.y, 'base64url'),
    ]),
    instanceId: hexToBytes(`0x${ids['instance-id']}`),
    implementationId: hexToBytes(`0x${ids['implementation-id']}`),
    simulated: true,
  }))
}

/** On-chain a key is always for one platform: a published key for any becomes the key of the platform that the token names. */
async function contractOf(world: CcaWorld, token: Uint8Array, anchors: readonly CcaTrustAnchor[]): Promise<Verdict> {
  const [anchor] = anchors
  if (anchor === undefined || anchors.length !== 1) throw new Error(`${anchors.length} keys`)
  const chain = await world.viem.getTestClient()
  const id = await chain.snapshot()
  try {
    const named = parsedOf(token)?.platform.claims ?? {
      instanceId: new Uint8Array(33).fill(1),
      implementationId: new Uint8Array(32),
    }
    const proposed = await outcome(world.propose({ ...named, ...anchor }))
    const verdict = await world.judgeEvidence(await evidenceOf(token, anchor))
    const isMissing = 'code' in verdict && verdict.code === 'CCA_TRUST_ANCHOR_MISSING'
    return isMissing && proposed !== 'accepted' ? { code: proposed } : verdictOf(verdict)
  } finally {
    await chain.revert({ id })
  }
}

function verdictOf(verdict: CcaVerdict): Verdict {
  if ('code' in verdict) return { code: verdict.code }
  return { claims: Object.fromEntries(Object.entries(verdict).map(([name, value]) => [name, `${value}`])) }
}
