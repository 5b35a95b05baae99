/** natsuin sam custodians — for whom copies of the SAM's keys are made (docs/operate.md). */
import { createPublicKey } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { digestSync } from '@natsuin/pki/node'
import { shortened } from '@natsuin/protocol/administration'
import { toWire } from '@natsuin/protocol/approval'
import { type BackupTerms, backupTerms } from '@natsuin/protocol/keys'
import { parseUnambiguousJson, ShapeError } from '@natsuin/protocol/shape'
import { type Command, UsageError } from '../command.ts'
import { DEFAULT_DIRECTORY } from '../operation/directory.ts'

export const CUSTODIANS = 'custodians.json'

const OPTIONS = {
  directory: { type: 'string', default: DEFAULT_DIRECTORY },
  threshold: { type: 'string' },
  custodian: { type: 'string', multiple: true },
} as const

export const samCustodians: Command = {
  name: 'sam custodians',
  usage: '--threshold NUMBER --custodian ID=PUBLIC.pem … [--directory DIR]',
  help: `Writes down who holds shares of the backup of the SAM's keys, before the founding or a rotation of the master key. Each
custodian makes an RSA key of 3072 bits at least, keeps the private half, and hands over the public one. Only while a
key is made can copies of it leave the module: without custodians there is never a backup of it.

  --threshold NUMBER        how many of them it takes to restore the keys, two at least
  --custodian ID=FILE       one of them, with the file of his public key (PEM)
  --directory DIR           where ${CUSTODIANS} is written (${DEFAULT_DIRECTORY})

Exit status: 0 written, 2 wrong usage.`,
  async run(args, { out }) {
    const { directory, threshold, custodian = [] } = argumentsIn(args)
    const terms = termsOf(Number(threshold), custodian)
    const file = join(resolve(directory), CUSTODIANS)
    writeFileSync(file, `${JSON.stringify(toWire(terms), null, 2)}\n`)
    out([`${file}: ${terms.threshold} of these restore the keys.`, ...custodianLines(terms)].join('\n'))
    return 0
  },
}

function argumentsIn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** @throws UsageError */
function termsOf(threshold: number, given: readonly string[]): BackupTerms {
  const custodians = given.map(one => {
    const [, id = '', file = ''] = /^([\w-]+)=(.+)$/.exec(one) ?? []
    return { id, publicKey: publicKeyIn(file) }
  })
  return shaped({ threshold, custodians: toWire(custodians) }, '--custodian')
}

/** Each with the fingerprint that the officers see who approve a rotation. */
const custodianLines = ({ custodians }: BackupTerms): readonly string[] =>
  custodians.map(({ id, publicKey }) => `  ${id}  ${shortened(digestSync('sha256', publicKey))}`)

/** DER SubjectPublicKeyInfo. @throws UsageError */
function publicKeyIn(file: string): Uint8Array {
  try {
    return new Uint8Array(createPublicKey(readFileSync(file)).export({ type: 'spki', format: 'der' }))
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}

/** What was written down; undefined where nothing was. @throws UsageError */
export function custodiansIn(file: string): BackupTerms | undefined {
  if (!existsSync(file)) return undefined
  return shaped(parseUnambiguousJson(readFileSync(file, 'utf8')), file)
}

function shaped(value: unknown, where: string): BackupTerms {
  try {
    return backupTerms(value)
  } catch (error) {
    if (error instanceof ShapeError) throw new UsageError(`${where}: ${error.message}`)
    throw error
  }
}
