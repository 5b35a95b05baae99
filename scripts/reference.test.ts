import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PAGES, readPage, readReferences } from './reference.ts'

describe('the reference pages', () => {
  const references = readReferences()

  for (const [page, print] of Object.entries(PAGES)) {
    it(`${page} is what npm run docs writes`, () => assert.equal(readPage(page), print(references)))
  }

  it('say of every setting what it has to be and what it is for', () => {
    for (const [process, { settings }] of Object.entries(references)) {
      for (const { name, form, documentation } of settings) {
        assert.ok(form.length > 3 && documentation.length > 10, `${process}: ${name}`)
      }
    }
  })

  it('show an example wherever a value is an object or a list', () => {
    for (const [process, { settings }] of Object.entries(references)) {
      for (const { name, form, example } of settings) {
        assert.equal(/^an? (object|array)/.test(form), example !== undefined, `${process}: ${name}: ${form}`)
      }
    }
  })
})
