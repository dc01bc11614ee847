import { join } from 'node:path'
import type { NodeConfig } from '../../config.ts'
import type { Attester } from '../../services/ports.ts'
import { createConfigfsTsmAttester } from './configfsTsm.ts'
import { createSimulatorAttester } from './simulator.ts'
import { createVendorEndorsements, endorsementsFromFile, intelSourceOf } from './vendorEndorsements.ts'

/** The attester that the configuration names. Does not touch the device yet. */
export function createAttester({ tee, dataDir }: Pick<NodeConfig, 'tee' | 'dataDir'>): Attester {
  if (tee.kind === 'simulator') return createSimulatorAttester(tee.url, tee.platform)
  const endorsements =
    tee.endorsements === undefined
      ? endorsementsFromFile(tee.endorsementsFile ?? '')
      : createVendorEndorsements(intelSourceOf(tee.endorsements), join(dataDir, 'endorsements'))
  return createConfigfsTsmAttester(tee.path, endorsements)
}
