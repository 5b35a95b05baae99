import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { editions } from '@natsuin/protocol/csc'
import { CSC_METHODS, type CscMethodName } from '../csc/methods.ts'
import { exampleOf } from './examples.ts'

describe('the example of a request', () => {
  for (const [name, row] of Object.entries(CSC_METHODS)) {
    for (const edition of editions) {
      const request = row[edition]?.request
      if (request === undefined) continue
      it(`${name} has the form that ${edition} wants, and members that it knows`, () => {
        const example = exampleOf(name as CscMethodName, edition) ?? {}
        const { properties = {} } = request.schema(edition) as { properties?: object }
        assert.ok(request.fits(example, edition))
        for (const member of Object.keys(example)) assert.ok(member in properties, member)
      })
    }
  }
})
