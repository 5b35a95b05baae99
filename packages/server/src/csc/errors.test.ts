import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issuanceRefusals } from '@natsuin/protocol/issuance'
import { sapRefusals } from '@natsuin/protocol/sap'
import { oauthWords } from '../oauth/errors.ts'
import { serverRefusals } from '../signing/refusals.ts'
import { cscError } from './errors.ts'

describe('every refusal has words at every edge', () => {
  for (const code of [...sapRefusals, ...issuanceRefusals, ...serverRefusals]) {
    it(code, () => {
      assert.ok(cscError(code)?.description)
      assert.ok(oauthWords(code).description)
    })
  }

  it('and nothing else has', () => {
    assert.equal(cscError('toString'), undefined)
    assert.equal(cscError('no-such-code'), undefined)
  })
})
