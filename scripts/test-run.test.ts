import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runFiles } from './test-run.ts'

const FILES = {
  'mixed.test.mjs': `
    import { describe, it } from 'node:test'
    describe('outer', () => {
      it('holds', () => {})
      it('breaks', () => { throw new Error('broken') })
      it('waits', { skip: 'no tool' }, () => {})
      it('is planned', { todo: 'later' }, () => { throw new Error('not yet') })
      describe('left out', { skip: 'whole suite' }, () => { it('inside', () => {}) })
      it('nests', async t => {
        await t.test('holds inside', () => {})
        await t.test('breaks inside', () => { throw new Error('broken') })
      })
    })`,
  'hook.test.mjs': `
    import { before, describe, it } from 'node:test'
    describe('hook', () => { before(() => { throw new Error('set-up') }); it('never runs', () => {}) })`,
  'loads-badly.test.mjs': `throw new Error('on load')`,
  'no-test.test.mjs': `export const forgotten = 1`,
}

describe('the closing lines of a test run', () => {
  let folder: string
  before(async () => {
    // node refuses to run test files from within a test file; that is exactly what is tested here.
    delete process.env['NODE_TEST_CONTEXT']
    folder = await mkdtemp(join(tmpdir(), 'natsuin-tally-'))
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text)
  })
  after(() => rm(folder, { recursive: true }))

  const closing = async (...names: (keyof typeof FILES)[]) =>
    await runFiles(
      names.map(name => join(folder, name)),
      { root: folder, concurrency: 1, timeoutMs: 60_000, print: () => undefined },
    )

  it('count each leaf once and name what failed and what was skipped', async () => {
    assert.deepEqual(await closing('mixed.test.mjs'), [
      'skipped: mixed.test.mjs › outer › waits (no tool)',
      'skipped: mixed.test.mjs › outer › is planned (later)',
      'skipped: mixed.test.mjs › outer › left out (whole suite)',
      'failed: mixed.test.mjs › outer › breaks',
      'failed: mixed.test.mjs › outer › nests › breaks inside',
      '2 passed, 2 failed, 3 skipped',
    ])
  })

  it('count a hook that throws beside the tests that it prevented', async () => {
    assert.deepEqual(await closing('hook.test.mjs'), [
      'failed: hook.test.mjs › hook › never runs',
      'failed: hook.test.mjs › hook',
      '0 passed, 2 failed, 0 skipped',
    ])
  })

  it('count a file that breaks off, and one that holds no test, as failed', async () => {
    assert.deepEqual(await closing('loads-badly.test.mjs', 'no-test.test.mjs'), [
      'failed: loads-badly.test.mjs (the file broke off)',
      'failed: no-test.test.mjs (holds no test)',
      '0 passed, 2 failed, 0 skipped',
    ])
  })
})
