import { TRADERS } from './chain.ts'
import type { World } from './world.ts'

const pad = (text: string) => text.padEnd(16)

/** What a person sees when the world is ready: where things are, who has money, what to try. */
export function closingTable(world: World, file: string): string {
  const rows: [string, string][] = [
    ['dApp', world.webUrl],
    ['chain (RPC)', `${world.rpcUrl}  chain id ${world.chainId}`],
    ['market feed', world.marketUrl],
    ...world.providers.map(({ url, providerId }, index): [string, string] => [
      `provider ${index + 1}`,
      `${url}  ${providerId.slice(0, 14)}…`,
    ]),
    ...world.assets.map(({ assetId, name }): [string, string] => [`asset ${assetId}`, name]),
    ['state, logs', file],
  ]
  return [
    '',
    'Spartan is running. Attestation is SIMULATED: this world proves the software, not the hardware.',
    '',
    ...rows.map(([name, value]) => `  ${pad(name)}${value}`),
    '',
    `  Accounts, each with 10,000 ETH of this local chain (worthless anywhere else); traders have 10,000 tUSD too:`,
    ...world.accounts.map(({ role, address }) => `  ${pad(role)}${address}`),
    '',
    ...world.accounts.filter(isTrader).map(({ role, privateKey }) => `  ${pad(`key of ${role}`)}${privateKey}`),
    `  The other private keys are in ${file}.`,
    '',
    "  Try: import the trader's key into a browser wallet, open the dApp, choose Markets → BTC, verify a provider,",
    '       open a channel and buy the trend. Then look at the receipt, and at Account to take the rest back.',
    '',
    '  Ctrl-C stops everything.',
    '',
  ].join('\n')
}

function isTrader({ role }: World['accounts'][number]): boolean {
  return TRADERS.some((trader) => trader === role)
}
