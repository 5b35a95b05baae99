import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import type { ClientConfiguration } from '../config/clients.ts'
import { readClient } from '../config/clients.ts'
import { readAccountToken } from './account-token.ts'

const client: ClientConfiguration = {
  ...readClient({
    client_id: 'client-abc',
    name: 'App',
    redirect_uris: ['https://app.example/'],
    public: true,
  }),
  authentication: { kind: 'secret', secret: 's3cr3t-value' },
  accounts: ['acct-0001'],
}
const NOW = 1_760_000_000
const accountOf = (token: string, of = client, now = NOW) => readAccountToken(token, of, now)?.accountId

/** Computed by others: reference catalogue, section 20. */
const INPUT =
  'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhY2N0LTAwMDEiLCJpYXQiOjE3NjAwMDAwMDAsImp0aSI6IjVmMGMyZDBlLTExMTEtNGE0YS05YjliLTAwMDAwMDAwMDAwMSIsImlzcyI6IkV4YW1wbGUgU2lnbmVyIiwiYXpwIjoiY2xpZW50LWFiYyJ9'
const VECTOR = `${INPUT}.Kjp273lb4p1K-7PVZkBjXtt9NWVHr67fMn6j1wLBXyU`
const KEYED_WITH_HEX = `${INPUT}.GZbEi2UqhOu74joZMQLzfEoolwNFnjeeVpTX92boTOU`

function signed(
  members: object,
  { head = { typ: 'JWT', alg: 'HS256' }, secret = 's3cr3t-value' } = {},
): string {
  const claims = { sub: 'acct-0001', iat: NOW, jti: 'one', iss: 'Example', azp: 'client-abc', ...members }
  const input = [head, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const key = createHash('sha256').update(secret).digest()
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

describe('O-07 account_token (CSC API v1.0.4.0, 8.3.1)', () => {
  it('is read when the client made it, keyed with the digest of its secret', () => {
    assert.deepEqual(readAccountToken(VECTOR, client, NOW), {
      accountId: 'acct-0001',
      jti: '5f0c2d0e-1111-4a4a-9b9b-000000000001',
      expiresAt: NOW + 300,
    })
    assert.equal(accountOf(signed({})), 'acct-0001')
    assert.equal(accountOf(signed({ iss: undefined })), 'acct-0001')
  })

  it('may be of the secret before, while that is being replaced', () => {
    const authentication = { kind: 'secret', secret: 'the new one', previous: 's3cr3t-value' } as const
    assert.equal(accountOf(VECTOR, { ...client, authentication }), 'acct-0001')
  })

  it('may be of any account when the client has named none', () => {
    assert.equal(accountOf(signed({ sub: 'anybody' }), { ...client, accounts: [] }), 'anybody')
  })

  it('is good for five minutes, and seconds ahead of us', () => {
    assert.equal(accountOf(VECTOR, client, NOW + 299), 'acct-0001')
    assert.equal(accountOf(VECTOR, client, NOW - 10), 'acct-0001')
  })

  const refused: Readonly<Record<string, () => string | undefined>> = {
    'the hex of the digest as key': () => accountOf(KEYED_WITH_HEX),
    'another secret': () => accountOf(signed({}, { secret: 'another' })),
    'an old iat': () => accountOf(VECTOR, client, NOW + 300),
    'an iat in the future': () => accountOf(VECTOR, client, NOW - 11),
    'another azp': () => accountOf(signed({ azp: 'client-xyz' })),
    'no azp': () => accountOf(signed({ azp: undefined })),
    'no sub': () => accountOf(signed({ sub: undefined })),
    'no jti': () => accountOf(signed({ jti: undefined })),
    'no iat': () => accountOf(signed({ iat: undefined })),
    'an iat that is no number': () => accountOf(signed({ iat: String(NOW) })),
    'an account that was not named': () => accountOf(signed({ sub: 'acct-0002' })),
    'alg none': () => accountOf(signed({}, { head: { typ: 'JWT', alg: 'none' } })),
    'another algorithm': () => accountOf(signed({}, { head: { typ: 'JWT', alg: 'HS512' } })),
    'no signature': () => accountOf(`${INPUT}.`),
    'a fourth part': () => accountOf(`${VECTOR}.x`),
    'something that is no JWT': () => accountOf('acct-0001'),
    'a client without a secret': () => accountOf(VECTOR, { ...client, authentication: { kind: 'none' } }),
  }
  for (const [what, read] of Object.entries(refused)) {
    it(`is refused with ${what}`, () => assert.equal(read(), undefined))
  }
})
