import { readFile } from 'node:fs/promises'
import { BaseError } from '@spartan/errors'
import type { Abi, Hex } from 'viem'

/** What deployment needs of a compiled contract. */
export interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

/** Contracts that this project deploys. */
export const DEPLOYABLE = [
  'Governance',
  'EndorsementStore',
  'DcapVerifier',
  'SgxVerifier',
  'Sha512',
  'Mgf1Sha384',
  'P384Tables',
  'P384',
  'P384Sparse',
  'RsaPss',
  'ChainParser',
  'SnpEndorsements',
  'SnpVerifier',
  'CcaEndorsements',
  'CcaVerifier',
  'NitroEndorsements',
  'NitroVerifier',
  'NvidiaParser',
  'NvidiaEndorsements',
  'NvidiaRims',
  'NvidiaVerifier',
  'ReferenceValues',
  'EvidenceRouter',
  'AttestationRegistry',
  'AssetRegistry',
  'KeyReleases',
  'Ledger',
  'ChannelEscrow',
  'TestToken',
  'ReplayPriceFeed',
] as const

export type DeployableName = (typeof DEPLOYABLE)[number]

/** Committed compiler output; scripts/codegen/compiled.ts writes it and the test command compares it with the sources. */
export const COMPILED_FOLDER = new URL('../../deployments/compiled/', import.meta.url)

/**
 * Reads a compiled contract.
 *
 * @throws {BaseError} `DEPLOY_ARTIFACT_MISSING` when its file is not there.
 */
export async function readArtifact(name: DeployableName): Promise<Artifact> {
  const text = await readFile(new URL(`${name}.json`, COMPILED_FOLDER), 'utf8').catch((cause: unknown) => {
    throw new BaseError('DEPLOY_ARTIFACT_MISSING', { metaMessages: [`deployments/compiled/${name}.json`], cause })
  })
  return JSON.parse(text) as Artifact
}
