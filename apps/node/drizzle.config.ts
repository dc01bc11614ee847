import { defineConfig } from 'drizzle-kit'

/** `npx drizzle-kit generate` writes the next SQL migration; the node runs them at start. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/adapters/store/schema.ts',
  out: './src/adapters/store/migrations',
})
