/** What both commands about keys are given. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fromUtf8 } from '@natsuin/pki/encoding'
import { needsPassword } from '@natsuin/pki/key-file'
import { fromPem, readableCertificates } from '@natsuin/pki/x509'
import { UsageError } from '../command.ts'
import type { Question } from './examine.ts'
import { readPassword } from './password.ts'

export const KEY_OPTIONS = {
  'password-file': { type: 'string' },
  certificates: { type: 'string', multiple: true },
  'refuse-list': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const KEY_OPTIONS_HELP = `  --password-file  a file with the password of the key file; otherwise it is asked for, without echo
  --certificates   a file with further certificates (PEM or DER): of the issuers, of keys to compare with
  --refuse-list    a file of keys to refuse: SHA-256 of the SubjectPublicKeyInfo, hexadecimal, one a line
  --json           print values instead of sentences`

type Options = NonNullable<Parameters<typeof parseArgs>[0]>['options']

/** @throws UsageError */
export function parseKeyArguments<O extends NonNullable<Options>>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    throw new UsageError(error instanceof TypeError ? error.message : String(error))
  }
}

interface Given {
  readonly 'password-file'?: string | undefined
  readonly certificates?: readonly string[] | undefined
  readonly 'refuse-list'?: string | undefined
}

/** Reads the files and asks for the password where one is needed. @throws UsageError, DerError, KeyFileRefusal */
export async function readQuestion(path: string, given: Given): Promise<Question> {
  const file = readFileSync(path)
  const certificates = (given.certificates ?? []).flatMap(readCertificates)
  const refused = given['refuse-list'] === undefined ? [] : readRefuseList(given['refuse-list'])
  const password = needsPassword(file) ? await readPassword(given['password-file']) : new Uint8Array()
  const otherKeys = readableCertificates(certificates).map(({ spki }) => spki)
  return { file, password, certificates, refused, otherKeys, at: new Date() }
}

function readCertificates(path: string): readonly Uint8Array[] {
  const bytes = readFileSync(path)
  const text = fromUtf8(bytes)
  return text?.includes('-----BEGIN ') ? fromPem('CERTIFICATE', text) : [bytes]
}

function readRefuseList(path: string): readonly string[] {
  const lines = readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter(line => line !== '' && !line.startsWith('#'))
  const wrong = lines.find(line => !/^[0-9a-f]{64}$/i.test(line))
  if (wrong !== undefined) throw new UsageError(`${path} has a line that is no SHA-256 in hexadecimal.`)
  return lines.map(line => line.toLowerCase())
}
