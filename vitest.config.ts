import { defineConfig } from 'vitest/config'

/** Whole nodes, browsers and chains: one file at a time, each in a process of its own. */
const oneByOne = (name: string, include: string[], testTimeout = 120_000, hookTimeout = testTimeout) => ({
  test: { name, include, testTimeout, hookTimeout, fileParallelism: false },
})

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 30_000,
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'apps/web/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/fuzz/**/*.test.ts',
          ],
        },
      },
      oneByOne('onchain', ['test/{onchain,vectors}/**/*.test.ts']),
      oneByOne('integration', ['test/integration/**/*.test.ts']),
      oneByOne('e2e', ['test/e2e/**/*.test.ts'], 180_000, 300_000),
    ],
  },
})
