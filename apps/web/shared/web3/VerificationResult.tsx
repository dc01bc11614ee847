import type { ProviderVerification } from '@spartan/sdk'
import { ErrorNotice } from '../errors/ErrorNotice.tsx'
import { Badge } from '../ui/Badge.tsx'
import { CheckGroups } from '../ui/CheckGroups.tsx'
import { Notice } from '../ui/Notice.tsx'
import { groupChecks } from './verificationGroups.ts'

/** Verdict and every step of a verification, evidence checks included; a refused one is open at the step that failed. */
export function VerificationResult({
  verification,
  compact = false,
}: {
  readonly verification: ProviderVerification
  /** One line for an accepting verdict, steps on demand: for a page whose subject is something else. */
  readonly compact?: boolean
}) {
  const { checks, evidenceChecks, verdict } = verification
  const done = [...checks, ...evidenceChecks].filter((check) => check.status === 'done').length
  const groups = <CheckGroups groups={groupChecks(checks, evidenceChecks)} />
  return (
    <div className="flex flex-col gap-2" data-testid="verify-result" data-verdict={verdict}>
      {verdict === 'accepted' && compact && <AcceptedLine verification={verification} />}
      {verdict === 'accepted' && !compact && <Accepted verification={verification} done={done} />}
      {verdict === 'refused' && <ErrorNotice error={verification.error} />}
      {compact && verdict === 'accepted' ? (
        <details>
          <summary className="inline-block min-h-6 py-1 text-sm text-ink-3">All {done} steps passed</summary>
          {groups}
        </details>
      ) : (
        groups
      )}
    </div>
  )
}

type AcceptedVerification = Extract<ProviderVerification, { verdict: 'accepted' }>

function AcceptedLine({ verification }: { readonly verification: AcceptedVerification }) {
  const { claims } = verification.provider
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-ink-2">
      <Badge tone={claims.simulated ? 'warn' : 'good'}>
        {claims.simulated ? 'Accepted, but simulated' : 'Verified in this browser'}
      </Badge>
      <span>TCB {claims.tcbStatus}</span>
    </p>
  )
}

function Accepted({ verification, done }: { readonly verification: AcceptedVerification; readonly done: number }) {
  const { claims } = verification.provider
  return (
    <Notice
      tone={claims.simulated ? 'warn' : 'good'}
      title={claims.simulated ? 'Accepted, but simulated' : 'Verified in this browser'}
    >
      {done} steps passed. TCB status {claims.tcbStatus}.{' '}
      {claims.simulated &&
        'The chain of certificates ends in this world’s simulation root: no hardware stands behind it.'}
    </Notice>
  )
}
