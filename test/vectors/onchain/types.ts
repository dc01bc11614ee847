import type { VectorEntry } from '../support/manifest.ts'

/** What one side says of a piece of evidence. `claims` holds all on which both sides have to agree, as text. */
export type Verdict =
  | { readonly claims: Readonly<Record<string, string>>; readonly code?: never }
  | { readonly code: string; readonly claims?: never }

/** What both say. */
export interface Judged {
  readonly library: Verdict
  readonly contract: Verdict
}

/** What both say; or why the entry is nothing that a contract is given. */
export type Outcome =
  | (Judged & { readonly notApplicable?: never })
  | { readonly notApplicable: string; readonly library?: never; readonly contract?: never }

/** Puts the published entries of one TEE before the library and before the contracts, at the entry's own time. */
export interface OnchainAdapter {
  /** Folder of the entries: `tdx`, `sev-snp`, … */
  readonly family: string
  /** Called once for each entry, in the order of the manifest. */
  readonly run: (entry: VectorEntry) => Promise<Outcome>
}
