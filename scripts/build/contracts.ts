// npm run build:contracts: compiles what has changed in the contracts.
import { buildArtifacts } from './artifacts.ts'

await buildArtifacts()
