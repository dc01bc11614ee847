import type { Metadata } from 'next'
import { ProviderTable } from '../../features/providers/components/ProviderTable.tsx'
import { PageHeader } from '../../shared/ui/Page.tsx'

export const metadata: Metadata = { title: 'Providers' }

/** `/providers`: who may serve, by the registry's word. */
export default function ProvidersPage() {
  return (
    <>
      <PageHeader
        title="Providers"
        lead="Nobody admits providers by hand: a contract verified the evidence of each. Open one to verify it again in your browser."
      />
      <ProviderTable />
    </>
  )
}
