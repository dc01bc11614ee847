/**
 * JSON form of receipts and vouchers in the journal: every bigint as a decimal string, numbers and hex text as they are.
 * The two types share no field between bigint and number, so the names decide on the way back.
 */
const BIGINT_FIELDS = new Set([
  'keysetEpoch',
  'seq',
  'assetId',
  'unitsIn',
  'unitsOut',
  'fee',
  'cumulativeFee',
  'budgetCounter',
  'startedAt',
  'finishedAt',
  'cumulativeMax',
  'notAfter',
])

/** Writes bigints as decimal strings. */
export function toStored(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, typeof field === 'bigint' ? field.toString() : field]),
  )
}

/** Reads what {@link toStored} wrote. */
export function fromStored<T>(value: unknown): T {
  const fields = Object.entries(value as Record<string, unknown>)
  return Object.fromEntries(
    fields.map(([name, field]) => [name, BIGINT_FIELDS.has(name) ? BigInt(field as string) : field]),
  ) as T
}
