import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const SOURCES = join(import.meta.dirname, '..')

describe('the use of a signer’s key', () => {
  it('is asked of the module in sign.ts, and nowhere else in the SAM', () => {
    const files = globSync('**/*.ts', { cwd: SOURCES }).filter(
      path => !path.endsWith('.test.ts') && !path.startsWith('fixture/'),
    )
    const users = files.filter(path => /\bsignWrapped\b/.test(withoutComments(path)))
    assert.deepEqual(users, ['activation/sign.ts'])
  })
})

function withoutComments(path: string): string {
  return readFileSync(join(SOURCES, path), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
}
