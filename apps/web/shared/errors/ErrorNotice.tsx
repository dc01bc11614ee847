import type { ReactNode } from 'react'
import { Notice } from '../ui/Notice.tsx'
import { explain } from './explain.ts'

/** Shows any error as what happened, what to do, and the code to look up. */
export function ErrorNotice({ error, actions }: { readonly error: unknown; readonly actions?: ReactNode }) {
  const { tone, title, action, code, technical } = explain(error)
  return (
    <Notice tone={tone} title={title} actions={actions} data-testid="error-notice">
      {action}
      {(code || technical) && (
        <details className="mt-1 text-xs">
          <summary className="inline-block min-h-6 py-1 text-ink-3" data-error-code={code}>
            {code ?? 'Details'}
          </summary>
          {technical && <pre className="mono max-h-40 overflow-auto whitespace-pre-wrap text-ink-2">{technical}</pre>}
        </details>
      )}
    </Notice>
  )
}
