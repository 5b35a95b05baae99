import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OID } from '../asn1/oid.ts'
import { parseDer } from '../asn1/parse.ts'
import { explicit, integer, null_, oid, sequence } from '../asn1/write.ts'
import { fromBase64, toBase64 } from '../encoding/base64.ts'
import { readSignatureAlgorithm, signatureAlgorithmIdentifier } from './algorithm-identifier.ts'
import { pssParameters, pssWithParameters } from './pss-parameters.ts'

/** As deployed signing services exchange them: with NULL in the digest's AlgorithmIdentifier, and without. */
const DEPLOYED = {
  sha256: [
    'MDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEg',
    'MDCgDTALBglghkgBZQMEAgGhGjAYBgkqhkiG9w0BAQgwCwYJYIZIAWUDBAIBogMCASA=',
  ],
  sha384: [
    'MDSgDzANBglghkgBZQMEAgIFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgIFAKIDAgEw',
    'MDCgDTALBglghkgBZQMEAgKhGjAYBgkqhkiG9w0BAQgwCwYJYIZIAWUDBAICogMCATA=',
  ],
  sha512: [
    'MDSgDzANBglghkgBZQMEAgMFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgMFAKIDAgFA',
    'MDCgDTALBglghkgBZQMEAgOhGjAYBgkqhkiG9w0BAQgwCwYJYIZIAWUDBAIDogMCAUA=',
  ],
} as const

const DIGESTS = ['sha256', 'sha384', 'sha512'] as const
const read = (der: Uint8Array) => readSignatureAlgorithm(parseDer(der))

describe('RSASSA-PSS-params (RFC 4055, 3.1)', () => {
  for (const digest of DIGESTS) {
    it(`are written with NULL, and read with and without, for ${digest}`, () => {
      const [withNull, without] = DEPLOYED[digest]
      assert.equal(toBase64(pssParameters(digest)), withNull)
      for (const text of [withNull, without]) {
        const parameters = fromBase64(text)
        assert.ok(parameters !== undefined)
        assert.equal(pssWithParameters(parameters), `rsa-pss-${digest}`)
        assert.equal(read(sequence(oid(OID.rsassaPss), parameters)), `rsa-pss-${digest}`)
      }
      const identifier = signatureAlgorithmIdentifier(`rsa-pss-${digest}`)
      assert.equal(read(identifier), `rsa-pss-${digest}`)
    })
  }

  const hash = (name: string) => sequence(oid(name), null_())
  const SHA256 = '2.16.840.1.101.3.4.2.1'
  const SHA384 = '2.16.840.1.101.3.4.2.2'
  const SHA1 = '1.3.14.3.2.26'
  const parameters = ({ message = SHA256, mask = SHA256, salt = 32 } = {}) =>
    sequence(
      explicit(0, hash(message)),
      explicit(1, sequence(oid(OID.mgf1), hash(mask))),
      explicit(2, integer(salt)),
    )

  it('name no algorithm of ours with another salt, mask, digest or trailer, nor when they are left out', () => {
    assert.equal(pssWithParameters(parameters()), 'rsa-pss-sha256')
    const strange = [
      parameters({ salt: 20 }),
      parameters({ salt: 0 }),
      parameters({ mask: SHA384 }),
      parameters({ message: SHA384 }),
      parameters({ message: SHA1, mask: SHA1, salt: 20 }),
      sequence(...parseDer(parameters()).children.map(({ bytes }) => bytes), explicit(3, integer(1))),
      sequence(),
      null_(),
    ]
    for (const der of strange) {
      assert.equal(pssWithParameters(der), undefined)
      assert.equal(read(sequence(oid(OID.rsassaPss), der)), undefined)
    }
    assert.equal(read(sequence(oid(OID.rsassaPss))), undefined)
  })

  it('belong to no other algorithm', () => {
    assert.equal(read(sequence(oid(OID.ed25519))), 'ed25519')
    assert.equal(read(sequence(oid(OID.ed25519), parameters())), undefined)
    assert.equal(read(sequence(oid(OID.ed25519), null_())), undefined)
  })
})
