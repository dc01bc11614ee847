import type { SnpEndorsements } from '@spartan/attestation'
import { type AmdSource, type CertificatePair, certificatePair, type SnpRequest, snpCrlResource } from '../amd/amd.ts'
import { equalBytes, fromHex } from '../bytes.ts'
import { CACHE_RULES } from '../cacheRules.ts'
import { outlineCertificate } from '../der.ts'
import { failure } from '../errors.ts'
import { all, assembleFetched, type Fetched } from '../fetched.ts'
import type { Fetcher, FetchOptions } from '../fetcher.ts'
import { readJsonObject } from '../json.ts'
import { JSON_TYPES } from '../mediaTypes.ts'
import { fromPem } from '../pem.ts'
import { loadResource, type Resource } from '../resource.ts'

/** Azure's metadata service inside a confidential VM; elsewhere the address does not answer. */
export const AZURE_METADATA = 'http://169.254.169.254'

/** What THIM says about the machine it is asked on. */
interface ThimCertification {
  readonly vcek: Uint8Array
  readonly pair: CertificatePair
  /** TCB of the VCEK, 8 bytes in the order of the report. */
  readonly tcb: Uint8Array
}

/**
 * Fetches VCEK, ASK and ARK of the machine it runs on from Azure's THIM, and the CRL, which THIM does not have, from KDS.
 * Works only inside an Azure confidential VM and spares KDS one request per boot.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_ANSWER_MISMATCH when the VCEK is for another TCB than the report's; else as
 * `fetchSnpEndorsements`.
 */
export async function fetchAzureSnpEndorsements(
  fetcher: Fetcher,
  source: { readonly metadataUrl: string; readonly kds: AmdSource },
  request: Pick<Extract<SnpRequest, { kind: 'vcek' }>, 'product' | 'reportedTcb'>,
  options: FetchOptions = {},
): Promise<Fetched<SnpEndorsements>> {
  const crl = snpCrlResource(source.kds, { kind: 'vcek', product: request.product })
  const loaded = await all([
    loadResource(fetcher, thimResource(source.metadataUrl, request.reportedTcb), options),
    loadResource(fetcher, crl, options),
  ])
  const [{ shaped }, list] = loaded
  const [intermediate, root] = shaped.pair
  return assembleFetched(fetcher, { vek: shaped.vcek, intermediate, root, crl: list.shaped }, loaded)
}

/** `{ vcekCert: PEM, certificateChain: PEM, tcbm: hex, cacheControl }`; Azure, "Trusted Hardware Identity Management". */
function thimResource(metadataUrl: string, reportedTcb: Uint8Array): Resource<ThimCertification> {
  const url = `${metadataUrl}/metadata/THIM/amd/certification`
  return {
    name: 'azure-thim',
    key: `azure/thim ${url}`,
    request: { method: 'GET', url, headers: { metadata: 'true' } },
    mediaTypes: JSON_TYPES,
    keepHeaders: [],
    maxBytes: 64 * 1024,
    rule: CACHE_RULES.machine,
    shape: ({ body }) => {
      const { vcekCert, certificateChain, tcbm } = readJsonObject(body, url)
      const [vcek, second] = (typeof vcekCert === 'string' ? fromPem(vcekCert, 'CERTIFICATE') : undefined) ?? []
      const tcb = typeof tcbm === 'string' && tcbm.length === 16 ? fromHex(tcbm)?.reverse() : undefined
      if (!vcek || second || !tcb) {
        throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: expected vcekCert in PEM and tcbm of 8 bytes in hex`)
      }
      if (!equalBytes(tcb, reportedTcb)) {
        throw failure('ENDORSEMENTS_ANSWER_MISMATCH', `${url}: VCEK for TCB ${String(tcbm)}, the report has another`)
      }
      const chain = typeof certificateChain === 'string' ? certificateChain : undefined
      return { vcek, pair: certificatePair(chain, url), tcb }
    },
    window: ({ vcek }) => outlineCertificate(vcek).window,
  }
}
