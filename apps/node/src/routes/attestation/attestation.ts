import { encodeTdxEvidence } from '@spartan/abi'
import { attestationAnswerJson, reportData } from '@spartan/protocol'
import { Hono } from 'hono'
import { type Hex, hexToBytes } from 'viem'
import type { NodeDeps } from '../../deps.ts'
import { RequestError } from '../../errors.ts'

function challengeOf(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text))
    throw new RequestError('NODE_REQUEST_MALFORMED', { metaMessages: ['challenge: expected 0x and 64 digits'] })
  return text.toLowerCase() as Hex
}

/**
 * `GET /v1/attestation?challenge=0x…32`: fresh evidence over the caller's challenge, for a background check by anyone.
 * Without the parameter the evidence of the registration.
 *
 * The registered receipt key and HPKE key are in the answer's keyset by digest; compare it with the registry.
 */
export function attestationRoute(deps: Pick<NodeDeps, 'active' | 'attester'>): Hono {
  const app = new Hono()
  app.get('/v1/attestation', async (c) => {
    const active = deps.active()
    if (active === undefined) throw new RequestError('NODE_NOT_READY', { retryAfterSeconds: 5 })
    const asked = c.req.query('challenge')
    const challenge = asked === undefined ? active.challenge : challengeOf(asked)
    const fresh =
      asked === undefined ? active : await deps.attester.issue(hexToBytes(reportData(active.digest, challenge)))
    const endorsements = await deps.attester.endorsements()
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
