import { encapsulateRequest, type InnerRequest, type InnerResponse } from '@spartan/protocol'
import type { ClientContext } from './clientContext.ts'
import { postEncapsulated } from './nodeHttp.ts'
import type { VerifiedProvider } from './verifyProvider.ts'

/**
 * Encrypts a request to a verified provider, sends it and opens the answer. Takes a {@link VerifiedProvider} and nothing
 * less, so no plaintext can be encrypted to a key that was not compared with the chain.
 *
 * Failures: `SDK_PROVIDER_UNREACHABLE`, a code of the node that could not open the request, `OHTTP_…`.
 */
export async function sendEncrypted(
  context: ClientContext,
  provider: VerifiedProvider,
  request: InnerRequest,
): Promise<InnerResponse> {
  const { publicKey, keyId } = provider.encryptionKey
  const encapsulated = await encapsulateRequest({ publicKey, keyId, context: provider.ohttpContext, request })
  return encapsulated.open(await postEncapsulated(context, provider.endpoint, encapsulated.message))
}
