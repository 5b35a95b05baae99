import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ShapeError } from '../shape/shape.ts'
import { CREATION_TYPE, DELETION_TYPE, isCredentialAct, readCredentialAct } from './credential-acts.ts'

describe('authorization_details for acts on credentials (CSC API v2.2.0.0, 8.2.2; RFC 9396)', () => {
  const creation = { type: CREATION_TYPE, credentialCreationRequest: { certificatePolicy: '1.2.3' } }
  const deletion = { type: DELETION_TYPE, credentialID: 'alice' }

  it('say which act, and on which credential', () => {
    assert.deepEqual(readCredentialAct([creation]), { scope: 'credential-creation' })
    assert.deepEqual(readCredentialAct([deletion]), { scope: 'credential-deletion', credentialId: 'alice' })
    assert.deepEqual([[creation], [deletion], [{ type: 'credential' }], {}].map(isCredentialAct), [
      true,
      true,
      false,
      false,
    ])
  })

  it('are refused in any other form', () => {
    const refused = [
      [],
      [creation, creation],
      [deletion, creation],
      [{ ...deletion, credentialID: undefined }],
      [{ ...deletion, colour: 'red' }],
      [{ ...creation, credentialCreationRequest: 'x' }],
      [{ type: 'credential' }],
      [{ type: 'constructor' }],
      {},
    ]
    for (const details of refused) assert.throws(() => readCredentialAct(details), ShapeError)
  })
})
