import type { ComponentProps } from 'react'
import { classNames } from './classNames.ts'

const VARIANTS = {
  primary: 'bg-ink text-canvas hover:opacity-90 disabled:opacity-45',
  secondary: 'border border-line-strong bg-surface text-ink hover:bg-sunken disabled:opacity-50',
  quiet: 'text-ink-2 hover:bg-sunken hover:text-ink disabled:opacity-50',
} as const

const SIZES = { sm: 'min-h-8 px-3 text-sm', md: 'min-h-10 px-4 text-base', lg: 'min-h-12 px-6 text-lg' } as const

/** Props of {@link Button}. */
export interface ButtonProps extends ComponentProps<'button'> {
  readonly variant?: keyof typeof VARIANTS
  readonly size?: keyof typeof SIZES
}

/** Classes of a button, for links that look like one. */
export function buttonClasses(variant: keyof typeof VARIANTS = 'secondary', size: keyof typeof SIZES = 'md'): string {
  return classNames(
    'inline-flex items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors',
    'disabled:cursor-not-allowed',
    VARIANTS[variant],
    SIZES[size],
  )
}

/** Button. A disabled one says why in its own text or in `title`. */
export function Button({ variant = 'secondary', size = 'md', className, type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={classNames(buttonClasses(variant, size), className)} {...rest} />
}
