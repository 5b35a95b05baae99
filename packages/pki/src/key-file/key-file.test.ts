import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { equal, utf8 } from '../encoding/bytes.ts'
import { nodePasswordPlatform } from '../node/password-platform.ts'
import { issue, openssl, privateKeyPem, withFiles } from '../test-kit.ts'
import { toPem } from '../x509/pem.ts'
import { needsPassword, openKeyFile } from './open-key-file.ts'

const entity = await issue({ name: 'Alice' })
const { privateKey } = entity.key
const pkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }))
const certificate = toPem('CERTIFICATE', entity.certificate.bytes)
const refuses = (run: () => unknown, reason: string) =>
  assert.throws(run, { code: 'key-file-refused', reason })

const encrypted = { cipher: 'aes-256-cbc', passphrase: 'password' } as const
const files: readonly (readonly [string, Uint8Array, boolean, number])[] = [
  ['a private key in DER', pkcs8, false, 0],
  ['one under a password in DER', privateKey.export({ format: 'der', type: 'pkcs8', ...encrypted }), true, 0],
  ['a private key in PEM with its certificate', utf8(privateKeyPem(entity.key) + certificate), false, 1],
  [
    'one under a password in PEM with its certificate',
    utf8(certificate + privateKey.export({ format: 'pem', type: 'pkcs8', ...encrypted })),
    true,
    1,
  ],
  ['a PKCS #12 file', pkcs12(), true, 1],
]

function pkcs12(): Uint8Array {
  const base64 = withFiles({ 'in.pem': privateKeyPem(entity.key) + certificate }, folder => {
    openssl(folder, 'pkcs12', '-export', '-in', 'in.pem', '-passout', 'pass:password', '-out', 'out.p12')
    return openssl(folder, 'base64', '-in', 'out.p12')
  })
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

describe('a key file', () => {
  for (const [what, file, needs, certificates] of files) {
    it(`may be ${what}`, () => {
      assert.equal(needsPassword(file), needs)
      const opened = openKeyFile(file, needs ? 'password' : '', nodePasswordPlatform)
      const [key] = opened.keys
      assert.ok(key && equal(key.privateKeyInfo, pkcs8))
      assert.deepEqual(
        [opened.keys.length, key.encrypted, opened.certificates.length],
        [1, needs, certificates],
      )
    })
  }

  it('has one key when it is PEM', () => {
    refuses(() => needsPassword(utf8(certificate)), 'not-one-key')
    const pem = privateKeyPem(entity.key)
    refuses(() => needsPassword(utf8(pem + pem)), 'not-one-key')
  })

  it('has no key in a format of its algorithm’s own', () => {
    const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    refuses(
      () => needsPassword(utf8(rsa.export({ format: 'pem', type: 'pkcs1' }).toString())),
      'format-unsupported',
    )
    refuses(
      () => needsPassword(utf8(privateKey.export({ format: 'pem', type: 'sec1' }).toString())),
      'format-unsupported',
    )
  })

  it('is no other file', () => {
    const malformed = (file: Uint8Array) =>
      assert.throws(() => needsPassword(file), { code: 'malformed-der' })
    malformed(new Uint8Array())
    malformed(utf8('a letter'))
    malformed(Uint8Array.of(0x30, 0))
    refuses(() => needsPassword(new Uint8Array(262_145)), 'file-too-large')
  })
})
