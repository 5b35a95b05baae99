/** The command as a person types it, and what it says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PDF_SHAPES } from '@natsuin/testing/pdf'
import { temporaryFolder } from '@natsuin/testing/temporary-folder'

const COMMAND = fileURLToPath(new URL('../bin/natsuin.mjs', import.meta.url))
const folder = temporaryFolder()
const document = join(folder, 'unsigned.pdf')
const evidence = join(folder, 'evidence.json')
const key = ['--sam-key', 'ab'.repeat(32)]

before(() => {
  const classic = PDF_SHAPES.find(({ name }) => name === 'classic')
  assert.ok(classic !== undefined)
  writeFileSync(document, classic.bytes())
  writeFileSync(evidence, '{"v":1}')
})

function natsuin(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

const verify = (...args: readonly string[]) => natsuin('evidence', 'verify', ...args)

const USAGE =
  '  natsuin evidence verify <evidence.json> <signed.pdf> --sam-key <sha256> [--witness <vkey>]… [--json]'

describe('natsuin', () => {
  it('lists its commands, when asked on standard output, else on standard error', () => {
    for (const args of [[], ['--help'], ['help']]) {
      const { status, stdout, stderr } = natsuin(...args)
      assert.deepEqual([status, stderr], [0, ''])
      assert.ok(stdout.split('\n').includes(USAGE), stdout)
    }
    const { status, stdout, stderr } = natsuin('prove', 'it')
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /^There is no command "prove it"\.\n/)
  })

  it('explains a command', () => {
    const { status, stdout } = verify('--help')
    assert.equal(status, 0)
    for (const said of ['--sam-key', '--json', 'Exit status: 0']) assert.ok(stdout.includes(said), said)
  })
})

describe('natsuin evidence verify', () => {
  const WRONG: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    ['nothing', () => [], /^Two files are needed/],
    ['one file', () => [evidence, ...key], /^Two files are needed/],
    ['three files', () => [evidence, document, document, ...key], /^Two files are needed/],
    ['no SAM key', () => [evidence, document], /^--sam-key needs 64 hexadecimal digits/],
    [
      'half a SAM key',
      () => [evidence, document, '--sam-key', 'ab'],
      /^--sam-key needs 64 hexadecimal digits/,
    ],
    ['an option that there is not', () => [evidence, document, ...key, '--trust-me'], /--trust-me/],
    [
      'evidence that is not there',
      () => ['none.json', document, ...key],
      /^none\.json: there is no such file\./,
    ],
    [
      'a document that is not there',
      () => [evidence, 'none.pdf', ...key],
      /^none\.pdf: there is no such file\./,
    ],
    ['a directory', () => [folder, document, ...key], /: this is a directory\./],
    ['a directory as document', () => [evidence, folder, ...key], /: this is a directory\./],
  ]
  for (const [what, args, sentence] of WRONG) {
    it(`given ${what} says so with the usage, and ends with 2`, () => {
      const { status, stdout, stderr } = verify(...args())
      assert.deepEqual([status, stdout], [2, ''], stderr)
      assert.match(stderr, sentence)
      assert.ok(stderr.includes(USAGE))
      assert.doesNotMatch(stderr, /^\s+at /m, 'a sentence, not a stack')
    })
  }

  it('says that a file which is no evidence proves nothing, and ends with 1', () => {
    const { status, stdout } = verify(evidence, document, ...key)
    assert.equal(status, 1)
    assert.match(stdout, /^✘ The evidence proves nothing: .* \(not-evidence\)\.\n$/)
  })

  it('prints the verdict as JSON when it is asked to', () => {
    const { status, stdout } = verify(evidence, document, ...key, '--json')
    assert.equal(status, 1)
    const { valid, reason } = JSON.parse(stdout)
    assert.deepEqual({ valid, reason }, { valid: false, reason: 'not-evidence' })
  })
})
