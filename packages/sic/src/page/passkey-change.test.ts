import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addAuthenticatorStatement, removeAuthenticatorStatement } from '@natsuin/protocol/approval'
import { readStrictJson } from '@natsuin/protocol/shape'
import { additionBytes, removalBytes } from './passkey-change.ts'

describe('the statements about passkeys', () => {
  it('are what the SAM reads: an addition carries the whole registration', () => {
    const registration = { clientDataJSON: Uint8Array.of(1), attestationObject: Uint8Array.of(2) }
    assert.deepEqual(
      readStrictJson(additionBytes('a.b.c', '電話', registration), addAuthenticatorStatement),
      {
        v: 1,
        purpose: 'add-authenticator',
        ticket: 'a.b.c',
        label: '電話',
        registration,
      },
    )
  })

  it('are what the SAM reads: a removal names nothing but its ticket', () => {
    assert.deepEqual(readStrictJson(removalBytes('a.b.c'), removeAuthenticatorStatement), {
      v: 1,
      purpose: 'remove-authenticator',
      ticket: 'a.b.c',
    })
  })
})
