import type { DcapEndorsements, SignedDocument } from '@spartan/attestation'
import { certificateNames, crlIssuer, derKindOf, mentions } from './der.ts'
import type { Item } from './recognise.ts'

/** Extension of PCK certificates: 1.2.840.113741.1.13.1. */
const SGX_EXTENSION_OID = '2a864886f84d010d01'

interface Named {
  readonly der: Uint8Array
  readonly issuer: string
  readonly subject: string
}

/** Puts together what was found for SGX or TDX. Which CRL is which is told by the names in the certificates. */
export function assembleDcap(items: readonly Item[], evidence: Uint8Array): Partial<DcapEndorsements> {
  const collected = items.flatMap((item) => (item.is === 'certificates' ? item.chain : []))
  const certificates = unique([...collected, ...pemInside(evidence)]).map((der) => ({ der, ...certificateNames(der) }))
  const roots = certificates.filter(({ issuer, subject }) => issuer === subject)
  const crls = items.flatMap((item) => (item.is === 'crl' ? [item.bytes] : []))
  const rootCaCrl = crls.find((crl) => roots.some(({ subject }) => subject === crlIssuer(crl)))
  const pckCrl = crls.find((crl) => crl !== rootCaCrl)
  const issuer = certificates.find(({ subject }) => pckCrl !== undefined && subject === crlIssuer(pckCrl))
  const [tcbInfo, qeIdentity] = (['tcbInfo', 'qeIdentity'] as const).map((is) => signed(is, items, certificates))
  // A chain beside the quote is used only where the quote carries none.
  const pck = collected.find((der) => mentions(der, SGX_EXTENSION_OID))
  return {
    ...(rootCaCrl && { rootCaCrl }),
    ...(pckCrl && { pckCrl, pckCrlIssuerChain: issuer ? chainFrom(issuer, certificates) : [] }),
    ...(tcbInfo && { tcbInfo }),
    ...(qeIdentity && { qeIdentity }),
    ...(pck && { pckChain: chainFrom({ der: pck, ...certificateNames(pck) }, certificates) }),
  }
}

function signed(
  is: 'tcbInfo' | 'qeIdentity',
  items: readonly Item[],
  certificates: readonly Named[],
): SignedDocument | undefined {
  const found = items.find((item) => item.is === is)
  if (found?.is !== is) return undefined
  const beside = items.find((item) => item.is === 'signature' && item.stem === found.stem)
  const signature = found.signature ?? (beside?.is === 'signature' ? beside.bytes : undefined)
  if (signature === undefined) return undefined
  const signer = certificates.find(({ der }) => Buffer.from(der).includes('TCB Signing'))
  return { body: found.body, signature, issuerChain: signer ? chainFrom(signer, certificates) : [] }
}

/** A certificate and its issuers, up to the root. */
function chainFrom(leaf: Named, certificates: readonly Named[]): readonly Uint8Array[] {
  const chain = [leaf]
  for (let last = leaf; last.issuer !== last.subject && chain.length < 4; ) {
    const next = certificates.find(({ subject }) => subject === last.issuer)
    if (!next) break
    chain.push(next)
    last = next
  }
  return chain.map(({ der }) => der)
}

function unique(list: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(list.map((der) => [Buffer.from(der).toString('base64'), der])).values()]
}

/** Certificates in PEM anywhere in the quote. */
function pemInside(evidence: Uint8Array): readonly Uint8Array[] {
  const text = Buffer.from(evidence).toString('latin1')
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)
  const found = [...blocks].map(([, base64 = '']) => new Uint8Array(Buffer.from(base64, 'base64')))
  return found.filter((der) => derKindOf(der) === 'certificate')
}
