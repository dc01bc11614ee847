import Link from 'next/link'
import { buttonClasses } from '../shared/ui/Button.tsx'
import { EmptyState } from '../shared/ui/EmptyState.tsx'

/** 404. */
export default function NotFound() {
  return (
    <EmptyState
      page
      title="There is nothing at this address"
      action={
        <Link href="/markets" className={buttonClasses('secondary')}>
          Go to Markets
        </Link>
      }
    >
      The asset, provider or receipt may belong to another deployment, or the link may be cut.
    </EmptyState>
  )
}
