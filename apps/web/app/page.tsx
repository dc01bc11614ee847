import Link from 'next/link'
import { LiveCounters } from '../features/landing/components/LiveCounters.tsx'
import { buttonClasses } from '../shared/ui/Button.tsx'

const STEPS = [
  {
    title: 'The machine proves itself',
    text: 'A provider’s keys are made inside a hardware enclave. A contract verifies the vendor-signed evidence; no admin takes part.',
  },
  {
    title: 'You check it again',
    text: 'Your browser asks for fresh evidence over its own random challenge, verifies it step by step, and compares it with the chain.',
  },
  {
    title: 'You ask, encrypted',
    text: 'The request is encrypted to the enclave’s key. Neither the machine’s owner nor its cloud reads it.',
  },
  {
    title: 'You pay by receipt',
    text: 'A signed receipt says what was run and what it cost. The escrow pays the least of receipt, your voucher, and pinned price × units.',
  },
] as const

/** `/`: what it is, live numbers from the chain, and the ways in. */
export default function LandingPage() {
  return (
    <div className="mx-auto max-w-5xl">
      <section className="max-w-3xl py-8 sm:py-14">
        <h1 className="text-3xl font-semibold sm:text-4xl">AI that proves where it runs before you pay it.</h1>
        <p className="mt-4 max-w-prose text-lg text-ink-2">
          Crypto trend analysis by models inside verified hardware enclaves: your request encrypted, every answer with a
          receipt, the model&apos;s honest record beside its price.
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
      <LiveCounters />
      <section className="py-10">
        <h2 className="text-xl font-semibold">How an answer comes to you</h2>
        <ol className="mt-5 grid gap-x-10 gap-y-7 sm:grid-cols-2">
          {STEPS.map(({ title, text }, index) => (
            <li key={title} className="flex gap-4">
              <span aria-hidden="true" className="num mt-0.5 text-xl font-semibold text-accent">
                {index + 1}
              </span>
              <div>
                <h3 className="text-lg font-medium">{title}</h3>
                <p className="mt-1 text-ink-2">{text}</p>
              </div>
            </li>
          ))}
        </ol>
        <p className="mt-8 max-w-prose text-sm text-ink-3">
          An enclave does not protect against its owner opening the machine, and a valid receipt does not make a
          forecast right. Each provider&apos;s page says what its evidence proves and what it does not.
        </p>
      </section>
    </div>
  )
}
