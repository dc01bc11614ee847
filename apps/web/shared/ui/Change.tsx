import { formatChange } from '../format/number.ts'
import { classNames } from './classNames.ts'

/** Change since some time: sign, arrow and colour say the same. */
export function Change({ share }: { readonly share: number | null }) {
  if (share === null) return <span className="text-ink-3">–</span>
  const direction = share > 0 ? 'up' : share < 0 ? 'down' : 'flat'
  return (
    <span
      className={classNames(
        'num whitespace-nowrap',
        direction === 'up' && 'text-up',
        direction === 'down' && 'text-down',
        direction === 'flat' && 'text-ink-2',
      )}
    >
      <span aria-hidden="true" className="mr-1 text-2xs">
        {direction === 'up' ? '▲' : direction === 'down' ? '▼' : '■'}
      </span>
      {formatChange(share)}
    </span>
  )
}
