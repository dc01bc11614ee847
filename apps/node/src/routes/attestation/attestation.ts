import { encodeTdxEvidence } from '@spartan/abi'
import { attestationAnswerJson, reportData } from '@spartan/protocol'
import { Hono } from 'hono'
import { type Hex, hexToBytes } from 'viem'
import type { NodeDeps } from '../../deps.ts'
import { RequestError } from '../../errors.ts'
import type { ActiveKeyset } from '../../services/keysets.ts'
import type { Attester } from '../../services/ports.ts'
import { createSlots } from '../../services/slots.ts'

function challengeOf(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text))
    throw new RequestError('NODE_REQUEST_MALFORMED', { metaMessages: ['challenge: expected 0x and 64 digits'] })
  return text.toLowerCase() as Hex
}

/** The platform makes one quote at a time; anybody may ask. */
const QUOTES_AT_ONCE = 2
/** Endorsements change by the day. */
const ENDORSEMENTS_CACHE_MS = 10_000

/** Endorsements, read at most every few seconds however many ask. A failure is not kept. */
function cachedEndorsements(attester: Attester): Attester['endorsements'] {
  let cached: { readonly at: number; readonly value: ReturnType<Attester['endorsements']> } | undefined
  return () => {
    if (cached !== undefined && performance.now() - cached.at < ENDORSEMENTS_CACHE_MS) return cached.value
    const reading = { at: performance.now(), value: attester.endorsements() }
    cached = reading
    reading.value.catch(() => {
      if (cached === reading) cached = undefined
    })
    return reading.value
  }
}

/**
 * `GET /v1/attestation?challenge=0x…32`: fresh evidence over the caller's challenge, for a background check by anyone.
 * Without the parameter the evidence of the registration. Failure: `NODE_BUSY` while others' quotes are made.
 *
 * The registered receipt key and HPKE key are in the answer's keyset by digest; compare it with the registry.
 */
export function attestationRoute(deps: Pick<NodeDeps, 'active' | 'attester'>): Hono {
  const app = new Hono()
  const quotes = createSlots(QUOTES_AT_ONCE)
  const readEndorsements = cachedEndorsements(deps.attester)
  const quoteOver = async (active: ActiveKeyset, challenge: Hex) => {
    const release = quotes.take()
    try {
      return await deps.attester.issue(hexToBytes(reportData(active.digest, challenge)))
    } finally {
      release()
    }
  }
  app.get('/v1/attestation', async (c) => {
    const active = deps.active()
    if (active === undefined) throw new RequestError('NODE_NOT_READY', { retryAfterSeconds: 5 })
    const asked = c.req.query('challenge')
    const challenge = asked === undefined ? active.challenge : challengeOf(asked)
    const fresh = asked === undefined ? active : await quoteOver(active, challenge)
    const endorsements = await readEndorsements()
    return c.json({
      ...attestationAnswerJson({ keyset: active.keyset, challenge, quote: fresh.quote, endorsements }),
      registration: {
        evidence: encodeTdxEvidence(active.quote).evidence,
        challengeBlock: active.challengeBlock.toString(),
      },
    })
  })
  return app
}
