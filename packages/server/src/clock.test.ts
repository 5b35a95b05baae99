/** What `clock.ts` says of the whole package. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const ASKS = /\bnew Date\(\)|\bDate\.now\b/

describe('the time', () => {
  it('is asked of the system by the files alone that start on their own', () => {
    const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
      path => path.endsWith('.ts') && !/\.(?:test|suite)\.ts$|(?:^|\/)fixture\//.test(path),
    )
    const asking = sources.filter(path => ASKS.test(readFileSync(join(import.meta.dirname, path), 'utf8')))
    assert.deepEqual(asking.sort(), ['documents/document-thread.ts', 'main.ts'])
  })
})
