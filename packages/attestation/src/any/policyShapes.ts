import type { CcaComponentReference, CcaPlatformReference, CcaPolicy, CcaRealmReference } from '../cca/index.ts'
import type { NitroPcrReference, NitroPolicy } from '../nitro/index.ts'
import type { NvidiaPolicy } from '../nvidia/index.ts'
import { ACCEPTABLE_TCB_STATUSES } from '../result.ts'
import type { SgxPolicy, SgxReference } from '../sgx/index.ts'
import type { SnpFirmwareVersion, SnpPolicy, SnpReference, SnpTcb } from '../snp/index.ts'
import type { TdxPolicy, TdxReference } from '../tdx/index.ts'
import { either, type FieldsOf, hex, integer, list, object, orAny, pattern, type Shape, text } from './shape.ts'

const REFUSE_OR_ACCEPT = text('refuse', 'accept')
const REQUIRE_OR_ANY = text('require', 'any')
const SECONDS = integer(0, 0xffff_ffff)
const EXPECTED_64 = orAny(object<{ expected: string }>({ expected: hex(64) }))
const references = (reference: Shape) => object<{ references: unknown }>({ references: list(reference, 1) })

const TCB_STATUSES = text(...ACCEPTABLE_TCB_STATUSES)

/** What SGX and TDX have in common. */
const DCAP = {
  dangerouslySkip: list(text('root-crl', 'pck-crl', 'tcb-info', 'qe-identity', 'tcb-evaluation'), 0, 5),
  acceptedTcbStatuses: list(TCB_STATUSES, 0, 8),
  acceptedAdvisoryIds: orAny(list(pattern('^INTEL-[A-Z]{2,4}-[0-9]{5}$', 'an advisory id, INTEL-SA-00000'))),
  minTcbEvaluationNumber: integer(0, 0xffff_ffff),
  maxEndorsementAgeSeconds: orAny(SECONDS),
  debug: REFUSE_OR_ACCEPT,
  lowTrustProducts: REFUSE_OR_ACCEPT,
  trailingBytes: text('zero-only', 'any'),
  allowedQeVendorIds: orAny(list(hex(16))),
  allowedFmspcs: orAny(list(hex(6))),
  allowedPlatformIds: orAny(list(hex(16))),
  deniedPlatformIds: list(hex(16)),
  reportData: EXPECTED_64,
} as const

const TDX_REFERENCE = object<TdxReference>({
  mrSeam: orAny(hex(48)),
  mrSignerSeam: orAny(hex(48)),
  seamAttributes: orAny(hex(8)),
  mrTd: orAny(hex(48)),
  mrConfigId: orAny(hex(48)),
  mrOwner: orAny(hex(48)),
  mrOwnerConfig: orAny(hex(48)),
  rtmr0: orAny(hex(48)),
  rtmr1: orAny(hex(48)),
  rtmr2: orAny(hex(48)),
  rtmr3: orAny(hex(48)),
  tdAttributes: orAny(hex(8)),
  xfam: orAny(hex(8)),
})

/** Shape of {@link TdxPolicy}. */
export const TDX_POLICY_SHAPE = object<TdxPolicy>({
  format: text('spartan-tdx-policy/1'),
  ...DCAP,
  septVeDisable: REQUIRE_OR_ANY,
  serviceTd: either(text('refuse', 'any'), object<{ allowed: unknown }>({ allowed: list(hex(48)) })),
  minTeeTcbSvn: orAny(hex(16)),
  measurements: either(
    text('any'),
    references(TDX_REFERENCE),
    object<{ keccak256: unknown }>({ keccak256: list(hex(32), 1) }),
  ),
})

/** Shape of {@link SgxPolicy}. */
export const SGX_POLICY_SHAPE = object<SgxPolicy>({
  format: text('spartan-sgx-policy/1'),
  ...DCAP,
  measurements: orAny(
    references(
      object<SgxReference>({
        mrEnclave: orAny(hex(32)),
        mrSigner: orAny(hex(32)),
        configId: orAny(hex(64)),
        isvFamilyId: orAny(hex(16)),
        isvExtProdId: orAny(hex(16)),
        attributes: orAny(hex(16)),
        miscSelect: orAny(hex(4)),
        isvProdId: orAny(integer(0, 0xffff)),
        minIsvSvn: integer(0, 0xffff),
        minConfigSvn: integer(0, 0xffff),
      }),
    ),
  ),
})

const SVN = integer(0, 0xff)
const perProduct = (shape: Shape) =>
  object<SnpPolicy['minTcb']>({ Milan: orAny(shape), Genoa: orAny(shape), Turin: orAny(shape) })
const SNP_TCB = object<SnpTcb>({ bootLoader: SVN, tee: SVN, snp: SVN, microcode: SVN, fmc: SVN })
const SNP_FIRMWARE = object<SnpFirmwareVersion>({ major: SVN, minor: SVN, build: SVN })
const SNP_REFERENCE = object<SnpReference>({
  measurement: orAny(hex(48)),
  hostData: orAny(hex(32)),
  idKeyDigest: orAny(hex(48)),
  authorKeyDigest: orAny(hex(48)),
  familyId: orAny(hex(16)),
  imageId: orAny(hex(16)),
})
/** Whole CHIP_ID, or the part of it that a Turin uses. */
const SNP_CHIP_ID = either(hex(64), hex(8))
const PCR_INDEX = '^(?:[0-9]|1[0-9]|2[0-3])$'

/** Shape of {@link SnpPolicy}. */
export const SNP_POLICY_SHAPE = object<SnpPolicy>({
  format: text('spartan-snp-policy/1'),
  dangerouslySkip: list(text('crl'), 0, 1),
  products: list(text('Milan', 'Genoa', 'Turin'), 0, 3),
  vlek: either(text('refuse'), object<{ cspIds: unknown }>({ cspIds: orAny(list(pattern('^.{1,256}$', 'a CSP id'))) })),
  minTcb: perProduct(SNP_TCB),
  acceptedTcbStatuses: list(text('UpToDate', 'OutOfDate', 'Unknown'), 0, 3),
  minLaunchTcb: perProduct(SNP_TCB),
  minFirmware: perProduct(SNP_FIRMWARE),
  provisionalFirmware: REFUSE_OR_ACCEPT,
  mitigations: hex({ max: 8 }),
  maxEndorsementAgeSeconds: orAny(SECONDS),
  maxVmpl: integer(0, 3),
  debug: REFUSE_OR_ACCEPT,
  migrationAgent: REFUSE_OR_ACCEPT,
  smt: REFUSE_OR_ACCEPT,
  cxl: REFUSE_OR_ACCEPT,
  pageSwap: REFUSE_OR_ACCEPT,
  singleSocket: REQUIRE_OR_ANY,
  aes256Xts: REQUIRE_OR_ANY,
  minAbi: orAny(object<{ major: number; minor: number }>({ major: SVN, minor: SVN })),
  ciphertextHiding: text('require', 'require-where-available', 'any'),
  rapl: REFUSE_OR_ACCEPT,
  aliasCheck: REQUIRE_OR_ANY,
  allowedPlatformIds: orAny(list(SNP_CHIP_ID)),
  deniedPlatformIds: list(SNP_CHIP_ID),
  measurements: orAny(references(SNP_REFERENCE)),
  reportData: EXPECTED_64,
  vtpm: orAny(
    object<{ challenge: string; pcrs: unknown }>({
      challenge: orAny(hex({ max: 64 })),
      pcrs: { is: 'record', keys: PCR_INDEX, of: list(hex(32), 1) },
    }),
  ),
})

const CCA_PROFILES = list(text('legacy', '2023', '2024'), 0, 3)
const CCA_MEASUREMENT = orAny(hex({ max: 64 }))
const CCA_TEXT = pattern('^.{1,256}$', 'a text or "any"')

/** Shape of {@link CcaPolicy}. */
export const CCA_POLICY_SHAPE = object<CcaPolicy>({
  format: text('spartan-cca-policy/1'),
  acceptedPlatformProfiles: CCA_PROFILES,
  acceptedRealmProfiles: CCA_PROFILES,
  acceptedLifecycles: list(
    text(
      'unknown',
      'assembly-and-test',
      'provisioning',
      'secured',
      'non-cca-platform-debug',
      'recoverable-cca-platform-debug',
      'decommissioned',
    ),
    0,
    7,
  ),
  allowedPlatformIds: orAny(list(hex(33))),
  deniedPlatformIds: list(hex(33)),
  allowedImplementationIds: orAny(list(hex(32))),
  deniedImplementationIds: list(hex(32)),
  platforms: orAny(
    list(
      object<CcaPlatformReference>({
        implementationId: orAny(hex(32)),
        configuration: orAny(hex({ max: 1024 })),
        softwareComponents: list(
          object<CcaComponentReference>({
            type: CCA_TEXT,
            measurement: CCA_MEASUREMENT,
            version: CCA_TEXT,
            signerId: CCA_MEASUREMENT,
          }),
        ),
      }),
      1,
    ),
  ),
  realms: orAny(
    list(
      object<CcaRealmReference>({
        initialMeasurement: CCA_MEASUREMENT,
        extensibleMeasurements: list(CCA_MEASUREMENT, 4, 4),
      }),
      1,
    ),
  ),
  personalizationValue: EXPECTED_64,
  challenge: EXPECTED_64,
  dangerouslySkip: list(text(), 0, 0),
})

const DOTTED = pattern('^[0-9]+(?:\\.[0-9]+)*$', 'a dotted decimal version')

/** Shape of {@link NvidiaPolicy}. */
export const NVIDIA_POLICY_SHAPE = object<NvidiaPolicy>({
  format: text('spartan-nvidia-policy/1'),
  architectures: list(text('hopper', 'blackwell', 'ls10'), 0, 3),
  minDriverVersion: orAny(DOTTED),
  driverVersions: orAny(list(DOTTED)),
  vbiosVersions: orAny(list(pattern('^[0-9A-F]{2}(?:\\.[0-9A-F]{2}){4}$', 'a VBIOS version, 96.00.9F.00.01'))),
  modes: orAny(list(text('single-gpu-passthrough', 'multi-gpu-passthrough', 'protected-pcie', 'unstated'), 0, 4)),
  debug: text('require-excluded', 'any'),
  maxEndorsementAgeSeconds: orAny(SECONDS),
  allowedPlatformIds: orAny(list(hex(32))),
  deniedPlatformIds: list(hex(32)),
  nonce: orAny(object<{ expected: string }>({ expected: hex(32) })),
  dangerouslySkip: list(text('ocsp', 'driver-rim', 'vbios-rim', 'rim-ocsp'), 0, 4),
})

const PCR = orAny(hex(48))
const expectedUpTo = (max: number) => orAny(object<{ expected: string }>({ expected: hex({ max }) }))

/** Shape of {@link NitroPolicy}. Sizes of public key, user data and nonce: AWS Nitro Enclaves NSM API. */
export const NITRO_POLICY_SHAPE = object<NitroPolicy>({
  format: text('spartan-nitro-policy/1'),
  debug: REFUSE_OR_ACCEPT,
  maxDocumentAgeSeconds: orAny(SECONDS),
  maxClockSkewSeconds: SECONDS,
  maxEndorsementAgeSeconds: orAny(SECONDS),
  pcrs: orAny(
    list(
      object<NitroPcrReference>({
        pcr0: PCR,
        pcr1: PCR,
        pcr2: PCR,
        pcr3: PCR,
        pcr4: PCR,
        pcr8: PCR,
        others: { is: 'record', keys: '^(?:[0-9]|[12][0-9]|3[01])$', of: PCR },
      }),
      1,
    ),
  ),
  publicKey: expectedUpTo(1024),
  userData: expectedUpTo(512),
  nonce: expectedUpTo(512),
  dangerouslySkip: list(text('crl'), 0, 1),
})

/** Shapes of the policies by kind of evidence; a policy says `refuse` of what it does not want at all. */
export const POLICY_SHAPES = {
  tdx: TDX_POLICY_SHAPE,
  sgx: SGX_POLICY_SHAPE,
  snp: SNP_POLICY_SHAPE,
  cca: CCA_POLICY_SHAPE,
  nvidia: NVIDIA_POLICY_SHAPE,
  nitro: NITRO_POLICY_SHAPE,
} as const satisfies FieldsOf<Record<'tdx' | 'sgx' | 'snp' | 'cca' | 'nvidia' | 'nitro', unknown>>
