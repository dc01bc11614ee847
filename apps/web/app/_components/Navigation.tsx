'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { classNames } from '../../shared/ui/classNames.ts'

const PLACES = [
  { href: '/markets', label: 'Markets', sign: '◫' },
  { href: '/providers', label: 'Providers', sign: '⬡' },
  { href: '/receipts', label: 'Receipts', sign: '≡' },
  { href: '/account', label: 'Account', sign: '◉' },
] as const

/** The four places. In the header on wide screens, at the bottom, in thumb's reach, on narrow ones. */
export function Navigation({ place }: { readonly place: 'header' | 'bottom' }) {
  const path = usePathname()
  return (
    <nav
      aria-label={place === 'header' ? 'Main' : 'Main, bottom'}
      className={
        place === 'header'
          ? 'hidden gap-1 md:flex'
          : 'fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden'
      }
    >
      {PLACES.map(({ href, label, sign }) => {
        const here = path === href || path.startsWith(`${href}/`)
        return (
          <Link
            key={href}
            href={href}
            aria-current={here ? 'page' : undefined}
            className={classNames(
              place === 'header'
                ? 'inline-flex min-h-8 items-center rounded-md px-3 text-sm'
                : 'flex min-h-14 flex-col items-center justify-center text-xs',
              here ? 'font-semibold text-ink' : 'text-ink-2 hover:text-ink',
              here && place === 'header' && 'bg-sunken',
            )}
          >
            {place === 'bottom' && (
              <span aria-hidden="true" className={classNames('text-lg leading-5', here && 'text-accent')}>
                {sign}
              </span>
            )}
            {label}
          </Link>
        )
      })}
    </nav>
  )
}
