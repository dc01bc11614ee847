import { Card } from '../../shared/ui/Card.tsx'
import { SkeletonRows } from '../../shared/ui/Skeleton.tsx'

/** Stands in while a page is read. */
export default function Loading() {
  return (
    <Card>
      <SkeletonRows rows={6} />
    </Card>
  )
}
