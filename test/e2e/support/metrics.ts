/** Sum of a node's metric over its label sets; of those with `label` ('code="ok"') only, where given. */
async function metric(nodeUrl: string, name: string, label = ''): Promise<number> {
  const response = await fetch(`${nodeUrl}/metrics`)
  if (!response.ok) throw new Error(`${nodeUrl}/metrics answered ${response.status}`)
  const samples = (await response.text())
    .split('\n')
    .map((line) => /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line))
    .filter((match) => match?.[1] === name && (match[2] ?? '').includes(label))
  return samples.reduce((sum, match) => sum + Number(match?.[3]), 0)
}

/** What the nodes say of their own journals. */
export async function settlementState(nodeUrls: readonly string[]) {
  const sumOf = async (name: string, label?: string) =>
    (await Promise.all(nodeUrls.map((url) => metric(url, name, label)))).reduce((sum, value) => sum + value, 0)
  return {
    /** Vouchers paid on-chain since the processes started. */
    paidItems: await sumOf('spartan_settled_items_total', 'code="ok"'),
    /** Fees journaled and not paid yet, as of the settler's last round. */
    unsettled: await sumOf('spartan_unsettled_value'),
  }
}
