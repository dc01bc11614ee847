import { Card, CardHeader } from '../../../shared/ui/Card.tsx'

const PROVES = [
  'A TEE certified by its vendor answered this browser’s random challenge a moment ago.',
  'It runs exactly the measured software that the reference values name.',
  'The encryption key and the receipt key were made inside it and are the ones in the registry.',
  'The vendor’s list of known weaknesses was checked: certificates, revocations, TCB level.',
] as const

const DOES_NOT_PROVE = [
  'That the machine’s owner has not opened it: physical attacks on memory have extracted such keys before.',
  'That the model is good, or that its answer is right.',
  'That the provider stays online, or answers at all.',
  'Anything about the time after this check: verify again, or rely on the registry’s expiry.',
] as const

/** What the evidence is worth, both ways. */
export function ProofCard({ simulated }: { readonly simulated: boolean }) {
  return (
    <Card>
      <CardHeader title="What this proves, and what not" level={3} />
      <div className="grid gap-x-6 gap-y-4 px-4 py-3 sm:grid-cols-2">
        <Reasons title={simulated ? 'With real hardware it would prove' : 'It proves'} sign="✓" reasons={PROVES} />
        <Reasons title="It does not prove" sign="✕" reasons={DOES_NOT_PROVE} />
      </div>
      {simulated && (
        <p className="border-t border-line px-4 py-3 text-sm text-warn">
          This provider is simulated: format and checks are real, but the chain ends in a root made for this world, so
          it proves nothing about hardware.
        </p>
      )}
    </Card>
  )
}

function Reasons({
  title,
  sign,
  reasons,
}: {
  readonly title: string
  readonly sign: string
  readonly reasons: readonly string[]
}) {
  return (
    <div>
      <h4 className="text-sm font-medium">{title}</h4>
      <ul className="mt-1.5 flex flex-col gap-1.5 text-sm text-ink-2">
        {reasons.map((reason) => (
          <li key={reason} className="flex gap-2">
            <span aria-hidden="true" className="w-3 shrink-0 text-ink-3">
              {sign}
            </span>
            {reason}
          </li>
        ))}
      </ul>
    </div>
  )
}
