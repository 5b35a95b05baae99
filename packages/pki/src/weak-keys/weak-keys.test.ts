import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { rounds } from '@natsuin/testing/rounds'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { bitString, integer, null_, oid, sequence } from '../asn1/write.ts'
import { concat, equal, toHex } from '../encoding/bytes.ts'
import { nodeKeyPlatform as platform } from '../node/key-platform.ts'
import { buildEcPrivateKeyInfo, buildRsaPrivateKeyInfo } from '../pkcs8/build.ts'
import {
  type EcPrivateKey,
  type PrivateKey,
  type RsaPrivateKey,
  readPrivateKey,
} from '../pkcs8/private-key.ts'
import { parsePrivateKeyInfo } from '../pkcs8/private-key-info.ts'
import { openssl, withFiles } from '../test-kit.ts'
import { subjectPublicKeyBits } from '../x509/public-key.ts'
import { weaknessOfPublicKey } from './check-public-key.ts'
import { CURVES } from './ec/curves.ts'
import { examinePrivateKey } from './examine-private-key.ts'
import { E, infineonPrime, prime, primeFrom, rsaKey } from './fixture/crafted-keys.ts'
import { readPublicNumbers } from './key-numbers.ts'
import type { WeakKeyReason } from './reasons.ts'

const weakness = (key: PrivateKey) => examinePrivateKey(key, platform).weakness
const pkcs8 = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }))
const read = (der: Uint8Array) => readPrivateKey(parsePrivateKeyInfo(der))

const spkiOf = (modulus: bigint, exponent = E) =>
  sequence(
    sequence(oid(OID.rsaEncryption), null_()),
    bitString(sequence(integer(modulus), integer(exponent))),
  )
const publicWeakness = (modulus: bigint, exponent = E) =>
  weaknessOfPublicKey(spkiOf(modulus, exponent), platform)

const p = prime()
const q = prime()
const good = rsaKey(p, q)

describe('a sound key', () => {
  it('of RSA passes, of both sizes, and comes out as node:crypto writes it', () => {
    for (const modulusLength of [3072, 4096]) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength })
      const examined = examinePrivateKey(read(pkcs8(privateKey)), platform)
      assert.ok(examined.weakness === undefined && equal(examined.privateKeyInfo, pkcs8(privateKey)))
    }
  })

  for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
    it(`of ${curve} passes, with its point or without, and comes out as node:crypto writes it`, () => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve })
      const key = read(pkcs8(privateKey)) as EcPrivateKey
      for (const brought of [key, { ...key, point: undefined }]) {
        const examined = examinePrivateKey(brought, platform)
        assert.ok(examined.weakness === undefined && equal(examined.privateKeyInfo, pkcs8(privateKey)))
        assert.deepEqual(examined.spki, new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })))
      }
    })
  }

  it('of Ed25519 passes', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const examined = examinePrivateKey(read(pkcs8(privateKey)), platform)
    assert.ok(examined.weakness === undefined && equal(examined.privateKeyInfo, pkcs8(privateKey)))
  })
})

/** A prime whose product with p has bits enough, and which is close to p. */
const nearP = (distance: bigint) => primeFrom(p + distance, platform.isPrime)

describe('a weak RSA key has a reason of its own (T-KEY-04)', () => {
  const cases: readonly (readonly [string, WeakKeyReason, () => RsaPrivateKey])[] = [
    ['512 bits', 'rsa-modulus-size', () => rsaKey(prime(256), prime(256))],
    ['1024 bits', 'rsa-modulus-size', () => rsaKey(prime(512), prime(512))],
    ['3071 bits', 'rsa-modulus-size', () => ({ ...good, modulus: 2n ** 3071n - 1n })],
    ['16384 bits', 'rsa-modulus-size', () => ({ ...good, modulus: 2n ** 16383n + 1n })],
    ['the exponent 1', 'rsa-exponent-size', () => rsaKey(p, q, { e: 1n, d: good.privateExponent })],
    ['the exponent 3', 'rsa-exponent-size', () => ({ ...good, publicExponent: 3n })],
    ['an even exponent', 'rsa-exponent-even', () => ({ ...good, publicExponent: 65538n })],
    ['an exponent of 257 bits', 'rsa-exponent-size', () => ({ ...good, publicExponent: 2n ** 256n + 1n })],
    ['a small secret', 'rsa-private-exponent-small', () => rsaKey(p, q, { d: prime(700) })],
    ['p = q', 'rsa-primes-equal', () => rsaKey(p, p, { d: good.privateExponent })],
    ['primes in a row', 'rsa-primes-near', () => rsaKey(p, nearP(2n))],
    ['primes that differ in 1400 bits only', 'rsa-primes-near', () => rsaKey(p, nearP(2n ** 1400n))],
    ['primes of unequal length', 'rsa-primes-size', () => rsaKey(prime(1000), prime(2072))],
    ['a composite prime', 'rsa-prime-composite', () => rsaKey(p, composite())],
    ['three primes', 'rsa-multi-prime', () => ({ ...good, otherPrimes: 1 })],
    [
      'another modulus than its primes’',
      'rsa-modulus-mismatch',
      () => ({ ...good, modulus: good.modulus + 2n }),
    ],
    [
      'another secret',
      'rsa-exponent-mismatch',
      () => ({ ...good, privateExponent: good.privateExponent + 2n }),
    ],
    [
      'a secret above the modulus',
      'rsa-exponent-mismatch',
      () => ({ ...good, privateExponent: good.privateExponent + (p - 1n) * (q - 1n) }),
    ],
    ['another first exponent', 'rsa-crt-mismatch', () => ({ ...good, exponent1: good.exponent1 + 1n })],
    ['another second exponent', 'rsa-crt-mismatch', () => ({ ...good, exponent2: good.exponent2 + 1n })],
    ['another coefficient', 'rsa-crt-mismatch', () => ({ ...good, coefficient: good.coefficient + 1n })],
    [
      'a coefficient above its prime',
      'rsa-crt-mismatch',
      () => ({ ...good, coefficient: good.coefficient + p }),
    ],
  ]
  for (const [what, reason, key] of cases) {
    it(`${what}: ${reason}`, () => assert.equal(weakness(key()), reason))
  }

  it('and the key they were made of passes', () => assert.equal(weakness(good), undefined))

  /** Of two primes, as long as one. */
  function composite(): bigint {
    for (;;) {
      const candidate = prime(768) * prime(768)
      if (candidate >> 1534n === 3n) return candidate
    }
  }

  it('is found by its public half where that shows it', () => {
    const three = 3n * primeFrom((p * q) / 3n, () => true)
    assert.equal(publicWeakness(three), 'rsa-small-factor')
    assert.equal(publicWeakness(p * p), 'rsa-close-primes')
    assert.equal(publicWeakness(p * nearP(2n)), 'rsa-close-primes')
    assert.equal(publicWeakness(p * q, 3n), 'rsa-exponent-size')
    assert.equal(publicWeakness(p * q), undefined)
  })

  it('is found when it shares a prime with another that is at hand', () => {
    const known = { refused: new Set<string>(), otherModuli: [p * prime()] }
    assert.equal(weaknessOfPublicKey(spkiOf(p * q), platform, known), 'rsa-shared-factor')
    assert.equal(weaknessOfPublicKey(spkiOf(q * prime()), platform, known), undefined)
    const itself = { ...known, otherModuli: [p * q] }
    assert.equal(weaknessOfPublicKey(spkiOf(p * q), platform, itself), undefined)
  })
})

describe('keys of a faulty generator (T-KEY-05)', () => {
  const infineon = infineonPrime(platform.isPrime)

  it('are found by their public half, always', () => {
    const other = infineonPrime(platform.isPrime)
    assert.equal(publicWeakness(infineon * other), 'rsa-infineon')
    assert.equal(weakness(rsaKey(infineon, other)), 'rsa-infineon')
  })

  it('are those of which both primes were made so', () =>
    assert.equal(publicWeakness(infineon * q), undefined))

  it('are no random ones', () => {
    const primes = Array.from({ length: Math.ceil(Math.sqrt(2 * rounds('moduli'))) + 1 }, () => prime())
    const moduli = primes.flatMap((one, i) => primes.slice(0, i).map(other => one * other))
    const count = rounds('moduli')
    assert.ok(moduli.length >= count)
    for (const modulus of moduli.slice(0, count)) assert.equal(publicWeakness(modulus), undefined)
  })
})

describe('keys that everybody has (T-KEY-06)', () => {
  // RFC 6979, A.2.5.
  const published = buildEcPrivateKeyInfo(
    'P-256',
    0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n,
  )

  it('are those of standards', () => {
    assert.equal(weakness(read(published)), 'key-published')
    // RFC 8032, 7.1.
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
    assert.equal(
      weakness({ kind: 'ed25519', seed: new Uint8Array(seed), publicKey: undefined }),
      'key-published',
    )
  })

  it('are those that an operator names, and no others', () => {
    const spki = spkiOf(p * q)
    const refusing = (...digests: readonly string[]) =>
      weaknessOfPublicKey(spki, platform, { refused: new Set(digests), otherModuli: [] })
    assert.equal(refusing(toHex(platform.digest(spki))), 'key-published')
    assert.equal(refusing('00'.repeat(32)), undefined)
  })
})

describe('EC keys (T-KEY-07)', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = read(pkcs8(privateKey)) as EcPrivateKey
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }))
  const point = subjectPublicKeyBits(spki)
  const P256 = oid('1.2.840.10045.3.1.7')
  const withPoint = (bits: Uint8Array, parameters: Uint8Array = P256) =>
    weaknessOfPublicKey(sequence(sequence(oid(OID.ecPublicKey), parameters), bitString(bits)), platform)
  const coordinates = (x: bigint, y: bigint) =>
    new Uint8Array(
      Buffer.from(`04${[x, y].map(each => each.toString(16).padStart(64, '0')).join('')}`, 'hex'),
    )

  it('on a curve pass', () => assert.equal(withPoint(point), undefined))

  it('at infinity are refused', () => assert.equal(withPoint(Uint8Array.of(0)), 'ec-point-infinite'))

  it('whose point is spelled another way are refused', () => {
    const compressed = concat(Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1)), point.subarray(1, 33))
    assert.equal(withPoint(compressed), 'ec-point-form')
    assert.equal(withPoint(point.with(0, 6 + ((point.at(-1) ?? 0) & 1))), 'ec-point-form')
    assert.equal(withPoint(point.subarray(0, 64)), 'ec-point-form')
  })

  it('off the curve are refused, also where the coordinates are only written larger', () => {
    const { p: field, b } = CURVES['P-256']
    assert.equal(withPoint(point.with(-1, (point.at(-1) ?? 0) ^ 1)), 'ec-point-off-curve')
    assert.equal(withPoint(coordinates(0n, 0n)), 'ec-point-off-curve')
    // A point whose x is small enough to be written as x + p as well: b is a square on P-256, so x = 0 has one.
    const root = power(b, (field + 1n) / 4n, field)
    assert.equal(withPoint(coordinates(0n, root)), undefined)
    assert.equal(withPoint(coordinates(field, root)), 'ec-point-off-curve')
  })

  it('on other curves are refused', () => {
    assert.equal(withPoint(point, oid('1.3.132.0.10')), 'ec-curve-unknown')
  })

  it('whose curve is spelled out are refused, with its own generator and with another', () => {
    const explicit = explicitKey()
    assert.equal(weaknessOfPublicKey(explicit, platform), 'ec-parameters-explicit')
    // The generator is the first point in the parameters; in its place the key's own point, whose secret is then 1.
    const bits = subjectPublicKeyBits(explicit)
    const generator = Buffer.from(explicit).indexOf(GENERATOR_X)
    const twisted = new Uint8Array(explicit)
    twisted.set(bits.subarray(1), generator)
    assert.ok(generator > 0 && readPublicNumbers(twisted).kind === 'ec')
    assert.equal(weaknessOfPublicKey(twisted, platform), 'ec-parameters-explicit')
    assert.equal(weakness({ ...key, parameters: 'explicit', curve: undefined }), 'ec-parameters-explicit')
    assert.equal(weakness({ ...key, parameters: 'unknown', curve: undefined }), 'ec-curve-unknown')
  })

  it('with a secret out of range are refused', () => {
    const { n } = CURVES['P-256']
    for (const secret of [0n, n, n + 1n, 2n ** 256n]) {
      assert.equal(weakness({ ...key, secret, point: undefined }), 'ec-secret-range')
    }
    assert.equal(weakness({ ...key, secret: n - 1n, point: undefined }), undefined)
  })

  it('with another point than their secret’s are refused, and with one that is none', () => {
    const other = subjectPublicKeyBits(
      new Uint8Array(
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' }),
      ),
    )
    assert.equal(weakness({ ...key, point: other }), 'public-key-mismatch')
    assert.equal(weakness({ ...key, point: point.with(-1, (point.at(-1) ?? 0) ^ 1) }), 'ec-point-off-curve')
    assert.equal(weakness({ ...key, point: Uint8Array.of(0) }), 'ec-point-infinite')
  })

  it('have the fields and orders of SP 800-186, as node:crypto has them', () => {
    for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
      const { n } = CURVES[curve]
      // (n − 1)·G is −G: the largest secret has the generator's x.
      const [one, last] = [1n, n - 1n].map(secret => platform.publicKey(buildEcPrivateKeyInfo(curve, secret)))
      const x = (der: Uint8Array = new Uint8Array()) =>
        createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }).export({ format: 'jwk' })['x']
      assert.equal(x(one), x(last))
      const infinite = platform.publicKey(buildEcPrivateKeyInfo(curve, n)) ?? new Uint8Array()
      assert.equal(weaknessOfPublicKey(infinite, platform), 'ec-point-infinite')
      assert.equal(weaknessOfPublicKey(one ?? new Uint8Array(), platform), undefined)
    }
  })
})

describe('keys of other kinds', () => {
  it('are refused for their kind', () => {
    const { publicKey } = generateKeyPairSync('x25519')
    assert.equal(
      weaknessOfPublicKey(new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })), platform),
      'key-kind',
    )
    assert.equal(weakness({ kind: 'other', oid: '1.2.3' }), 'key-kind')
  })

  it('of Ed25519 with another public key than their seed’s are refused', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = read(pkcs8(privateKey))
    assert.ok(key.kind === 'ed25519')
    assert.equal(weakness({ ...key, publicKey: new Uint8Array(32) }), 'public-key-mismatch')
  })

  it('are rewritten as they were', () => {
    assert.deepEqual(read(buildRsaPrivateKeyInfo(good)), good)
    assert.ok(parseDer(buildRsaPrivateKeyInfo(good)))
  })
})

// RFC 5480, 2.1.1.1; SP 800-186, 3.2.1.3: the x of the base point of P-256.
const GENERATOR_X = Buffer.from('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296', 'hex')

/** SubjectPublicKeyInfo with the parameters of P-256 spelled out. */
function explicitKey(): Uint8Array {
  const base64 = withFiles({}, folder => {
    openssl(folder, 'ecparam', '-name', 'prime256v1', '-genkey', '-param_enc', 'explicit', '-out', 'k.pem')
    openssl(
      folder,
      'ec',
      '-in',
      'k.pem',
      '-pubout',
      '-outform',
      'DER',
      '-param_enc',
      'explicit',
      '-out',
      'k.der',
    )
    return openssl(folder, 'base64', '-in', 'k.der')
  })
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) result = (result * result * (bit === '1' ? base : 1n)) % modulus
  return result
}
