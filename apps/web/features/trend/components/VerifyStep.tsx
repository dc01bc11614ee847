'use client'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { Button } from '../../../shared/ui/Button.tsx'
import type { useProviderVerification } from '../../../shared/web3/spartanClient.ts'
import { VerificationResult } from '../../../shared/web3/VerificationResult.tsx'

/** Asks for fresh evidence and shows every step of its verification. Needs no wallet. */
export function VerifyStep({
  verification,
  onVerify,
}: {
  readonly verification: ReturnType<typeof useProviderVerification>
  readonly onVerify: () => void
}) {
  const { data, isFetching, isError, error, refetch } = verification
  const ask = () => {
    if (data !== undefined || isError) void refetch()
    else onVerify()
  }
  return (
    <div className="flex flex-col gap-3">
      {data?.verdict !== 'accepted' && (
        <>
          <p className="text-sm text-ink-2">
            Your browser sends a random challenge and checks the answer itself: certificates, revocations, measurement,
            keys.
          </p>
          <Button onClick={ask} disabled={isFetching} data-testid="verify-button">
            {isFetching ? 'Verifying…' : data || isError ? 'Verify again' : 'Verify evidence'}
          </Button>
        </>
      )}
      <div aria-live="polite">
        {isError && <ErrorNotice error={error} />}
        {data && <VerificationResult verification={data} compact />}
      </div>
    </div>
  )
}
