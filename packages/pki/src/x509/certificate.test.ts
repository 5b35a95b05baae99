import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type KeyType, keyTypes } from '../algorithms/algorithms.ts'
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { boolean, element, explicit, integer, octetString, oid, sequence } from '../asn1/write.ts'
import { concat, toHex } from '../encoding/bytes.ts'
import { nodePlatform } from '../node/node-platform.ts'
import { generateKey, issueRoot, NOT_AFTER, NOT_BEFORE, openssl, withFiles } from '../test-kit.ts'
import {
  authorityInfoAccess,
  basicConstraints,
  buildTbsCertificate,
  type CertificateProfile,
  certificatePolicies,
  crlDistributionPoints,
  extension,
  extKeyUsage,
  keyIdentifier,
  keyUsage,
  ocspNoCheck,
  privateKeyUsagePeriod,
  qcStatements,
} from './build.ts'
import { parseCertificate } from './certificate.ts'
import { buildName, InvalidName, readName } from './name.ts'
import { fromPem, toPem } from './pem.ts'
import { isAcceptableKey, readPublicKey } from './public-key.ts'
import { assembleSigned, verifySigned } from './signed.ts'

const QC_COMPLIANCE = sequence(oid('0.4.0.1862.1.1'))

const root = await issueRoot()
const leafKey = generateKey('rsa-3072')

const PROFILE: CertificateProfile = {
  serialNumber: Uint8Array.of(0xff, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
  signatureAlgorithm: root.key.algorithm,
  issuer: root.certificate.subject.bytes,
  subject: buildName([
    { oid: OID.countryName, value: 'JP' },
    { oid: OID.commonName, value: '山田 花子' },
    { oid: OID.givenName, value: '花子' },
    { oid: OID.surname, value: '山田' },
    { oid: OID.serialNumber, value: 'PASJP-1234' },
  ]),
  notBefore: NOT_BEFORE,
  notAfter: new Date('2050-06-01T00:00:00Z'),
  spki: leafKey.spki,
  extensions: [
    basicConstraints({ ca: false }),
    keyUsage('nonRepudiation'),
    extKeyUsage([OID.documentSigning], { critical: false }),
    crlDistributionPoints(['http://ca.test/a.crl', 'http://ca.test/b.crl']),
    authorityInfoAccess({ ocsp: ['http://ocsp.test/'], caIssuers: ['http://ca.test/ca.cer'] }),
    certificatePolicies([
      { oid: '1.3.6.1.4.1.99999.1', cps: 'https://ca.test/cps' },
      { oid: '0.4.0.2042.1.1' },
    ]),
    qcStatements([QC_COMPLIANCE]),
    ocspNoCheck(),
    privateKeyUsagePeriod({ notBefore: NOT_BEFORE, notAfter: NOT_AFTER }),
  ],
}

function certify(profile: Partial<CertificateProfile> = {}): Uint8Array {
  const tbs = buildTbsCertificate({ ...PROFILE, ...profile })
  return assembleSigned(tbs, root.key.algorithm, root.key.sign(tbs))
}

const refuses = (run: () => unknown, reason: string) => assert.throws(run, { code: 'malformed-der', reason })

describe('certificates (RFC 5280, 4.1)', () => {
  const der = certify()
  const certificate = parseCertificate(der)

  it('are read as they were built', () => {
    const { extensions } = certificate
    assert.deepEqual(certificate.bytes, der)
    assert.equal(toHex(certificate.serialNumber), '00ff02030405060708090a0b0c0d0e0f10')
    assert.deepEqual(certificate.issuer.bytes, root.certificate.subject.bytes)
    assert.deepEqual(certificate.subject.bytes, PROFILE.subject)
    assert.deepEqual([certificate.notBefore, certificate.notAfter], [PROFILE.notBefore, PROFILE.notAfter])
    assert.deepEqual(certificate.spki, leafKey.spki)
    assert.deepEqual(certificate.publicKey, {
      kind: 'rsa',
      modulusBits: 3072,
      exponent: 65537n,
      keyType: 'rsa-3072',
    })
    assert.equal(certificate.signatureAlgorithm, 'ecdsa-sha256')
    assert.deepEqual(extensions.basicConstraints, { ca: false, pathLength: undefined })
    assert.deepEqual(extensions.keyUsage, ['nonRepudiation'])
    assert.deepEqual(extensions.extKeyUsage, [OID.documentSigning])
    assert.deepEqual(extensions.crlUrls, ['http://ca.test/a.crl', 'http://ca.test/b.crl'])
    assert.deepEqual(extensions.ocspUrls, ['http://ocsp.test/'])
    assert.deepEqual(extensions.caIssuersUrls, ['http://ca.test/ca.cer'])
    assert.deepEqual(extensions.policies, ['1.3.6.1.4.1.99999.1', '0.4.0.2042.1.1'])
    assert.deepEqual(extensions.qcStatements, sequence(QC_COMPLIANCE))
    assert.deepEqual(extensions.privateKeyUsagePeriod, { notBefore: NOT_BEFORE, notAfter: NOT_AFTER })
    assert.equal(extensions.ocspNoCheck, true)
    assert.deepEqual(extensions.unknownCritical, [])
    assert.equal(extensions.all.length, PROFILE.extensions.length)
  })

  it('are read the same by openssl', () => {
    const text = withFiles({ 'c.der': der }, folder =>
      openssl(
        folder,
        'x509',
        '-inform',
        'DER',
        '-in',
        'c.der',
        '-noout',
        '-text',
        '-nameopt',
        'RFC2253,utf8,-esc_msb',
      ),
    )
    for (const line of [
      'Serial Number:\n            ff:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10',
      'Signature Algorithm: ecdsa-with-SHA256',
      'Not After : Jun  1 00:00:00 2050 GMT',
      'CN=山田 花子,C=JP',
      'Key Usage: critical\n                Non Repudiation',
      'Full Name:\n                  URI:http://ca.test/b.crl',
      'OCSP - URI:http://ocsp.test/',
      'CA Issuers - URI:http://ca.test/ca.cer',
      'CPS: https://ca.test/cps',
      'Not After: Jan  1 00:00:00 2036 GMT',
    ])
      assert.ok(text.includes(line), `${line}\n--- not in ---\n${text}`)
  })

  it('verify with the issuer key and no other, here and in node:crypto', async () => {
    assert.equal(await verifySigned(certificate, root.certificate.spki, nodePlatform), true)
    assert.equal(await verifySigned(certificate, generateKey().spki, nodePlatform), false)
    assert.equal(await verifySigned(certificate, leafKey.spki, nodePlatform), false)
    assert.equal(new X509Certificate(der).verify(new X509Certificate(root.certificate.bytes).publicKey), true)
  })

  it('are built and verified with every key type', async () => {
    for (const keyType of Object.keys(keyTypes) as KeyType[]) {
      const own = await issueRoot('Self', keyType)
      assert.equal(own.certificate.publicKey.keyType, keyType)
      assert.equal(await verifySigned(own.certificate, own.certificate.spki, nodePlatform), true, keyType)
      assert.equal(
        new X509Certificate(own.certificate.bytes).verify(
          new X509Certificate(own.certificate.bytes).publicKey,
        ),
        true,
      )
    }
  })

  it('never verify after any octet was changed', async () => {
    const changed = fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(changed, async ([at, mask]) => {
        const copy = new Uint8Array(der)
        copy[at] = (copy[at] ?? 0) ^ mask
        try {
          assert.equal(await verifySigned(parseCertificate(copy), root.certificate.spki, nodePlatform), false)
        } catch (error) {
          assert.ok(error instanceof DerError, String(error))
        }
      }),
      { numRuns: 400 },
    )
  })

  it('are refused when cut short at any octet', () => {
    for (let length = 0; length < der.length; length++)
      assert.throws(() => parseCertificate(der.subarray(0, length)), DerError)
  })

  it('take serial numbers of up to 20 octets, never zero', () => {
    const octets = (length: number, value: number) => new Uint8Array(length).fill(value)
    assert.equal(parseCertificate(certify({ serialNumber: octets(20, 0x7f) })).serialNumber.length, 20)
    for (const serialNumber of [octets(20, 0xff), octets(21, 1), octets(3, 0), new Uint8Array()])
      assert.throws(() => certify({ serialNumber }), RangeError)
  })

  it('are refused with two different signature algorithms', () => {
    const tbs = buildTbsCertificate(PROFILE)
    refuses(
      () => parseCertificate(assembleSigned(tbs, 'ecdsa-sha384', root.key.sign(tbs))),
      'value-not-allowed',
    )
  })

  it('are refused with an extension twice, an encoded default, or a malformed extension', () => {
    const withExtension =
      (...extensions: Uint8Array[]) =>
      () =>
        parseCertificate(certify({ extensions }))
    const explicitFalse = sequence(oid(OID.basicConstraints), boolean(false), octetString(sequence()))
    refuses(withExtension(keyUsage('keyCertSign'), keyUsage('cRLSign')), 'duplicate-field')
    refuses(withExtension(explicitFalse), 'default-encoded')
    refuses(withExtension(extension(OID.basicConstraints, true, sequence(boolean(false)))), 'default-encoded')
    refuses(withExtension(extension(OID.basicConstraints, true, sequence(integer(0)))), 'value-not-allowed')
    refuses(withExtension(extension(OID.keyUsage, true, element(3, Uint8Array.of(0)))), 'value-not-allowed')
    refuses(
      withExtension(
        extension(OID.keyUsage, true, concat(element(3, Uint8Array.of(7, 128)), Uint8Array.of(0))),
      ),
      'trailing-bytes',
    )
    assert.doesNotThrow(withExtension(keyUsage('keyCertSign')))
  })

  it('list critical extensions that are not understood', () => {
    const unknown = extension('1.2.3.4', true, sequence())
    const harmless = extension('1.2.3.5', false, sequence())
    const nameConstraints = extension(OID.nameConstraints, true, sequence())
    const { extensions } = parseCertificate(certify({ extensions: [unknown, harmless, nameConstraints] }))
    assert.deepEqual(extensions.unknownCritical, ['1.2.3.4', OID.nameConstraints])
  })

  it('are refused with an unknown version or extensions before version 3', () => {
    const tbs = parseDer(buildTbsCertificate(PROFILE))
    const [, ...fields] = tbs.children.map(child => child.bytes)
    const withVersion = (version: Uint8Array | undefined) => () =>
      parseCertificate(assembleSigned(sequence(version, ...fields), root.key.algorithm, Uint8Array.of(0)))
    refuses(withVersion(undefined), 'unknown-field')
    refuses(withVersion(explicit(0, integer(1))), 'unknown-field')
    refuses(withVersion(explicit(0, integer(0))), 'default-encoded')
    refuses(withVersion(explicit(0, integer(3))), 'value-not-allowed')
    assert.doesNotThrow(withVersion(explicit(0, integer(2))))
  })
})

describe('names', () => {
  const text = (...attributes: { oid: string; value: string }[]) =>
    readName(parseDer(buildName(attributes))).text

  it('are shown most specific first and escaped (RFC 4514, 2.4)', () => {
    assert.equal(certificateText(), 'serialNumber=PASJP-1234,sn=山田,givenName=花子,CN=山田 花子,C=JP')
    assert.equal(
      text({ oid: OID.commonName, value: ' a,b+c"d\\e<f>g;h ' }),
      'CN=\\ a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h\\ ',
    )
    assert.equal(text({ oid: OID.commonName, value: '#1' }), 'CN=\\#1')
    assert.equal(text({ oid: OID.organizationIdentifier, value: 'VATJP-1' }), '2.5.4.97=#0c075641544a502d31')
  })

  it('agree with openssl on RFC 2253 text', () => {
    const name = buildName([
      { oid: OID.countryName, value: 'JP' },
      { oid: OID.organizationName, value: 'A, "B" + C\\D' },
      { oid: OID.commonName, value: '#x ' },
    ])
    const shown = withFiles({ 'c.der': certify({ subject: name }) }, folder =>
      openssl(folder, 'x509', '-inform', 'DER', '-in', 'c.der', '-noout', '-subject', '-nameopt', 'RFC2253'),
    )
    assert.equal(shown.trim(), `subject=${readName(parseDer(name)).text}`)
  })

  it('keep the list of attributes in order', () => {
    const attributes = [
      { oid: OID.countryName, value: 'JP' },
      { oid: OID.emailAddress, value: 'hanako@example.test' },
      { oid: OID.commonName, value: '花子' },
    ]
    assert.deepEqual(readName(parseDer(buildName(attributes))).attributes, attributes)
  })

  it('refuse what could deceive or does not fit', () => {
    const refused = [
      [OID.commonName, ''],
      [OID.commonName, 'a'.repeat(65)],
      [OID.commonName, 'a\0b'],
      [OID.commonName, 'a\nb'],
      [OID.commonName, 'a\u202eb'],
      [OID.commonName, '\ud800'],
      [OID.countryName, 'jp'],
      [OID.countryName, 'JPN'],
      [OID.serialNumber, 'a@b'],
      [OID.emailAddress, '花@example.test'],
    ] as const
    for (const [type, value] of refused)
      assert.throws(
        () => buildName([{ oid: type, value }]),
        error => error instanceof InvalidName && error.attribute === type,
        value,
      )
    assert.equal(text({ oid: OID.commonName, value: '花'.repeat(64) }), `CN=${'花'.repeat(64)}`)
  })

  it('are brought to NFC', () => {
    assert.deepEqual(
      buildName([{ oid: OID.commonName, value: 'か\u3099' }]),
      buildName([{ oid: OID.commonName, value: 'が' }]),
    )
  })

  function certificateText(): string {
    return readName(parseDer(PROFILE.subject)).text
  }
})

describe('public keys', () => {
  it('of 2048 to 8192 bits with exponents from 65537 are accepted (T-LIM-15)', () => {
    const rsa = (modulusBits: number, exponent: bigint) =>
      isAcceptableKey({ kind: 'rsa', modulusBits, exponent, keyType: undefined })
    assert.deepEqual(
      [2047, 2048, 8192, 8193].map(bits => rsa(bits, 65537n)),
      [false, true, true, false],
    )
    assert.deepEqual(
      [3n, 65535n, 65537n, 65538n, 2n ** 256n - 1n, 2n ** 256n + 1n].map(exponent => rsa(2048, exponent)),
      [false, false, true, false, true, false],
    )
  })

  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
  const POINT = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

  it('of Ed25519 are read, without parameters and with 32 octets (RFC 8410, 4)', () => {
    const key = readPublicKey(bytes(`302a300506032b6570032100${POINT}`))
    assert.deepEqual(key, { kind: 'ed25519', keyType: 'ed25519' })
    assert.equal(isAcceptableKey(key), true)
    refuses(() => readPublicKey(bytes(`302c300706032b65700500032100${POINT}`)), 'value-not-allowed')
    refuses(() => readPublicKey(bytes(`302b300506032b6570032200${POINT}00`)), 'value-not-allowed')
  })

  it('of other kinds are named, not accepted', () => {
    const x25519 = readPublicKey(bytes(`302a300506032b656e032100${POINT}`))
    assert.deepEqual(x25519, { kind: 'other', oid: '1.3.101.110', keyType: undefined })
    assert.equal(isAcceptableKey(x25519), false)
  })

  it('have an identifier of 160 bits of SHA-256 (RFC 7093, 2)', async () => {
    const identifier = await keyIdentifier(leafKey.spki, nodePlatform)
    assert.equal(identifier.length, 20)
    const digest = withFiles(
      { 'k.der': leafKey.spki },
      folder =>
        openssl(
          folder,
          'asn1parse',
          '-inform',
          'DER',
          '-in',
          'k.der',
          '-strparse',
          '19',
          '-noout',
          '-out',
          'bits',
        ) + openssl(folder, 'dgst', '-sha256', '-r', 'bits'),
    )
    assert.equal(digest.slice(0, 40), toHex(identifier))
  })
})

describe('PEM (RFC 7468)', () => {
  it('is what openssl writes and reads', () => {
    const der = certify()
    const pem = withFiles({ 'c.der': der }, folder =>
      openssl(folder, 'x509', '-inform', 'DER', '-in', 'c.der'),
    )
    assert.equal(toPem('CERTIFICATE', der), pem)
    assert.deepEqual(fromPem('CERTIFICATE', `note\n${pem}${pem}`), [der, der])
    assert.deepEqual(fromPem('CERTIFICATE', pem.replace('MII', 'M!I')), [])
  })
})
