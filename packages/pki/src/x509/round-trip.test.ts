/** Whatever is built is read back: certificates, CRLs, time-stamp requests and OCSP requests with any content. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { digestAlgorithms } from '../algorithms/algorithms.ts'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { unsignedInteger } from '../asn1/write.ts'
import { buildTbsCertList } from '../crl/build.ts'
import { CRL_REASONS, type CrlReason, parseCrl } from '../crl/parse.ts'
import { buildCertId } from '../ocsp/cert-id.ts'
import { buildOcspRequest, parseOcspRequest } from '../ocsp/request.ts'
import { generateKey } from '../test-kit.ts'
import { buildTimeStampRequest, parseTimeStampRequest } from '../tsp/request.ts'
import {
  authorityInfoAccess,
  basicConstraints,
  buildTbsCertificate,
  certificatePolicies,
  crlDistributionPoints,
  extKeyUsage,
  keyUsage,
} from './build.ts'
import { parseCertificate } from './certificate.ts'
import { KEY_USAGES } from './extensions.ts'
import { buildName, readName } from './name.ts'
import { assembleSigned } from './signed.ts'

const { spki } = generateKey()
const SIGNATURE = Uint8Array.of(0x30, 0)

/** Content octets of a positive INTEGER, from its magnitude. */
const content = (magnitude: Uint8Array) => parseDer(unsignedInteger(magnitude)).content

const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map(array => new Uint8Array(array))
const serial = bytes(1, 19).filter(magnitude => magnitude.some(byte => byte !== 0))
const second = fc
  .integer({ min: Date.UTC(1950, 0) / 1000, max: Date.UTC(2200, 0) / 1000 })
  .map(seconds => new Date(seconds * 1000))
const dottedOid = fc
  .tuple(fc.constantFrom(0, 1, 2), fc.nat(39), fc.array(fc.nat(), { maxLength: 6 }))
  .map(([root, next, rest]) => [root, next, ...rest].join('.'))
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .map(value => value.normalize('NFC'))
  .filter(value => !/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(value))
const attribute = fc.record(
  {
    oid: fc.constantFrom(OID.organizationIdentifier, OID.givenName, OID.surname, '1.2.3.4'),
    value: text,
  },
  { noNullPrototype: true },
)
const name = fc.array(attribute, { minLength: 1, maxLength: 5 })
const url = fc.webUrl()

it('names', () => {
  fc.assert(
    fc.property(name, attributes => {
      assert.deepEqual(readName(parseDer(buildName(attributes))).attributes, attributes)
    }),
  )
})

it('certificates', () => {
  const profile = fc.record({
    serialNumber: serial,
    issuer: name.map(buildName),
    subject: name.map(buildName),
    validity: fc.tuple(second, second).map(pair => pair.toSorted((a, b) => a.getTime() - b.getTime())),
    pathLength: fc.option(fc.nat(20), { nil: undefined }),
    usages: fc.subarray([...KEY_USAGES], { minLength: 1 }),
    purposes: fc.array(dottedOid, { minLength: 1, maxLength: 4 }),
    policies: fc.array(dottedOid, { minLength: 1, maxLength: 4 }),
    crls: fc.array(url, { minLength: 1, maxLength: 3 }),
    ocsp: fc.array(url, { minLength: 1, maxLength: 3 }),
  })
  fc.assert(
    fc.property(profile, ({ validity: [notBefore = new Date(0), notAfter = new Date(0)], ...given }) => {
      const tbs = buildTbsCertificate({
        ...given,
        signatureAlgorithm: 'ecdsa-sha256',
        notBefore,
        notAfter,
        spki,
        extensions: [
          basicConstraints({
            ca: true,
            ...(given.pathLength === undefined ? {} : { pathLength: given.pathLength }),
          }),
          keyUsage(...given.usages),
          extKeyUsage(given.purposes, { critical: true }),
          certificatePolicies(given.policies.map(oid => ({ oid }))),
          crlDistributionPoints(given.crls),
          authorityInfoAccess({ ocsp: given.ocsp }),
        ],
      })
      const read = parseCertificate(assembleSigned(tbs, 'ecdsa-sha256', SIGNATURE))
      const { extensions } = read
      assert.deepEqual(read.tbs, tbs)
      assert.deepEqual(read.serialNumber, content(given.serialNumber))
      assert.deepEqual([read.issuer.bytes, read.subject.bytes], [given.issuer, given.subject])
      assert.deepEqual([read.notBefore, read.notAfter], [notBefore, notAfter])
      assert.deepEqual(extensions.basicConstraints, { ca: true, pathLength: given.pathLength })
      assert.deepEqual(extensions.keyUsage, given.usages)
      assert.deepEqual(extensions.extKeyUsage, given.purposes)
      assert.deepEqual(extensions.policies, given.policies)
      assert.deepEqual(extensions.crlUrls, given.crls)
      assert.deepEqual(extensions.ocspUrls, given.ocsp)
    }),
  )
})

it('CRLs', () => {
  // Object.keys loses the key type of a constant object.
  const reason = fc.constantFrom(...(Object.keys(CRL_REASONS) as CrlReason[]))
  const entry = fc.record({ serialNumber: serial, revokedAt: second, reason })
  const profile = fc.record({
    issuer: name.map(buildName),
    thisUpdate: second,
    nextUpdate: second,
    crlNumber: fc.bigInt({ min: 0n, max: 2n ** 159n }),
    authorityKeyIdentifier: bytes(1, 20),
    revoked: fc.array(entry, { maxLength: 20 }),
  })
  fc.assert(
    fc.property(profile, given => {
      const tbs = buildTbsCertList({ ...given, signatureAlgorithm: 'rsa-sha256' })
      const read = parseCrl(assembleSigned(tbs, 'rsa-sha256', SIGNATURE))
      assert.deepEqual([read.issuer.bytes, read.crlNumber], [given.issuer, given.crlNumber])
      assert.deepEqual([read.thisUpdate, read.nextUpdate], [given.thisUpdate, given.nextUpdate])
      assert.deepEqual(
        [...read.entries()],
        given.revoked.map(item => ({
          ...item,
          serialNumber: content(item.serialNumber),
          unknownCritical: [],
        })),
      )
    }),
  )
})

it('time-stamp requests', () => {
  const request = fc.record({
    digestAlgorithm: fc.constantFrom('sha256', 'sha384', 'sha512'),
    fill: fc.nat(255),
    policy: dottedOid,
    nonce: serial.map(content),
    certReq: fc.boolean(),
  })
  fc.assert(
    fc.property(request, ({ digestAlgorithm, fill, ...given }) => {
      const hashedMessage = new Uint8Array(digestAlgorithms[digestAlgorithm].size).fill(fill)
      assert.deepEqual(
        parseTimeStampRequest(buildTimeStampRequest({ digestAlgorithm, hashedMessage, ...given })),
        {
          imprint: { digestAlgorithm, hashedMessage },
          ...given,
          extensions: [],
        },
      )
    }),
  )
})

it('OCSP requests', () => {
  const hashes = fc.record({ hashOid: dottedOid, nameHash: bytes(1, 64), keyHash: bytes(1, 64) })
  const certIds = fc.array(
    fc.tuple(hashes, serial).map(([issuer, magnitude]) => buildCertId(issuer, content(magnitude))),
    { minLength: 1, maxLength: 5 },
  )
  fc.assert(
    fc.property(certIds, fc.option(bytes(1, 128), { nil: undefined }), (asked, nonce) => {
      assert.deepEqual(parseOcspRequest(buildOcspRequest(asked, nonce)), {
        certIds: asked,
        nonce,
        unknownCritical: [],
      })
    }),
  )
})
