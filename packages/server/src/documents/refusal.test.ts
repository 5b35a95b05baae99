/** What the library refuses, in the words of the service. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AdesRefusal, type AdesRefusalCode } from '@natsuin/ades/validation-data'
import { DocumentRefused, inOurWords } from './refusal.ts'

function codeOf(code: AdesRefusalCode): string {
  const refused = inOurWords(new AdesRefusal(code))
  assert.ok(refused instanceof DocumentRefused)
  return refused.code
}

describe('a refusal of the library', () => {
  for (const code of ['no-path', 'status-invalid', 'time-stamp-invalid'] as const) {
    it(`${code} is final: an authority that cannot be relied on is not mended by asking again`, () =>
      assert.equal(codeOf(code), 'authorities-unfit'))
  }
  for (const code of ['status-unavailable', 'time-stamp-unavailable', 'exchange-failed'] as const) {
    it(`${code} is an outage`, () => assert.equal(codeOf(code), 'authorities-unavailable'))
  }
})
