import { INTEL_SGX_ROOT } from '@spartan/attestation'
import { describe, expect, test } from 'vitest'
import type { ProviderRecord } from './ports.ts'
import { freshChallenge, verifiedHpkeKey } from './providerEvidence.ts'

describe('verifiedHpkeKey', () => {
  test.each(['file:///dev/zero?', 'http://169.254.169.254/latest/meta-data?', 'http://10.0.0.1/admin#'])(
    'error: %s is refused before anything is fetched',
    async (endpoint) => {
      const fetched: string[] = []
      const get = async (url: string) => {
        fetched.push(url)
        return new Uint8Array()
      }
      const record = { endpoint } as ProviderRecord
      const call = verifiedHpkeKey({ get, record, trustAnchor: INTEL_SGX_ROOT, challenge: freshChallenge(), at: 0 })
      await expect(call).rejects.toEqual(expect.objectContaining({ code: 'SDK_PROVIDER_ENDPOINT_INVALID' }))
      expect(fetched).toEqual([])
    },
  )
})
