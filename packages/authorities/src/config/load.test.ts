import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { toBase64url } from '@natsuin/pki/encoding'
import { ConfigurationError } from '@natsuin/protocol/node'
import { fixtureSam, newPublicKey } from '../fixture/sam.ts'
import { loadConfiguration, readSamKey } from './load.ts'

describe('the configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'natsuin-config-'))
  const file = join(directory, 'authorities.json')
  after(() => rmSync(directory, { recursive: true }))

  const complete = {
    name: 'Demonstration',
    country: 'JP',
    organization: 'Natsuin',
    store: { sqlite: 'data/authorities.db' },
    module: { software: { directory: 'keys' } },
    listen: { socket: 'authorities.sock' },
    public: { host: '127.0.0.1', port: 8082, baseUrl: 'http://localhost:8082' },
    samKeyFile: 'sam-key.txt',
    maxLevel: 1,
    crlFile: 'crl/issuing.crl',
  }
  const load = (changes: object = {}) => {
    writeFileSync(file, JSON.stringify({ ...complete, ...changes }))
    return loadConfiguration(file)
  }
  const problemsOf = (read: () => unknown): readonly string[] => {
    try {
      read()
    } catch (error) {
      assert.ok(error instanceof ConfigurationError, String(error))
      return error.problems
    }
    return []
  }

  it('has defaults, and paths relative to its file', () => {
    const configuration = load()
    assert.equal(configuration.deployment, 'Demonstration')
    assert.equal(configuration.store.sqlite, join(directory, 'data/authorities.db'))
    assert.deepEqual(configuration.module, { software: { directory: join(directory, 'keys') } })
    assert.deepEqual(configuration.listen, { socket: join(directory, 'authorities.sock') })
    assert.equal(configuration.rootCrlFile, join(directory, 'crl/root.crl'))
    assert.equal(configuration.signerValidityDays, 730)
    assert.equal(load({ deployment: 'Other' }).deployment, 'Other')
  })

  it('tells all its problems at once', () => {
    const { country: _, ...without } = complete
    writeFileSync(file, JSON.stringify({ ...without, maxLevel: 4, nonsense: 1, module: { cloud: {} } }))
    const problems = problemsOf(() => loadConfiguration(file)).map(problem => problem.split(':')[0])
    assert.deepEqual(problems.toSorted(), ['country', 'maxLevel', 'module', 'nonsense'])
  })

  it('is refused when two authorities would share a CRL file', () => {
    assert.deepEqual(problemsOf(() => load({ crlFile: 'root.crl' })).length, 1)
    assert.deepEqual(problemsOf(() => load({ rootCrlFile: 'crl/issuing.crl' })).length, 1)
    assert.deepEqual(
      problemsOf(() => load({ rootCrlFile: 'crl/other.crl' })),
      [],
    )
  })

  it('is refused with a base URL that cannot stand in a certificate', () => {
    const proxies = ['127.0.0.1']
    const withUrl = (baseUrl: string) => () => load({ public: { ...complete.public, proxies, baseUrl } })
    for (const url of ['http://x/', 'ftp://x', 'http://x?y', 'x', 'http://x y']) {
      assert.equal(problemsOf(withUrl(url)).length, 1, url)
    }
    for (const url of ['http://x', 'https://x:1', 'https://x/pki', 'https://x/a/b']) {
      assert.deepEqual(problemsOf(withUrl(url)), [], url)
    }
  })

  it('pins the SAM key: P-256 in base64url, or no start', () => {
    const sam = fixtureSam()
    const pin = (text: string) => writeFileSync(join(directory, 'sam-key.txt'), text)
    pin(`${sam.spkiText}\n`)
    assert.deepEqual(readSamKey(load()), sam.spki)
    for (const wrong of ['', 'no base64url!', toBase64url(newPublicKey('ec-p384')), sam.spkiText.slice(4)]) {
      pin(wrong)
      assert.equal(problemsOf(() => readSamKey(load())).length, 1, wrong)
    }
  })
})
