'use client'
import Link from 'next/link'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { shortHex } from '../../../shared/format/hex.ts'
import { formatAmountExact } from '../../../shared/format/number.ts'
import { formatInstant } from '../../../shared/format/time.ts'
import { Button } from '../../../shared/ui/Button.tsx'
import { Card, CardHeader } from '../../../shared/ui/Card.tsx'
import { CheckList } from '../../../shared/ui/CheckList.tsx'
import { Copyable } from '../../../shared/ui/Copyable.tsx'
import { downloadText } from '../../../shared/ui/downloadText.ts'
import { FactRow } from '../../../shared/ui/Page.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { type ArchivedReceipt, exportReceipt } from '../../../shared/web3/receiptArchive.ts'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'
import { useReceiptVerdict } from '../hooks.ts'
import { VerdictBadges } from './ReceiptList.tsx'

type Shown = Pick<ArchivedReceipt, 'id' | 'signed' | 'title'>

const STATUS_TEXT = ['Complete', 'Partial', 'Refused'] as const

/** One receipt: verdict, every check, every field. */
export function ReceiptView({ receipt }: { readonly receipt: Shown }) {
  const verdict = useReceiptVerdict(receipt)
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_26rem]">
      <Card>
        <CardHeader
          title={receipt.title}
          note={<VerdictRow receipt={receipt} />}
          actions={
            <Button
              size="sm"
              onClick={() => downloadText(`receipt-${receipt.id.slice(2, 12)}.json`, exportReceipt(receipt))}
              data-testid="receipt-export"
            >
              Export JSON
            </Button>
          }
        />
        <Fields receipt={receipt} />
      </Card>
      <Card>
        <CardHeader title="Checked just now" note="In this browser, against the chain." level={3} />
        <div className="px-4 py-2">
          {verdict.isError && <ErrorNotice error={verdict.error} />}
          {verdict.data && <CheckList checks={verdict.data.checks} label="Checks of this receipt" />}
          {verdict.isPending && <SkeletonRows rows={5} />}
        </div>
        <p className="border-t border-line px-4 py-3 text-xs text-ink-3">
          A valid receipt proves who answered, with which model, and what was charged. It does not prove that the answer
          is a good one.
        </p>
      </Card>
    </div>
  )
}

function VerdictRow({ receipt }: { readonly receipt: Shown }) {
  return (
    <span className="mt-1 flex flex-wrap gap-1.5">
      <VerdictBadges receipt={receipt} />
    </span>
  )
}

function Fields({ receipt }: { readonly receipt: Shown }) {
  const { token } = useWorld()
  const fields = receipt.signed.receipt
  const money = (amount: bigint) => `${formatAmountExact(amount, token.decimals)} ${token.symbol}`
  return (
    <>
      <dl>
        <FactRow label="Fee of this request">
          <strong className="font-semibold" data-testid="receipt-fee" data-amount={String(fields.fee)}>
            {money(fields.fee)}
          </strong>
        </FactRow>
        <FactRow label="Answer">{STATUS_TEXT[fields.status] ?? 'Unknown'}</FactRow>
        <FactRow label="Finished">
          {formatInstant(fields.finishedAt)}
          <span className="text-ink-3"> · {tookText(fields.finishedAt - fields.startedAt)}</span>
        </FactRow>
        <FactRow label="Provider">
          <Link href={`/providers/${fields.providerId}`} className="link mono">
            {shortHex(fields.providerId, 10, 6)}
          </Link>
          <span className="text-ink-3"> · keyset epoch {String(fields.keysetEpoch)}</span>
        </FactRow>
        <FactRow label="Model">
          asset {String(fields.assetId)}, version {fields.assetVersion}
        </FactRow>
        <FactRow label="In its channel">
          no. {String(fields.seq)}; {money(fields.cumulativeFee)} for {String(fields.unitsIn)} units in and{' '}
          {String(fields.unitsOut)} out so far
        </FactRow>
      </dl>
      <h3 className="border-y border-line bg-canvas px-4 py-2 text-xs font-medium text-ink-2">
        What the signature covers
      </h3>
      <Hashes receipt={receipt} />
    </>
  )
}

/** The enclave's clock counts whole seconds. */
function tookText(seconds: bigint): string {
  return seconds <= 0n ? 'within one second' : `after ${seconds} s`
}

function Hashes({ receipt }: { readonly receipt: Shown }) {
  const fields = receipt.signed.receipt
  const hash = (text: string, label: string, absent = 'none') =>
    /^0x0+$/.test(text) ? <span className="text-ink-3">{absent}</span> : <Copyable text={text} full label={label} />
  return (
    <dl>
      <FactRow label="Channel">{hash(fields.channelId, 'channel id')}</FactRow>
      <FactRow label="Request hash">{hash(fields.requestHash, 'request hash')}</FactRow>
      <FactRow label="Response hash">{hash(fields.responseHash, 'response hash')}</FactRow>
      <FactRow label="Model root">{hash(fields.modelRoot, 'model root')}</FactRow>
      <FactRow label="Data root">{hash(fields.dataRoot, 'data root', 'none: no sealed data was read')}</FactRow>
      <FactRow label="Query budget used">{String(fields.budgetCounter)}</FactRow>
      <FactRow label="Previous receipt">
        {hash(fields.previousReceipt, 'previous receipt', 'none: the first of its channel')}
      </FactRow>
      <FactRow label="This receipt">{hash(receipt.id, 'receipt hash')}</FactRow>
      <FactRow label="Signature">{hash(receipt.signed.signature, 'signature')}</FactRow>
    </dl>
  )
}
