import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AdesRefusal } from '@natsuin/ades/pades'
import { PdfRefusal } from '@natsuin/ades/pdf'
import { CscError } from '@natsuin/client'
import { failureOf, PageRefusal } from './failure.ts'

describe('what the reader is told', () => {
  it('names the code of a refusal and says it in both languages', () => {
    const failure = failureOf(new PdfRefusal('encrypted'))
    assert.equal(failure.code, 'encrypted')
    assert.match(failure.sentence.en, /encrypted/)
    assert.match(failure.sentence.ja, /暗号化/)
    assert.match(failureOf(new AdesRefusal('time-stamp-invalid')).sentence.en, /as it was/)
    assert.equal(failureOf(new PageRefusal('window-closed')).code, 'window-closed')
    assert.match(failureOf(new CscError(0, 'access_denied', '')).sentence.en, /Not approved/)
  })

  it('says of an unknown refusal of the service that it is one', () => {
    const failure = failureOf(new CscError(400, 'invalid_request', 'x'))
    assert.deepEqual(
      [failure.code, failure.sentence.en],
      ['invalid_request', 'The signing service did not accept this.'],
    )
  })

  it('takes anything else for a defect', () => {
    assert.equal(failureOf(new TypeError('x')).code, 'fault')
  })
})
