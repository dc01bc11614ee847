import { verifySigned } from '../internal/x509Signed.ts'
import { type CollateralInput, pckChainOf } from './collateral.ts'
import type { DcapEndorsements, SignedDocument } from './endorsements.ts'
import type { IntelCertificate } from './intelCertificate.ts'
import type { DcapMemory } from './memory.ts'

/**
 * Starts every signature check of a chain and its endorsements at once, so that they run beside each other. The checks
 * themselves run afterwards in their order and find the outcomes in the memory; what cannot be read here is theirs to
 * report. Gives the PCK, where there is one.
 */
export function startCollateralWork(
  input: Pick<CollateralInput, 'certificationData' | 'endorsements' | 'memory'>,
): IntelCertificate | undefined {
  const { memory, endorsements } = input
  const chain = unlessRefused(() => pckChainOf(input))
  const root = unlessRefused(
    () => chain && memory.certificate({ bytes: chain.root, code: 'DCAP_ROOT_CERTIFICATE_MALFORMED' }),
  )
  const pckCa = unlessRefused(() => chain && memory.certificate({ bytes: chain.pckCa, code: 'DCAP_PCK_CA_MALFORMED' }))
  const pck = unlessRefused(() => chain && memory.certificate({ bytes: chain.pck, code: 'DCAP_PCK_MALFORMED' }))
  if (root) {
    start(root, root)
    start(pckCa, root)
    startEndorsements(memory, endorsements, root)
  }
  if (pckCa) {
    start(pck, pckCa)
    startCrl(memory, endorsements.pckCrl, 'DCAP_PCK_CRL_MALFORMED', pckCa)
  }
  return pck
}

/** The same for what stands directly below the root. */
export function startEndorsements(
  memory: DcapMemory,
  { rootCaCrl, tcbInfo, qeIdentity }: Partial<DcapEndorsements>,
  root: IntelCertificate,
): void {
  startCrl(memory, rootCaCrl, 'DCAP_ROOT_CRL_MALFORMED', root)
  for (const document of [tcbInfo, qeIdentity]) if (document) startDocument(memory, document, root)
}

function startDocument(memory: DcapMemory, document: SignedDocument, root: IntelCertificate): void {
  const [bytes] = document.issuerChain
  const signer = unlessRefused(() => bytes && memory.certificate({ bytes, code: 'DCAP_TCB_SIGNER_MALFORMED' }))
  if (!signer) return
  start(signer, root)
  void memory.isSigned(document, signer.key)
}

function startCrl(
  memory: DcapMemory,
  bytes: Uint8Array | undefined,
  code: 'DCAP_ROOT_CRL_MALFORMED' | 'DCAP_PCK_CRL_MALFORMED',
  issuer: IntelCertificate,
): void {
  start(
    unlessRefused(() => bytes && memory.crl({ bytes, code })),
    issuer,
  )
}

/** Signature checks answer with a boolean and never reject. */
function start(signed: Parameters<typeof verifySigned>[0] | undefined, issuer: IntelCertificate): void {
  if (signed) void verifySigned(signed, issuer.key)
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
