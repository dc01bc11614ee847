import type { Reason } from './reason.ts'
import { ANALYTICS_REASONS } from './reasons/analytics.ts'
import { ASSET_REASONS } from './reasons/asset.ts'
import { CCA_REASONS } from './reasons/cca.ts'
import { CLI_REASONS } from './reasons/cli.ts'
import { CRYPTO_REASONS } from './reasons/crypto.ts'
import { DCAP_REASONS } from './reasons/dcap.ts'
import { ENDORSEMENTS_REASONS } from './reasons/endorsements.ts'
import { EVENT_LOG_REASONS } from './reasons/eventLog.ts'
import { EVIDENCE_REASONS } from './reasons/evidence.ts'
import { INFERENCE_REASONS } from './reasons/inference.ts'
import { MARKET_REASONS } from './reasons/market.ts'
import { NITRO_REASONS } from './reasons/nitro.ts'
import { NODE_REASONS } from './reasons/node.ts'
import { NVIDIA_REASONS } from './reasons/nvidia.ts'
import { PROTOCOL_REASONS } from './reasons/protocol.ts'
import { REGISTRY_REASONS } from './reasons/registry.ts'
import { SDK_REASONS } from './reasons/sdk.ts'
import { SNP_REASONS } from './reasons/snp.ts'
import { WEB_REASONS } from './reasons/web.ts'

/** The one table of reason codes: Solidity errors, TypeScript classes, problem documents, CLI and dApp all use it. */
export const REASONS = {
  ...DCAP_REASONS,
  ...CRYPTO_REASONS,
  ...CCA_REASONS,
  ...NITRO_REASONS,
  ...SNP_REASONS,
  ...EVIDENCE_REASONS,
  ...EVENT_LOG_REASONS,
  ...ENDORSEMENTS_REASONS,
  ...REGISTRY_REASONS,
  ...MARKET_REASONS,
  ...ASSET_REASONS,
  ...NVIDIA_REASONS,
  ...PROTOCOL_REASONS,
  ...NODE_REASONS,
  ...SDK_REASONS,
  ...CLI_REASONS,
  ...INFERENCE_REASONS,
  ...ANALYTICS_REASONS,
  ...WEB_REASONS,
} as const

/** `AREA_CONDITION`, stable. */
export type ReasonCode = keyof typeof REASONS

/** Row of a code. */
export function reasonOf(code: ReasonCode): Reason {
  return REASONS[code]
}

/** Whether a string from outside (a contract, a problem document) is a code of the table. */
export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(REASONS, text)
}

/** `DcapPckCrlExpired` → `DCAP_PCK_CRL_EXPIRED`. The name rule is what binds Solidity's custom errors to the table. */
export function codeOfSolidityError(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase()
}

/** `DCAP_PCK_CRL_EXPIRED` → `DcapPckCrlExpired`. */
export function solidityErrorOf(code: string): string {
  return code.toLowerCase().replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
