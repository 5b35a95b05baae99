import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from '../cells/cell.ts'
import { digidoc4j } from './digidoc4j/digidoc4j.ts'
import { dss } from './dss/dss.ts'
import type { Answer, Finding, Judge } from './judge.ts'
import { pyhanko } from './pyhanko/pyhanko.ts'
import { verdictOf } from './verdict.ts'

const cell: Cell = {
  format: 'PAdES',
  what: 'one signature',
  level: 'B-LTA',
  algorithm: 'ecdsa-sha256',
  signatures: 1,
  expected: 'accepted',
  make: () => assert.fail('nothing is made here'),
}
const good: Finding = {
  indication: 'TOTAL_PASSED',
  subIndication: null,
  level: 'PAdES-BASELINE-LTA',
  errors: [],
}
const goodByPyhanko: Finding = {
  indication: 'PASSED',
  subIndication: 'OK',
  errors: [],
  coverage: 'ENTIRE_REVISION',
  changesAllowed: true,
  archived: true,
}
const saying = (...signatures: readonly Finding[]): Answer => ({ id: 'a', signatures })
const outcome = (answer: Answer, changed: Partial<Cell> = {}, judge: Judge = dss) =>
  verdictOf(judge, { ...cell, ...changed }, answer).outcome

describe('what becomes of a judge’s answer', () => {
  it('is passed where every signature was found and accepted', () => {
    assert.equal(outcome(saying(good)), 'passed')
    assert.equal(outcome(saying(good, good), { signatures: 2 }), 'passed')
    for (const answer of [
      saying(),
      saying(good, good),
      saying(good, { ...good, indication: 'TOTAL_FAILED' }),
    ])
      assert.equal(outcome(answer), 'failed')
  })

  it('is failed where the level is not the one that was intended', () => {
    assert.equal(outcome(saying({ ...good, level: 'PAdES-BASELINE-LT' })), 'failed')
    assert.equal(outcome(saying({ ...good, level: 'PAdES-BASELINE-LT' }), { level: 'B-LT' }), 'passed')
  })

  it('is failed where the judge could not judge, and says its words', () => {
    const verdict = verdictOf(dss, cell, { id: 'a', cannot: 'IOException: no such file' })
    assert.deepEqual([verdict.outcome, verdict.word], ['failed', 'IOException: no such file'])
  })

  it('of a signature that must be refused is passed only where it was refused', () => {
    const refused = { expected: 'refused' } as const
    assert.equal(outcome(saying({ ...good, indication: 'TOTAL_FAILED' }), refused), 'passed')
    assert.equal(outcome(saying(good), refused), 'failed')
    assert.equal(outcome(saying(), refused), 'failed')
    assert.equal(outcome({ id: 'a', cannot: 'it crashed' }, refused), 'failed')
  })

  it('is beyond the judge where a limit is known and shows, and failed where it no longer shows', () => {
    const eddsa = { algorithm: 'ed25519' } as const
    const unsure = {
      ...good,
      indication: 'INDETERMINATE',
      subIndication: 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
    }
    assert.equal(outcome(saying({ ...unsure, intact: true }), eddsa), 'unable')
    assert.equal(outcome(saying({ ...unsure, intact: false }), eddsa), 'failed')
    assert.equal(outcome(saying(good), eddsa), 'failed')
  })

  it('of digidoc4j is passed where nothing is held against the container, and the level is the one', () => {
    const asic = { format: 'ASiC with XAdES' } as const
    const held = { ...good, level: 'LTA', validContainer: true }
    assert.equal(outcome(saying(held), asic, digidoc4j), 'passed')
    for (const change of [{ validContainer: false }, { level: 'LT' }, { indication: 'INDETERMINATE' }])
      assert.equal(outcome(saying({ ...held, ...change }), asic, digidoc4j), 'failed')
  })

  it('of pyHanko is passed where nothing is uncovered, changed against the signature or undated', () => {
    assert.equal(outcome(saying(goodByPyhanko), {}, pyhanko), 'passed')
    for (const change of [
      { coverage: 'CONTIGUOUS_BLOCK_FROM_START' },
      { changesAllowed: false },
      { archived: false },
    ])
      assert.equal(outcome(saying({ ...goodByPyhanko, ...change }), {}, pyhanko), 'failed')
    assert.equal(outcome(saying({ ...goodByPyhanko, archived: false }), { level: 'B-LT' }, pyhanko), 'passed')
  })
})
