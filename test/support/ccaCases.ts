/** Tokens of Arm CCA from the simulator, good ones and one for each way to be wrong, with the verdict on each. */
import {
  type CborKey,
  type CcaTokenOptions,
  cborArray,
  cborBoolean,
  cborBytes,
  cborInteger,
  cborMap,
  cborNull,
  cborTag,
  cborText,
  createCcaPlatform,
  generatePkiKey,
} from '@spartan/simulator'
import { bytesToHex, type Hex } from 'viem'

const CHALLENGE = Uint8Array.from({ length: 64 }, (_, index) => index)
/** Two simulated platforms. */
export const [P256_PLATFORM, P384_PLATFORM] = await Promise.all([
  createCcaPlatform({ algorithm: 'ecdsa-p256' }),
  createCcaPlatform(),
])

type Platform = typeof P384_PLATFORM
/** What a test says of a token. */
export type Options = Partial<CcaTokenOptions>

/** For a P-256 realm: the cheap ones. */
const CHEAP: Options = { realmAlgorithm: 'ecdsa-p256' }
/** A token of the P-256 platform, but for what the options say. */
export const issue = (options: Options = {}, platform: Platform = P256_PLATFORM) =>
  platform.issueToken({ challenge: CHALLENGE, ...CHEAP, ...options })

export const bytes = (length: number, fill = 7) => cborBytes(new Uint8Array(length).fill(fill))
const map = (entries: readonly (readonly [CborKey, Uint8Array])[]) => cborMap(new Map(entries))
/** Replaces or removes claims before they are signed. */
export const platformClaims = (
  entries: Readonly<Record<number, Uint8Array | undefined>>,
  options: Options = {},
): Options => ({
  ...options,
  changePlatform: (claims) => change(claims, entries),
})
/** Like {@link platformClaims}, of the realm token. */
export const realmClaims = (
  entries: Readonly<Record<number, Uint8Array | undefined>>,
  options: Options = {},
): Options => ({
  ...options,
  changeRealm: (claims) => change(claims, entries),
})
function change(claims: Map<CborKey, Uint8Array>, entries: Readonly<Record<number, Uint8Array | undefined>>): void {
  for (const [label, value] of Object.entries(entries)) {
    if (value === undefined) claims.delete(Number(label))
    else claims.set(Number(label), value)
  }
}
export const header = (...entries: readonly (readonly [CborKey, Uint8Array])[]) => new Map(entries)

/** A token whose bytes say something else than what was signed, or that was never one. */
const edited = (edit: (token: Uint8Array) => Uint8Array, options?: Options) => async () => edit(await issue(options))
const with_ = (options: Options) => () => issue(options)
/** Replaces the first occurrence of bytes. */
export function replaced(token: Uint8Array, from: Hex, to: Hex): Uint8Array {
  const found = bytesToHex(token).slice(2)
  const place = found.indexOf(from.slice(2))
  if (place < 0) throw new Error(`${from} is not in the token`)
  return Buffer.from(found.slice(0, place) + to.slice(2) + found.slice(place + from.length - 2), 'hex')
}

/** A token of these members, whole. */
const collection = (tag: number, members: readonly (readonly [CborKey, Uint8Array])[]) => cborTag(tag, map(members))
const member = (content: Uint8Array) => cborArray(cborInteger(263), cborBytes(content))

const component = (entries: readonly (readonly [CborKey, Uint8Array])[]) =>
  map([[2, bytes(32)], [5, bytes(48)], ...entries])
/** One software component with these entries besides the mandatory ones. */
export const components = (...entries: readonly (readonly [CborKey, Uint8Array])[]) => ({
  2399: cborArray(component(entries)),
})
const device = (entries: readonly (readonly [CborKey, Uint8Array | undefined])[]) => {
  const good = new Map<CborKey, Uint8Array>([
    [1, cborText('sha-256')],
    [2, bytes(32)],
    [3, bytes(64)],
    [4, cborBoolean(true)],
    [5, cborText('spdm-1.2')],
    [6, bytes(48)],
    [7, cborText('cxl-type-3')],
    [8, cborInteger(2)],
  ])
  for (const [key, value] of entries) value === undefined ? good.delete(key) : good.set(key, value)
  return platformClaims({ 2404: cborArray(cborMap(good)) }, { profile: '2024' })
}
const bootKey = (entries: readonly (readonly [CborKey, Uint8Array | undefined])[]) => {
  const good = new Map<CborKey, Uint8Array>([
    [1, cborText('ROTPK')],
    [2, cborInteger(0)],
    [3, cborInteger(1)],
    [4, bytes(32)],
  ])
  for (const [key, value] of entries) value === undefined ? good.delete(key) : good.set(key, value)
  return platformClaims({ 2405: cborArray(cborMap(good)) }, { profile: '2024' })
}
/** Claim 44237 of another realm key than the signing one; the platform token binds the claimed one. */
const claimedKey = (entries: readonly (readonly [number, Uint8Array | undefined])[]) => {
  const good = new Map<number, Uint8Array>([
    [1, cborInteger(2)],
    [-1, cborInteger(1)],
    [-2, bytes(32)],
    [-3, bytes(32)],
  ])
  for (const [key, value] of entries) value === undefined ? good.delete(key) : good.set(key, value)
  return realmClaims({ 44237: cborBytes(cborMap(good)) })
}

const PLATFORM_LABELS = [10, 256, 265, 2395, 2396, 2399, 2401, 2402]
const REALM_LABELS = [10, 44235, 44236, 44237, 44238, 44239, 44240]
/** Eight levels inside a map of claims. */
const DEEPEST = [1, 2, 3, 4, 5, 6, 7].reduce<Uint8Array>((inner, tag) => cborTag(tag, inner), cborNull())

/** Name, the code that both must give, the token. */
export const CCA_CASES: readonly (readonly [string, string, () => Promise<Uint8Array>])[] = [
  // Accepted: the forms of a token.
  ['EAT collection', 'accepted', with_({ collection: 'eat' })],
  ['profile of 2024', 'accepted', with_({ profile: '2024' })],
  ['key bound by SHA-384', 'accepted', with_({ realmKeyHash: 'sha-384' })],
  ['key bound by SHA-512', 'accepted', with_({ realmKeyHash: 'sha-512' })],
  ['open to debugging', 'accepted', with_({ lifecycle: 0x5001 })],
  ['not provisioned', 'accepted', with_({ lifecycle: 0x0000 })],
  ['decommissioned', 'accepted', with_({ lifecycle: 0x60ff })],
  ['another workload', 'accepted', with_({ workload: 'other' })],
  ['personalization value', 'accepted', with_({ personalizationValue: new Uint8Array(64).fill(9) })],
  [
    'unknown claims',
    'accepted',
    with_({ ...platformClaims({ 9999: DEEPEST }), ...realmClaims({ 44299: cborNull() }) }),
  ],
  ['a longer head inside claims', 'accepted', with_(platformClaims({ 2395: Uint8Array.of(0x1a, 0, 0, 0x30, 0) }))],
  ['verification service', 'accepted', with_(platformClaims({ 2400: cborText('https://example.org') }))],
  ['empty configuration', 'accepted', with_(platformClaims({ 2401: bytes(0) }))],
  [
    'measurements of 48 and 64 bytes',
    'accepted',
    with_(realmClaims({ 44238: bytes(48), 44239: cborArray(bytes(32), bytes(48), bytes(64), bytes(64)) })),
  ],
  ['components without texts', 'accepted', with_(platformClaims(components()))],
  [
    'components with all texts',
    'accepted',
    with_(platformClaims(components([1, cborText('')], [4, cborText('1.2')], [6, cborText('sha-256')]))),
  ],
  [
    'what 2024 has, ignored before',
    'accepted',
    with_(
      platformClaims({
        2394: cborText('?'),
        2403: cborNull(),
        2404: cborArray(),
        ...components([7, cborNull()], [8, cborNull()]),
      }),
    ),
  ],
  [
    'all of 2024',
    'accepted',
    with_(
      platformClaims(
        { 2403: bytes(1), 2406: bytes(9), ...components([7, cborBoolean(true)], [8, cborArray(bytes(32), bytes(64))]) },
        { profile: '2024' },
      ),
    ),
  ],
  ['shared memory encryption', 'accepted', with_(realmClaims({ 44243: cborText('shared') }, { profile: '2024' }))],
  ['a device', 'accepted', with_(device([]))],
  [
    'a device without SPDM or type',
    'accepted',
    with_(
      device([
        [5, cborText('spdm')],
        [6, undefined],
        [7, undefined],
        [8, undefined],
      ]),
    ),
  ],
  ['a key of trusted board boot', 'accepted', with_(bootKey([]))],
  [
    'unprotected headers',
    'CCA_PLATFORM_TOKEN_MALFORMED',
    with_({ unprotectedHeaders: header([4, bytes(3)], ['x', cborNull()]) }),
  ],
  [
    'algorithm marked critical',
    'accepted',
    with_({ protectedHeaders: header([1, cborInteger(-7)], [2, cborArray(cborInteger(1))]) }),
  ],
  [
    'a key that names its use',
    'CCA_RAK_NOT_BOUND',
    with_(
      claimedKey([
        [3, cborInteger(-7)],
        [4, cborArray(cborText('x'), cborArray(cborNull()), cborInteger(2))],
      ]),
    ),
  ],

  // Collection.
  ['no bytes', 'CCA_TOKEN_MALFORMED', async () => new Uint8Array()],
  ['cut', 'CCA_TOKEN_MALFORMED', edited((token) => token.subarray(0, -1))],
  ['a byte behind', 'CCA_TRAILING_BYTES', edited((token) => Buffer.concat([token, Buffer.of(0)]))],
  ['tag 400', 'CCA_COLLECTION_TAG_UNSUPPORTED', edited((token) => replaced(token, '0xd9038b', '0xd90190'))],
  ['no tag', 'CCA_COLLECTION_TAG_UNSUPPORTED', edited((token) => token.subarray(3))],
  ['the number 907', 'CCA_COLLECTION_TAG_UNSUPPORTED', async () => cborInteger(907)],
  ['CMW members under the EAT tag', 'CCA_TOKEN_MALFORMED', edited((token) => replaced(token, '0xd9038b', '0xd9018f'))],
  [
    'EAT members under the CMW tag',
    'CCA_TOKEN_MALFORMED',
    edited((token) => replaced(token, '0xd9018f', '0xd9038b'), { collection: 'eat' }),
  ],
  ['content type 264', 'CCA_TOKEN_MALFORMED', edited((token) => replaced(token, '0x82190107', '0x82190108'))],
  [
    'three elements',
    'CCA_TOKEN_MALFORMED',
    async () =>
      collection(907, [
        [44234, cborArray(cborInteger(263), bytes(3), cborNull())],
        [44241, member(bytes(3))],
      ]),
  ],
  ['no map', 'CCA_TOKEN_MALFORMED', async () => cborTag(907, cborArray(bytes(3), bytes(3)))],
  ['one member', 'CCA_TOKEN_MALFORMED', async () => collection(907, [[44234, member(bytes(3))]])],
  [
    'a third member',
    'CCA_TOKEN_MALFORMED',
    async () =>
      collection(907, [
        [44234, member(bytes(3))],
        [44241, member(bytes(3))],
        [1, cborNull()],
      ]),
  ],
  [
    'another member',
    'CCA_TOKEN_MALFORMED',
    async () =>
      collection(907, [
        [44234, member(bytes(3))],
        [7, member(bytes(3))],
      ]),
  ],
  [
    'text for a token',
    'CCA_TOKEN_MALFORMED',
    async () =>
      collection(399, [
        [44234, cborText('x')],
        [44241, bytes(3)],
      ]),
  ],
  ['platform token twice', 'CCA_TOKEN_MALFORMED', edited((token) => replaced(token, '0x19acd1', '0x19acca'))],
  ['a longer head around', 'CCA_TOKEN_MALFORMED', edited((token) => replaced(token, '0xd9038ba2', '0xd9038bb802'))],
  [
    'tokens exchanged',
    'CCA_PROFILE_UNSUPPORTED',
    edited((token) =>
      replaced(replaced(replaced(token, '0x19acd1', '0x19ffff'), '0x19acca', '0x19acd1'), '0x19ffff', '0x19acca'),
    ),
  ],

  // COSE.
  ['no tag 18', 'CCA_PLATFORM_TOKEN_MALFORMED', edited((token) => replaced(token, '0xd28443', '0xd18443'))],
  [
    'an empty platform token',
    'CCA_PLATFORM_TOKEN_MALFORMED',
    async () =>
      collection(907, [
        [44234, member(new Uint8Array())],
        [44241, member(bytes(3))],
      ]),
  ],
  [
    'a byte behind the platform token',
    'CCA_PLATFORM_TOKEN_MALFORMED',
    async () =>
      collection(399, [
        [44234, cborBytes(Buffer.concat([cborTag(18, cborArray()), Buffer.of(0)]))],
        [44241, bytes(3)],
      ]),
  ],
  [
    'three parts',
    'CCA_PLATFORM_TOKEN_MALFORMED',
    async () =>
      collection(399, [
        [44234, cborBytes(cborTag(18, cborArray(bytes(0), map([]), bytes(0))))],
        [44241, bytes(3)],
      ]),
  ],
  ...[
    [cborNull(), map([]), bytes(0), bytes(64)],
    [bytes(0), cborArray(), bytes(0), bytes(64)],
    [bytes(0), map([]), cborNull(), bytes(64)],
    [bytes(0), map([]), bytes(0), cborText('')],
    [cborBytes(cborArray()), map([]), bytes(0), bytes(64)],
    [cborBytes(map([[1, cborInteger(-7)]])), map([[1, cborInteger(-7)]]), bytes(0), bytes(64)],
    [cborBytes(map([[1, cborInteger(-7)]])), map([[2, cborArray(cborInteger(1))]]), bytes(0), bytes(64)],
    [
      cborBytes(
        map([
          [1, cborInteger(-7)],
          ['x', cborNull()],
        ]),
      ),
      map([['x', cborNull()]]),
      bytes(0),
      bytes(64),
    ],
    [cborBytes(map([[1, cborInteger(-7)]])), map([]), bytes(0), bytes(63)],
    [cborBytes(map([[1, cborInteger(-7)]])), map([]), bytes(0), bytes(96)],
    [cborBytes(map([[1, cborInteger(-35)]])), map([]), bytes(0), bytes(64)],
    [cborBytes(Buffer.concat([map([[1, cborInteger(-7)]]), Buffer.of(0)])), map([]), bytes(0), bytes(64)],
    [
      cborBytes(
        map([
          [1, cborInteger(-7)],
          [2, cborArray()],
        ]),
      ),
      map([]),
      bytes(0),
      bytes(64),
    ],
    [
      cborBytes(
        map([
          [1, cborInteger(-7)],
          [2, cborInteger(1)],
        ]),
      ),
      map([]),
      bytes(0),
      bytes(64),
    ],
    [
      cborBytes(
        map([
          [1, cborInteger(-7)],
          [2, cborArray(cborNull())],
        ]),
      ),
      map([]),
      bytes(0),
      bytes(64),
    ],
  ].map(
    (parts, index) =>
      [
        `COSE message ${index}`,
        'CCA_PLATFORM_TOKEN_MALFORMED',
        async () =>
          collection(399, [
            [44234, cborBytes(cborTag(18, cborArray(...parts)))],
            [44241, bytes(3)],
          ]),
      ] as const,
  ),
  ['no algorithm', 'CCA_ALGORITHM_UNSUPPORTED', with_({ protectedHeaders: header([5, cborNull()]) })],
  [
    'no protected header',
    'CCA_ALGORITHM_UNSUPPORTED',
    async () =>
      collection(399, [
        [44234, cborBytes(cborTag(18, cborArray(bytes(0), map([]), bytes(0), bytes(64))))],
        [44241, bytes(3)],
      ]),
  ],
  ['RSA', 'CCA_ALGORITHM_UNSUPPORTED', with_({ protectedHeaders: header([1, cborInteger(-37)]) })],
  ['an algorithm by name', 'CCA_ALGORITHM_UNSUPPORTED', with_({ protectedHeaders: header([1, cborText('ES256')]) })],
  ['algorithm 6', 'CCA_ALGORITHM_UNSUPPORTED', with_({ protectedHeaders: header([1, cborInteger(6)]) })],
  [
    'an unknown critical header',
    'CCA_CRITICAL_HEADER_UNSUPPORTED',
    with_({ protectedHeaders: header([1, cborInteger(-7)], [2, cborArray(cborInteger(99))]) }),
  ],
  [
    'a critical header by name',
    'CCA_CRITICAL_HEADER_UNSUPPORTED',
    with_({ protectedHeaders: header([1, cborInteger(-7)], [2, cborArray(cborInteger(1), cborText('x'))]) }),
  ],
  [
    'algorithm critical but absent',
    'CCA_CRITICAL_HEADER_UNSUPPORTED',
    with_({ protectedHeaders: header([2, cborArray(cborInteger(1))]) }),
  ],

  // Platform claims.
  ...PLATFORM_LABELS.map(
    (label) =>
      [`without ${label}`, 'CCA_PLATFORM_CLAIM_MISSING', with_(platformClaims({ [label]: undefined }))] as const,
  ),
  ...PLATFORM_LABELS.map(
    (label) =>
      [`${label} as null`, 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ [label]: cborNull() }))] as const,
  ),
  [
    'no map of platform claims',
    'CCA_PLATFORM_CLAIM_MALFORMED',
    async () =>
      collection(399, [
        [
          44234,
          cborBytes(
            cborTag(18, cborArray(cborBytes(map([[1, cborInteger(-7)]])), map([]), cborBytes(cborNull()), bytes(64))),
          ),
        ],
        [44241, bytes(3)],
      ]),
  ],
  [
    'no platform claims at all',
    'CCA_PLATFORM_TOKEN_MALFORMED',
    async () =>
      collection(399, [
        [
          44234,
          cborBytes(cborTag(18, cborArray(cborBytes(map([[1, cborInteger(-7)]])), map([]), bytes(0), bytes(64)))),
        ],
        [44241, bytes(3)],
      ]),
  ],
  [
    'an unknown claim of nine levels',
    'CCA_PLATFORM_TOKEN_MALFORMED',
    with_(platformClaims({ 9999: cborTag(1, DEEPEST) })),
  ],
  [
    'unknown platform profile',
    'CCA_PROFILE_UNSUPPORTED',
    with_(platformClaims({ 265: cborText('tag:arm.com,2025:cca_platform#1.0.0') })),
  ],
  ['challenge of 33 bytes', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 10: bytes(33) }))],
  ['instance id of 32 bytes', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 256: bytes(32, 1) }))],
  ['instance id of another type', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 256: bytes(33, 2) }))],
  ['implementation id of 31 bytes', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 2396: bytes(31) }))],
  ['implementation id of 33 bytes', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 2396: bytes(33) }))],
  ...[0x1_0000, 0x7000, 0x3100, 0x0100].map(
    (value) => [`lifecycle ${value}`, 'CCA_PLATFORM_CLAIM_MALFORMED', with_({ lifecycle: value })] as const,
  ),
  ['negative lifecycle', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 2395: cborInteger(-0x3001) }))],
  ['verification service in bytes', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 2400: bytes(3) }))],
  ['no components', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 2399: cborArray() }))],
  ['a component in bytes', 'CCA_PLATFORM_CLAIM_MALFORMED', with_(platformClaims({ 2399: cborArray(bytes(3)) }))],
  [
    'a component without measurement',
    'CCA_PLATFORM_CLAIM_MISSING',
    with_(platformClaims({ 2399: cborArray(map([[5, bytes(32)]])) })),
  ],
  [
    'a component without signer',
    'CCA_PLATFORM_CLAIM_MISSING',
    with_(platformClaims({ 2399: cborArray(map([[2, bytes(32)]])) })),
  ],
  ...(
    [
      [1, cborNull()],
      [2, bytes(31)],
      [4, bytes(1)],
      [5, bytes(65)],
      [6, cborInteger(1)],
    ] as const
  ).map(
    ([label, value]) =>
      [
        `component entry ${label}`,
        'CCA_PLATFORM_CLAIM_MALFORMED',
        with_(platformClaims(components([label, value]))),
      ] as const,
  ),
  ...(
    [
      [7, cborNull()],
      [8, cborArray()],
      [8, cborArray(bytes(31))],
      [8, cborNull()],
    ] as const
  ).map(
    ([label, value], index) =>
      [
        `component entry ${label} of 2024 (${index})`,
        'CCA_PLATFORM_CLAIM_MALFORMED',
        with_(platformClaims(components([label, value]), { profile: '2024' })),
      ] as const,
  ),
  [
    '2024 without client id',
    'CCA_PLATFORM_CLAIM_MISSING',
    with_(platformClaims({ 2394: undefined }, { profile: '2024' })),
  ],
  ...(
    [
      [2394, cborInteger(2)],
      [2394, cborText('1')],
      [2394, Uint8Array.of(0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0)],
      [2403, bytes(0)],
      [2403, cborText('x')],
      [2406, bytes(0)],
      [2404, cborArray()],
      [2404, cborArray(bytes(1))],
      [2404, cborNull()],
      [2405, cborArray()],
      [2405, cborArray(bytes(1))],
    ] as const
  ).map(
    ([label, value], index) =>
      [
        `claim ${label} of 2024 (${index})`,
        'CCA_PLATFORM_CLAIM_MALFORMED',
        with_(platformClaims({ [label]: value }, { profile: '2024' })),
      ] as const,
  ),
  ...([2, 3, 4, 5, 6, 8] as const).map(
    (label) => [`device without ${label}`, 'CCA_PLATFORM_CLAIM_MISSING', with_(device([[label, undefined]]))] as const,
  ),
  ...(
    [
      [[1, cborNull()]],
      [[2, bytes(33)]],
      [[3, bytes(1)]],
      [[4, cborNull()]],
      [[5, cborNull()]],
      [[6, bytes(1)]],
      [[5, cborText('doe')]],
      [[7, cborNull()]],
      [[7, cborText('other')]],
      [[7, undefined]],
      [[8, cborInteger(3)]],
    ] as const
  ).map((entries, index) => [`device ${index}`, 'CCA_PLATFORM_CLAIM_MALFORMED', with_(device(entries))] as const),
  ...([1, 2, 3, 4] as const).map(
    (label) =>
      [`boot key without ${label}`, 'CCA_PLATFORM_CLAIM_MISSING', with_(bootKey([[label, undefined]]))] as const,
  ),
  ...(
    [
      [[1, cborText('')]],
      [[2, cborInteger(-1)]],
      [[3, cborNull()]],
      [[3, Uint8Array.of(0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0)]],
      [[4, bytes(20)]],
    ] as const
  ).map((entries, index) => [`boot key ${index}`, 'CCA_PLATFORM_CLAIM_MALFORMED', with_(bootKey(entries))] as const),

  // Realm claims.
  ...REALM_LABELS.map(
    (label) =>
      [`realm without ${label}`, 'CCA_REALM_CLAIM_MISSING', with_(realmClaims({ [label]: undefined }))] as const,
  ),
  ...REALM_LABELS.map(
    (label) =>
      [`realm ${label} as null`, 'CCA_REALM_CLAIM_MALFORMED', with_(realmClaims({ [label]: cborNull() }))] as const,
  ),
  ['realm profile in bytes', 'CCA_REALM_CLAIM_MALFORMED', with_(realmClaims({ 265: bytes(3) }))],
  [
    'unknown realm profile',
    'CCA_PROFILE_UNSUPPORTED',
    with_(realmClaims({ 265: cborText('tag:arm.com,2025:realm#1.0.0') })),
  ],
  [
    'platform profile for the realm',
    'CCA_PROFILE_UNSUPPORTED',
    with_(realmClaims({ 265: cborText('http://arm.com/CCA-SSD/1.0.0') })),
  ],
  ['realm challenge of 32 bytes', 'CCA_REALM_CLAIM_MALFORMED', with_(realmClaims({ 10: bytes(32) }))],
  ['realm challenge of 65 bytes', 'CCA_REALM_CLAIM_MALFORMED', with_(realmClaims({ 10: bytes(65) }))],
  ['personalization value of 63 bytes', 'CCA_REALM_CLAIM_MALFORMED', with_(realmClaims({ 44235: bytes(63) }))],
  ['RIM of 20 bytes', 'CCA_REALM_CLAIM_MALFORMED', with_(realmClaims({ 44238: bytes(20) }))],
  [
    'three REMs',
    'CCA_REALM_CLAIM_MALFORMED',
    with_(realmClaims({ 44239: cborArray(bytes(32), bytes(32), bytes(32)) })),
  ],
  [
    'five REMs',
    'CCA_REALM_CLAIM_MALFORMED',
    with_(realmClaims({ 44239: cborArray(bytes(32), bytes(32), bytes(32), bytes(32), bytes(32)) })),
  ],
  [
    'a REM of 33 bytes',
    'CCA_REALM_CLAIM_MALFORMED',
    with_(realmClaims({ 44239: cborArray(bytes(32), bytes(32), bytes(32), bytes(33)) })),
  ],
  [
    'a REM as text',
    'CCA_REALM_CLAIM_MALFORMED',
    with_(realmClaims({ 44239: cborArray(cborText('x'), bytes(32), bytes(32), bytes(32)) })),
  ],
  ['an empty key', 'CCA_REALM_CLAIM_MALFORMED', with_(realmClaims({ 44237: bytes(0) }))],
  ['legacy key of 96 bytes', 'CCA_REALM_CLAIM_MALFORMED', with_(realmClaims({ 265: undefined, 44237: bytes(96, 4) }))],
  ['key bound by SHA-1', 'CCA_RAK_HASH_UNSUPPORTED', with_(realmClaims({ 44240: cborText('sha-1') }))],
  [
    'memory encryption unsaid',
    'CCA_REALM_CLAIM_MISSING',
    with_(realmClaims({ 44243: undefined }, { profile: '2024' })),
  ],
  [
    'memory encryption unknown',
    'CCA_REALM_CLAIM_MALFORMED',
    with_(realmClaims({ 44243: cborText('none') }, { profile: '2024' })),
  ],
  [
    'an unknown realm claim of nine levels',
    'CCA_REALM_TOKEN_MALFORMED',
    with_(realmClaims({ 44299: cborTag(1, DEEPEST) })),
  ],

  // Realm key.
  ['compressed legacy key', 'CCA_RAK_MALFORMED', with_(realmClaims({ 265: undefined, 44237: bytes(97, 3) }))],
  ['a key of no map', 'CCA_RAK_MALFORMED', with_(realmClaims({ 44237: cborBytes(cborNull()) }))],
  [
    'a byte behind the key',
    'CCA_RAK_MALFORMED',
    with_(realmClaims({ 44237: cborBytes(Buffer.concat([map([]), Buffer.of(0)])) })),
  ],
  ...([1, -1, -2, -3] as const).map(
    (label) => [`key without ${label}`, 'CCA_RAK_MALFORMED', with_(claimedKey([[label, undefined]]))] as const,
  ),
  ...(
    [
      [1, cborInteger(1)],
      [1, cborInteger(-3)],
      [-1, cborInteger(4)],
      [-1, cborInteger(0)],
      [-1, cborInteger(2)],
      [-1, cborText('P-256')],
      [-2, bytes(31)],
      [-3, bytes(33)],
      [-2, cborText('x')],
      [3, cborInteger(-35)],
      [3, cborText('ES256')],
      [4, cborInteger(2)],
      [4, cborArray()],
      [4, cborArray(cborInteger(1), cborText('verify'))],
    ] as const
  ).map(
    ([label, value], index) =>
      [`key entry ${label} (${index})`, 'CCA_RAK_MALFORMED', with_(claimedKey([[label, value]]))] as const,
  ),

  // Signatures and binding.
  ['another instance', 'CCA_TRUST_ANCHOR_MISSING', with_(platformClaims({ 256: bytes(33, 1) }))],
  ['another implementation', 'CCA_TRUST_ANCHOR_MISSING', with_(platformClaims({ 2396: bytes(32) }))],
  [
    'platform token changed',
    'CCA_PLATFORM_SIGNATURE_INVALID',
    edited((token) => replaced(token, '0xcfcfcfcf', '0xcfcfcfce')),
  ],
  ['another challenge', 'CCA_RAK_NOT_BOUND', with_(platformClaims({ 10: bytes(32) }))],
  ['another key', 'CCA_RAK_NOT_BOUND', with_(claimedKey([]))],
  ['the right hash cut', 'CCA_RAK_NOT_BOUND', with_(platformClaims({ 10: bytes(32) }, { realmKeyHash: 'sha-512' }))],
  [
    'a key on P-521',
    'CCA_RAK_NOT_BOUND',
    with_(
      claimedKey([
        [-1, cborInteger(3)],
        [-2, bytes(66)],
        [-3, bytes(66)],
      ]),
    ),
  ],
  [
    'realm token changed',
    'CCA_REALM_SIGNATURE_INVALID',
    edited((token) => replaced(token, '0x000102030405060708', '0x000102030405060709')),
  ],
  [
    'realm token by a stranger',
    'CCA_REALM_SIGNATURE_INVALID',
    async () => issue({ signRealmWith: await generatePkiKey('ecdsa-p256') }),
  ],
  [
    'realm token on another curve',
    'CCA_REALM_SIGNATURE_INVALID',
    async () => issue({ signRealmWith: await generatePkiKey('ecdsa-p384') }),
  ],
]
