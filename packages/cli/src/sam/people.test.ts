/** The people of the first roster, gathered at the terminal before there is a SAM. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { digestSync } from '@natsuin/pki/node'
import { writeCarried } from '@natsuin/protocol/administration'
import { personStatement } from '@natsuin/protocol/approval'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const COMMAND = fileURLToPath(new URL('../../bin/natsuin.mjs', import.meta.url))
const folder = temporaryFolder()
const ORIGIN = 'https://approve.example.org'

function newDirectory(maxLevel = 1): string {
  const directory = mkdtempSync(join(folder, 'natsuin-'))
  const founding = { deployment: 'Example', approvalOrigin: ORIGIN, maxLevel }
  writeFileSync(join(directory, 'founding.json'), JSON.stringify(founding))
  return directory
}

function gather(directory: string, ...answers: readonly string[]) {
  const args = [COMMAND, 'sam', 'people', '--directory', directory]
  const input = answers.map(one => `${one}\n`).join('')
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { input, encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** What the approval page shows somebody who made a passkey. */
function codeFor(personId: string, origin = ORIGIN, deployment = 'Example'): string {
  const challenge = digestSync('sha256', personStatement(deployment, personId))
  const device = createSoftwareAuthenticator()
  const { registration } = device.register({ rpId: 'approve.example.org', origin, challenge })
  return writeCarried({ personId, registration })
}

const adding = (id: string, roles: string, code = codeFor(id)) => [
  'add',
  `Name of ${id}`,
  id,
  roles,
  code,
  'yes',
]
const peopleIn = (directory: string) =>
  JSON.parse(readFileSync(join(directory, 'people.json'), 'utf8')) as {
    id: string
    registrations: unknown[]
  }[]

describe('natsuin sam people', () => {
  it('asks until genesis has who it needs, and keeps each of them at once', () => {
    const directory = newDirectory()
    const first = gather(directory, ...adding('s-1', 'security-officer'), 'done')
    assert.equal(first.status, 1, first.stderr)
    assert.match(first.stdout, /still needed: 3 more with the role security-officer/)
    assert.match(
      first.stdout,
      /Name of s-1 opens this link[\s\S]*https:\/\/approve\.example\.org\/#register=[\w-]+/,
    )
    assert.match(first.stdout, /Fingerprint: ([0-9a-f]{4} ){4}[0-9a-f]{4}/)
    const second = gather(
      directory,
      ...adding('s-2', 'security-officer'),
      ...adding('s-3', 'security-officer'),
      ...adding('o-1', 'registration-officer'),
      'passkey',
      's-1',
      codeFor('s-1'),
      'yes',
      '',
    )
    assert.equal(second.status, 0, second.stderr)
    assert.deepEqual(
      peopleIn(directory).map(({ id, registrations }) => [id, registrations.length]),
      [
        ['s-1', 2],
        ['s-2', 1],
        ['s-3', 1],
        ['o-1', 1],
      ],
    )
  })

  it('takes nobody whose code is another’s, of elsewhere, broken, or not the one that he sees', () => {
    const directory = newDirectory()
    const { stdout } = gather(
      directory,
      ...adding('s-1', 'security-officer', codeFor('s-2')).slice(0, 5),
      writeCarried(JSON.parse(Buffer.from(codeFor('s-2'), 'base64url').toString())).slice(0, -4),
      renamed(codeFor('s-2'), 's-1'),
      codeFor('s-1', 'https://elsewhere.example'),
      codeFor('s-1'),
      'no',
      'done',
    )
    for (const said of [
      'The code is for s-2.',
      'The code is not whole.',
      'The passkey was made for another person or another service.',
      'The passkey was made at https://elsewhere.example, not at https://approve.example.org.',
    ]) {
      assert.ok(stdout.includes(said), `${said}\n${stdout}`)
    }
    assert.throws(() => peopleIn(directory), { code: 'ENOENT' })
  })

  it('says which roles do not meet in one person (SRG_M.1.6), and takes people away again', () => {
    const directory = newDirectory()
    const { stdout } = gather(
      directory,
      ...adding('s-1', 'security-officer, system-auditor').slice(0, 4),
      ...adding('s-2', 'security-officer'),
      'add',
      'Again',
      's-2',
      'remove',
      's-2',
      'remove',
      's-2',
      'what',
      'done',
    )
    assert.match(stdout, /person s-1: security-officer and system-auditor \(SRG_M\.1\.6\)/)
    assert.match(stdout, /s-2 is there already\./)
    assert.match(stdout, /There is nobody of the id s-2\./)
    assert.match(stdout, /Answer add, passkey, remove or done\./)
    assert.deepEqual(peopleIn(directory), [])
  })

  it('wants two registration officers at level 3', () => {
    assert.match(
      gather(newDirectory(3), 'done').stdout,
      /still needed: 2 more with the role registration-officer/,
    )
  })

  it('ends when the answers end, and without a founding', () => {
    assert.equal(gather(newDirectory()).status, 2)
    const { status, stderr } = gather(mkdtempSync(join(folder, 'empty-')))
    assert.equal(status, 2)
    assert.match(stderr, /founding\.json is not there; natsuin init writes it\./)
  })
})

function renamed(code: string, personId: string): string {
  const carried = JSON.parse(Buffer.from(code, 'base64url').toString()) as object
  return Buffer.from(JSON.stringify({ ...carried, personId })).toString('base64url')
}
