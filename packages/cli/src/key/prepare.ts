/**
 * natsuin key prepare — puts a private key into a package that only the module can open.
 *
 * The import key is believed because the SAM key signed for it, and the SAM key because it is pinned: otherwise
 * whoever hands over the import key gets the private key.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { toHex } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import { toWire, verifyJws } from '@natsuin/protocol/approval'
import {
  type ImportKeyStatement,
  type ImportPackage,
  importKeyFile,
  importKeyStatement,
} from '@natsuin/protocol/keys'
import { readStrictJson, ShapeError, writeJson } from '@natsuin/protocol/shape'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { KEY_OPTIONS, KEY_OPTIONS_HELP, parseKeyArguments, readQuestion } from './arguments.ts'
import { askThread } from './in-thread.ts'
import { inWords, refusalInWords } from './in-words.ts'
import { refusing } from './inspect.ts'
import type { Wanted } from './prepare-package.ts'

const OPTIONS = {
  ...KEY_OPTIONS,
  'import-key': { type: 'string' },
  'sam-key': { type: 'string' },
  out: { type: 'string' },
  key: { type: 'string' },
  'copies-destroyed': { type: 'boolean', default: false },
} as const

export const keyPrepare: Command = {
  name: 'key prepare',
  usage: '<key file> --import-key <file> --sam-key <sha256> --out <package.json> [--copies-destroyed] […]',
  help: `Opens a key file as "key inspect" does, examines the key, and encrypts it for the module's import key. The package
that comes out is of use to that module alone. Its digest is what two officers approve.

  --import-key        the file in which the SAM says which key it imports under
  --sam-key           SHA-256 of the SAM key, hexadecimal: what you pinned when the service was founded.
                      Without it whoever hands you the import key could be given the private key.
  --out               where to write the package; nothing is written over
  --key               fingerprint of the key, or its beginning, where the file has several
  --copies-destroyed  you declare that no other copy of the key exists once it is imported; level 2 demands it
${KEY_OPTIONS_HELP}

Exit status: 0 the package is written, 1 the key may not be imported, 2 wrong usage.`,

  async run(args, terminal) {
    const { values, positionals } = parseKeyArguments(args, OPTIONS)
    const [path, surplus] = positionals
    const { out } = values
    if (path === undefined || surplus !== undefined) throw new UsageError('One key file is needed.')
    if (out === undefined) throw new UsageError('--out is needed: where the package shall be written.')
    const importKey = await readImportKey(values['import-key'], values['sam-key'])
    const wanted: Wanted = {
      importKey,
      fingerprint: values.key,
      otherCopies: values['copies-destroyed'] ? 'destroyed' : 'unknown',
      at: new Date(),
    }
    const answer = await refusing(async () => askThread({ ...(await readQuestion(path, values)), wanted }))
    if ('refused' in answer) return fail(refusalInWords(answer.refused), terminal)
    if (answer.package === undefined) return fail(`${inWords(answer.report)}\n\n${NOT_ONE}`, terminal)
    return write(out, answer.package, terminal)
  },
}

const NOT_ONE =
  '✘ No package: the file must have exactly one key that may be imported; --key chooses among several.'

/** @throws UsageError */
async function readImportKey(
  path: string | undefined,
  samKeyDigest: string | undefined,
): Promise<ImportKeyStatement> {
  if (path === undefined)
    throw new UsageError('--import-key is needed: the file in which the SAM names its import key.')
  if (!/^[0-9a-f]{64}$/i.test(samKeyDigest ?? ''))
    throw new UsageError('--sam-key needs 64 hexadecimal digits.')
  const { samKey, statement } = readImportKeyFile(path)
  const isPinned = toHex(digestSync('sha256', samKey)) === samKeyDigest?.toLowerCase()
  const verified = isPinned ? await genuine(statement, samKey) : undefined
  if (verified === undefined) throw new UsageError(`${path} is not signed by the pinned SAM key.`)
  return verified
}

function readImportKeyFile(path: string) {
  try {
    return readStrictJson(readFileSync(path), importKeyFile)
  } catch (error) {
    if (error instanceof ShapeError)
      throw new UsageError(`${path} is no statement of an import key: ${error.message}`)
    throw error
  }
}

async function genuine(statement: string, samKey: Uint8Array): Promise<ImportKeyStatement | undefined> {
  try {
    return await verifyJws(statement, 'natsuin-import-key', importKeyStatement, samKey, nodePlatform)
  } catch (error) {
    if (error instanceof ShapeError) return undefined
    throw error
  }
}

/** Never over another file. */
function write(path: string, made: ImportPackage, terminal: Terminal): number {
  const bytes = writeJson(toWire(made))
  try {
    writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new UsageError(`${path} exists already.`)
  }
  const key = `${made.keyType}, fingerprint ${toHex(digestSync('sha256', made.publicKey))}`
  const digest = toHex(digestSync('sha256', bytes))
  terminal.out(`✔ ${path} is written.\n\n  ${'Key'.padEnd(12)} ${key}\n  ${'Approve'.padEnd(12)} ${digest}`)
  return 0
}

function fail(text: string, terminal: Terminal): number {
  terminal.error(text)
  return 1
}
