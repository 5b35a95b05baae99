/** The founding ceremony at the terminal: interrupted, gone on with, and over when it is over. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { digestSync } from '@natsuin/pki/node'
import { personStatement, toWire } from '@natsuin/protocol/approval'
import { createSoftwareAuthenticator } from '@natsuin/testing/authenticator'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const COMMAND = fileURLToPath(new URL('../../bin/natsuin.mjs', import.meta.url))
const directory = join(temporaryFolder(), 'natsuin')
const PEOPLE = [
  ['s-1', 'security-officer'],
  ['s-2', 'security-officer'],
  ['s-3', 'security-officer'],
  ['o-1', 'registration-officer'],
] as const

function natsuin(args: readonly string[], ...answers: readonly string[]) {
  const input = answers.map(one => `${one}\n`).join('')
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const genesis = (...answers: readonly string[]) =>
  natsuin(['sam', 'genesis', '--directory', directory], ...answers)

/** As `natsuin sam people` keeps them. */
function writePeople(approvalOrigin = 'http://approve.localhost:8081'): void {
  const people = PEOPLE.map(([id, role]) => {
    const challenge = digestSync('sha256', personStatement('Example', id))
    const device = createSoftwareAuthenticator()
    const { registration } = device.register({ rpId: 'approve.localhost', origin: approvalOrigin, challenge })
    return { id, name: `Name of ${id}`, roles: [role], registrations: [toWire(registration)] }
  })
  writeFileSync(join(directory, 'people.json'), JSON.stringify(people))
}

describe('natsuin sam genesis', () => {
  before(() => {
    const { status, stderr } = natsuin(['init', '--directory', directory, '--yes', '--name', 'Example'])
    assert.equal(status, 0, stderr)
  })

  it('stops where people are missing', () => {
    const { status, stdout, stderr } = genesis('done')
    assert.equal(status, 1)
    assert.match(stdout, /1\/5 {2}The people of the first roster\n[\s\S]*still needed: 3 more/)
    assert.match(stderr, /Not founded yet\. Call natsuin sam genesis again to go on\./)
  })

  it('makes nothing before the people who are present agree', () => {
    writePeople()
    const { status, stdout } = genesis('')
    assert.equal(status, 1)
    assert.match(stdout, /1\/5 {2}The people of the first roster: done/)
    assert.match(
      stdout,
      /Example: production, up to level 1\n[\s\S]*s-1 {2}Name of s-1 {2}\(security-officer\)/,
    )
    assert.doesNotMatch(stdout, /4\/5/)
  })

  it('tells everything that the SAM finds wrong, and makes nothing', () => {
    writePeople('http://elsewhere.localhost:8081')
    const { status, stderr } = genesis('Example')
    assert.equal(status, 1)
    assert.match(stderr, /It cannot be founded like this:\n {2}person s-1: origin-mismatch\n {2}person s-2/m)
  })

  it('goes on where it stopped, founds, and tells what to publish', () => {
    writePeople()
    const { status, stdout, stderr } = genesis('Example')
    assert.equal(status, 0, stderr)
    assert.match(stdout, /2\/5 {2}The root of the authorities: done/)
    const key = Buffer.from(readFileSync(join(directory, 'sam-key.txt'), 'utf8'), 'base64url')
    const digest = createHash('sha256').update(key).digest('hex')
    assert.ok(stdout.includes(`\n  ${digest}\n`), stdout)
    assert.equal(natsuin(['check', '--directory', directory]).status, 0)
  })

  it('founds nothing twice', () => {
    const key = readFileSync(join(directory, 'sam-key.txt'))
    const { status, stdout } = genesis('Example')
    assert.equal(status, 0)
    assert.equal(stdout.match(/: done/g)?.length, 5)
    assert.deepEqual(readFileSync(join(directory, 'sam-key.txt')), key)
  })
})
