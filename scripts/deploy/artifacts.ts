import { readFile } from 'node:fs/promises'
import { BaseError } from '@spartan/errors'
import type { Abi, Hex } from 'viem'

/** What deployment needs of a compiled contract. */
export interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

/** Source folders of the contracts that get deployed. */
const SOURCES = {
  Governance: 'periphery',
  EndorsementStore: 'attestation',
  DcapVerifier: 'attestation/verifiers',
  ReferenceValues: 'attestation',
  AttestationRegistry: 'attestation',
  AssetRegistry: 'market',
  KeyReleases: 'market',
  Ledger: 'market',
  ChannelEscrow: 'market',
  TestToken: 'periphery/dev',
  ReplayPriceFeed: 'periphery/dev',
} as const

/** Contracts that this project deploys. */
export type DeployableName = keyof typeof SOURCES

/**
 * Reads a compiled contract from `artifacts/`.
 *
 * @throws {BaseError} `DEPLOY_ARTIFACT_MISSING` when the contracts are not built.
 */
export async function readArtifact(name: DeployableName): Promise<Artifact> {
  const path = `artifacts/contracts/${SOURCES[name]}/${name}.sol/${name}.json`
  const text = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8').catch((cause: unknown) => {
    throw new BaseError('DEPLOY_ARTIFACT_MISSING', { metaMessages: [path], cause })
  })
  return JSON.parse(text) as Artifact
}
