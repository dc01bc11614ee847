'use client'
import type { ProviderVerification } from '@spartan/sdk'
import { bytesToHex, type Hex } from 'viem'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { formatInstant } from '../../../shared/format/time.ts'
import { Button } from '../../../shared/ui/Button.tsx'
import { Card, CardHeader } from '../../../shared/ui/Card.tsx'
import { Copyable } from '../../../shared/ui/Copyable.tsx'
import { downloadText } from '../../../shared/ui/downloadText.ts'
import { FactRow } from '../../../shared/ui/Page.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { useProviderVerification } from '../../../shared/web3/spartanClient.ts'
import { VerificationResult } from '../../../shared/web3/VerificationResult.tsx'
import { exportVerification } from '../exportVerification.ts'

/** Asks the provider for fresh evidence and verifies it in this browser, step by step. */
export function EvidenceCard({ providerId }: { readonly providerId: Hex }) {
  const query = useProviderVerification(providerId, true)
  const verification = query.data
  return (
    <Card>
      <CardHeader
        title="Evidence, verified here"
        note="Fresh evidence over a random challenge of this browser. Open a step to see the values."
        actions={
          <span className="flex flex-wrap gap-2">
            <Button size="sm" disabled={query.isFetching} onClick={() => query.refetch()} data-testid="verify-again">
              {query.isFetching ? 'Verifying…' : 'Verify again'}
            </Button>
            <Button
              size="sm"
              disabled={!verification}
              onClick={() =>
                verification &&
                downloadText(
                  `attestation-${providerId.slice(2, 12)}.json`,
                  exportVerification(providerId, verification),
                )
              }
              data-testid="verification-export"
            >
              Export JSON
            </Button>
          </span>
        }
      />
      <div className="px-4 py-3" aria-live="polite">
        {query.isPending && <SkeletonRows rows={8} />}
        {query.isError && <ErrorNotice error={query.error} />}
        {verification && <VerificationResult verification={verification} />}
      </div>
      {verification?.verdict === 'accepted' && <RawValues verification={verification} />}
    </Card>
  )
}

function RawValues({
  verification,
}: {
  readonly verification: Extract<ProviderVerification, { verdict: 'accepted' }>
}) {
  const { claims, verifiedAt } = verification.provider
  const registers = Object.entries(claims.measurements).map(([name, bytes]) => [name, bytesToHex(bytes)] as const)
  return (
    <details className="border-t border-line">
      <summary className="px-4 py-3 text-sm font-medium">Raw values</summary>
      <dl>
        <FactRow label="Verified at">{formatInstant(verifiedAt)}</FactRow>
        <FactRow label="TCB status">{claims.tcbStatus}</FactRow>
        <FactRow label="TCB evaluation number">{claims.tcbEvaluationNumber}</FactRow>
        <FactRow label="Advisories">{claims.advisoryIds.join(', ') || 'none'}</FactRow>
        <FactRow label="Trust tier">{claims.trustTier}</FactRow>
        <FactRow label="Earliest expiry">{formatInstant(claims.earliestExpiry)}</FactRow>
        <FactRow label="Platform (PPID)">
          <Copyable text={bytesToHex(claims.platformId)} full label="PPID" />
        </FactRow>
        <FactRow label="REPORTDATA">
          <Copyable text={bytesToHex(claims.reportData)} full label="REPORTDATA" />
        </FactRow>
        {registers.map(([name, value]) => (
          <FactRow key={name} label={name}>
            <Copyable text={value} full label={name} />
          </FactRow>
        ))}
      </dl>
    </details>
  )
}
