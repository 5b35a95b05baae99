import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { installed, ROOT } from './launch.mjs'

type Entries = Record<string, Record<string, unknown>>

describe('whether packages have to be installed', () => {
  let root: string
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'natsuin-launch-'))
    await mkdir(join(root, 'node_modules'))
  })
  after(() => rm(root, { recursive: true }))

  const wanted: Entries = {
    '': { optionalDependencies: { native: '1.0.0', 'node-other': '1.0.0' } },
    'node_modules/plain': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/native': { version: '1.0.0', integrity: 'sha512-b', optional: true },
    'node_modules/node-other': { version: '1.0.0', integrity: 'sha512-c', optional: true, os: ['other'] },
    'node_modules/needed-by-node-other': { version: '1.0.0', integrity: 'sha512-d', optional: true },
  }
  const complete: Entries = {
    'node_modules/plain': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/native': { version: '1.0.0', integrity: 'sha512-b' },
  }
  const having = async (present: Entries) => {
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }))
    await writeFile(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: present }))
    return installed(root)
  }

  it('is denied when all is there but what is made for other systems', async () => {
    assert.equal(await having(complete), true)
  })

  it('is affirmed when a package is missing, of another version or of other content', async () => {
    const { 'node_modules/plain': plain, ...rest } = complete
    assert.equal(await having(rest), false)
    assert.equal(await having({ ...rest, 'node_modules/plain': { ...plain, version: '1.0.1' } }), false)
    assert.equal(await having({ ...rest, 'node_modules/plain': { ...plain, integrity: 'sha512-z' } }), false)
  })

  it('is affirmed when an optional package of ours was dropped because its build had failed', async () => {
    const { 'node_modules/native': _, ...rest } = complete
    assert.equal(await having(rest), false)
  })

  it('is affirmed when npm never finished', async () => {
    await rm(join(root, 'node_modules', '.package-lock.json'))
    assert.equal(installed(root), false)
  })
})

describe('a launched command', () => {
  let root: string
  /** A repository of one command, with this one's launcher and packages. */
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'natsuin-launch-'))
    await mkdir(join(root, 'scripts'))
    for (const shared of ['node_modules', 'package.json', 'package-lock.json']) {
      await symlink(join(ROOT, shared), join(root, shared))
    }
    await copyFile(join(ROOT, 'scripts', 'launch.mjs'), join(root, 'scripts', 'launch.mjs'))
    await writeFile(
      join(root, 'scripts', 'start.mjs'),
      "import { launch } from './launch.mjs'\nlaunch('command.ts')\n",
    )
  })
  after(() => rm(root, { recursive: true }))

  const start = async (command: string, ...argv: string[]) => {
    await writeFile(join(root, 'command.ts'), command)
    return spawn(process.execPath, [join(root, 'scripts', 'start.mjs'), ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  it('gets its arguments unchanged, runs the sources, and hands back its exit code', async () => {
    const child = await start(
      'console.log(JSON.stringify(process.argv.slice(2)), process.execArgv); process.exit(7)',
      'a b',
      '--c',
    )
    const [output] = await once(child.stdout.setEncoding('utf8'), 'data')
    assert.equal(output, `["a b","--c"] [ '--conditions=natsuin-source' ]\n`)
    assert.deepEqual(await once(child, 'exit'), [7, null])
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`ends as ${signal} asks`, async () => {
      const child = await start("console.log('ready'); setInterval(() => {}, 1000)")
      await once(child.stdout, 'data')
      child.kill(signal)
      assert.deepEqual(await once(child, 'exit'), [code, null])
    })
  }

  it('may end in its own way after a signal', async () => {
    const child = await start(
      "process.on('SIGTERM', () => process.exit(3)); console.log('ready'); setInterval(() => {}, 1000)",
    )
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [3, null])
  })
})
