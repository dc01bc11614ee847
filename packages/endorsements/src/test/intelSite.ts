import { createSimulationRoot, type EndorsementOptions, type SimulatedPlatform } from '@spartan/simulator'
import { toBase64, toHex } from '../bytes.ts'
import { toPem } from '../pem.ts'
import type { Reply, SeenRequest } from './localSource.ts'

export const FMSPC = '50a06f000000'
/** 2026-06-01T00:00:00Z. */
export const NOW = 1_780_272_000

/** Endorsements of the simulator in the shape in which Intel's services answer. */
export interface IntelSite {
  readonly platform: SimulatedPlatform
  /** DER of the PCK certificate. */
  readonly pck: Uint8Array
  readonly rootPublicKey: Uint8Array
  /** Reply for a path of PCS or PCCS; undefined for unknown paths. */
  readonly reply: (request: SeenRequest) => Reply
  readonly endorsements: SimulatedPlatform['endorsements']
}

export async function createIntelSite(
  standard: EndorsementOptions = {},
  early: EndorsementOptions = standard,
): Promise<IntelSite> {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'one', fmspc: FMSPC })
  const sets = { standard: await platform.endorsements(standard), early: await platform.endorsements(early) }
  const numbers = await signNumbers(root.authorities.tcbSigner.key)
  const reply = ({ path }: SeenRequest): Reply => {
    const url = new URL(path, 'http://local')
    const set = url.searchParams.get('update') === 'early' ? sets.early : sets.standard
    switch (url.pathname) {
      case '/IntelSGXRootCA.der':
        return { body: set.rootCaCrl, headers: { 'content-type': 'application/pkix-crl', etag: '"root-crl"' } }
      case '/sgx/certification/v4/rootcacrl':
        return { body: toHex(set.rootCaCrl), headers: { 'content-type': 'text/plain' } }
      case '/sgx/certification/v4/pckcrl':
        return {
          body: set.pckCrl,
          headers: {
            'content-type': 'application/pkix-crl',
            'sgx-pck-crl-issuer-chain': chainHeader(set.pckCrlIssuerChain),
          },
        }
      case '/tdx/certification/v4/tcb':
        return documentReply('tcbInfo', set.tcbInfo, 'tcb-info-issuer-chain')
      case '/tdx/certification/v4/qe/identity':
        return documentReply('enclaveIdentity', set.qeIdentity, 'sgx-enclave-identity-issuer-chain')
      case '/tdx/certification/v4/tcbevaluationdatanumbers': {
        const document = { ...numbers, issuerChain: set.tcbInfo.issuerChain }
        return documentReply('tcbEvaluationDataNumbers', document, 'tcb-evaluation-data-numbers-issuer-chain')
      }
      default:
        return { status: 404 }
    }
  }
  const { endorsements } = platform
  return { platform, pck: platform.pck.certificate, rootPublicKey: root.publicKey, reply, endorsements }
}

interface Document {
  readonly body: Uint8Array
  readonly signature: Uint8Array
  readonly issuerChain: readonly Uint8Array[]
}

export function documentReply(member: string, document: Document, header: string): Reply {
  const body = new TextDecoder().decode(document.body)
  return {
    body: `{"${member}":${body},"signature":"${toHex(document.signature)}"}`,
    headers: {
      'content-type': 'application/json',
      etag: `"${toHex(document.signature).slice(0, 16)}"`,
      [header]: chainHeader(document.issuerChain),
    },
  }
}

export const chainHeader = (chain: readonly Uint8Array[]) =>
  encodeURIComponent(chain.map((der) => toPem(toBase64(der), 'CERTIFICATE')).join(''))

async function signNumbers(key: { readonly sign: (bytes: Uint8Array) => Promise<Uint8Array> }) {
  const body = new TextEncoder().encode(
    JSON.stringify({
      id: 'TDX',
      version: 1,
      issueDate: '2026-05-31T00:00:00Z',
      nextUpdate: '2026-06-30T00:00:00Z',
      tcbEvalNumbers: [
        { tcbEvaluationDataNumber: 20, tcbRecoveryEventDate: '2025-05-13T00:00:00Z', tcbDate: '2025-05-14T00:00:00Z' },
        { tcbEvaluationDataNumber: 21, tcbRecoveryEventDate: '2026-05-12T00:00:00Z', tcbDate: '2026-05-13T00:00:00Z' },
      ],
    }),
  )
  return { body, signature: await key.sign(body) }
}
