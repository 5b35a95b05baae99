import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat } from '@natsuin/pki/encoding'
import { ShapeError } from '@natsuin/protocol/shape'
import { parseAuthenticatorData } from './authenticator-data.ts'
import { CborError } from './cbor.ts'

const RP_HASH = new Uint8Array(32).fill(7)
const header = (flags: number, counter = 0) =>
  concat(RP_HASH, Uint8Array.of(flags, 0, 0, counter >> 8, counter & 0xff))
/** AAGUID, length, credential id, then a COSE key with one member. */
const attested = (length: number, id: Uint8Array, key = Uint8Array.of(0xa1, 1, 2)) =>
  concat(new Uint8Array(16), Uint8Array.of(length >> 8, length & 0xff), id, key)
const extensions = Uint8Array.of(0xa1, 0x61, 0x61, 1)
const idOf = (length: number) => new Uint8Array(length).fill(9)

const REFUSED: Readonly<Record<string, Uint8Array>> = {
  'one byte less than the header': header(0x05).subarray(0, 36),
  'a byte after the header': concat(header(0x05), Uint8Array.of(0)),
  'an announced credential that is missing': header(0x45),
  'a credential that is not announced': concat(header(0x05), attested(4, idOf(4))),
  'a credential id of no bytes': concat(header(0x45), attested(0, idOf(0))),
  'a credential id of 1024 bytes': concat(header(0x45), attested(1024, idOf(1024))),
  'a credential id that is cut short': concat(header(0x45), attested(200, idOf(4))),
  'a COSE key that is no map': concat(header(0x45), attested(4, idOf(4), Uint8Array.of(1))),
  'a byte after the COSE key': concat(header(0x45), attested(4, idOf(4)), Uint8Array.of(0)),
  'announced extensions that are missing': header(0x85),
  'extensions that are not announced': concat(header(0x05), extensions),
  'extensions that are no map': concat(header(0x85), Uint8Array.of(1)),
  'two maps of extensions': concat(header(0x85), extensions, extensions),
}

describe('authenticator data (WebAuthn Level 3, 6.1)', () => {
  it('reads every combination of the flags that announce nothing', () => {
    for (const flags of Array.from({ length: 0x20 }, (_, i) => i)) {
      const read = parseAuthenticatorData(header(flags, 0x1234))
      assert.deepEqual(read, {
        rpIdHash: RP_HASH,
        userPresent: (flags & 1) !== 0,
        userVerified: (flags & 4) !== 0,
        backupEligible: (flags & 8) !== 0,
        backupState: (flags & 16) !== 0,
        counter: 0x1234,
        attested: undefined,
      })
    }
  })

  it('reads a counter of four bytes', () => {
    const data = concat(RP_HASH, Uint8Array.of(5, 0xff, 0xff, 0xff, 0xff))
    assert.equal(parseAuthenticatorData(data).counter, 2 ** 32 - 1)
  })

  it('reads a credential id of 1 and of 1023 bytes, with and without extensions', () => {
    for (const length of [1, 1023]) {
      const data = concat(header(0x45), attested(length, idOf(length)))
      assert.deepEqual(parseAuthenticatorData(data).attested?.credentialId, idOf(length))
      const extended = concat(header(0xc5), attested(length, idOf(length)), extensions)
      assert.deepEqual(parseAuthenticatorData(extended).attested?.credentialId, idOf(length))
    }
  })

  for (const [what, data] of Object.entries(REFUSED)) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseAuthenticatorData(data),
        error => error instanceof ShapeError || error instanceof CborError,
      )
    })
  }
})
