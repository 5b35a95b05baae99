import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import {
  bitString,
  explicit,
  implicit,
  integer,
  null_,
  octetString,
  oid,
  sequence,
  set,
} from '../asn1/write.ts'
import { equal } from '../encoding/bytes.ts'
import { nodePasswordPlatform } from '../node/password-platform.ts'
import { KeyFileRefusal } from '../pbe/key-file-refusal.ts'
import { encrypt, pbes2, pbkdf2, scrypt } from '../pkcs12/fixture/build-pkcs12.ts'
import { openssl, withFiles } from '../test-kit.ts'
import { openEncryptedKey } from './open.ts'
import { type PrivateKey, readPrivateKey } from './private-key.ts'
import { parsePrivateKeyInfo } from './private-key-info.ts'

const read = (der: Uint8Array): PrivateKey => readPrivateKey(parsePrivateKeyInfo(der))
const malformed = (run: () => unknown, reason: string) =>
  assert.throws(run, { code: 'malformed-der', reason })
const refuses = (run: () => unknown, reason: string) =>
  assert.throws(run, { code: 'key-file-refused', reason })

const pkcs8 = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }))
const { privateKey: rsaKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const { privateKey: ecKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { privateKey: edKey } = generateKeyPairSync('ed25519')

const number = (base64url: string | undefined) =>
  BigInt(`0x${Buffer.from(base64url ?? '', 'base64url').toString('hex')}`)

describe('private keys (RFC 5958)', () => {
  it('of RSA are read as node:crypto reads them', () => {
    const { n, e, d, p, q, dp, dq, qi } = rsaKey.export({ format: 'jwk' })
    assert.deepEqual(read(pkcs8(rsaKey)), {
      kind: 'rsa',
      modulus: number(n),
      publicExponent: number(e),
      privateExponent: number(d),
      prime1: number(p),
      prime2: number(q),
      exponent1: number(dp),
      exponent2: number(dq),
      coefficient: number(qi),
      otherPrimes: 0,
    })
  })

  for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
    it(`of ${curve} are read as node:crypto reads them, with and without the point`, () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve })
      const { d, x, y } = privateKey.export({ format: 'jwk' })
      const point = Buffer.concat([
        Buffer.of(4),
        Buffer.from(x ?? '', 'base64url'),
        Buffer.from(y ?? '', 'base64url'),
      ])
      const key = read(pkcs8(privateKey))
      assert.ok(key.kind === 'ec' && key.point !== undefined && equal(key.point, point))
      assert.deepEqual([key.curve, key.secret], [curve, number(d)])
    })
  }

  it('of Ed25519 are read as node:crypto reads them', () => {
    const { d } = edKey.export({ format: 'jwk' })
    const key = read(pkcs8(edKey))
    assert.ok(key.kind === 'ed25519' && equal(key.seed, Buffer.from(d ?? '', 'base64url')))
  })

  it('of RSA with more primes, as openssl makes them, say so', () => {
    const pem = withFiles({}, folder => {
      openssl(folder, 'genrsa', '-primes', '3', '-out', 'k.pem', '2048')
      return (
        openssl(folder, 'pkcs8', '-topk8', '-nocrypt', '-outform', 'DER', '-in', 'k.pem', '-out', 'k.der') +
        openssl(folder, 'base64', '-in', 'k.der')
      )
    })
    const key = read(new Uint8Array(Buffer.from(pem, 'base64')))
    assert.ok(key.kind === 'rsa' && key.otherPrimes === 1)
  })

  it('of another algorithm are named', () => {
    const info = sequence(
      integer(0),
      sequence(oid('1.3.101.110')),
      octetString(octetString(new Uint8Array(32))),
    )
    assert.deepEqual(read(info), { kind: 'other', oid: '1.3.101.110' })
  })

  const P256 = oid('1.2.840.10045.3.1.7')
  const ec = (parameters: Uint8Array, inner: Uint8Array, ...more: readonly Uint8Array[]) =>
    sequence(integer(0), sequence(oid(OID.ecPublicKey), parameters), octetString(inner), ...more)
  const secret = octetString(Uint8Array.of(1, 2, 3))

  it('of EC with parameters spelled out have no curve', () => {
    const key = read(ec(sequence(integer(1)), sequence(integer(1), secret)))
    assert.ok(key.kind === 'ec' && key.curve === undefined)
  })

  it('of EC whose curve is said in two ways are refused', () => {
    const twice = (curve: string) => ec(P256, sequence(integer(1), secret, explicit(0, oid(curve))))
    assert.ok(read(twice('1.2.840.10045.3.1.7')))
    malformed(() => read(twice('1.3.132.0.34')), 'value-not-allowed')
    malformed(() => read(ec(P256, sequence(integer(2), secret))), 'value-not-allowed')
    malformed(() => read(ec(P256, sequence(integer(1), octetString(new Uint8Array())))), 'value-not-allowed')
  })

  it('may carry attributes, and from version 2 on a public key', () => {
    const inner = octetString(octetString(new Uint8Array(32)))
    const algorithm = sequence(oid(OID.ed25519))
    const attributes = implicit(0, set())
    const publicKey = implicit(1, bitString(Uint8Array.of(9)))
    const key = read(sequence(integer(1), algorithm, inner, attributes, publicKey))
    assert.ok(key.kind === 'ed25519' && key.publicKey !== undefined && equal(key.publicKey, Uint8Array.of(9)))
    malformed(() => read(sequence(integer(0), algorithm, inner, publicKey)), 'unknown-field')
    malformed(() => read(sequence(integer(2), algorithm, inner)), 'value-not-allowed')
  })

  it('whose parameters or numbers are not the algorithm’s are refused', () => {
    const key = sequence(integer(0), ...[1, 2, 3, 4, 5, 6, 7, -8].map(integer))
    const rsa = (parameters: Uint8Array | undefined, inner: Uint8Array) =>
      sequence(integer(0), sequence(oid(OID.rsaEncryption), parameters), octetString(inner))
    malformed(() => read(rsa(undefined, key)), 'missing-field')
    malformed(() => read(rsa(integer(0), key)), 'unexpected-tag')
    malformed(() => read(rsa(null_(), key)), 'value-not-allowed')
    const short = octetString(octetString(new Uint8Array(31)))
    malformed(() => read(sequence(integer(0), sequence(oid(OID.ed25519)), short)), 'value-not-allowed')
  })
})

describe('private keys under a password (RFC 5958, 3)', () => {
  const schemes: readonly (readonly string[])[] = [
    ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA256'],
    ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1'],
    ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA512'],
    ['-v2', 'des3', '-v2prf', 'hmacWithSHA384'],
    ['-v1', 'PBE-SHA1-3DES'],
    ['-scrypt'],
    ['-scrypt', '-scrypt_N', '8192', '-scrypt_r', '16', '-scrypt_p', '2'],
  ]
  for (const scheme of schemes) {
    it(`open what openssl pkcs8 ${scheme.join(' ')} writes, under its password alone`, () => {
      const file = byOpenssl(pkcs8(ecKey), '鍵 and more', ...scheme)
      assert.ok(equal(openEncryptedKey(file, '鍵 and more', nodePasswordPlatform), pkcs8(ecKey)))
      refuses(() => openEncryptedKey(file, '鍵 and less', nodePasswordPlatform), 'password-wrong')
    })
  }

  it('refuse what OpenSSL has given up, and derivations that ask for too much', () => {
    const file = (algorithm: Uint8Array) =>
      sequence(algorithm, octetString(encrypt('password', pkcs8(ecKey))))
    const asked = (algorithm: Uint8Array) => () =>
      openEncryptedKey(file(algorithm), 'password', nodePasswordPlatform)
    assert.ok(asked(pbes2(pbkdf2({})))())
    refuses(asked(sequence(oid('1.2.840.113549.1.5.3'), null_())), 'encryption-unsupported')
    refuses(asked(pbes2(pbkdf2({ keyLength: 16 }))), 'encryption-unsupported')
    refuses(asked(pbes2(pbkdf2({}), new Uint8Array(8))), 'encryption-unsupported')
    refuses(asked(pbes2(scrypt(3, 8, 1))), 'encryption-unsupported')
    refuses(asked(pbes2(pbkdf2({ iterations: 600_001n }))), 'too-many-iterations')
    refuses(() => openEncryptedKey(new Uint8Array(262_145), '', nodePasswordPlatform), 'file-too-large')
  })

  it('are refused when octets are changed, or are the same length of noise that has no MAC', () => {
    const file = sequence(pbes2(pbkdf2({})), octetString(encrypt('password', pkcs8(ecKey))))
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = file.with(at, (file[at] ?? 0) ^ flip)
        try {
          openEncryptedKey(changed, 'password', nodePasswordPlatform)
        } catch (error) {
          assert.ok(error instanceof DerError || error instanceof KeyFileRefusal, String(error))
        }
      }),
      { numRuns: rounds('property'), seed: seed() },
    )
  })
})

function byOpenssl(key: Uint8Array, password: string, ...scheme: readonly string[]): Uint8Array {
  const base64 = withFiles({ 'k.der': key, password: `${password}\n` }, folder => {
    const [form, files] = [
      ['-inform', 'DER', '-outform', 'DER'],
      ['-in', 'k.der', '-out', 'k.enc'],
    ]
    openssl(folder, 'pkcs8', '-topk8', '-passout', 'file:password', ...form, ...files, ...scheme)
    return openssl(folder, 'base64', '-in', 'k.enc')
  })
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
