import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { continuationIn } from './ask.ts'

describe('where a page goes next', () => {
  const origin = 'https://sign.example'

  it('is a page of its own server', () => {
    assert.equal(continuationIn({ continue: `${origin}/oauth2/x` }, origin), `${origin}/oauth2/x`)
  })

  it('is nowhere else', () => {
    for (const next of ['https://attacker.example/', 'javascript:alert(1)', '', undefined]) {
      assert.throws(() => continuationIn({ continue: next }, origin), { code: 'continuation-foreign' })
    }
  })
})
