import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import type { IdentityProvider } from '@natsuin/protocol/approval'
import { addressOf, codeIn } from './log-in.ts'
import { Problem } from './problem.ts'

const provider: IdentityProvider = {
  id: 'example',
  name: 'Example ID',
  issuer: 'https://id.example',
  authorizationEndpoint: 'https://id.example/auth',
  tokenEndpoint: 'https://id.example/token',
  clientId: 'natsuin-approval',
  keys: [{ kid: 'k', algorithm: 'RS256', publicKey: new Uint8Array(44) }],
  assurances: [{ level: 1 }, { level: 2, acrs: ['a', 'b'] }],
}
const statement = utf8('what is approved')
const secrets = { state: 'the-state', codeVerifier: 'the-verifier' }
const ask = async (level: 1 | 2) =>
  new URL(await addressOf({ provider, level, statement }, secrets, 'https://approve.example'))

describe('what an identity provider is asked', () => {
  it('is a new log-in for these bytes, back to the approval origin, without the verifier', async () => {
    const { origin, pathname, searchParams } = await ask(1)
    assert.equal(`${origin}${pathname}`, provider.authorizationEndpoint)
    assert.deepEqual(Object.fromEntries(searchParams), {
      response_type: 'code',
      client_id: 'natsuin-approval',
      redirect_uri: 'https://approve.example/provider.html',
      scope: 'openid',
      prompt: 'login',
      max_age: '0',
      state: 'the-state',
      nonce: toBase64url(digestSync('sha256', statement)),
      code_challenge: toBase64url(digestSync('sha256', utf8('the-verifier'))),
      code_challenge_method: 'S256',
    })
  })

  it('names how strong the log-in has to be', async () => {
    assert.equal((await ask(2)).searchParams.get('acr_values'), 'a b')
  })
})

describe('what it answers', () => {
  const outcome = (answer: Parameters<typeof codeIn>[0]) => {
    try {
      return codeIn(answer, provider)
    } catch (error) {
      return error instanceof Problem ? error.code : assert.fail()
    }
  }

  it('is a code of its own', () => {
    assert.equal(outcome({ code: 'c' }), 'c')
    assert.equal(outcome({ code: 'c', iss: provider.issuer }), 'c')
    assert.equal(outcome({ code: 'c', iss: 'https://other.example' }), 'log-in-refused')
  })

  it('is no code when the person did not log in, or something went wrong', () => {
    assert.equal(outcome({ error: 'access_denied' }), 'log-in-not-given')
    assert.equal(outcome({ error: 'server_error' }), 'log-in-refused')
    assert.equal(outcome({}), 'log-in-refused')
  })
})
