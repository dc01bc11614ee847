import { certificateParserAbi, chainParserAbi } from '@spartan/abi'
import {
  caExtensions,
  createNitroRoot,
  createSnpSimulation,
  generatePkiKey,
  issuePkiCertificate,
  issuePkiCrl,
  leafExtensions,
  type PkiKey,
  pkiExtension,
  simulatedName,
} from '@spartan/simulator'
import { network } from 'hardhat'
import { bytesToHex, type Hex, hexToBytes, keccak256, toHex, zeroHash } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseCrl } from '../../packages/attestation/src/internal/crl.ts'
import { parseCertificate, type X509Certificate } from '../../packages/attestation/src/internal/x509.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const VALIDITY = { from: NOW - 3_600, until: NOW + 3_600 }
/** Any error(uint256): the parser reverts with the selector it is given. */
const SELECTOR = '0x12345678' as const
const FIXED_SERIAL = Uint8Array.of(0x7f, 1)
const hexOf = (text: string): Hex => `0x${text}`

describe('ChainParser reads what the library reads', () => {
  let read: (der: Uint8Array) => Promise<ReturnType<typeof certificateView> | 'malformed'>
  let readCrl: (der: Uint8Array, count?: bigint) => Promise<unknown>
  let p384: PkiKey
  let rsa: PkiKey

  beforeAll(async () => {
    const { viem } = await network.create('local')
    const client = await viem.getPublicClient()
    const { address } = await viem.deployContract('ChainParser')
    const contract = { address, abi: chainParserAbi } as const
    const malformed = (error: unknown) => {
      if (
        String(error).includes(SELECTOR) ||
        JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(SELECTOR)
      )
        return 'malformed' as const
      throw error
    }
    read = async (der) => {
      const args = [bytesToHex(der), SELECTOR] as const
      const found = await client.readContract({ ...contract, functionName: 'certificate', args }).catch(malformed)
      return found === 'malformed' ? found : contractView(der, found)
    }
    readCrl = async (der, count = 1_000n) => {
      const head = await client
        .readContract({ ...contract, functionName: 'crl', args: [bytesToHex(der), SELECTOR] })
        .catch(malformed)
      if (head === 'malformed') return head
      const serials: Hex[] = []
      const { thisUpdate, nextUpdate, number, entriesStart, entriesStop } = head.body
      for (let pos = entriesStart; pos < entriesStop; ) {
        const args = [bytesToHex(der), pos, entriesStop, count, SELECTOR] as const
        const step = await client.readContract({ ...contract, functionName: 'crlEntries', args }).catch(malformed)
        if (step === 'malformed') return step
        const [found, dates, next] = step
        expect(dates.length).toBe(found.length)
        serials.push(...found.map((serial) => toHex(serial)))
        pos = next
      }
      return {
        issuer: head.issuer,
        thisUpdate: Number(thisUpdate),
        nextUpdate: Number(nextUpdate),
        number,
        serials: serials.sort(),
      }
    }
    ;[p384, rsa] = await Promise.all([generatePkiKey('ecdsa-p384'), generatePkiKey('rsa-pss-4096')])
  })

  function contractView(
    der: Uint8Array,
    c: {
      signed: { start: bigint; stop: bigint; signature: Hex; scheme: number }
      serial: bigint
      issuer: Hex
      subject: Hex
      commonName: Hex
      notBefore: bigint
      notAfter: bigint
      keyKind: number
      key: Hex
      isCa: boolean
      pathLength: bigint
      hasKeyUsage: boolean
      keyUsage: number
    },
  ) {
    const { signed } = c
    return {
      toBeSigned: bytesToHex(der.subarray(Number(signed.start), Number(signed.stop))),
      scheme: signed.scheme === 0 ? ('ecdsa' as const) : ('rsa-pss' as const),
      signature: signed.signature,
      serial: toHex(c.serial),
      names: [c.issuer, c.subject],
      commonName: c.commonName as Hex | undefined,
      validity: [Number(c.notBefore), Number(c.notAfter)],
      key: c.key,
      isCa: c.isCa,
      pathLength: c.pathLength > 255n ? undefined : Number(c.pathLength),
      keyUsage: c.hasKeyUsage ? c.keyUsage : undefined,
    }
  }

  const issue = (fields: Partial<Parameters<typeof issuePkiCertificate>[0]>) =>
    issuePkiCertificate({
      serial: FIXED_SERIAL,
      subject: simulatedName('Subject', 'Anybody'),
      subjectKey: p384,
      issuer: simulatedName('Issuer', 'Anybody'),
      issuerKey: p384,
      validity: VALIDITY,
      extensions: leafExtensions(),
      ...fields,
    })

  async function expectSame(der: Uint8Array) {
    const view = certificateView(der)
    expect(view).not.toBe('malformed')
    expect(await read(der)).toEqual(view)
  }

  test('certificates of AMD and AWS as the simulator issues them', async () => {
    const nitro = await createNitroRoot({ now: NOW })
    const snp = await createSnpSimulation({ now: NOW, product: 'Milan' })
    const { vek } = await snp.createMachine()
    const amd = [snp.ark.certificate, snp.ask.certificate, vek]
    for (const der of [...nitro.cabundle, nitro.enclave, ...amd]) await expectSame(der)
  })

  test('keys and signatures of both kinds, CAs with and without path length, no extensions at all', async () => {
    const cases = [
      { extensions: caExtensions(0), subjectKey: rsa, issuerKey: rsa },
      { extensions: caExtensions(3), issuerKey: rsa },
      { extensions: caExtensions() },
      { extensions: [] },
      { serial: Uint8Array.of(0) },
    ]
    for (const fields of cases) {
      await expectSame(await issue(fields))
    }
  })

  test('an unknown critical extension, a repeated one, a P-256 key, bytes behind the end', async () => {
    const extra = (critical: boolean) => pkiExtension('1.2.3.4', Uint8Array.of(5, 0), critical)
    expect(await read(await issue({ extensions: [...leafExtensions(), extra(false)] }))).not.toBe('malformed')
    expect(await read(await issue({ extensions: [...leafExtensions(), extra(true)] }))).toBe('malformed')
    expect(await read(await issue({ extensions: [extra(false), extra(false)] }))).toBe('malformed')
    expect(await read(await issue({ subjectKey: await generatePkiKey('ecdsa-p256') }))).toBe('malformed')
    const der = await issue({})
    expect(await read(Uint8Array.of(...der, 0))).toBe('malformed')
    expect(await read(der.subarray(0, -1))).toBe('malformed')
    expect(await read(new Uint8Array())).toBe('malformed')
  })

  test('every tenth byte changed: what one refuses the other refuses, and what both accept they read alike', async () => {
    const der = await issue({ extensions: caExtensions(1), issuerKey: p384 })
    for (let at = 0; at < der.length; at += 10) {
      for (const change of [0x01, 0x80]) {
        const changed = Uint8Array.from(der)
        changed[at] = (changed[at] ?? 0) ^ change
        const [found, view] = [await read(changed), certificateView(changed)]
        if (typeof found === 'object' && typeof view === 'object' && view.commonName === undefined)
          found.commonName = undefined
        expect(found, `byte ${at} ^ ${change}`).toEqual(view)
      }
    }
  })

  test('CRLs, empty, in one step and in several, and changed', async () => {
    const revokedSerials = Array.from({ length: 7 }, (_, index) => Uint8Array.of(index + 1, 200))
    const base = { issuer: simulatedName('CA', 'Anybody'), validity: VALIDITY, crlNumber: 9, revokedSerials }
    const crls = [
      await issuePkiCrl({ ...base, issuerKey: p384 }),
      await issuePkiCrl({ ...base, issuerKey: rsa }),
      await issuePkiCrl({ ...base, issuerKey: p384, revokedSerials: [] }),
    ]
    for (const der of crls) {
      expect(crlView(der)).not.toBe('malformed')
      for (const count of [1n, 3n, 7n, 100n]) expect(await readCrl(der, count)).toEqual(crlView(der))
    }
    const [der = new Uint8Array()] = crls
    for (let at = 0; at < der.length; at += 7) {
      const changed = Uint8Array.from(der)
      changed[at] = (changed[at] ?? 0) ^ 0x04
      expect(await readCrl(changed), `byte ${at}`).toEqual(crlView(changed))
    }
  })
})

test('CertificateParser reads Intel’s certificates by the same rules', async () => {
  const { viem } = await network.create('local')
  const client = await viem.getPublicClient()
  const { address } = await viem.deployContract('CertificateParser')
  const accepts = async (der: Uint8Array) => {
    const args = [bytesToHex(der), SELECTOR] as const
    const call = { address, abi: certificateParserAbi, functionName: 'certificate', args } as const
    const library = orMalformed(() => parseCertificate({ bytes: der, code: 'DCAP_PCK_MALFORMED' }))
    const contract = await client.readContract(call).catch((error: unknown) => {
      expect(String(error)).toContain(SELECTOR)
      return undefined
    })
    expect(contract === undefined).toBe(library === 'malformed')
    return contract !== undefined
  }
  const key = await generatePkiKey('ecdsa-p256')
  const leaf = [pkiExtension('2.5.29.19', Uint8Array.of(0x30, 0), true), ...leafExtensions()]
  const issue = (extensions: readonly Uint8Array[]) =>
    issuePkiCertificate({
      serial: FIXED_SERIAL,
      subject: simulatedName('Subject', 'Anybody'),
      subjectKey: key,
      issuer: simulatedName('Issuer', 'Anybody'),
      issuerKey: key,
      validity: VALIDITY,
      extensions,
    })
  const extra = pkiExtension('1.2.3.4', Uint8Array.of(5, 0), false)
  for (const extensions of [leaf, caExtensions(), caExtensions(3), [...leaf, extra]]) {
    expect(await accepts(await issue(extensions))).toBe(true)
  }
  const unbounded = pkiExtension('2.5.29.19', Uint8Array.of(0x30, 7, 1, 1, 255, 2, 2, 1, 0), true)
  const wrong = [
    [...leaf, extra, extra],
    [...leaf, pkiExtension('1.2.3.4', Uint8Array.of(5, 0), true)],
    [...leaf, ...leaf],
    [unbounded, ...leafExtensions()],
  ]
  for (const extensions of wrong) expect(await accepts(await issue(extensions))).toBe(false)
})

/** What the library says of a certificate, in the words of the contract. */
function certificateView(der: Uint8Array) {
  const c = orMalformed(() => parseCertificate({ bytes: der, code: 'NITRO_CA_MALFORMED' }))
  if (c === 'malformed' || !isSupported(c)) return 'malformed' as const
  const { signature, key } = c
  return {
    toBeSigned: bytesToHex(c.toBeSigned),
    scheme: signature.scheme === 'ecdsa' ? ('ecdsa' as const) : ('rsa-pss' as const),
    signature: signature.scheme === 'ecdsa' ? padded(signature.r, signature.s) : bytesToHex(signature.bytes),
    serial: toHex(BigInt(`0x0${c.serial}`)),
    names: [keccak256(hexOf(c.issuer)), keccak256(hexOf(c.subject))],
    // Text that is no UTF-8 has no bytes that could be hashed again.
    commonName: commonNameHash(c.commonName),
    validity: [c.notBefore, c.notAfter],
    key: key.type === 'ec' ? bytesToHex(key.point) : bytesToHex(key.spki.subarray(33, 545)),
    isCa: c.isCa ?? false,
    pathLength: c.pathLength,
    keyUsage: c.keyUsage,
  }
}

function commonNameHash(text: string): Hex | undefined {
  if (text.includes('\ufffd')) return undefined
  return text === '' ? zeroHash : keccak256(toHex(text))
}

/** Chains that use P-384, RSA-4096 and SHA-384 only; r and s of at most 48 bytes. */
function isSupported({ key, signature }: X509Certificate): boolean {
  const isKey = key.type === 'ec' ? key.curve === 'P-384' : key.modulusBits === 4_096
  if (!isKey || signature.hash !== 'SHA-384' || signature.scheme === 'rsa-pkcs1') return false
  return signature.scheme === 'ecdsa'
    ? signature.r.length <= 48 && signature.s.length <= 48
    : signature.bytes.length === 512
}

const padded = (...parts: readonly Uint8Array[]) =>
  bytesToHex(Buffer.concat(parts.map((part) => Buffer.concat([Buffer.alloc(48 - part.length), part]))))

function crlView(der: Uint8Array) {
  const crl = orMalformed(() => parseCrl({ bytes: der, code: 'NITRO_CRL_MALFORMED' }))
  if (crl === 'malformed') return crl
  const { signature } = crl
  if (
    signature.scheme === 'ecdsa' ? signature.r.length > 48 || signature.s.length > 48 : signature.bytes.length !== 512
  )
    return 'malformed'
  return {
    issuer: keccak256(hexToBytes(hexOf(crl.issuer))),
    thisUpdate: crl.thisUpdate,
    nextUpdate: crl.nextUpdate,
    number: BigInt(`0x0${crl.number}`),
    serials: [...crl.revokedSerials].map((serial) => toHex(BigInt(`0x0${serial}`))).sort(),
  }
}

function orMalformed<T>(parse: () => T): T | 'malformed' {
  try {
    return parse()
  } catch {
    return 'malformed'
  }
}
