import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { toBase64, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { createRequestKey, requestClaims, signJws, signRequestObject } from '@natsuin/testing/deployment'
import { rounds, seed } from '@natsuin/testing/rounds'
import fc from 'fast-check'
import { ShapeError } from '../shape/shape.ts'
import { openRequestObject, REQUEST_ALGORITHMS } from './request-object.ts'

const issuer = 'https://sign.example'
const keys = REQUEST_ALGORITHMS.map(alg => createRequestKey(`key-${alg}`, alg))
const [key = createRequestKey()] = keys
const parties = { client: { id: 'portal', keys }, issuer }

const hash = new Uint8Array(randomBytes(32))
const detail = {
  type: 'credential',
  credentialID: 'credential-1',
  documentDigests: [{ hash: toBase64(hash), label: '契約書.pdf' }],
  hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
} as const
const claims = requestClaims({ clientId: 'portal', issuer, detail })

/** `undefined`: not believed. `malformed`: not even read. */
async function outcome(jws: string, who = parties) {
  try {
    return await openRequestObject(jws, who)
  } catch (error) {
    if (error instanceof ShapeError) return 'malformed'
    throw error
  }
}

describe('request objects (RFC 9101)', () => {
  for (const one of keys) {
    it(`are believed when a key of the client signed them: ${one.alg}`, async () => {
      assert.deepEqual(await outcome(signRequestObject(one, claims)), {
        kid: `key-${one.alg}`,
        clientId: 'portal',
        expiresAt: claims.exp,
        jti: claims.jti,
        requested: {
          credentialId: 'credential-1',
          digestAlgorithm: 'sha256',
          items: [{ label: '契約書.pdf', dtbsr: hash }],
          locations: [],
        },
      })
    })
  }

  it('may carry the rest of the authorization request, and spell their JSON as they like', async () => {
    const more = {
      ...claims,
      response_type: 'code',
      redirect_uri: 'https://portal.example/cb',
      nbf: claims.iat,
    }
    assert.notEqual(await outcome(signRequestObject(key, more)), undefined)
    const head = JSON.stringify({ typ: 'oauth-authz-req+jwt', kid: key.kid, alg: key.alg }, null, 1)
    const body = JSON.stringify(claims, null, 2).replaceAll('契約書', '\\u5951\\u7d04\\u66f8')
    const input = [head, body].map(part => toBase64url(utf8(part))).join('.')
    const jws = `${input}.${toBase64url(signJws(key, utf8(input)))}`
    assert.deepEqual(await outcome(jws), await outcome(signRequestObject(key, claims)))
    assert.notEqual(
      await outcome(signRequestObject(key, { ...claims, aud: ['https://other.example', issuer] })),
      undefined,
    )
  })

  const foreign: Readonly<Record<string, string>> = {
    'a key that the client does not have': signRequestObject(createRequestKey(key.kid), claims),
    'a kid that names no key': signRequestObject({ ...key, kid: 'key-9' }, claims),
    'another issuer': signRequestObject(key, { ...claims, iss: 'other' }),
    'another client': signRequestObject(key, { ...claims, client_id: 'other' }),
    'another audience': signRequestObject(key, { ...claims, aud: 'https://other.example' }),
    'an algorithm that is not its key’s': signRequestObject(key, claims, { alg: 'PS256' }),
  }
  for (const [what, jws] of Object.entries(foreign)) {
    it(`are not believed with ${what}`, async () => assert.equal(await outcome(jws), undefined))
  }

  it('are not believed for a client without keys', async () => {
    const jws = signRequestObject(key, claims)
    assert.equal(await openRequestObject(jws, { client: { id: 'portal' }, issuer }), undefined)
  })

  const { jti: _jti, ...anonymous } = claims
  const malformed: Readonly<Record<string, string>> = {
    'alg none': signRequestObject(key, claims, { alg: 'none' }),
    'alg none and no signature': `${signRequestObject(key, claims, { alg: 'none' }).split('.', 2).join('.')}.`,
    'a public key taken for a secret (HS256)': hmacOf(signRequestObject(key, claims, { alg: 'HS256' })),
    'an algorithm that is not on the list': signRequestObject(key, claims, { alg: 'RS256' }),
    'a key of its own in the header': signRequestObject(key, claims, { jwk: { kty: 'EC' } }),
    'a critical extension': signRequestObject(key, claims, { crit: ['b64'], b64: false }),
    'another type': signRequestObject(key, claims, { typ: 'JWT' }),
    'no id': signRequestObject(key, anonymous),
    'an expiry that is no number': signRequestObject(key, { ...claims, exp: String(claims.exp) }),
    'two details': signRequestObject(key, { ...claims, authorization_details: [detail, detail] }),
    'details as text': signRequestObject(key, { ...claims, authorization_details: JSON.stringify([detail]) }),
    'a member of the detail that nobody knows': signRequestObject(key, {
      ...claims,
      authorization_details: [{ ...detail, also: 1 }],
    }),
    'a member twice': resigned(JSON.stringify(claims).replace('"iss"', '"jti":"again","iss"')),
    'a fourth part': `${signRequestObject(key, claims)}.x`,
  }
  for (const [what, jws] of Object.entries(malformed)) {
    it(`are refused with ${what}`, async () => assert.equal(await outcome(jws), 'malformed'))
  }

  it('are never believed with any one character changed', async () => {
    const jws = signRequestObject(key, claims)
    const changed = fc.tuple(fc.nat(jws.length - 1), fc.constantFrom(...'AB01-_.'))
    await fc.assert(
      fc.asyncProperty(changed, async ([at, character]) => {
        if (jws[at] === character) return
        const other = jws.slice(0, at) + character + jws.slice(at + 1)
        assert.ok([undefined, 'malformed'].includes((await outcome(other)) as undefined | 'malformed'), other)
      }),
      { numRuns: rounds('mutation'), seed: seed() },
    )
  })

  function resigned(body: string): string {
    const [head] = signRequestObject(key, claims).split('.')
    const input = `${head}.${toBase64url(utf8(body))}`
    return `${input}.${toBase64url(signJws(key, utf8(input)))}`
  }

  function hmacOf(jws: string): string {
    const input = jws.split('.', 2).join('.')
    return `${input}.${createHmac('sha256', key.publicKey).update(input).digest('base64url')}`
  }
})
