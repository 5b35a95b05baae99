import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { describeMissing, INTEROP_PREREQUISITES, missing } from './prerequisites.ts'

const folder = mkdtempSync(join(tmpdir(), 'natsuin-programs-'))
after(() => rmSync(folder, { recursive: true }))

/** A folder that holds programs of these names. */
function having(...names: readonly string[]): string {
  const own = mkdtempSync(join(folder, 'path-'))
  for (const name of names) {
    writeFileSync(join(own, name), '')
    chmodSync(join(own, name), 0o755)
  }
  return own
}

const packagesMissing = (...names: readonly string[]) =>
  missing(undefined, [having(...names)]).map(({ debianPackage }) => debianPackage)

describe('the programs that the tests need', () => {
  it('are missed each by itself, and any of several names is enough', () => {
    const all = packagesMissing()
    for (const name of ['softhsm2', 'chromium', 'openssl', 'poppler-utils', 'qpdf', 'libnss3-tools'])
      assert.ok(all.includes(name), name)
    assert.deepEqual(
      packagesMissing('google-chrome', 'c++'),
      all.filter(name => name !== 'chromium' && name !== 'g++'),
    )
  })

  it('are told by name, with what each is for and the one command that installs them', () => {
    const told = describeMissing(
      missing(undefined, [having('g++', 'c++', 'cc', 'make', 'python3', 'openssl', 'pdfsig', 'qpdf')]),
    )
    for (const line of [
      '  softhsm2-util  (the PKCS#11 module of the tests; Debian package softhsm2)',
      '  chromium  (the approval page with a virtual authenticator; Debian package chromium)',
    ])
      assert.ok(told.split('\n').includes(line), told)
    assert.match(told, /apt-get install --no-install-recommends softhsm2 .*chromium.*libnss3-tools$/)
    assert.doesNotMatch(told, /openssl|qpdf/)
  })

  it('are missed, where the program alone proves nothing, until a probe of it ends well', () => {
    const [maven] = INTEROP_PREREQUISITES
    assert.ok(maven !== undefined)
    const folders = [having('mvn')]
    const missed = (code: number) =>
      missing([{ ...maven, probe: [process.execPath, '-e', `process.exit(${code})`] }], folders).length
    assert.deepEqual([missed(0), missed(1)], [0, 1])
  })
})
