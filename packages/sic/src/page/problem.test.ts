import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asProblem, Problem, problemOfRefusal } from './problem.ts'

describe('problems of the approval page', () => {
  it('say what a refusal of the SAM means for the signer', () => {
    assert.equal(problemOfRefusal('ticket-spent'), 'ticket-over')
    assert.equal(problemOfRefusal('user-not-verified'), 'passkey-refused')
    assert.equal(problemOfRefusal('approval-closed'), 'ticket-over')
  })

  it('know no more of an unknown refusal than that it is one', () => {
    assert.equal(problemOfRefusal('something-new'), 'refused')
    assert.equal(problemOfRefusal('constructor'), 'refused')
  })

  it('take what is no problem yet for a defect of the page', () => {
    const problem = new Problem('document-unknown')
    assert.equal(asProblem(problem), problem)
    assert.equal(asProblem(new TypeError('x')).code, 'fault')
  })
})
