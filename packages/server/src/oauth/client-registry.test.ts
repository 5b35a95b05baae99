import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import type { ClientFile } from '../config/client-schema.ts'
import { readClient } from '../config/clients.ts'
import { problemsOfDirectory } from '../config/clients-directory.ts'
import { createClientRegistry } from './client-registry.ts'

const directory = mkdtempSync(join(tmpdir(), 'natsuin-clients-'))
after(() => rmSync(directory, { recursive: true }))

const redirect_uris = ['https://app.example/callback']
const open: ClientFile = { client_id: 'app', name: 'App', redirect_uris, public: true }
const { public: _open, ...bare } = open

describe('clientsDirectory', () => {
  const clients = join(directory, 'clients')
  const file = (id: string) => join(clients, `${id}.json`)
  let now = 0
  let complaints: string[] = []
  const registry = () =>
    createClientRegistry({
      clients: [readClient({ ...open, client_id: 'written' })],
      clientsDirectory: clients,
      clock: () => new Date(now),
      onUnusable: (id, problems) => complaints.push(`${id}: ${problems.length}`),
    })
  const write = (content: object | string, id = 'app') => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    writeFileSync(`${file(id)}.new`, text)
    renameSync(`${file(id)}.new`, file(id))
  }
  beforeEach(() => {
    rmSync(clients, { recursive: true, force: true })
    mkdirSync(clients)
    complaints = []
  })

  it('adds to the clients of the configuration', () => {
    write(open)
    assert.deepEqual(
      ['app', 'written', 'nobody'].map(id => registry().find(id)?.id),
      ['app', 'written', undefined],
    )
  })

  it('is looked at again while the server runs: added, changed, removed', () => {
    const clientsNow = registry()
    assert.equal(clientsNow.find('app'), undefined)
    write(open)
    assert.equal(clientsNow.find('app')?.name, 'App')
    write({ ...open, name: 'Renamed' })
    now += 1000
    assert.equal(clientsNow.find('app')?.name, 'Renamed')
    rmSync(file('app'))
    now += 1000
    assert.equal(clientsNow.find('app'), undefined)
  })

  it('takes a new secret over that stands in a file of its own', () => {
    const own = join(clients, 'app.secret')
    writeFileSync(own, 'first', { mode: 0o600 })
    write({ ...bare, secretFile: 'app.secret' })
    const clientsNow = registry()
    const secret = () => clientsNow.find('app')?.authentication
    assert.deepEqual(secret(), { kind: 'secret', secret: 'first' })
    writeFileSync(own, 'second one')
    now += 1000
    assert.deepEqual(secret(), { kind: 'secret', secret: 'second one' })
  })

  for (const [what, content] of Object.entries({
    'no JSON': '{',
    'a member that nobody knows': { ...open, colour: 'red' },
    'another id than its name': { ...open, client_id: 'other' },
    'no way to prove who it is': bare,
  })) {
    it(`leaves a client as it was when its file has ${what}, and says so once`, () => {
      write(open)
      const clientsNow = registry()
      assert.equal(clientsNow.find('app')?.name, 'App')
      write(content)
      for (let second = 0; second < 3; second++) {
        now += 1000
        assert.equal(clientsNow.find('app')?.name, 'App')
      }
      assert.deepEqual(complaints, ['app: 1'])
      write({ ...open, name: 'Mended' })
      now += 1000
      assert.equal(clientsNow.find('app')?.name, 'Mended')
    })
  }

  it('is no way to other files', () => {
    write(open)
    for (const id of ['../clients/app', './app', 'app.json', 'a/b', '', 'x'.repeat(65), 'app\u0000']) {
      assert.equal(registry().find(id), undefined)
    }
  })

  it('tells every problem before the server starts', () => {
    write(open)
    write({ ...bare, client_id: 'two' }, 'two')
    write({ ...open, client_id: 'three' }, 'four')
    writeFileSync(join(clients, 'notes.txt'), 'nobody reads this')
    assert.deepEqual([...problemsOfDirectory(clients, ['app'])].sort(), [
      'clientsDirectory: app is there twice',
      'clientsDirectory: four: its client_id is three',
      'clientsDirectory: two: needs exactly one of public, secretFile and tls, or jwks alone',
    ])
    assert.equal([...problemsOfDirectory(join(directory, 'nowhere'), [])].length, 1)
  })
})
