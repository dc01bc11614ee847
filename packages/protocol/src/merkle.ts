import { sha256 } from '@noble/hashes/sha2.js'
import { type Bytes, concatBytes, copyBytes, uintBytes } from './bytes.ts'

/** Leaf of a sealed record: sha256(0x00 ‖ u32 index ‖ ciphertext). */
export async function recordLeaf(index: number, ciphertext: Uint8Array): Promise<Bytes> {
  const preimage = concatBytes(Uint8Array.of(0), uintBytes(index, 4), ciphertext)
  return new Uint8Array(await crypto.subtle.digest('SHA-256', preimage))
}

/** Binary Merkle root: inner nodes sha256(0x01 ‖ left ‖ right), an odd node moves up unchanged. At least one leaf. */
export function merkleRoot(leaves: readonly Uint8Array[]): Bytes {
  let level: readonly Uint8Array[] = leaves
  while (level.length > 1) level = parents(level)
  const [root] = level
  if (root === undefined) throw new RangeError('a Merkle tree needs at least one leaf')
  return copyBytes(root)
}

/** One sibling on the way from a leaf to the root. */
export interface MerkleStep {
  readonly sibling: Uint8Array
  readonly side: 'left' | 'right'
}

/** Siblings that prove leaf `index`. */
export function merkleProof(leaves: readonly Uint8Array[], index: number): readonly MerkleStep[] {
  const steps: MerkleStep[] = []
  let level: readonly Uint8Array[] = leaves
  let at = index
  while (level.length > 1) {
    const sibling = level[at ^ 1]
    if (sibling !== undefined) steps.push({ sibling, side: at % 2 === 1 ? 'left' : 'right' })
    level = parents(level)
    at >>= 1
  }
  return steps
}

/** Root that follows from a leaf and its proof; compare it with the root on-chain. */
export function merkleRootFromProof(leaf: Uint8Array, steps: readonly MerkleStep[]): Bytes {
  let node = leaf
  for (const { sibling, side } of steps) node = side === 'left' ? inner(sibling, node) : inner(node, sibling)
  return copyBytes(node)
}

function parents(level: readonly Uint8Array[]): Uint8Array[] {
  const next: Uint8Array[] = []
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i]
    const right = level[i + 1]
    if (left !== undefined) next.push(right === undefined ? left : inner(left, right))
  }
  return next
}

function inner(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right))
}
