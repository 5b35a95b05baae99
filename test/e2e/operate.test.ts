/**
 * docs/operate.md, followed to the letter: every block marked `sh` is run as it stands, as root, with the users that it
 * makes, in mounts, a network and process numbers of its own. Only systemd is played: where it is not the first
 * process, a stand-in starts what the units say as the users they say, without their confinement.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { blocksOfPage } from './operate/page.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

interface Outcome {
  readonly followed: readonly string[]
  readonly first: boolean
  readonly afterRestore: boolean
  readonly digestIsOfKey: boolean
  readonly readByServer: readonly string[]
  readonly processes: readonly {
    readonly name: string
    readonly user: string
    readonly environment: string
    readonly commandLine: string
  }[]
}

/** A machine inside this one takes root, and a kernel that lets root have it. */
function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'needs root, to be other users'
  const tools = ['unshare', 'setpriv', 'runuser', 'systemd-sysusers', 'systemd-tmpfiles', 'ip', 'curl']
  const missing = tools.filter(tool => spawnSync('which', [tool]).status !== 0)
  if (missing.length > 0) return `needs ${missing.join(', ')}`
  const tried = spawnSync('unshare', [...APART, 'true'])
  return tried.status === 0 ? false : 'this kernel gives root no machine of its own'
}

const APART = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc']

/** What the page's installation does for the pages of a process. */
function build(name: string): void {
  const script = at(`../../packages/${name}/build.ts`)
  const { status } = spawnSync(process.execPath, ['--conditions=natsuin-source', script], { stdio: 'ignore' })
  assert.equal(status, 0, `the pages of ${name}`)
}

function followPage(): Outcome {
  const command = [process.execPath, '--conditions=natsuin-source', at('operate/follow.ts')]
  const machine = [at('operate/machine.sh'), at('../..').replace(/\/$/, ''), ...command]
  const { status, stdout, stderr } = spawnSync('unshare', [...APART, ...machine], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout: 9 * 60_000,
  })
  assert.equal(status, 0, stderr.slice(-6000))
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Outcome
}

describe('docs/operate.md', { skip: whyNot() }, () => {
  let outcome: Outcome
  before(() => {
    for (const name of ['sic', 'web']) build(name)
    outcome = followPage()
  })

  it('is followed from the users to the restore', () => {
    const headings = blocksOfPage().map(({ heading }) => heading)
    assert.deepEqual(outcome.followed, headings)
    for (const heading of ['Install', 'Configure', 'Genesis', 'Start', 'Watch', 'Backup', 'Restore']) {
      assert.ok(headings.includes(heading), heading)
    }
  })

  it('ends in a signed document whose evidence holds with the digest that genesis printed', () => {
    assert.ok(outcome.digestIsOfKey)
    assert.ok(outcome.first)
  })

  it('brings everything back from the backup', () => assert.ok(outcome.afterRestore))

  it('runs each process as a user of its own', () => {
    assert.deepEqual(
      outcome.processes.map(({ name, user }) => [name, user]),
      ['sam', 'authorities', 'server', 'sic'].map(name => [name, `natsuin-${name}`]),
    )
  })

  it('lets the server’s user read nothing of the SAM and of the authorities', () => {
    const others = outcome.readByServer.filter(path => !path.startsWith('/etc/natsuin/server/'))
    const own = others.filter(path => !path.startsWith('/var/lib/natsuin/server/'))
    for (const path of own) assert.match(path, /^\/etc\/natsuin\/[a-z-]+\.(json|txt)$/)
    assert.ok(outcome.readByServer.some(path => path.startsWith('/var/lib/natsuin/server/secrets')))
  })

  it('has no secret in the environment or on the command line of a process (T-SEC-05)', () => {
    for (const { name, environment, commandLine } of outcome.processes) {
      assert.match(commandLine, /--disable-sigusr1/)
      for (const text of [environment, commandLine]) {
        assert.doesNotMatch(text, /pin=|password|secret|postgres(?:ql)?:\/\//i, name)
      }
    }
  })
})
