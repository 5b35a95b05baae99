import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from './cells/cell.ts'
import type { Verdict } from './judges/verdict.ts'
import { interopPage, saysTheSame } from './page.ts'

const cell = (changed: Partial<Cell> = {}): Cell => ({
  format: 'PAdES',
  what: 'one signature',
  level: 'B-B',
  algorithm: 'ecdsa-sha256',
  signatures: 1,
  expected: 'accepted',
  make: () => assert.fail('nothing is made here'),
  ...changed,
})
const result = (outcome: Verdict['outcome'], word: string, changed: Partial<Cell> = {}) => ({
  cell: cell(changed),
  verdicts: new Map([['EU DSS', { outcome, word, reasons: ['for a reason'] }]]),
})
const noRun = () => assert.fail('nothing is run here')
const page = (...results: readonly ReturnType<typeof result>[]) =>
  interopPage({ day: '2026-11-26', results, clients: [], files: undefined }, '')

describe('the page of what others judged', () => {
  it('has every cell with each judge’s word, and nothing where a judge was not asked', () => {
    assert.match(
      page(result('passed', 'TOTAL_PASSED')),
      /^\| one signature \| B-B \| ecdsa-sha256 \| ✔ TOTAL_PASSED \| {2}\|$/m,
    )
  })

  it('says what must be refused, what failed and what is beyond a judge, with the reason', () => {
    const text = page(
      result('passed', 'TOTAL_FAILED', { expected: 'refused' }),
      result('failed', 'a|b\nc'),
      result('unable', 'INDETERMINATE'),
    )
    assert.match(text, /^\| must be refused: one signature .* ✔ TOTAL_FAILED /m)
    assert.match(text, / ✘ a\\\|b c /)
    assert.match(text, / – INDETERMINATE /)
    assert.match(text, /^- EU DSS: for a reason$/m)
  })

  it('has every client with its word on each thing that it has to manage, and its limits', () => {
    const client = { name: 'a client', version: '1', speaks: 'v2', does: [], limits: [], run: noRun }
    const verdicts = new Map<string, Verdict>([
      ['info', { outcome: 'passed', word: 'read', reasons: [] }],
      ['revoke', { outcome: 'unable', word: '204', reasons: ['it knows no 204'] }],
    ])
    const clients = [{ client, verdicts }]
    const text = interopPage({ day: '2026-11-26', results: [], clients, files: undefined }, '')
    assert.match(text, /^\| a client \| 1 \| v2 \|$/m)
    assert.match(text, /^\| a client \| info \| ✔ read \|\n\| a client \| revoke \| – 204 \|$/m)
    assert.match(text, /^- a client: it knows no 204$/m)
  })

  it('counts what became of other people’s files, and keeps the counts where there are no files', () => {
    const files = [
      { name: 'a', refused: 'broken-xref' } as const,
      { name: 'b', result: result('passed', 'PASSED') },
      { name: 'c', result: result('passed', 'PASSED') },
    ]
    const text = interopPage({ day: '2026-11-26', results: [], clients: [], files }, '')
    assert.match(text, /^\| signed; EU DSS says ✔ PASSED \| 2 \|\n\| refused: `broken-xref` \| 1 \|$/m)
    assert.equal(interopPage({ day: '2026-11-26', results: [], clients: [], files: undefined }, text), text)
  })

  it('is the same on another day, and another with another word', () => {
    const one = page(result('passed', 'TOTAL_PASSED'))
    assert.ok(saysTheSame(one, one.replace('2026-11-26', '2027-01-01')))
    assert.equal(saysTheSame(one, page(result('failed', 'TOTAL_FAILED'))), false)
  })
})
