import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat, utf8 } from '@natsuin/pki/encoding'
import { ShapeError } from '@natsuin/protocol/shape'
import { parseClientData } from './client-data.ts'

const HONEST = { type: 'webauthn.get', challenge: 'AQID', origin: 'http://a.example' }
const written = (members: object) => utf8(JSON.stringify(members))
const read = (members: object) => parseClientData(written(members))

describe('client data (WebAuthn Level 3, 5.8.1)', () => {
  it('reads the members that are judged, and passes over those of future browsers', () => {
    const expected = { ...HONEST, challenge: Uint8Array.of(1, 2, 3), crossOrigin: false }
    assert.deepEqual(read(HONEST), expected)
    assert.deepEqual(read({ ...HONEST, crossOrigin: false, extraData: { a: 1 } }), expected)
  })

  it('takes a page in a frame of another origin for cross-origin, however that is said', () => {
    assert.equal(read({ ...HONEST, crossOrigin: true }).crossOrigin, true)
    assert.equal(read({ ...HONEST, topOrigin: 'http://b.example' }).crossOrigin, true)
    assert.equal(read({ ...HONEST, crossOrigin: false, topOrigin: 'http://b.example' }).crossOrigin, true)
  })

  const REFUSED: Readonly<Record<string, Uint8Array>> = {
    nothing: new Uint8Array(),
    'what is not JSON': utf8('{'),
    'what is not UTF-8': concat(utf8('{"type":"'), Uint8Array.of(0xff), utf8('"}')),
    'an array': written([HONEST]),
    null: utf8('null'),
    'no type': written({ ...HONEST, type: undefined }),
    'no challenge': written({ ...HONEST, challenge: undefined }),
    'no origin': written({ ...HONEST, origin: undefined }),
    'a challenge with padding': written({ ...HONEST, challenge: 'AQI=' }),
    'a challenge in plain base64': written({ ...HONEST, challenge: '+/+/' }),
    'a number for the origin': written({ ...HONEST, origin: 1 }),
    'text for crossOrigin': written({ ...HONEST, crossOrigin: 'false' }),
    'null for crossOrigin': written({ ...HONEST, crossOrigin: null }),
  }
  for (const [what, bytes] of Object.entries(REFUSED)) {
    it(`refuses ${what}`, () => assert.throws(() => parseClientData(bytes), ShapeError))
  }
})
