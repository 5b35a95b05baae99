import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { preferredLanguage } from './language.ts'

describe('preferredLanguage', () => {
  it('takes the first language of the reader that the pages speak', () => {
    assert.equal(preferredLanguage(['fr-FR', 'ja-JP', 'en-US']), 'ja')
    assert.equal(preferredLanguage(['EN', 'ja']), 'en')
  })

  it('speaks English to readers of neither', () => {
    assert.equal(preferredLanguage(['fr']), 'en')
    assert.equal(preferredLanguage([]), 'en')
    assert.equal(preferredLanguage(['jam']), 'en')
  })
})
