import Link from 'next/link'
import { buttonClasses } from '../shared/ui/Button.tsx'

/** `/`: what it is, live numbers from the chain, and the ways in. */
export default function LandingPage() {
  return (
    <section className="max-w-3xl py-8 sm:py-14">
      <h1 className="text-3xl font-semibold sm:text-4xl">AI that proves where it runs before you pay it.</h1>
      <p className="mt-4 max-w-prose text-lg text-ink-2">
        Models run inside hardware enclaves that a contract has verified. Your question is encrypted to that enclave and
        to nobody else; every answer comes with a signed receipt.
      </p>
      <p className="mt-6 flex flex-wrap gap-3">
        <Link href="/markets" className={buttonClasses('primary', 'lg')}>
          Analyse a market
        </Link>
        <Link href="/providers" className={buttonClasses('secondary', 'lg')}>
          Check the providers
        </Link>
      </p>
    </section>
  )
}
