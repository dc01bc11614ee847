'use client'
import { Dialog as Primitive } from 'radix-ui'
import { type ReactNode, useRef } from 'react'

/** Modal with title and description; focus is kept inside and returns to what opened it. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
}: {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly title: string
  readonly description: ReactNode
  readonly children: ReactNode
}) {
  // Opened from more than one place, so there is no one trigger that the primitive could give the focus back to.
  const opener = useRef<Element | null>(null)
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-[rgb(10_10_8/0.55)]" />
        <Primitive.Content
          onOpenAutoFocus={() => {
            opener.current = document.activeElement
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (opener.current instanceof HTMLElement) opener.current.focus()
          }}
          className="fixed inset-x-3 bottom-3 z-50 mx-auto max-h-[calc(100dvh-1.5rem)] max-w-md overflow-y-auto rounded-lg border border-line bg-surface p-5 shadow-2xl sm:top-[18vh] sm:bottom-auto"
        >
          <div className="flex items-start justify-between gap-4">
            <Primitive.Title className="text-lg font-semibold">{title}</Primitive.Title>
            <Primitive.Close
              aria-label="Close"
              className="-mt-1 -mr-1 inline-flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-sunken"
            >
              <span aria-hidden="true">✕</span>
            </Primitive.Close>
          </div>
          <Primitive.Description asChild>
            <div className="mt-1 text-sm text-ink-2">{description}</div>
          </Primitive.Description>
          <div className="mt-4">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
