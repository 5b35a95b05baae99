import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { writeCarried } from '@natsuin/protocol/administration'
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

  it('names a request of administration and who is asked', () => {
    assert.deepEqual(readErrand('#administer=request-1&as=s-1'), {
      kind: 'administer',
      requestId: 'request-1',
      personId: 's-1',
    })
  })

  it('invites somebody to register, in a code', () => {
    const invited = { deployment: 'Example', personId: 's-1', name: '山田 花子' }
    assert.deepEqual(readErrand(`#register=${writeCarried(invited)}`), { kind: 'register', invited })
  })

  it('brings a registration officer to his desk, and another one to what the first vouched for', () => {
    assert.deepEqual(readErrand('#officer=o-1'), { kind: 'officer', officerId: 'o-1' })
    const bytes = new Uint8Array(40)
    const assertion = {
      credentialId: bytes,
      clientDataJSON: bytes,
      authenticatorData: bytes,
      signature: bytes,
    }
    const first = { statement: bytes, assertion }
    assert.deepEqual(readErrand(`#vouch=${writeCarried(first)}`), { kind: 'vouch', first })
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
      '#administer=request-1',
      '#administer=request-1&as=',
      '#administer=request-1&as=a b',
      '#carried=',
      `#carried=${writeCarried({ deployment: 'Example', personId: 's-1', name: 'A' })}`,
      `#register=${writeCarried({ deployment: 'Example', personId: 's 1', name: 'A' })}`,
      `#register=${writeCarried({ deployment: 'Example', personId: 's-1', name: 'A' }).slice(0, -2)}`,
    ]
    for (const fragment of wrong) assert.deepEqual(readErrand(fragment), { kind: 'malformed' }, fragment)
  })
})
