import type { CheckTable } from '../result.ts'

/** Every check of SEV-SNP evidence, in the order in which it runs. */
export const SNP_CHECKS = [
  ['report-format', 'The report has the documented layout, and every reserved bit its value'],
  ['guest-request', 'The guest asked for the report, not the host'],
  ['root', 'The certificate chain ends in a pinned AMD root key (ARK)'],
  ['intermediate', 'The intermediate certificate (ASK or ASVK) is issued by the root'],
  ['vek', 'The endorsement key certificate (VCEK or VLEK) is issued by the intermediate of its kind'],
  ['validity', 'Every certificate of the chain is valid'],
  ['crl', 'The CRL of the root is authentic and current'],
  ['revocation', 'No certificate of the chain is revoked'],
  ['signing-key', 'The report names the kind of key that the certificate is for'],
  ['product', 'Processor, chain and certificate are of the same product line'],
  ['chip', 'The certificate is for this chip, or for a cloud provider'],
  ['vek-tcb', 'The certificate is for the reported TCB'],
  ['report-signature', 'The endorsement key signed the report'],
  ['tcb-order', 'The reported and the committed TCB do not exceed the current one'],
  ['runtime-data', 'The report vouches for the runtime data of the paravisor'],
  ['vtpm-quote', 'The vTPM signed the quote, and the register values are those it signed'],
  ['vmpl', 'The software that asked runs at an accepted privilege level'],
  ['guest-policy', 'The guest policy forbids what the host must not do'],
  ['platform-info', 'The platform runs with the required protections'],
  ['alias-check', 'The platform found no aliased memory at boot'],
  ['firmware', 'The firmware is recent enough and committed'],
  ['tcb-status', 'The TCB is not below the minimum'],
  ['mitigations', 'The required mitigations were active at launch and are now'],
  ['endorsement-age', 'The CRL is recent'],
  ['product-line', 'The product line is accepted'],
  ['endorsement-key', 'The kind of endorsement key is accepted'],
  ['platform', 'The chip is allowed'],
  ['measurement', 'The measurement is an expected one'],
  ['report-data', 'REPORTDATA is the expected one'],
  ['vtpm', 'The vTPM quote answers the challenge, and its registers are expected ones'],
] as const satisfies CheckTable<string>

/** Name of a check of SEV-SNP evidence. */
export type SnpCheckId = (typeof SNP_CHECKS)[number][0]

/** Checks that a policy may skip by name, because their endorsement is not at hand. */
export type SnpSkippable = 'crl'
