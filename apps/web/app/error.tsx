'use client'
import { ErrorNotice } from '../shared/errors/ErrorNotice.tsx'
import { Button } from '../shared/ui/Button.tsx'

/** Boundary of every page: the shell stays, the page can be tried again. */
export default function PageError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <div className="mx-auto max-w-xl py-10">
      <ErrorNotice
        error={error}
        actions={
          <Button size="sm" onClick={reset}>
            Try again
          </Button>
        }
      />
    </div>
  )
}
