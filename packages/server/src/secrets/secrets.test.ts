import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ConfigurationError } from '@natsuin/protocol/node'
import { initSecrets, loadSecrets, rotateSecrets } from './secrets.ts'

const directory = mkdtempSync(join(tmpdir(), 'natsuin-secrets-'))
after(() => rmSync(directory, { recursive: true }))
const place = (name: string) => join(directory, name)

describe('the server’s own secrets', () => {
  it('are made once, and for their owner alone', async () => {
    await initSecrets(place('one'))
    assert.equal(statSync(join(place('one'), 'secrets.json')).mode & 0o777, 0o600)
    await assert.rejects(initSecrets(place('one')), ConfigurationError)
  })

  it('are rotated: a new key in front, the one before behind it, older ones gone, all else as it was', async () => {
    await initSecrets(place('two'))
    const first = loadSecrets(place('two'))
    await rotateSecrets(place('two'))
    const second = loadSecrets(place('two'))
    assert.deepEqual(second.jwks.keys.slice(1), first.jwks.keys)
    assert.deepEqual(second.cookieKeys.slice(1), first.cookieKeys)
    await rotateSecrets(place('two'))
    const third = loadSecrets(place('two'))
    assert.deepEqual(third.jwks.keys.slice(1), second.jwks.keys.slice(0, 1))
    assert.equal(third.cookieKeys.length, 2)
    for (const kept of ['sealingKey', 'finishKey', 'proofNonceKey'] as const) {
      assert.deepEqual(third[kept], first[kept])
    }
    assert.equal(statSync(join(place('two'), 'secrets.json')).mode & 0o777, 0o600)
  })

  it('are not rotated where there are none, or not all of them', async () => {
    await assert.rejects(rotateSecrets(place('nowhere')), ConfigurationError)
    await initSecrets(place('three'))
    writeFileSync(join(place('three'), 'secrets.json'), '{}')
    await assert.rejects(rotateSecrets(place('three')), ConfigurationError)
  })
})
