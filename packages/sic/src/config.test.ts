import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { ConfigurationError } from '@natsuin/protocol/node'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { loadConfig } from './config.ts'

const folder = temporaryFolder()

function read(value: unknown) {
  writeFileSync(join(folder, 'sic.json'), JSON.stringify(value))
  return loadConfig(join(folder, 'sic.json'))
}

const spki = (namedCurve: string) =>
  toBase64url(generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'der' }))

writeFileSync(join(folder, 'sam-key.txt'), spki('P-256'))

const right = {
  listen: { host: '127.0.0.1', port: 8081 },
  origin: 'http://approve.localhost:8081',
  bundle: 'dist',
  deployment: { samKeyFile: 'sam-key.txt', serverOrigin: 'http://localhost:8080', deployment: 'Example' },
}

const problemsOf = (value: unknown): readonly string[] => {
  try {
    read(value)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
}

describe('the configuration of sic', () => {
  it('is taken with paths relative to its file', () => {
    const { bundle, deployment } = read(right)
    assert.equal(bundle, join(folder, 'dist'))
    assert.match(deployment.samKey ?? '', /^MFkwEwYH/)
  })

  it('is refused with all of its problems at once', () => {
    const wrong = { ...right, listen: { host: '', port: 70000 }, extra: 1, bundle: undefined }
    assert.deepEqual(
      problemsOf(wrong).map(problem =>
        problem
          .split(/: |\. /)
          .slice(0, 2)
          .join(': '),
      ),
      ['extra: there is no such setting', 'listen.host: expected 1 to 253 characters', 'bundle: missing'],
    )
  })

  it('is refused with an origin that is none, or that is no secure context', () => {
    for (const origin of [
      'approve.example',
      'https://approve.example/',
      'http://approve.example',
      'http://127.0.0.1:1',
    ]) {
      assert.equal(problemsOf({ ...right, origin }).length, 1, origin)
    }
    const listen = { ...right.listen, proxies: ['127.0.0.1'] }
    assert.deepEqual(problemsOf({ ...right, listen, origin: 'https://approve.example' }), [])
  })

  it('is refused when server would share the host, and so the RP ID, of the approval page', () => {
    assert.equal(problemsOf({ ...right, origin: 'http://localhost:8081' }).length, 1)
  })

  it('is refused with a SAM key that is not on P-256', () => {
    for (const samKey of [spki('P-384'), '', 'x']) {
      writeFileSync(join(folder, 'other-key.txt'), samKey)
      const deployment = { ...right.deployment, samKeyFile: 'other-key.txt' }
      assert.equal(problemsOf({ ...right, deployment }).length, 1)
    }
  })

  it('is taken before genesis, when nobody knows a SAM key: then the page has none to believe', () => {
    rmSync(join(folder, 'other-key.txt'), { force: true })
    const { deployment } = read({
      ...right,
      deployment: { ...right.deployment, samKeyFile: 'other-key.txt' },
    })
    assert.deepEqual(deployment, { serverOrigin: 'http://localhost:8080', deployment: 'Example' })
  })
})
