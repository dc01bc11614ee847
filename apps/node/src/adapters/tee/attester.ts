import type { NodeConfig } from '../../config.ts'
import type { Attester } from '../../services/ports.ts'
import { createConfigfsTsmAttester } from './configfsTsm.ts'
import { createSimulatorAttester } from './simulator.ts'

/** The attester that the configuration names. Does not touch the device yet. */
export function createAttester(tee: NodeConfig['tee']): Attester {
  return tee.kind === 'configfs-tsm'
    ? createConfigfsTsmAttester(tee.path, tee.endorsementsFile)
    : createSimulatorAttester(tee.url, tee.platform)
}
