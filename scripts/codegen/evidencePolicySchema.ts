// Writes docs/specs/evidence-policy.schema.json from the shapes that the reader of policies checks by; --check fails when it differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { evidencePolicyJsonSchema } from '@spartan/attestation'

const FILE = new URL('../../docs/specs/evidence-policy.schema.json', import.meta.url)

const schema = `${JSON.stringify(evidencePolicyJsonSchema(), null, 2)}\n`
if (process.argv.includes('--check')) {
  if (readFileSync(FILE, 'utf8') !== schema) {
    console.error('docs/specs/evidence-policy.schema.json is stale: run node scripts/codegen/evidencePolicySchema.ts')
    process.exit(1)
  }
} else writeFileSync(FILE, schema)
