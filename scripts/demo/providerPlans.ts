/**
 * The providers of the local world. One row is all a further provider needs: its simulated machine, its accounts, the
 * approval of its operator, its port, its process and its entry in world.json follow from it.
 *
 * `firstAccount` is the owner's position among the development accounts, the operator's is the next. Positions are given,
 * not counted, so that a new row moves nobody else's account; 10 is the first free one.
 */
export const PROVIDER_PLANS = [
  { name: 'provider-a', platform: 'machine-a', owner: 'providerOwnerA', operator: 'operatorA', firstAccount: 2 },
  { name: 'provider-b', platform: 'machine-b', owner: 'providerOwnerB', operator: 'operatorB', firstAccount: 4 },
] as const

export type ProviderPlan = (typeof PROVIDER_PLANS)[number]
