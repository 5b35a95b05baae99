import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ClientConfiguration, readClient } from '../config/clients.ts'
import { specsFor } from './client-specs.ts'

const registered = (id: string, specs: ClientConfiguration['specs']) =>
  readClient({ client_id: id, name: id, redirect_uris: ['https://app.example/'], public: true, specs })

const known = new Map(
  [registered('wallet', '2.2.0.0'), registered('older', '2.0.0.0')].map(client => [client.id, client]),
)
const profiles = {
  clients: { find: (id: string) => known.get(id) },
  description: { specs: '2.1.0.1' },
} as const

const specs = (token?: string, basePath?: string, edition: 'v1' | 'v2' = 'v2') =>
  specsFor({ edition, basePath, token }, profiles)

describe('what a client knows of the API', () => {
  it('is what it is registered with, known by its token or by its base path', () => {
    assert.deepEqual([specs('wallet'), specs('older')], ['2.2.0.0', '2.0.0.0'])
    assert.deepEqual([specs(undefined, 'wallet'), specs('older', 'older')], ['2.2.0.0', '2.0.0.0'])
  })

  it('is the setting of the server where nobody is known, and one edition in v1', () => {
    assert.equal(specs(), '2.1.0.1')
    assert.deepEqual(
      [specs('wallet', undefined, 'v1'), specs(undefined, undefined, 'v1')],
      ['1.0.3.0', '1.0.3.0'],
    )
  })

  it('is not told by a path of nobody, nor by the path of another than the token', () => {
    assert.throws(() => specs(undefined, 'nobody'), { code: 'method-unknown' })
    assert.throws(() => specs('older', 'wallet'), { code: 'token-invalid' })
    assert.throws(() => specs('older', 'wallet', 'v1'), { code: 'token-invalid' })
  })
})
