import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { commitOf, keepReport, reportOf } from './soak-report.ts'

const SOAK = {
  startedAt: new Date('2026-01-02T03:04:05Z'),
  commit: 'abc',
  endedAt: new Date('2026-01-02T05:34:05Z'),
  seed: '42',
  paths: [],
  lines: ['failed: a.test.ts › is right', '1 passed, 1 failed, 0 skipped'],
}

describe('the report of a soak', () => {
  it('says when it ran, over which commit, from which seed, and what came of it', () => {
    const report = reportOf(SOAK)
    for (const part of [
      '# Soak of 2026-01-02',
      '| took | 2.5 hours |',
      '| commit | abc |',
      '| tests | all |',
    ])
      assert.ok(report.includes(part), part)
    assert.ok(report.includes('NATSUIN_SEED=42'))
    assert.ok(report.endsWith('- failed: a.test.ts › is right\n- 1 passed, 1 failed, 0 skipped\n'))
    assert.match(reportOf({ ...SOAK, paths: ['packages/sam'] }), /\| tests \| packages\/sam \|/)
  })

  it('is kept under its date', () => {
    const root = mkdtempSync(join(tmpdir(), 'natsuin-soak-'))
    assert.equal(keepReport(root, SOAK), 'soak-report/2026-01-02T03-04-05.md')
    assert.match(
      readFileSync(join(root, 'soak-report/2026-01-02T03-04-05.md'), 'utf8'),
      /\| commit \| abc \|/,
    )
    assert.equal(commitOf(root), 'unknown')
    rmSync(root, { recursive: true })
  })
})
