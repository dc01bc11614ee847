'use client'
import { receiptHash } from '@spartan/sdk'
import { type DragEvent, useState } from 'react'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { WebError } from '../../../shared/errors/WebError.ts'
import { classNames } from '../../../shared/ui/classNames.ts'
import { type ArchivedReceipt, importReceipt } from '../../../shared/web3/receiptArchive.ts'
import { ReceiptView } from './ReceiptView.tsx'

/** Bytes; a receipt takes about 2,000. */
const MAX_FILE_BYTES = 64 * 1024

/** Checks a receipt file from anywhere: dropped, or chosen. The file stays in the browser. */
export function ReceiptDrop() {
  const [over, setOver] = useState(false)
  const [problem, setProblem] = useState<WebError | null>(null)
  const [shown, setShown] = useState<Pick<ArchivedReceipt, 'id' | 'signed' | 'title'> | null>(null)

  const take = async (file: File | undefined) => {
    if (!file) return
    const imported = file.size <= MAX_FILE_BYTES ? importReceipt(await file.text()) : undefined
    setProblem(imported ? null : new WebError('WEB_RECEIPT_MALFORMED', { metaMessages: [`file: ${file.name}`] }))
    setShown(imported ? { ...imported, id: receiptHash(imported.signed.receipt) } : null)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files[0])
  }
  return (
    <div className="flex flex-col gap-4">
      <label
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={classNames(
          'flex min-h-16 cursor-pointer flex-wrap items-center justify-center gap-x-2 rounded-lg border border-dashed px-4 py-3 text-center text-sm text-ink-2',
          'focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent hover:bg-sunken',
          over ? 'border-accent bg-accent-soft' : 'border-line-strong',
        )}
      >
        <span>
          <strong className="font-medium text-ink">Check a receipt file:</strong> drop it here, or choose one
        </span>
        <input
          type="file"
          accept="application/json,.json,.txt"
          className="sr-only"
          data-testid="receipt-file"
          onChange={(event) => {
            void take(event.target.files?.[0])
            event.target.value = ''
          }}
        />
      </label>
      <div aria-live="polite">{problem && <ErrorNotice error={problem} />}</div>
      {shown && <ReceiptView receipt={shown} />}
    </div>
  )
}
