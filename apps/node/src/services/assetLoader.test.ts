import { describe, expect, test } from 'vitest'
import { assertProviderPaid } from './assetLoader.ts'
import type { AssetVersion, Chain } from './ports.ts'

const chain = (share: number) => ({ protocolShareBps: async () => share }) as unknown as Chain
const version = (ownerShareBps: number) => ({ ownerShareBps }) as AssetVersion

describe('assertProviderPaid', () => {
  test('default: a split that leaves the provider one basis point', async () => {
    await assertProviderPaid(chain(1000), version(8999))
  })

  test('error: NODE_ASSET_UNPAID when owner and protocol take everything', async () => {
    const unpaid = expect.objectContaining({ code: 'NODE_ASSET_UNPAID' })
    await expect(assertProviderPaid(chain(1000), version(9000))).rejects.toEqual(unpaid)
    await expect(assertProviderPaid(chain(0), version(10_000))).rejects.toEqual(unpaid)
  })
})
