import { fileURLToPath } from 'node:url'
import viemPlugin from '@nomicfoundation/hardhat-viem'
import { defineConfig } from 'hardhat/config'

// The compiler is the npm package solc: nothing is downloaded.
const solidity = {
  version: '0.8.37',
  path: fileURLToPath(import.meta.resolve('solc/soljson.js')),
  settings: {
    evmVersion: 'osaka',
    viaIR: true,
    optimizer: { enabled: true, runs: 800 },
  },
}

// Arithmetic that runs for hundreds of thousands of gas: constants inline, whatever they cost at deployment.
const arithmetic = { ...solidity, settings: { ...solidity.settings, optimizer: { enabled: true, runs: 1_000_000 } } }

export default defineConfig({
  plugins: [viemPlugin],
  solidity: {
    profiles: {
      default: {
        compilers: [solidity],
        overrides: Object.fromEntries(
          ['Sha512', 'Mgf1Sha384', 'P384', 'P384Sparse', 'P384Tables', 'P384Plain', 'RsaPss'].map((name) => [
            `contracts/crypto/${name}.sol`,
            arithmetic,
          ]),
        ),
      },
    },
  },
  paths: {
    sources: './contracts',
    tests: { solidity: './test/contracts' },
    artifacts: './artifacts',
    cache: './cache',
  },
  networks: {
    // Osaka rules: P256VERIFY at 0x100 (EIP-7951), MODEXP repricing, 16.7 M gas cap per transaction.
    local: { type: 'edr-simulated', chainType: 'l1', hardfork: 'osaka', chainId: 31337 },
    // The rules before EIP-7951: used to test the P-256 fallback.
    prague: { type: 'edr-simulated', chainType: 'l1', hardfork: 'prague', chainId: 31337 },
  },
})
