import type { ClaimFlag, DcapKind } from '@spartan/abi'
import type { DcapEndorsements, TcbStatus } from '@spartan/attestation'
import type { ReasonCode } from '@spartan/errors'
import {
  type EndorsementOptions,
  issueCertificate,
  issueCrl,
  type SimulatedPlatform,
  type SimulationRoot,
} from '@spartan/simulator'

/** One input for both verifiers and the reason that both must give. */
export interface TdxCase {
  /** Tdx unless given. */
  readonly kind?: DcapKind | undefined
  readonly name: string
  readonly expected: ReasonCode | 'accepted'
  /** The status that both must find; judged by verifiers that accept every status but Revoked. */
  readonly status?: TcbStatus | undefined
  /** The flags that both must find; none unless given. */
  readonly flags?: readonly ClaimFlag[] | undefined
  readonly quote: Uint8Array
  readonly endorsements: Partial<DcapEndorsements>
}

/** A good quote with its endorsements and everything needed to spoil it in one place. */
export interface Good {
  readonly now: number
  readonly root: SimulationRoot
  readonly platform: SimulatedPlatform
  readonly quote: Uint8Array
  readonly endorsements: DcapEndorsements
}

export type Expected = TdxCase['expected']
export type Authority = SimulationRoot['authorities']['root']

/** Seconds. */
export const DAY = 86_400

export type CertificateFields = Parameters<typeof issueCertificate>[0]
export type PlatformOptions = Omit<Parameters<SimulationRoot['createPlatform']>[0], 'name'>

export const onQuote = ({ endorsements }: Good, name: string, expected: Expected, quote: Uint8Array): TdxCase => ({
  name,
  expected,
  quote,
  endorsements,
})

export const replaced = (good: Good, name: string, expected: Expected, change: Partial<DcapEndorsements>): TdxCase => ({
  name,
  expected,
  quote: good.quote,
  endorsements: { ...good.endorsements, ...change },
})

export function without(good: Good, name: string, expected: Expected, key: keyof DcapEndorsements): TdxCase {
  const endorsements: Partial<DcapEndorsements> = Object.fromEntries(
    Object.entries(good.endorsements).filter(([name]) => name !== key),
  )
  return { name, expected, quote: good.quote, endorsements }
}

export async function endorsed(
  good: Good,
  name: string,
  expected: Expected,
  options: EndorsementOptions,
): Promise<TdxCase> {
  return replaced(good, name, expected, await good.platform.endorsements({ now: good.now, ...options }))
}

/** A platform that differs from the good one, under the good one's endorsements. */
export async function variant(
  good: Good,
  name: string,
  expected: Expected,
  options: PlatformOptions,
): Promise<TdxCase> {
  const platform = await good.root.createPlatform({
    ...options,
    qe: { ...good.platform.qe, ...options.qe },
    name: `${name}-${good.now}`,
  })
  return onQuote(good, name, expected, await platform.issueQuote({ reportData: new Uint8Array(64) }))
}

/** A platform whose every SVN is above the newest level. */
export async function newerLevels(good: Good, name: string, expected: Expected): Promise<TdxCase> {
  const { componentSvns, pceSvn, teeTcbSvn } = good.platform.tcb
  return variant(good, name, expected, {
    tcb: {
      componentSvns: componentSvns.map((svn) => svn + 1),
      pceSvn: pceSvn + 300,
      teeTcbSvn: teeTcbSvn.map((svn, index) => (index === 1 ? svn : svn + 1)),
    },
  })
}

export async function signText(good: Good, text: string, issuerChain: readonly Uint8Array[]) {
  const body = new TextEncoder().encode(text)
  return { body, signature: await good.root.authorities.tcbSigner.key.sign(body), issuerChain }
}

/** The certificate of an authority once more, with other fields. */
export function reissue(good: Good, subject: Authority, issuer: Authority, fields: Partial<CertificateFields>) {
  return issueCertificate({
    serial: subject.serial,
    commonName: subject.commonName,
    subjectKey: subject.key,
    issuerName: issuer.commonName,
    issuerKey: issuer.key,
    validity: { from: good.now - DAY, until: good.now + DAY },
    pathLength: subject === good.root.authorities.tcbSigner ? undefined : 1,
    crlUrl: 'https://simulation.invalid/crl',
    ...fields,
  })
}

export function pckAs(good: Good, fields: Partial<CertificateFields>) {
  return reissue(good, good.platform.pck, good.root.authorities.pckCa, { pathLength: undefined, ...fields })
}

export async function otherPck(good: Good): Promise<Uint8Array> {
  return (await good.root.createPlatform({ name: `other-${good.now}` })).pck.certificate
}

export function crlOf(good: Good, issuer: Authority, fields: Partial<Parameters<typeof issueCrl>[0]>) {
  return issueCrl({
    issuerName: issuer.commonName,
    issuerKey: issuer.key,
    validity: { from: good.now - DAY, until: good.now + DAY },
    crlNumber: 1,
    revokedSerials: [],
    ...fields,
  })
}

export const chainOf = ({ platform, root }: Good): readonly Uint8Array[] => [
  platform.pck.certificate,
  root.authorities.pckCa.certificate,
  root.authorities.root.certificate,
]
