import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import type { IdToken } from '@natsuin/protocol/provider'
import { Refusal } from '@natsuin/protocol/refusal'
import { createForeignProvider, LOG_INS } from '@natsuin/testing/provider'
import { checkIdToken, type ExpectedLogIn } from './check-id-token.ts'

const { entry: provider } = createForeignProvider(1)
const challenge = new Uint8Array(32).fill(7)
const expected: ExpectedLogIn = { provider, challenge, level: 2, issuedAt: 1000, now: 1100 }
const good: IdToken = {
  iss: provider.issuer,
  sub: 'alice',
  aud: [provider.clientId],
  exp: 1700,
  iat: 1090,
  auth_time: 1089,
  nonce: toBase64url(challenge),
  acr: LOG_INS['two-factor'].acr,
  amr: ['pwd', 'otp'],
}

const outcome = (changes: { readonly [C in keyof IdToken]?: IdToken[C] | undefined }, given = expected) => {
  const token = Object.fromEntries(
    Object.entries({ ...good, ...changes }).filter(([, value]) => value !== undefined),
  )
  try {
    checkIdToken(token as unknown as IdToken, given)
    return 'done'
  } catch (error) {
    return error instanceof Refusal ? error.code : assert.fail(String(error))
  }
}

describe('what makes of a log-in an approval', () => {
  it('is a log-in at this provider, by this client, for these bytes, after the ticket', () => {
    assert.equal(outcome({}), 'done')
    assert.equal(outcome({ azp: provider.clientId }), 'done')
  })

  it('was not made by another issuer, nor for another client or for others too (T-IDP-02)', () => {
    for (const iss of ['https://other.example', `${provider.issuer}/`, provider.issuer.toUpperCase()])
      assert.equal(outcome({ iss }), 'id-token-invalid', iss)
    const { clientId } = provider
    for (const aud of [['log-in'], [clientId, 'log-in'], ['log-in', clientId], [clientId, clientId]])
      assert.equal(outcome({ aud }), 'id-token-invalid', aud.join())
    assert.equal(outcome({ azp: 'log-in' }), 'id-token-invalid')
  })

  it('was not made for other bytes (T-IDP-01, T-IDP-06)', () => {
    const other = toBase64url(new Uint8Array(32).fill(8))
    for (const nonce of [other, '', undefined, `${toBase64url(challenge)}=`])
      assert.equal(outcome({ nonce }), 'id-token-invalid', nonce)
  })

  it('is not over, not from before the ticket and not from the future', () => {
    for (const [exp, iat] of [
      [1100, 1090],
      [1700, 999],
      [1700, 1161],
    ]) {
      assert.equal(outcome({ exp, iat }), 'id-token-invalid')
    }
  })

  it('was a log-in after the ticket, and says when (T-IDP-04)', () => {
    for (const at of [undefined, 0, 999, 1000, 1161])
      assert.equal(outcome({ auth_time: at }), 'log-in-stale', String(at))
    assert.equal(outcome({ auth_time: 1001 }), 'done')
  })

  it('was as strong as its level demands (T-IDP-04)', () => {
    const { acr: two } = LOG_INS['two-factor']
    const { acr: one } = LOG_INS.password
    const matrix = [
      [1, undefined, undefined, 'done'],
      [1, one, ['pwd'], 'done'],
      [2, two, ['pwd', 'otp'], 'done'],
      [2, two, ['pwd'], 'log-in-insufficient'],
      [2, two, undefined, 'log-in-insufficient'],
      [2, one, ['pwd', 'otp'], 'log-in-insufficient'],
      [2, undefined, ['pwd', 'otp'], 'log-in-insufficient'],
      [3, two, ['otp'], 'done'],
      [3, one, ['otp'], 'log-in-insufficient'],
    ] as const
    for (const [level, acr, amr, told] of matrix) {
      assert.equal(outcome({ acr, amr }, { ...expected, level }), told, `level ${level}, ${acr}, ${amr}`)
    }
  })

  it('counts for no level for which the provider does not vouch (T-IDP-07)', () => {
    const assurances = provider.assurances.filter(({ level }) => level === 1)
    const capped = { ...expected, provider: { ...provider, assurances } }
    assert.equal(outcome({}, capped), 'log-in-insufficient')
    assert.equal(outcome({}, { ...capped, level: 1 }), 'done')
  })
})
