import { createHash } from 'node:crypto'
import { network } from 'hardhat'
import { type Abi, bytesToHex, decodeFunctionResult, encodeFunctionData } from 'viem'
import { GAS } from '../../../test/support/vendorChain.ts'

/** SHA384Monte.rsp of the Cryptographic Algorithm Validation Program: the seed, and the digest of checkpoint 0. */
const SEED = 'edff07255c71b54a9beae52cdfa083569a08be89949cbba73ddc8acf429359ca5e5be7a673633ca0d9709848f522a9df'
const FIRST = 'e81b86c49a38feddfd185f71ca7da6732a053ed4a2640d52d27f53f9f76422650b0e93645301ac99f8295d6f820f1035'
const CHECKPOINTS = 100
const PER_CHECKPOINT = 1_000
/** Below the cap of a call: about 46,000 gas for a hash of two blocks. */
const PER_CALL = 250

/**
 * The Secure Hash Standard Validation System's Monte Carlo test (6.4): each digest is over the three before it, every
 * thousandth is a checkpoint and the next seed. The contract computes all of them; OpenSSL is compared after each call.
 */
export async function monteCarlo(checkpoints = CHECKPOINTS): Promise<void> {
  const { viem } = await network.create('local')
  const sha = await viem.deployContract('Sha512')
  const client = await viem.getPublicClient()
  const { address, abi } = await viem.deployContract('Sha384Chain', [sha.address])
  let seed: Uint8Array = Buffer.from(SEED, 'hex')
  for (let checkpoint = 0; checkpoint < checkpoints; checkpoint++) {
    let three: Uint8Array = Buffer.concat([seed, seed, seed])
    for (let step = 0; step < PER_CHECKPOINT; step += PER_CALL) {
      const expected = chained(three, PER_CALL)
      const data = encodeFunctionData({
        abi: abi as Abi,
        functionName: 'run',
        args: [bytesToHex(three), BigInt(PER_CALL)],
      })
      const { data: answer = '0x' } = await client.call({ to: address, data, gas: GAS })
      const got = decodeFunctionResult({ abi: abi as Abi, functionName: 'run', data: answer })
      if (got !== bytesToHex(expected))
        throw new Error(`SHA-384 after ${bytesToHex(three)} in checkpoint ${checkpoint}`)
      three = expected
    }
    seed = three.subarray(96)
    if (checkpoint === 0 && Buffer.from(seed).toString('hex') !== FIRST) throw new Error('not the digest of NIST')
  }
  const hashes = (checkpoints * PER_CHECKPOINT).toLocaleString('en')
  console.log(`SHA-384 Monte Carlo: ${checkpoints} checkpoints of NIST's seed, ${hashes} hashes by the contract, agree`)
}

function chained(three: Uint8Array, steps: number): Uint8Array {
  let last = three
  for (let step = 0; step < steps; step++) {
    last = Buffer.concat([last.subarray(48), createHash('sha384').update(last).digest()])
  }
  return last
}
