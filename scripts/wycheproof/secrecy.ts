// Wycheproof files of AES-GCM and X25519: what HPKE, Oblivious HTTP and sealed assets rest on.
import { equalBytes } from '../../packages/attestation/src/internal/bytes.ts'
import * as inNode from '../../packages/protocol/src/primitives.node.ts'
import * as inBrowser from '../../packages/protocol/src/primitives.ts'
import { type Fields, hex, integer, list, object, verdict } from './load.ts'

/** One case; undefined where its parameters are none of ours. */
export type Judged = { readonly id: number; readonly right: boolean | undefined }

/** Judges a file of AES-GCM or X25519; undefined where it is neither. */
export async function judgeSecrecy(file: Fields, path: string): Promise<readonly Judged[] | undefined> {
  const judge = file.algorithm === 'AES-GCM' ? judgeAead : file.algorithm === 'XDH' ? judgeExchange : undefined
  if (!judge) return undefined
  const judged: Judged[] = []
  for (const entry of list(file, 'testGroups', path)) {
    const group = object(entry, path)
    for (const item of list(group, 'tests', path)) {
      const test = object(item, path)
      judged.push({ id: integer(test.tcId, path), right: await judge(group, test, path) })
    }
  }
  return judged
}

/** Both builds of the primitive open what is valid, seal to the same bytes, and open nothing else. */
async function judgeAead(group: Fields, test: Fields, path: string): Promise<boolean | undefined> {
  // AES-256 with a nonce of 96 bits is the only one in use.
  if (group.keySize !== 256 || group.ivSize !== 96) return undefined
  const [key, nonce, aad] = [hex(test.key, path), hex(test.iv, path), hex(test.aad, path)]
  const [plaintext, sealed] = [hex(test.msg, path), Uint8Array.of(...hex(test.ct, path), ...hex(test.tag, path))]
  const valid = verdict(test.result, path) === 'valid'
  for (const { openAes256Gcm, sealAes256Gcm } of [inNode, inBrowser]) {
    const opened = await openAes256Gcm(key, nonce, sealed, aad).catch(() => undefined)
    if ((opened !== undefined) !== valid) return false
    if (opened && !equalBytes(opened, plaintext)) return false
    if (valid && !equalBytes(await sealAes256Gcm(key, nonce, plaintext, aad), sealed)) return false
  }
  return true
}

/** PrivateKeyInfo of an X25519 key up to its 32 bytes (RFC 8410 §7). */
const X25519_PRIVATE_HEAD = Uint8Array.of(0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 34, 4, 32)

/** The exchange by WebCrypto, as the KEM of HPKE makes it. A shared secret of zeros may be refused (RFC 7748 §6.1). */
async function judgeExchange(group: Fields, test: Fields, path: string): Promise<boolean | undefined> {
  if (group.curve !== 'curve25519') return undefined
  const shared = hex(test.shared, path)
  try {
    const pkcs8 = Uint8Array.of(...X25519_PRIVATE_HEAD, ...hex(test.private, path))
    const secret = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits'])
    const raw = Uint8Array.from(hex(test.public, path))
    const open = await crypto.subtle.importKey('raw', raw, 'X25519', true, [])
    const bits = await crypto.subtle.deriveBits({ name: 'X25519', public: open }, secret, 256)
    return equalBytes(new Uint8Array(bits), shared) && verdict(test.result, path) !== 'invalid'
  } catch {
    return verdict(test.result, path) !== 'valid'
  }
}
