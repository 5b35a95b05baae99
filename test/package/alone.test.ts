/** `@natsuin/ades` and `@natsuin/client` alone: packed, installed into an empty folder, and used there as anybody would. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { toPem } from '@natsuin/pki/x509'
import { opensslCades } from '@natsuin/testing/judges'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { issuing, root, signer } from '@natsuin/testing/pki'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'
import { DOCUMENTED } from './api.ts'
import { installInto, packInto } from './pack.ts'
import { ROOT } from './root.ts'
import { bundledBytes, ROUNDED_TO, statedSizes, TASKS } from './sizes.ts'

const folder = temporaryFolder()
const user = join(folder, 'user')
const inFolder = (name: string) => join(user, name)

function write(name: string, content: Uint8Array | string): string {
  writeFileSync(inFolder(name), content)
  return name
}

const pemOf = (...ders: readonly Uint8Array[]) => ders.map(der => toPem('CERTIFICATE', der)).join('')

/** Program of `examples/` → the file that it signs. */
const EXAMPLES: Readonly<Record<string, readonly [name: string, content: Uint8Array | string]>> = {
  'pdf.ts': ['contract.pdf', PDF_SHAPES[0]?.bytes() ?? ''],
  'any-file.ts': ['report.txt', 'quarterly figures'],
  'json.ts': ['order.json', '{"total":1000}'],
  'container.ts': ['deal.txt', 'a deal'],
  'xml.ts': ['order.xml', '<order><total currency="JPY">1000</total></order>'],
}

/** Nothing of this repository, and no condition that leads to its sources. */
function runAlone(program: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, [program, ...args], { cwd: user, encoding: 'utf8' }).trim()
}

describe('@natsuin/ades and @natsuin/client, packed and installed into an empty folder', () => {
  before(() => {
    installInto(user, packInto(folder))
    write('signer.pem', pemOf(signer.certificate.bytes, issuing.certificate.bytes))
    write('key.pem', signer.privateKey)
    write('root.pem', pemOf(root.certificate.bytes))
    for (const program of readdirSync(join(ROOT, 'examples'))) {
      copyFileSync(join(ROOT, 'examples', program), inFolder(program))
    }
  })

  it('brings nothing but compiled code: no sources, no tests', () => {
    const files = globSync('node_modules/@natsuin/*/**/*.{ts,js}', { cwd: user })
    assert.ok(files.length > 300)
    assert.deepEqual(
      files.filter(file => /\.test\.|\/fixture\/|test-kit|(?<!\.d)\.ts$/.test(file)),
      [],
    )
  })

  for (const [program, [name, content]] of Object.entries(EXAMPLES))
    it(`runs examples/${program}`, () => {
      const said = runAlone(program, write(name, content), 'signer.pem', 'key.pem', 'root.pem')
      assert.equal(said, 'TOTAL-PASSED B-B CN=Hanako Yamada')
    })

  it('runs every example that there is', () => {
    assert.deepEqual(readdirSync(join(ROOT, 'examples')).toSorted(), Object.keys(EXAMPLES).toSorted())
  })

  it('signs what openssl verifies', () => {
    const trust = ['-CAfile', inFolder('root.pem'), '-certfile', inFolder('signer.pem'), '-purpose', 'any']
    const input = ['-in', inFolder('report.txt.p7s'), '-content', inFolder('report.txt')]
    assert.match(opensslCades(...input, ...trust), /CAdES Verification successful/)
  })

  it('has types that the examples hold to', () => {
    const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2024', types: ['node'] }
    const typeRoots = [join(ROOT, 'node_modules', '@types')]
    const compilerOptions = { ...options, typeRoots, lib: ['es2024', 'dom', 'esnext.typedarrays'] }
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: Object.keys(EXAMPLES) }))
    execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', user], { encoding: 'utf8' })
  })

  for (const name of DOCUMENTED)
    it(`is in a browser as small as the README of ${name} says`, async () => {
      const stated = statedSizes(name)
      assert.deepEqual(
        [...stated.keys()],
        TASKS[name].map(({ task }) => task),
      )
      for (const task of TASKS[name]) {
        const kilobytes = (await bundledBytes(task, user)) / 1000
        const most = stated.get(task.task) ?? 0
        assert.ok(kilobytes <= most, `${task.task}: ${kilobytes} kB; npm run sizes`)
        assert.ok(kilobytes > most - 3 * ROUNDED_TO, `${task.task}: only ${kilobytes} kB; npm run sizes`)
      }
    })

  it('signs PDF at level B-T in a browser with less than 250 kB', () => {
    assert.ok((statedSizes('ades').get('sign PDF, B-T') ?? Number.POSITIVE_INFINITY) < 250)
  })

  it('brings a client that is used as its README shows', () => {
    const program = [
      "import { createCscClient, CscError, newDpopKey } from '@natsuin/client'",
      "const client = createCscClient({ baseUrl: 'https://sign.example/csc/v1/', dpopKey: await newDpopKey() })",
      "console.log(await client.edition(), new CscError(400, 'invalid_request', '').code)",
    ]
    const said = runAlone(write('client.js', program.join('\n')))
    assert.equal(said, 'v1 invalid_request')
  })
})
