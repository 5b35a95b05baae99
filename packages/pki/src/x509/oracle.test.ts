/** pkijs as a second reader: what both accept, both read alike, so no bytes mean two things to two parsers. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Certificate as OracleCertificate } from 'pkijs'
import { DerError } from '../asn1/der-error.ts'
import { OID } from '../asn1/oid.ts'
import { issue, issueRoot } from '../test-kit.ts'
import { crlDistributionPoints, extKeyUsage, keyUsage } from './build.ts'
import { type Certificate, parseCertificate } from './certificate.ts'

const root = await issueRoot()
const leaf = await issue({
  name: 'Alice',
  issuer: root,
  extensions: [
    keyUsage('nonRepudiation'),
    extKeyUsage([OID.documentSigning], { critical: false }),
    crlDistributionPoints(['http://ca.test/crl']),
  ],
})

const bytes = (buffer: ArrayBuffer) => new Uint8Array(buffer)

function ours(certificate: Certificate) {
  return {
    serialNumber: certificate.serialNumber,
    issuer: certificate.issuer.bytes,
    subject: certificate.subject.bytes,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    extensions: certificate.extensions.all,
    signature: certificate.signature,
  }
}

function oracles(certificate: OracleCertificate) {
  return {
    serialNumber: bytes(certificate.serialNumber.valueBlock.valueHexView.slice().buffer),
    issuer: bytes(certificate.issuer.toSchema().toBER()),
    subject: bytes(certificate.subject.toSchema().toBER()),
    notBefore: certificate.notBefore.value,
    notAfter: certificate.notAfter.value,
    extensions: (certificate.extensions ?? []).map(({ extnID, critical, extnValue }) => ({
      oid: extnID,
      critical,
      value: bytes(extnValue.valueBlock.valueHexView.slice().buffer),
    })),
    signature: bytes(certificate.signatureValue.valueBlock.valueHexView.slice().buffer),
  }
}

describe('parseCertificate beside pkijs', () => {
  it('reads the same of a certificate it built', () => {
    for (const { certificate } of [root, leaf])
      assert.deepEqual(ours(certificate), oracles(OracleCertificate.fromBER(certificate.bytes.slice())))
  })

  it('reads the same of every changed certificate that both still accept (T-DER-04)', () => {
    const der = leaf.certificate.bytes
    let accepted = 0
    const change = fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(change, ([at, mask]) => {
        const copy = new Uint8Array(der)
        copy[at] = (copy[at] ?? 0) ^ mask
        const read = attempt(copy)
        if (read === undefined) return
        const also = attemptOracle(copy)
        if (also === undefined) return
        accepted += 1
        assert.deepEqual(ours(read), oracles(also))
      }),
      { numRuns: 1000 },
    )
    assert.ok(accepted > 100, `only ${accepted} accepted`)
  })
})

function attempt(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der)
  } catch (error) {
    assert.ok(error instanceof DerError)
    return undefined
  }
}

/** It refuses in words of its own, and some of what we keep as it is: types of strings that it does not know. */
function attemptOracle(der: Uint8Array): OracleCertificate | undefined {
  try {
    return OracleCertificate.fromBER(new Uint8Array(der))
  } catch {
    return undefined
  }
}
