import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { type FailpointName, noFailpoints, socketFailpoints } from './failpoints.ts'
import { newFolder } from './fixture/place.ts'

/** Where the SAM is killed at each of its points, and started again (threats T-DUR-02). */
const KILLED_IN: Readonly<Record<FailpointName, string>> = {
  'ticket-issued': 'kill/cases.ts',
  'request-approved': 'removals-kill.test.ts',
  'roster-amended': 'removals-kill.test.ts',
  'grant-accepted': 'removals-kill.test.ts',
  'key-generated': 'kill.test.ts',
  enrolled: 'kill.test.ts',
  'certificate-linked': 'kill.test.ts',
  'authenticator-added': 'authenticators-kill.test.ts',
  'authenticator-removed': 'authenticators-kill.test.ts',
  'authenticator-suspended': 'removals-kill.test.ts',
  attempted: 'codes-kill.test.ts',
  'means-locked': 'codes-kill.test.ts',
  'sad-accepted': 'kill/cases.ts',
  'sad-extended': 'extend-kill.test.ts',
  granted: 'kill/cases.ts',
  'module-signed': 'kill/cases.ts',
  completed: 'kill/cases.ts',
  'certificate-requested': 'certification-kill.test.ts',
  'certification-signed': 'certification-kill.test.ts',
  'credential-revoked': 'removals-kill.test.ts',
  'key-destroyed': 'removals-kill.test.ts',
  'master-key-made': 'rotation-kill.test.ts',
  'master-key-rotation-begun': 'rotation-kill.test.ts',
  'key-moved': 'rotation-kill.test.ts',
  'master-key-rotated': 'rotation-kill.test.ts',
  'master-key-destroyed': 'rotation-kill.test.ts',
  'keys-restored': 'restore.test.ts',
}

describe('failpoints', () => {
  for (const [name, file] of Object.entries(KILLED_IN)) {
    it(`${name}: test/e2e/${file} kills the SAM there (T-DUR-02)`, () => {
      const source = readFileSync(join(import.meta.dirname, '../../../test/e2e', file), 'utf8')
      assert.match(source, new RegExp(`(['\`]|^ *)${name}(['\`]|:)`, 'm'))
    })
  }

  const path = join(newFolder(), 'failpoints.sock')
  const heard: string[] = []
  /** Each answers when the test says so. */
  const gates: (() => void)[] = []
  const server = createServer(socket => {
    socket.on('data', chunk => {
      heard.push(String(chunk))
      gates.push(() => (String(chunk) === 'completed\n' ? socket.destroy() : socket.write('go\n')))
    })
  })
  after(() => server.close())

  it('do nothing where nobody asked for them', async () => {
    await noFailpoints('granted')
  })

  it('say where the process is, and wait until they are told to go on', async () => {
    server.listen(path)
    await once(server, 'listening')
    let isPast = false
    const passing = socketFailpoints(path)('granted').then(() => {
      isPast = true
    })
    while (heard.length === 0) await new Promise(setImmediate)
    assert.deepEqual([heard, isPast], [['granted\n'], false])
    gates.shift()?.()
    await passing
  })

  it('stop the operation when whoever listens goes away, or is not there', async () => {
    const passing = assert.rejects(socketFailpoints(path)('completed'), /closed without an answer/)
    while (heard.length === 1) await new Promise(setImmediate)
    gates.shift()?.()
    await passing
    await assert.rejects(socketFailpoints(`${path}.none`)('granted'), { code: 'ENOENT' })
  })
})
