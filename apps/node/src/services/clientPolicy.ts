import { X509Certificate } from 'node:crypto'
import {
  dcapEndorsementsFromJson,
  INTEL_SGX_ROOT,
  marketplaceTdxPolicy,
  parseTdxQuote,
  type TdxClaims,
  type TrustAnchor,
  verifyTdxEvidence,
} from '@spartan/attestation'
import { AttesterError, messageOf } from '../errors.ts'
import type { Attester } from './ports.ts'

/**
 * Judges this machine's evidence the way clients and key brokers do unless they are told otherwise. Their policy asks for more
 * than the registry's: no open advisories, endorsements of the last seven days, SEPT_VE_DISABLE.
 *
 * Proves: a client with the default policy would accept this TCB, these endorsements and these TD attributes now. Of a
 * simulated machine: where the client trusts the simulation root, which only a local world does.
 * Does not prove: that the registry accepts the measurement.
 *
 * @param at - Unix seconds.
 * @throws {AttesterError} `NODE_CLIENT_POLICY_NOT_MET` with the reason code of the verifier, `NODE_TEE_…`, `NODE_ENDORSEMENTS_UNAVAILABLE`.
 */
export async function assertClientsAccept(attester: Attester, at: number): Promise<TdxClaims> {
  const { quote } = await attester.issue(new Uint8Array(64))
  const endorsements = dcapEndorsementsFromJson(await attester.endorsements())
  const trustAnchor = attester.kind === 'simulator' ? simulationAnchorOf(quote) : INTEL_SGX_ROOT
  const policy = marketplaceTdxPolicy({ measurements: 'any', reportData: 'any' })
  const result = await verifyTdxEvidence({ evidence: quote, endorsements, at, trustAnchors: [trustAnchor], policy })
  if (result.verdict === 'accepted') return result.claims
  const { reasonCode, error } = result
  throw new AttesterError('NODE_CLIENT_POLICY_NOT_MET', {
    metaMessages: [`${reasonCode}: ${messageOf(error)}`],
    cause: error,
  })
}

/** The root that a simulated quote carries itself: its evidence proves nothing about hardware under any root. */
function simulationAnchorOf(quote: Uint8Array): TrustAnchor {
  const { certificationData } = parseTdxQuote(quote).signatureData
  if (certificationData.type !== 5) {
    throw new AttesterError('NODE_CLIENT_POLICY_NOT_MET', { metaMessages: ['the quote carries no certificate chain'] })
  }
  const { x = '', y = '' } = new X509Certificate(certificationData.chain.root).publicKey.export({ format: 'jwk' })
  const publicKey = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  return { publicKey, simulated: true }
}
