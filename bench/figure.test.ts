import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compared, reference, selfContained, tableOf } from './figure.ts'

const raw = reference('the module itself', 4000, 'signatures/s')
const single = compared('signHash, one hash a call', 800, raw)
const batch = compared('signHash, 100 hashes a call', 3200, raw)
const idle = reference('  memory before', 60, 'MB')
const figures = [
  raw,
  single,
  reference('  p99 of one call', 80, 'ms'),
  batch,
  idle,
  compared('  peak', 90, idle),
]

describe('figures of a benchmark', () => {
  it('stand beside what they are compared with', () => {
    const reference = 'the module itself'
    assert.deepEqual(single, { name: single.name, value: 800, unit: 'signatures/s', reference, ratio: 0.2 })
  })

  it('are told from each other by name alone, and name references that are there', () => {
    const told = selfContained(figures)
    const names = told.map(({ name }) => name)
    assert.deepEqual(names.slice(2), [
      'signHash, one hash a call: p99 of one call',
      'signHash, 100 hashes a call',
      'signHash, 100 hashes a call: memory before',
      'signHash, 100 hashes a call: peak',
    ])
    assert.equal(new Set(names).size, names.length)
    for (const { reference } of told) assert.ok(reference === '' || names.includes(reference), reference)
  })

  it('are a table for people, with details below', () => {
    const [first, second, third] = tableOf(figures).split('\n')
    assert.match(first ?? '', /^the module itself +4,000 signatures\/s$/)
    assert.match(second ?? '', /^signHash, one hash a call +800 signatures\/s {2}0\.20 × the module itself$/)
    assert.match(third ?? '', /^ {2}p99 of one call +80 ms$/)
  })
})
