'use client'

/** Last resort when the shell itself fails: no styles, no providers, only what happened and a way on. */
export default function GlobalError({ reset }: { readonly reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <main
          style={{ maxWidth: '36rem', margin: '20vh auto', padding: '0 1.5rem', fontFamily: 'system-ui, sans-serif' }}
        >
          <h1>The page could not be shown</h1>
          <p>Nothing was sent or signed. Try again; if it stays, reload the page.</p>
          <button type="button" onClick={reset}>
            Try again
          </button>
        </main>
      </body>
    </html>
  )
}
