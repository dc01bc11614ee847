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
  // Steps that the evidence is not asked for are judged by the client itself, further up in the list.
  const asked = [...checks, ...evidenceChecks].filter((check) => check.status !== 'not-requested')
  const passed = `${asked.filter((check) => check.status === 'done').length} of ${asked.length} steps passed`
  // In an accepting verdict they would only read as gaps; in a refusing one they show how far the verifier came.
  const shown = verdict === 'accepted' ? evidenceChecks.filter((check) => asked.includes(check)) : evidenceChecks
  const groups = <CheckGroups groups={groupChecks(checks, shown)} />
  return (
    <div className="flex flex-col gap-2" data-testid="verify-result" data-verdict={verdict}>
      {verdict === 'refused' && <ErrorNotice error={verification.error} />}
      {verdict === 'accepted' && !compact && <Accepted verification={verification} passed={passed} />}
      {verdict === 'accepted' && compact ? (
        <details>
          <summary className="inline-block min-h-6 py-1 text-sm text-ink-2">
            <AcceptedBadge verification={verification} /> <span className="ml-1">{passed}</span>
          </summary>
          {groups}
        </details>
      ) : (
        groups
      )}
    </div>
  )
}

type AcceptedVerification = Extract<ProviderVerification, { verdict: 'accepted' }>

function AcceptedBadge({ verification }: { readonly verification: AcceptedVerification }) {
  const { simulated } = verification.provider.claims
  return <Badge tone={simulated ? 'warn' : 'good'}>{simulated ? 'Accepted, but simulated' : 'Verified here'}</Badge>
}

function Accepted({ verification, passed }: { readonly verification: AcceptedVerification; readonly passed: string }) {
  const { claims } = verification.provider
  return (
    <Notice
      tone={claims.simulated ? 'warn' : 'good'}
      title={claims.simulated ? 'Accepted, but simulated' : 'Verified in this browser'}
    >
      {passed}. TCB status {claims.tcbStatus}.{' '}
      {claims.simulated &&
        'The chain of certificates ends in this world’s simulation root: no hardware stands behind it.'}
    </Notice>
  )
}
