import type { ProviderVerification } from '@spartan/sdk'
import { ErrorNotice } from '../errors/ErrorNotice.tsx'
import { CheckList } from '../ui/CheckList.tsx'
import { Notice } from '../ui/Notice.tsx'

/** Verdict and every step of a verification, evidence checks included. */
export function VerificationResult({
  verification,
  open = false,
}: {
  readonly verification: ProviderVerification
  readonly open?: boolean
}) {
  const { checks, evidenceChecks, verdict } = verification
  const done = [...checks, ...evidenceChecks].filter((check) => check.status === 'done').length
  return (
    <div className="flex flex-col gap-3" data-testid="verify-result" data-verdict={verdict}>
      {verdict === 'accepted' ? (
        <Accepted verification={verification} done={done} />
      ) : (
        <ErrorNotice error={verification.error} />
      )}
      <details open={open || verdict === 'refused'}>
        <summary className="inline-block min-h-6 py-1 text-sm text-ink-2">Every step ({done} passed)</summary>
        <CheckList checks={checks} label="Steps of verifying the provider" />
        {evidenceChecks.length > 0 && (
          <>
            <h4 className="mt-3 text-xs font-medium text-ink-3">Inside the evidence</h4>
            <CheckList checks={evidenceChecks} label="Steps of verifying the evidence" />
          </>
        )}
      </details>
    </div>
  )
}

function Accepted({
  verification,
  done,
}: {
  readonly verification: Extract<ProviderVerification, { verdict: 'accepted' }>
  readonly done: number
}) {
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
