/** What code runs inside: the README says it, and this compares the README with what a SAM loads and what npm installs. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createSoftHsmToken, type SoftHsmToken } from '@natsuin/crypto-module/softhsm'
import { toWire } from '@natsuin/protocol/approval'
import { type Postgres, startPostgres } from '@natsuin/testing/postgres'
import { newFolder, newFounding } from './fixture/place.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const README = readFileSync(join(ROOT, 'packages/sam/README.md'), 'utf8')

/** Ours that are inside: of `protocol` and `pki` only the folders that are imported. */
const INSIDE = ['sam', 'protocol', 'crypto-module', 'pki']

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

// npm's own files, in their own shape.
const read = <T>(path: string): T => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T
const lock = read<{ packages: Readonly<Record<string, Manifest>> }>('package-lock.json')

const namesOf = ({ dependencies = {}, optionalDependencies = {} }: Manifest) =>
  Object.keys({ ...dependencies, ...optionalDependencies })

/** What the SAM's manifest and that of its module ask for, of others than us. */
const direct = ['sam', 'crypto-module']
  .flatMap(name => namesOf(read(`packages/${name}/package.json`)))
  .filter(name => !name.startsWith('@natsuin/'))

/** These, and all that they bring along. */
function closureOf(names: readonly string[], known = new Set<string>()): ReadonlySet<string> {
  for (const name of names) {
    if (known.has(name)) continue
    known.add(name)
    closureOf(namesOf(lock.packages[`node_modules/${name}`] ?? {}), known)
  }
  return known
}

/** Names in the first column of the README's table under this heading. */
function tabulated(heading: string): string[] {
  const [, section = ''] = README.split(`## ${heading}\n`)
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter(line => line.startsWith('| `'))
  return rows.flatMap(row =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
}

/** Files, from the root. */
interface Loaded {
  readonly bySam: readonly string[]
  /** By the processes that it started. */
  readonly byOthers: readonly string[]
}

/** Founds a SAM, starts it, ends it, and tells every file that V8 compiled. */
async function filesLoaded(members: object, environment: NodeJS.ProcessEnv = {}): Promise<Loaded> {
  const folder = mkdtempSync(join(newFolder(), 'closure-'))
  const at = (name: string) => join(folder, name)
  const configuration = {
    instance: 'sam-1',
    listen: { socket: 'sam.sock' },
    checkpointDirectory: 'outside',
    logOrigin: 'natsuin.example/tests',
    ...members,
  }
  writeFileSync(at('sam.json'), JSON.stringify(configuration))
  writeFileSync(at('founding.json'), JSON.stringify(toWire(newFounding().founding)))
  const settings = ['--config', at('sam.json')]
  const env = { ...process.env, ...environment }
  const launch = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    spawn(process.execPath, ['--conditions=natsuin-source', MAIN, ...args, ...settings], {
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  assert.deepEqual(await once(launch(['genesis', '--founding', at('founding.json')]), 'exit'), [0, null])
  const sam = launch(['start'], { NODE_V8_COVERAGE: at('loaded') })
  await once(sam.stdout, 'data')
  sam.kill('SIGTERM')
  assert.deepEqual(await once(sam, 'exit'), [0, null])
  const reports = readdirSync(at('loaded'))
  const isBySam = (name: string) => name.startsWith(`coverage-${sam.pid}-`)
  const filesOf = (names: readonly string[]) => names.flatMap(name => filesIn(at(join('loaded', name))))
  return {
    bySam: filesOf(reports.filter(isBySam)),
    byOthers: filesOf(reports.filter(name => !isBySam(name))),
  }
}

function filesIn(report: string): string[] {
  const { result } = JSON.parse(readFileSync(report, 'utf8')) as { result: { url: string }[] }
  return result
    .map(({ url }) => url)
    .filter(url => url.startsWith('file:'))
    .map(url => fileURLToPath(url).slice(ROOT.length))
}

const isOurs = (path: string) => INSIDE.some(name => path.startsWith(`packages/${name}/src/`))

/** Packages of others. */
function foreignIn(files: readonly string[]): ReadonlySet<string> {
  const foreign = files.filter(path => !isOurs(path))
  return new Set(foreign.map(path => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? path))
}

describe('what code runs inside the SAM', () => {
  it('is of nobody but us with SQLite and the software module', async () => {
    const members = { store: { sqlite: 'sam.db' }, module: { software: { directory: 'keys' } } }
    const { bySam, byOthers } = await filesLoaded(members)
    assert.ok(bySam.length > 200)
    assert.deepEqual([[...foreignIn(bySam)], byOthers], [[], []])
  })

  describe('with PostgreSQL and a token', () => {
    let postgres: Postgres
    let token: SoftHsmToken
    before(async () => {
      postgres = await startPostgres()
      token = await createSoftHsmToken()
    })
    after(async () => {
      await postgres?.stop()
      await token?.remove()
    })

    it('is the PostgreSQL client besides; what holds the token’s library, in a process of its own, loads that alone', async () => {
      const urlFile = join(token.directory, 'url')
      writeFileSync(urlFile, await postgres.createDatabase('sam'), { mode: 0o600 })
      const { modulePath, tokenLabel, pinFile, environment } = token.options
      const module = { pkcs11: { modulePath, tokenLabel, pinFile } }
      const { bySam, byOthers } = await filesLoaded({ store: { postgres: { urlFile } }, module }, environment)
      const foreign = foreignIn(bySam)
      assert.ok(foreign.has('pg'))
      assert.deepEqual([...foreign.difference(closureOf(['pg']))], [])
      assert.deepEqual([...foreignIn(byOthers)], ['pkcs11js'])
    })
  })

  it('asks for at most five packages of others, and the README says what for', () => {
    assert.ok(direct.length <= 5, direct.join(', '))
    for (const name of direct) assert.ok(tabulated('What code runs inside').includes(name), name)
  })

  it('has in the README every package that those bring along, and no other', () => {
    const told = tabulated('What comes with it').toSorted()
    assert.deepEqual(told, [...closureOf(direct)].toSorted())
  })

  for (const name of INSIDE) {
    it(`is about as many lines of ${name} as the README says`, () => {
      const row = README.split('\n').find(line => line.startsWith('| ') && line.includes(`(../${name}/src)`))
      const said = Number(
        /(\d+),(\d{3}) lines/
          .exec(row ?? '')
          ?.slice(1)
          .join(''),
      )
      assert.ok(Math.abs(linesOf(name) / said - 1) < 0.2, `${linesOf(name)} lines, not ${said}`)
    })
  }
})

/** Comments included; tests and what only they use are not. */
function linesOf(name: string): number {
  const files = globSync(`packages/${name}/src/**/*.ts`, { cwd: ROOT, exclude: isForTests })
  return files
    .map(path => readFileSync(join(ROOT, path), 'utf8').split('\n').length - 1)
    .reduce((a, b) => a + b)
}

const isForTests = (path: string) => /\.(?:test|suite)\.ts$|\/(?:fixture|softhsm|vectors)(?:\/|$)/.test(path)
