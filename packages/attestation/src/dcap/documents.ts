import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { equalBytes, toHex } from '../internal/bytes.ts'
import { iso } from '../internal/chain.ts'
import type { VerifyContext } from './chain.ts'
import type { SignedDocument } from './endorsements.ts'
import type { IntelCertificate } from './intelCertificate.ts'
import type { QeIdentity } from './qeIdentity.ts'
import type { TcbInfo } from './tcbInfo.ts'

const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })

/** Verifies TCB info under its signer: signature, form, validity. The body is not read before its signature holds. */
export async function verifyTcbInfo(
  document: SignedDocument,
  signer: IntelCertificate,
  { memory, at }: VerifyContext,
): Promise<TcbInfo> {
  if (!(await memory.isSigned(document, signer.key))) throw reject('DCAP_TCB_INFO_SIGNATURE_INVALID')
  const info = memory.tcbInfo(document)
  if (!(at >= info.issueDate)) throw reject('DCAP_TCB_INFO_NOT_YET_VALID', `issued ${iso(info.issueDate)}`)
  if (!(at <= info.nextUpdate)) throw reject('DCAP_TCB_INFO_EXPIRED', `next update ${iso(info.nextUpdate)}`)
  return info
}

/** TCB info for another family is no TCB info for this platform; the on-chain store looks it up by FMSPC. */
export function expectSameFamily(info: TcbInfo, fmspc: Uint8Array): void {
  if (equalBytes(info.fmspc, fmspc)) return
  throw reject(
    'DCAP_TCB_INFO_MISSING',
    `the one given is for FMSPC ${toHex(info.fmspc)}, the platform has ${toHex(fmspc)}`,
  )
}

/** Verifies a QE identity under its signer: signature, form, validity. */
export async function verifyQeIdentity(
  document: SignedDocument,
  signer: IntelCertificate,
  { memory, at }: VerifyContext,
): Promise<QeIdentity> {
  if (!(await memory.isSigned(document, signer.key))) throw reject('DCAP_QE_IDENTITY_SIGNATURE_INVALID')
  const identity = memory.qeIdentity(document)
  if (!(at >= identity.issueDate)) throw reject('DCAP_QE_IDENTITY_NOT_YET_VALID', `issued ${iso(identity.issueDate)}`)
  if (!(at <= identity.nextUpdate)) throw reject('DCAP_QE_IDENTITY_EXPIRED', `next update ${iso(identity.nextUpdate)}`)
  return identity
}
