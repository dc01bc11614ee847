import { classNames } from './classNames.ts'

/** Grey bar in the place of a value that is being read. */
export function Skeleton({ className }: { readonly className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={classNames('block animate-pulse rounded-sm bg-line motion-reduce:animate-none', className)}
    />
  )
}

/** Rows of a table that is being read. */
export function SkeletonRows({ rows = 5 }: { readonly rows?: number }) {
  return (
    <div role="status" className="flex flex-col gap-3 p-4">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity
        <Skeleton key={row} className="h-6" />
      ))}
    </div>
  )
}
