import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { rounds, seed } from './rounds.ts'

describe('rounds', () => {
  it('reads the column of a soak only when asked', () => {
    assert.ok(rounds('race', 'soak') > rounds('race', 'test'))
  })

  it('refuses a column that does not exist, so that a misspelt soak is not a short run', () => {
    assert.throws(() => rounds('race', 'soaked'), /NATSUIN_ROUNDS is test or soak/)
  })
})

describe('seed', () => {
  const seedOf = (NATSUIN_SEED: string | undefined) =>
    spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `import { seed } from ${JSON.stringify(MODULE)}; seed(); seed()`],
      { encoding: 'utf8', env: { ...process.env, NATSUIN_SEED } },
    )
  const MODULE = new URL('./rounds.ts', import.meta.url).href

  it('stays the same within a process', () => assert.equal(seed(), seed()))

  it('is the given one, printed once', () => assert.equal(seedOf('42').stdout, 'NATSUIN_SEED=42\n'))

  it('is chosen and printed when none is given', () =>
    assert.match(seedOf(undefined).stdout, /^NATSUIN_SEED=\d+\n$/))

  it('refuses what is not a number', () =>
    assert.match(seedOf('abc').stderr, /NATSUIN_SEED is a whole number/))
})
