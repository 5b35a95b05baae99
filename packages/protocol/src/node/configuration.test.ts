import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, describe, it } from 'node:test'
import { integer, record, text } from '../shape/shape.ts'
import {
  besideFile,
  ConfigurationError,
  oneMember,
  optional,
  path,
  readJsonFile,
  readSettings,
  readText,
  required,
} from './configuration.ts'
import { listenSetting, readListenAddress, resolveListen } from './listen-setting.ts'
import { moduleSetting, resolveModule } from './module-setting.ts'

const directory = mkdtempSync(join(tmpdir(), 'natsuin-configuration-'))
const file = join(directory, 'process.json')
after(() => rmSync(directory, { recursive: true }))

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    return error.problems
  }
  return []
}

describe('a configuration', () => {
  const table = {
    name: required(text({ max: 8 }), 'What it is called.'),
    store: required(
      oneMember({ sqlite: record({ sqlite: path }), memory: record({ memory: path }) }),
      'Where.',
    ),
    seconds: optional(60, integer({ min: 1, max: 100 }), 'How long.'),
  }
  const read = (content: unknown) => {
    writeFileSync(file, JSON.stringify(content))
    return readSettings(file, table)
  }

  it('is what the file says, and the default where it says nothing', () => {
    const store = { sqlite: 'a.db' }
    assert.deepEqual(read({ name: 'x', store }), { name: 'x', store, seconds: 60 })
    assert.deepEqual(read({ name: 'x', store, seconds: 5 }), { name: 'x', store, seconds: 5 })
  })

  it('tells all its problems at once, and what a missing setting is for', () => {
    const problems = problemsOf(() => read({ seconds: 0, store: { cloud: 'x' }, nonsense: 1 }))
    assert.deepEqual(problems.map(problem => problem.split(':')[0]).toSorted(), [
      'name',
      'nonsense',
      'seconds',
      'store',
    ])
    assert.ok(problems.includes('name: missing. What it is called.'))
  })

  it('has one member where one is to be chosen', () => {
    assert.equal(problemsOf(() => read({ name: 'x', store: { sqlite: 'a', memory: 'b' } })).length, 1)
    for (const store of [{}, null, 'sqlite', ['sqlite'], { toString: 'x' }]) {
      assert.equal(problemsOf(() => read({ name: 'x', store })).length, 1, JSON.stringify(store))
    }
    assert.deepEqual(
      problemsOf(() => read({ name: 'x', store: { memory: 'b' } })),
      [],
    )
  })

  it('takes no setting from what every object inherits', () => {
    assert.equal(problemsOf(() => read({ name: 'x', store: { sqlite: 'a' }, toString: 1 })).length, 1)
  })

  it('is refused when it is not there or no JSON object', () => {
    assert.equal(problemsOf(() => readJsonFile(join(directory, 'absent.json'))).length, 1)
    for (const content of ['', '[', 'null', '"x"']) {
      writeFileSync(file, content)
      assert.equal(problemsOf(() => readJsonFile(file)).length, 1, content)
    }
  })

  it('names the setting whose file cannot be read', () => {
    writeFileSync(file, 'text\n')
    assert.equal(readText(file, 'secretFile'), 'text\n')
    assert.match(problemsOf(() => readText(directory, 'secretFile'))[0] ?? '', /^secretFile: /)
  })

  it('has paths relative to its file, wherever the process runs', () => {
    const at = besideFile(relative(process.cwd(), file))
    assert.equal(at('keys/one'), join(directory, 'keys/one'))
    assert.equal(at('/keys/one'), '/keys/one')
  })
})

describe('the setting of where a process listens', () => {
  const at = besideFile(file)
  const tls = { certificateFile: 'c.pem', keyFile: 'k.pem', authorityFile: 'a.pem' }

  it('is a local socket', () => {
    const listen = resolveListen(listenSetting({ socket: 'process.sock' }, 'listen'), at)
    assert.deepEqual(readListenAddress(listen), { socket: join(directory, 'process.sock') })
  })

  it('is mutual TLS, and names the PEM file that cannot be read', () => {
    const listen = resolveListen(listenSetting({ host: '127.0.0.1', port: 0, tls }, 'listen'), at)
    const [problem] = problemsOf(() => readListenAddress(listen))
    assert.match(problem ?? '', /^listen\.tls\.certificateFile: /)
    for (const name of Object.values(tls)) writeFileSync(join(directory, name), name)
    assert.deepEqual(readListenAddress(listen), {
      host: '127.0.0.1',
      port: 0,
      tls: { certificate: 'c.pem', key: 'k.pem', authority: 'a.pem' },
    })
  })

  it('is never TCP without TLS', () => {
    assert.throws(() => listenSetting({ host: '127.0.0.1', port: 0 }, 'listen'), /listen\.tls/)
  })
})

describe('the setting of a crypto module', () => {
  it('has paths relative to its file', () => {
    const at = besideFile(file)
    const token = { modulePath: 'lib.so', tokenLabel: 'sam', pinFile: 'pin' }
    assert.deepEqual(resolveModule(moduleSetting({ software: { directory: 'keys' } }), at), {
      software: { directory: join(directory, 'keys') },
    })
    assert.deepEqual(resolveModule(moduleSetting({ pkcs11: token }), at), {
      pkcs11: { modulePath: join(directory, 'lib.so'), tokenLabel: 'sam', pinFile: join(directory, 'pin') },
    })
    const shared = {
      modulePath: '/lib.so',
      tokenSerial: '01',
      pinShares: { file: 'shares', socket: 'sock' },
      reserves: [{ tokenSerial: '02' }, { tokenLabel: 'third', pinFile: 'pin-3' }],
      backupFile: 'backup',
    }
    assert.deepEqual(resolveModule(moduleSetting({ pkcs11: shared }), at), {
      pkcs11: {
        ...shared,
        pinShares: { file: join(directory, 'shares'), socket: join(directory, 'sock') },
        reserves: [{ tokenSerial: '02' }, { tokenLabel: 'third', pinFile: join(directory, 'pin-3') }],
        backupFile: join(directory, 'backup'),
      },
    })
  })

  const token = { modulePath: '/lib.so', tokenLabel: 'sam', pinFile: 'pin' }
  const pinShares = { file: 'shares', socket: 'sock' }
  for (const [what, changed] of Object.entries({
    'two PINs': { pinShares },
    'no PIN': { pinFile: undefined },
    'a token that nothing names': { tokenLabel: undefined },
    'a reserve that nothing names': { reserves: [{ pinFile: 'pin' }] },
    'a digest in capitals': { moduleSha256: 'A'.repeat(64) },
  })) {
    it(`is not one with ${what}`, () => {
      assert.ok(moduleSetting({ pkcs11: token }))
      const wrong = JSON.parse(JSON.stringify({ pkcs11: { ...token, ...changed } }))
      assert.throws(() => moduleSetting(wrong, 'module'), /module/)
    })
  }
})
