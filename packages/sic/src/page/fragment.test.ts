import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { readErrand } from './fragment.ts'

const key = new Uint8Array(138).fill(7)

describe('the fragment of the approval page', () => {
  it('names an approval by its handle', () => {
    assert.deepEqual(readErrand('#approve=a-Handle_1'), { kind: 'approve', handle: 'a-Handle_1' })
  })

  it('names a change of passkeys by its handle', () => {
    assert.deepEqual(readErrand('#passkey=a-Handle_1'), { kind: 'passkey', handle: 'a-Handle_1' })
  })

  it('names an enrolment by its grant, with the one-time key', () => {
    assert.deepEqual(readErrand(`#enrol=grant-1&key=${toBase64url(key)}`), {
      kind: 'enrol',
      grantId: 'grant-1',
      enrolmentKey: key,
    })
  })

  it('is empty when somebody opens the page by hand', () => {
    assert.deepEqual(readErrand(''), { kind: 'none' })
    assert.deepEqual(readErrand('#'), { kind: 'none' })
  })

  it('is refused when anything else stands in it', () => {
    const wrong = [
      '#approve=',
      '#approve=a/../b',
      '#approve=a&approve=b',
      '#passkey=',
      '#passkeys=a',
      '#approve=%61',
      `#approve=${'a'.repeat(129)}`,
      '#enrol=grant-1',
      '#enrol=grant-1&key=',
      '#enrol=grant-1&key=AAAA',
      `#enrol=grant-1&key=${toBase64url(new Uint8Array(201))}`,
      `#enrol=grant-1&key=${toBase64url(key)}=`,
      `#key=${toBase64url(key)}&enrol=grant-1`,
    ]
    for (const fragment of wrong) assert.deepEqual(readErrand(fragment), { kind: 'malformed' }, fragment)
  })
})
