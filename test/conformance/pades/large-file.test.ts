/** Memory does not grow with the document: one of 100 MB is signed and verified in what one of 1 MB takes. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { qpdfCheck } from '@natsuin/testing/judges'
import { writeLargePdf } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const folder = temporaryFolder()
const PROGRAM = fileURLToPath(new URL('sign-large-file.ts', import.meta.url))
const MEGABYTE = 1_000_000

function signed(name: string, megabytes: number) {
  const path = join(folder, name)
  writeLargePdf(path, megabytes)
  const { size } = statSync(path)
  // Stripping types takes forty megabytes once; with the cache of the first run it is not measured in the second.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const output = execFileSync(process.execPath, ['--conditions=natsuin-source', PROGRAM, path], {
    env,
    encoding: 'utf8',
  })
  return { path, size, ...JSON.parse(output) }
}

const taken = ({ before, afterVerifying }: { readonly before: number; readonly afterVerifying: number }) =>
  afterVerifying - before

describe('a PDF of 100 MB', () => {
  it('is signed and verified with the memory that one of 1 MB takes, and not with itself in memory', () => {
    const small = signed('small.pdf', 1)
    const large = signed('large.pdf', 99)
    assert.ok(large.size > 100 * MEGABYTE)
    assert.deepEqual([small.indication, large.indication], ['TOTAL-PASSED', 'TOTAL-PASSED'])
    const [little, much] = [taken(small), taken(large)]
    // Who held the document once would take its hundred megabytes more; what is left below that is the collector's.
    assert.ok(much - little < large.size / 2, JSON.stringify({ small, large }))
    assert.equal(qpdfCheck(large.path).status, 0)
  })
})
