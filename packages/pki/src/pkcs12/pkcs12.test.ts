import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { boolean, element, integer, octetString, sequence } from '../asn1/write.ts'
import { equal, utf8 } from '../encoding/bytes.ts'
import { nodePasswordPlatform } from '../node/password-platform.ts'
import { KEY_FILE_LIMITS } from '../pbe/budget.ts'
import { KeyFileRefusal } from '../pbe/key-file-refusal.ts'
import { parsePrivateKeyInfo } from '../pkcs8/private-key-info.ts'
import type { PasswordPlatform } from '../platform/index.ts'
import { issue, openssl, privateKeyPem, type TestEntity, withFiles } from '../test-kit.ts'
import { toPem } from '../x509/pem.ts'
import {
  asBer,
  attribute,
  bag,
  certificateBag,
  contentInfo,
  dataSafe,
  encrypt,
  encryptByScrypt,
  encryptedSafe,
  hmacOfNoPassword,
  hmacSha256,
  macAsking,
  pbes2,
  pbkdf2,
  pbmac1,
  pfx,
  SALT,
  scrypt,
  shroudedBag,
} from './fixture/build-pkcs12.ts'
import { openPkcs12 } from './open.ts'

const rsa = await issue({ name: 'RSA', keyType: 'rsa-3072' })
const ec = await issue({ name: 'EC' })

const pkcs8Of = ({ key }: TestEntity) =>
  new Uint8Array(key.privateKey.export({ format: 'der', type: 'pkcs8' }))
const open = (file: Uint8Array, password = 'password') => openPkcs12(file, password, nodePasswordPlatform)

/** What `openssl pkcs12 -export` writes with these options. */
function byOpenssl(entity: TestEntity, password: string, ...options: readonly string[]): Uint8Array {
  const pem = `${privateKeyPem(entity.key)}${toPem('CERTIFICATE', entity.certificate.bytes)}`
  const base64 = withFiles({ 'in.pem': pem, password: `${password}\n` }, folder => {
    const export_ = ['pkcs12', '-export', '-in', 'in.pem', '-passout', 'file:password', '-out', 'out.p12']
    openssl(folder, ...export_, ...options)
    return openssl(folder, 'base64', '-in', 'out.p12')
  })
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

const refuses = (run: () => unknown, reason: string) =>
  assert.throws(run, { code: 'key-file-refused', reason })
const malformed = (run: () => unknown, reason: string) =>
  assert.throws(run, { code: 'malformed-der', reason })

interface GoodFile {
  readonly what: string
  readonly file: Uint8Array
  readonly password: string
  readonly entity: TestEntity
}

const QUICK = ['-iter', '2'] as const

/** Files of many kinds, each with one key and its certificate. */
function goodFiles(): readonly GoodFile[] {
  const made = (
    what: string,
    entity: TestEntity,
    password: string,
    ...options: readonly string[]
  ): GoodFile => ({
    what,
    entity,
    password,
    file: byOpenssl(entity, password, ...options),
  })
  const own = (what: string, file: Uint8Array): GoodFile => ({ what, entity: ec, password: 'password', file })
  const tripleDes = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'] as const
  const both = [certificateBag(ec.certificate.bytes), bag(OID.keyBag, pkcs8Of(ec))]
  return [
    made('RSA under AES-256', rsa, 'password', ...QUICK),
    made('EC under AES-256', ec, 'password', ...QUICK),
    made(
      'AES-128, MAC by SHA-512',
      ec,
      'a longer password',
      ...QUICK,
      '-keypbe',
      'AES-128-CBC',
      '-macalg',
      'sha512',
    ),
    made('AES-192, MAC by SHA-384', ec, 'p', ...QUICK, '-certpbe', 'AES-192-CBC', '-macalg', 'sha384'),
    made('Triple DES, MAC by SHA-1', ec, 'password', ...QUICK, ...tripleDes),
    made('a MAC by SHA-224', ec, 'password', ...QUICK, '-macalg', 'sha224'),
    made('one iteration', ec, 'password', '-iter', '1'),
    made('no encryption', ec, 'password', ...QUICK, '-keypbe', 'NONE', '-certpbe', 'NONE'),
    made('an empty password', ec, '', ...QUICK),
    made('an empty password and Triple DES', ec, '', ...QUICK, ...tripleDes),
    made('a password in Japanese', ec, '捺印の鍵 🔑', ...QUICK, ...tripleDes),
    made('names', rsa, 'password', ...QUICK, '-name', '山田 花子'),
    own('PBMAC1', pfx([dataSafe(...both)], { mac: pbmac1(pbkdf2({ keyLength: 32 })) })),
    own('BER', asBer(byOpenssl(ec, 'password', ...QUICK))),
  ]
}

const GOOD = goodFiles()

describe('PKCS #12 (RFC 7292)', () => {
  for (const { what, file, password, entity } of GOOD) {
    it(`opens ${what}: the key that was put in, and its certificate`, () => {
      const { keys, certificates, passedOver } = open(file, password)
      assert.deepEqual(
        keys.map(({ privateKeyInfo }) => new Uint8Array(parsePrivateKeyInfo(privateKeyInfo).privateKey)),
        [new Uint8Array(parsePrivateKeyInfo(pkcs8Of(entity)).privateKey)],
      )
      assert.ok(certificates.every(({ certificate }) => equal(certificate, entity.certificate.bytes)))
      assert.deepEqual([certificates.length, passedOver], [1, 0])
    })

    it(`refuses ${what} under another password`, () => {
      for (const wrong of [`${password}x`, 'PASSWORD']) refuses(() => open(file, wrong), 'password-wrong')
    })
  }

  it('keeps names and the tie of key and certificate', () => {
    const { keys, certificates } = open(byOpenssl(ec, 'password', ...QUICK, '-name', '山田 花子'))
    const [key, certificate] = [keys[0], certificates[0]]
    assert.equal(key?.friendlyName, '山田 花子')
    assert.ok(key?.localKeyId && certificate?.localKeyId && equal(key.localKeyId, certificate.localKeyId))
  })

  it('says whether the key was encrypted', () => {
    const encrypted = (...options: readonly string[]) =>
      open(byOpenssl(ec, 'password', ...QUICK, ...options)).keys.map(key => key.encrypted)
    assert.deepEqual([encrypted(), encrypted('-keypbe', 'NONE')], [[true], [false]])
  })

  it('opens a file of certificates alone', () => {
    const { keys, certificates } = open(byOpenssl(ec, 'password', ...QUICK, '-nokeys'))
    assert.deepEqual([keys.length, certificates.length], [0, 1])
  })

  it('opens keys under scrypt, and under PBKDF2 by our own builder as by openssl', () => {
    const key = pkcs8Of(ec)
    for (const sealed of [
      shroudedBag(pbes2(scrypt(16, 8, 1)), encryptByScrypt('password', key, 16)),
      shroudedBag(pbes2(pbkdf2({})), encrypt('password', key)),
    ]) {
      assert.deepEqual(
        open(pfx([dataSafe(sealed)])).keys.map(one => one.privateKeyInfo),
        [key],
      )
    }
  })

  it('counts revocation lists and secrets and opens none', () => {
    const file = pfx([dataSafe(bag(OID.crlBag, sequence()), bag(OID.secretBag, sequence()))])
    assert.deepEqual(open(file), { keys: [], certificates: [], passedOver: 2 })
  })

  it('refuses bags inside bags, certificates that are none of X.509, and files protected by public keys', () => {
    const nested = bag('1.2.840.113549.1.12.10.1.6', sequence())
    refuses(() => open(pfx([dataSafe(nested)])), 'bag-unsupported')
    const sdsi = bag(
      OID.certBag,
      sequence(element(6, Uint8Array.of(42, 3)), element(0xa0, octetString(SALT))),
    )
    refuses(() => open(pfx([dataSafe(sdsi)])), 'bag-unsupported')
    refuses(() => open(pfx([contentInfo('1.2.840.113549.1.7.3', sequence())])), 'public-key-mode')
    const signed = sequence(integer(3), contentInfo(OID.signedData, sequence()))
    refuses(() => open(signed), 'public-key-mode')
  })

  it('refuses RC2, which openssl has given up, and names it', () => {
    const file = byOpenssl(ec, 'password', '-legacy')
    assert.throws(() => open(file), {
      reason: 'encryption-unsupported',
      message: /1\.2\.840\.113549\.1\.12\.1\.6$/,
    })
  })

  it('refuses names of another type than theirs', () => {
    const withName = (type: string, value: Uint8Array) =>
      pfx([dataSafe(certificateBag(ec.certificate.bytes, attribute(type, value)))])
    malformed(() => open(withName(OID.friendlyName, boolean(true))), 'unexpected-tag')
    malformed(() => open(withName(OID.localKeyId, boolean(true))), 'unexpected-tag')
    assert.equal(open(withName(OID.localKeyId, octetString(SALT))).certificates.length, 1)
  })

  it('refuses another version', () => {
    const [version, ...rest] = [integer(4), contentInfo(OID.data, octetString(sequence())), sequence()]
    malformed(() => open(sequence(version, ...rest)), 'value-not-allowed')
  })
})

/** A platform that must not be asked to derive anything. */
function countingPlatform() {
  const calls: string[] = []
  const platform: PasswordPlatform = {
    ...nodePasswordPlatform,
    hash: (...given) => {
      calls.push('hash')
      return nodePasswordPlatform.hash(...given)
    },
    pbkdf2: given => {
      calls.push('pbkdf2')
      return nodePasswordPlatform.pbkdf2(given)
    },
    scrypt: given => {
      calls.push('scrypt')
      return nodePasswordPlatform.scrypt(given)
    },
  }
  return { platform, calls }
}

describe('files that ask for too much (T-KEY-02)', () => {
  const limit = BigInt(KEY_FILE_LIMITS.maxIterations)
  const sealed = (algorithm: Uint8Array<ArrayBuffer>) => encryptedSafe(algorithm, new Uint8Array(16))
  const longSalt = (length: number) => new Uint8Array(length)
  const heavy = sealed(pbes2(pbkdf2({ iterations: limit })))
  const cases: readonly (readonly [string, string, Uint8Array])[] = [
    [
      'a MAC of 2^31 iterations',
      'too-many-iterations',
      pfx([], { mac: macAsking({ iterations: 2n ** 31n }) }),
    ],
    [
      'a MAC of 2^64 iterations',
      'too-many-iterations',
      pfx([], { mac: macAsking({ iterations: 2n ** 64n }) }),
    ],
    [
      'a MAC of one iteration too many',
      'too-many-iterations',
      pfx([], { mac: macAsking({ iterations: limit + 1n }) }),
    ],
    ['a MAC of no iteration', 'too-many-iterations', pfx([], { mac: macAsking({ iterations: 0n }) })],
    [
      'a MAC of a negative number of them',
      'too-many-iterations',
      pfx([], { mac: macAsking({ iterations: -1n }) }),
    ],
    ['a MAC with a salt of 65 octets', 'salt-too-long', pfx([], { mac: macAsking({ salt: longSalt(65) }) })],
    ['a huge salt', 'salt-too-long', pfx([sealed(pbes2(pbkdf2({ salt: longSalt(100_000) })))])],
    [
      'PBKDF2 of 2^31 iterations',
      'too-many-iterations',
      pfx([sealed(pbes2(pbkdf2({ iterations: 2n ** 31n })))]),
    ],
    [
      'PBMAC1 of 2^31 iterations',
      'too-many-iterations',
      pfx([], { mac: pbmac1(pbkdf2({ iterations: 2n ** 31n, keyLength: 32 })) }),
    ],
    ['scrypt of 1 GiB', 'derivation-too-costly', pfx([sealed(pbes2(scrypt(2 ** 20, 8, 1)))])],
    ['scrypt that repeats itself', 'derivation-too-costly', pfx([sealed(pbes2(scrypt(2 ** 16, 8, 64)))])],
    [
      'a MAC and three encryptions, each at the limit',
      'derivation-too-costly',
      pfx([heavy, heavy, heavy], { mac: macAsking({ iterations: limit }) }),
    ],
    ['65 parts', 'too-many-bags', pfx(Array.from({ length: 65 }, () => dataSafe()))],
    [
      'more than 256 KiB',
      'file-too-large',
      pfx([dataSafe(certificateBag(new Uint8Array(KEY_FILE_LIMITS.maxBytes)))]),
    ],
  ]
  for (const [what, reason, file] of cases) {
    it(`refuses ${what} before anything is derived`, () => {
      const { platform, calls } = countingPlatform()
      const { user: before } = process.cpuUsage()
      refuses(() => openPkcs12(file, 'password', platform), reason)
      assert.deepEqual(calls, [])
      assert.ok(process.cpuUsage().user - before < 50_000)
    })
  }

  it('counts what only comes to light behind the MAC, before that is derived', () => {
    const key = shroudedBag(pbes2(pbkdf2({ iterations: limit })), new Uint8Array(16))
    const file = pfx([dataSafe(key, key, key, key)])
    const { platform, calls } = countingPlatform()
    refuses(() => openPkcs12(file, 'password', platform), 'derivation-too-costly')
    assert.ok(!calls.includes('pbkdf2'))
  })

  it('refuses the sixty-fifth bag and opens sixty-four (T-LIM-14)', () => {
    const bags = (count: number) =>
      pfx([dataSafe(...Array.from({ length: count }, () => bag(OID.crlBag, sequence())))])
    assert.equal(open(bags(64)).passedOver, 64)
    refuses(() => open(bags(65)), 'too-many-bags')
  })

  it('takes a salt of 64 octets and 600,000 iterations', () => {
    const safe = encryptedSafe(pbes2(pbkdf2({ salt: longSalt(64), iterations: limit })), new Uint8Array(16))
    refuses(() => open(pfx([safe])), 'password-wrong')
  })
})

describe('the MAC (T-KEY-03)', () => {
  const safe = dataSafe(bag(OID.keyBag, pkcs8Of(ec)))

  it('is demanded', () => {
    refuses(() => open(byOpenssl(ec, 'password', '-nomac')), 'mac-missing')
  })

  it('is judged before anything is decrypted', () => {
    const [tag, ...rest] = [encryptedSafe(pbes2(pbkdf2({})), new Uint8Array(16))]
    assert.deepEqual(rest, [])
    const { platform, calls } = countingPlatform()
    refuses(
      () => openPkcs12(pfx([tag ?? SALT], { mac: macAsking({}) }), 'password', platform),
      'password-wrong',
    )
    assert.ok(calls.length > 0 && !calls.includes('pbkdf2'))
  })

  it('refuses a digest that we do not know, also under PBMAC1', () => {
    const unknown = pbmac1(pbkdf2({ keyLength: 32 }), 32, '1.2.840.113549.2.99')
    refuses(() => open(pfx([safe], { mac: unknown })), 'mac-unsupported')
  })

  const pbmac1Cases: readonly (readonly [string, number | undefined, string | undefined])[] = [
    ['of the digest’s size', 32, undefined],
    ['of 20 octets', 20, undefined],
    ['of 19 octets', 19, 'mac-unsupported'],
    ['longer than the digest', 33, 'mac-unsupported'],
    ['of no octet', 0, 'mac-unsupported'],
    ['whose length is not said', undefined, 'mac-unsupported'],
  ]
  for (const [what, keyLength, reason] of pbmac1Cases) {
    it(`by PBMAC1 with a key ${what} is ${reason ?? 'verified'} (RFC 9579)`, () => {
      const derivation = pbkdf2(keyLength === undefined ? {} : { keyLength })
      const file = pfx([safe], { mac: pbmac1(derivation, keyLength ?? 32) })
      if (reason === undefined) assert.equal(open(file).keys.length, 1)
      else refuses(() => open(file), reason)
    })
  }

  it('by PBMAC1 is under the password’s UTF-8, and wrong under another password', () => {
    const file = pfx([safe], { mac: pbmac1(pbkdf2({ keyLength: 32 })), password: '鍵' })
    assert.equal(open(file, '鍵').keys.length, 1)
    refuses(() => open(file, '錠'), 'password-wrong')
  })

  it('by PBMAC1 takes neither scrypt nor a salt from elsewhere', () => {
    refuses(() => open(pfx([safe], { mac: pbmac1(scrypt(16, 8, 1)) })), 'mac-unsupported')
    const elsewhere = sequence(element(6, Uint8Array.of(42)), element(5))
    const derivation = sequence(element(6, utf8('')), elsewhere)
    malformed(() => open(pfx([safe], { mac: pbmac1(derivation) })), 'oid-not-canonical')
  })

  it('under an empty password differs from one under none, and whoever types nothing means either', () => {
    const [empty, none] = [hmacSha256, hmacOfNoPassword].map(mac => pfx([safe], { password: '', mac }))
    assert.notDeepEqual(empty, none)
    for (const file of [empty, none]) {
      assert.equal(open(file ?? SALT, '').keys.length, 1)
      refuses(() => open(file ?? SALT, ' '), 'password-wrong')
    }
  })
})

describe('malformed PKCS #12 (T-KEY-01)', () => {
  it('is refused whatever single octet it is cut before', () => {
    for (const { file, password } of GOOD) {
      for (let length = 0; length < file.length; length++) assertRefused(file.subarray(0, length), password)
    }
  })

  it('is refused when octets are changed, or opens to the same content where nothing is protected', () => {
    const change = fc.record({ at: fc.nat(), kind: fc.constantFrom(...CHANGES), octet: fc.nat(255) })
    const changes = fc.array(change, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.constantFrom(...GOOD), changes, (good, made) => {
        const bytes = [...good.file]
        for (const { at, kind, octet } of made) kind(bytes, at % bytes.length, octet)
        assertSameOrRefused(Uint8Array.from(bytes), good)
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })
})

const CHANGES: readonly ((bytes: number[], at: number, octet: number) => void)[] = [
  (bytes, at) => bytes.splice(at, 1),
  (bytes, at, octet) => bytes.splice(at, 0, octet),
  (bytes, at, octet) => bytes.splice(at, 1, octet),
  (bytes, at, octet) => bytes.splice(at, 1, (bytes[at] ?? 0) ^ (1 << (octet & 7))),
]

function assertRefused(file: Uint8Array, password: string): void {
  assert.throws(() => open(file, password), isRefusal)
}

function assertSameOrRefused(mutated: Uint8Array, { file, password }: GoodFile): void {
  try {
    assert.deepEqual(open(mutated, password), open(file, password))
  } catch (error) {
    assert.ok(isRefusal(error), String(error))
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof DerError || error instanceof KeyFileRefusal
}
