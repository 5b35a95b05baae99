import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readProviderAnswer } from './provider-link.ts'

describe('what an identity provider sends a window back with', () => {
  it('is a code, or why there is none', () => {
    assert.deepEqual(readProviderAnswer('?code=c&state=s&iss=https%3A%2F%2Fid.example'), {
      state: 's',
      answer: { code: 'c', iss: 'https://id.example', error: undefined },
    })
    const { state, answer } = readProviderAnswer('?error=access_denied&state=s')
    assert.deepEqual([state, answer.code, answer.error], ['s', undefined, 'access_denied'])
    assert.equal(readProviderAnswer('').state, '')
  })
})
