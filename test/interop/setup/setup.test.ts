import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { run, SetupFailure } from './run.ts'
import { madeFrom } from './stamp.ts'

const parent = temporaryFolder()

describe('a folder that is made from files', () => {
  it('is made once, and anew and empty when a file has changed', async () => {
    const folder = join(parent, 'judge')
    const madeOf: string[] = []
    const make = (input: string) =>
      madeFrom(folder, ['a', input], async () => {
        assert.equal(existsSync(join(folder, 'left')), false)
        writeFileSync(join(folder, 'left'), '')
        madeOf.push(input)
      })
    await make('1')
    await make('1')
    await make('2')
    assert.deepEqual(madeOf, ['1', '2'])
  })

  it('is made again after an attempt that failed', async () => {
    const folder = join(parent, 'failing')
    await assert.rejects(
      madeFrom(folder, ['a'], () => Promise.reject(new SetupFailure('no network'))),
      SetupFailure,
    )
    let made = false
    await madeFrom(folder, ['a'], async () => {
      made = true
    })
    assert.ok(made)
  })
})

describe('a program of the set-up', () => {
  it('that fails is told with what was wanted and its last words', async () => {
    const program = 'console.log("looking for x.jar"); console.error("x.jar: not found"); process.exit(3)'
    await assert.rejects(run('The libraries', [process.execPath, '-e', program]), (error: unknown) => {
      assert.ok(error instanceof SetupFailure)
      assert.match(error.message, /^The libraries: .* ended with 3$/m)
      for (const line of ['  looking for x.jar', '  x.jar: not found'])
        assert.ok(error.message.split('\n').includes(line), error.message)
      return true
    })
    await run('Nothing', [process.execPath, '-e', ''])
  })

  it('that is not there is told', async () => {
    await assert.rejects(run('The libraries', [join(parent, 'nowhere')]), /The libraries: .*ENOENT/)
  })
})

describe('what is set up', () => {
  const home = join(import.meta.dirname, '..')
  const texts = (name: string) =>
    globSync(`{judges,clients}/*/${name}`, { cwd: home }).map(path => readFileSync(join(home, path), 'utf8'))

  it('is pinned, each package with its hash', () => {
    for (const requirements of texts('requirements.txt')) {
      const packages = [...requirements.matchAll(/^[a-z][^ ]* .*\\\n {4}--hash=sha256:[0-9a-f]{64}/gim)]
      assert.equal(packages.length, [...requirements.matchAll(/^[a-z]/gim)].length)
    }
    const digests = texts('jars.sha256')
    assert.equal(digests.length, texts('pom.xml').length)
    for (const digest of digests) assert.match(digest, /^(?:[0-9a-f]{64} {2}[\w.-]+\.jar\n)+$/)
  })
})
