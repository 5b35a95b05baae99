import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { OID, octetString, oid, sequence } from '@natsuin/pki/asn1'
import {
  basicConstraints,
  buildTbsCertificate,
  type CertificateProfile,
  certificatePolicies,
  crlDistributionPoints,
  extension,
  keyUsage,
  qcStatements,
} from '@natsuin/pki/x509'
import { Founded } from '../fixture/founded.ts'
import { attestation, newPublicKey } from '../fixture/sam.ts'
import type { Authorities } from '../open-authorities.ts'
import { type LintExpectation, lintSignerCertificate } from './lint.ts'
import { signerPolicy } from './policies.ts'
import { signerProfile } from './profile.ts'
import { newSerialNumber } from './serial-number.ts'
import { validityFrom } from './validity.ts'

describe('lint before sign', () => {
  const attested = attestation()
  let founded: Founded
  let opened: Authorities
  let profile: CertificateProfile
  let expected: LintExpectation
  before(async () => {
    founded = await Founded.create()
    opened = await founded.open()
    const { module, issuer, addresses, now } = opened.authority
    const serialNumber = await newSerialNumber(module, attested.publicKey)
    const validity = validityFrom(now(), 730, issuer.certificate.notAfter)
    profile = await signerProfile({ serialNumber, validity, addresses, issuer, attestation: attested })
    const { publicKey: spki, subject } = attested
    expected = { issuer, spki, subject, policy: signerPolicy(attested) }
  })
  after(() => founded[Symbol.asyncDispose]())

  const broken = (changes: Partial<CertificateProfile>) =>
    lintSignerCertificate(buildTbsCertificate({ ...profile, ...changes }), expected)
  /** The profile with one of its extensions exchanged, dropped, or another one added. */
  const withExtension = (type: string, value: Uint8Array | undefined): Partial<CertificateProfile> => {
    const index = ORDER.indexOf(type)
    const others = profile.extensions.filter((_, i) => i !== index)
    return { extensions: value === undefined ? others : [...others, value] }
  }
  const ORDER: readonly string[] = [
    OID.authorityKeyIdentifier,
    OID.subjectKeyIdentifier,
    OID.keyUsage,
    OID.certificatePolicies,
    OID.cRLDistributionPoints,
    OID.authorityInfoAccess,
  ]

  it('lets the profile of a signer pass', () => {
    assert.deepEqual(broken({}), [])
  })

  it('finds each way in which a certificate could break it', () => {
    const { certificate } = opened.authority.issuer
    const importedPolicy = signerPolicy({ ...attested, origin: 'imported' })
    const table: readonly (readonly [string, Partial<CertificateProfile>, RegExp])[] = [
      ['a short serial number', { serialNumber: Uint8Array.of(1) }, /^serial number/],
      ['another issuer', { issuer: profile.subject }, /^issuer/],
      ['an end after the CA', { notAfter: new Date(certificate.notAfter.getTime() + 1000) }, /^validity/],
      [
        'a beginning before the CA',
        { notBefore: new Date(certificate.notBefore.getTime() - 1000) },
        /^validity/,
      ],
      ['another key', { spki: newPublicKey() }, /^public key/],
      ['another subject', { subject: profile.issuer }, /^subject is the attested/],
      ['another key usage', withExtension(OID.keyUsage, keyUsage('digitalSignature')), /^key usage/],
      [
        'one key usage more',
        withExtension(OID.keyUsage, keyUsage('nonRepudiation', 'keyCertSign')),
        /^key usage/,
      ],
      ['no key usage', withExtension(OID.keyUsage, undefined), /^key usage/],
      ['an authority', withExtension('', basicConstraints({ ca: true })), /^subject is no authority/],
      ['no authority key identifier', withExtension(OID.authorityKeyIdentifier, undefined), /^authority key/],
      ['no subject key identifier', withExtension(OID.subjectKeyIdentifier, undefined), /^subject key/],
      ['no policy', withExtension(OID.certificatePolicies, undefined), /^policy/],
      [
        'the policy of a key that was made in the module, for one that was imported (T-KEY-10)',
        withExtension(OID.certificatePolicies, certificatePolicies([{ oid: importedPolicy }])),
        /^policy/,
      ],
      [
        'a statement about a qualified device (T-KEY-10)',
        withExtension('', qcStatements([sequence(oid('0.4.0.1862.1.4'))])),
        /^no statement/,
      ],
      ['no CRL', withExtension(OID.cRLDistributionPoints, undefined), /^status/],
      [
        'two CRLs',
        withExtension(OID.cRLDistributionPoints, crlDistributionPoints(['http://a', 'http://b'])),
        /^status/,
      ],
      ['no OCSP', withExtension(OID.authorityInfoAccess, undefined), /^status/],
      [
        'something critical and unknown',
        withExtension('', extension('1.2.3', true, octetString(new Uint8Array(1)))),
        /^no critical extension/,
      ],
    ]
    for (const [what, changes, rule] of table) {
      const rules = broken(changes)
      assert.equal(rules.length, 1, `${what}: ${rules.join('; ')}`)
      assert.match(rules[0] ?? '', rule, what)
    }
  })
})
