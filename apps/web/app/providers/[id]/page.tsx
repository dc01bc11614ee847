import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { isHex } from 'viem'
import { ProviderPage } from '../../../features/providers/components/ProviderPage.tsx'

export const metadata: Metadata = { title: 'Provider' }

/** `/providers/0x…`: one provider and its evidence, verified step by step. */
export default async function OneProviderPage({ params }: { readonly params: Promise<{ id: string }> }) {
  const { id } = await params
  if (!isHex(id) || id.length !== 66) notFound()
  return <ProviderPage providerId={id} />
}
