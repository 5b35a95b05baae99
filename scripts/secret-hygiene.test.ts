/** Rules about secrets that the text of the program shows: how they are compared, what is shipped, how TLS is used. */
import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ROOT } from './launch.mjs'

interface Source {
  readonly path: string
  readonly text: string
}

/** What is shipped: no tests, and nothing that only tests use (tokens of SoftHSM among it). */
const shipped: readonly Source[] = globSync(
  ['packages/*/src/**/*.{ts,tsx}', 'packages/*/bin/*', 'deploy/**/*'],
  {
    cwd: ROOT,
    exclude: path =>
      /(?:^|\/)(?:node_modules|dist|fixture|softhsm|testing|vectors)(?:\/|$)|\.(?:test|suite)\.tsx?$/.test(
        path,
      ),
  },
)
  .filter(path => /\.\w+$/.test(path))
  .filter(path => statSync(join(ROOT, path)).isFile())
  .map(path => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

/** Names of values that whoever can time a comparison must not learn. */
const SECRET =
  '(?:secret|password|passphrase|bearer|otp|totp|userPin|sealingKey|finishKey|cookieKeys?|accessToken|accountToken)'
const NAMED = `[\\w.]*\\b\\w*${SECRET}\\b`
const COMPARED = new RegExp(
  `(?:${NAMED}\\s*[!=]==?\\s*(?!undefined|null|''|true|false)\\S|\\S\\s*[!=]==\\s*${NAMED})`,
  'i',
)
const UNDEFINED = /[!=]==\s*(?:undefined|null|'')/

/** Lines that compare a secret by a way that tells where it differs. */
function comparisons({ path, text }: Source): string[] {
  return text
    .split('\n')
    .filter(line => COMPARED.test(line) && !UNDEFINED.test(line) && !/^\s*(?:\*|\/\/|\/\*)/.test(line))
    .filter(line => !/typeof/.test(line))
    .map(line => `${path}: ${line.trim()}`)
}

const linesWith = (pattern: RegExp) =>
  shipped.flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter(line => pattern.test(line))
      .map(line => `${path}: ${line.trim()}`),
  )

describe('secrets in the text of the program', () => {
  it('are compared in constant time (T-SEC-06)', () => {
    assert.deepEqual(shipped.flatMap(comparisons), [])
  })

  it('would be found if they were not (T-SEC-06)', () => {
    for (const line of [
      'if (given === client.secret) return',
      'return accountToken !== row.token',
      'x = password == y',
    ]) {
      assert.equal(comparisons({ path: 'a.ts', text: line }).length, 1, line)
    }
    for (const line of [
      'secret === undefined',
      'sameSecret(a, b)',
      "password === ''",
      'secretFile === other',
    ]) {
      assert.deepEqual(comparisons({ path: 'a.ts', text: line }), [], line)
    }
  })

  it('are not shipped: no key, no password, no PIN stands in any file (T-SEC-07)', () => {
    assert.deepEqual(
      linesWith(/-----BEGIN [A-Z ]*PRIVATE KEY-----\s*$|-----BEGIN [A-Z ]*PRIVATE KEY-----\\n[A-Za-z0-9+/]/),
      [],
    )
    // Names of methods and codes of refusals are no secrets.
    const isName = /['"](?:client_secret_\w+|[a-z-]+-(?:invalid|missing))['"]/
    const given = linesWith(/\b(?:password|passwd|pin|secret)\s*[:=]\s*['"][^'"$<{]{4,}['"]/i)
    assert.deepEqual(
      given.filter(line => !isName.test(line)),
      [],
    )
    assert.deepEqual(linesWith(/postgres(?:ql)?:\/\/[^\s'"`$]+:[^\s'"`$@]+@/), [])
  })
})

describe('TLS in the text of the program (T-SEC-08)', () => {
  it('is never without the verification of the peer', () => {
    assert.deepEqual(
      linesWith(
        /rejectUnauthorized:(?! true)|checkServerIdentity|sslmode=(?:disable|allow|prefer|no-verify)/,
        // Of a server, which may ask its clients for a certificate and has to take those that have none.
      ).filter(line => !line.startsWith('packages/protocol/src/node/web-server.ts: const ANY_CLIENT =')),
      [],
    )
    assert.deepEqual(
      linesWith(/NODE_TLS_REJECT_UNAUTHORIZED/).filter(line => !line.includes('surroundings.ts')),
      [],
    )
  })

  it('is never older than 1.2', () => {
    const versions = linesWith(/(?:minVersion|maxVersion|secureProtocol)\s*:/)
    assert.ok(versions.length >= 3)
    for (const line of versions) assert.match(line, /minVersion: 'TLSv1\.[23]'/)
  })
})
