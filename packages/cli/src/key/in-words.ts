/** A report as a person reads it. */
import type { ThreadAnswer } from './in-thread.ts'
import type { CertificateReport, FileReport, KeyReport } from './report.ts'
import { FILE_WORDS, PROBLEM_WORDS } from './words.ts'

type Refused = Extract<ThreadAnswer, { refused: unknown }>['refused']

export function refusalInWords(refused: Refused): string {
  if (refused === 'malformed') return '✘ This is no key file, or it is damaged. (malformed)'
  if (refused === 'took-too-long') return '✘ The file took too long to open and was given up. (took-too-long)'
  return `✘ ${FILE_WORDS[refused]} (${refused})`
}

export function inWords({ format, keys, passedOver }: FileReport): string {
  const file = format === 'pkcs12' ? 'A PKCS #12 file' : 'A private key'
  const rest = passedOver === 0 ? '' : ` ${passedOver} parts that are neither were passed over.`
  const count = keys.length === 1 ? 'one key' : `${keys.length} keys`
  return [`${file} with ${count}.${rest}`, ...keys.map(keyInWords)].join('\n\n')
}

function keyInWords(key: KeyReport): string {
  const { problems, certificates } = key
  const verdict = problems.length === 0 ? ['✔ This key may be imported.'] : problems.map(problemInWords)
  return [...verdict, '', ...rowsOf(key).map(row), ...certificates.flatMap(certificateInWords)].join('\n')
}

const problemInWords = (problem: KeyReport['problems'][number]): string =>
  `✘ Not to be imported: ${PROBLEM_WORDS[problem]}. (${problem})`

function rowsOf({
  name,
  keyType,
  fingerprint,
  encrypted,
  certificates,
}: KeyReport): (readonly [string, string])[] {
  return [
    ...(name === undefined ? [] : [['Name', name] as const]),
    ...(keyType === undefined ? [] : [['Kind', keyType] as const]),
    ...(fingerprint === undefined ? [] : [['Fingerprint', fingerprint] as const]),
    ['In the file', encrypted ? 'under the password' : 'open: whoever has the file has the key'],
    ...(certificates.length > 0 ? [] : [['Certificate', 'none'] as const]),
  ]
}

function certificateInWords(certificate: CertificateReport): string[] {
  const { subject, issuer, notBefore, notAfter, fingerprint } = certificate
  const validity = `${notBefore.toISOString().slice(0, 10)} to ${notAfter.toISOString().slice(0, 10)}`
  const rows = [
    ['Certificate', subject],
    ['  issued by', issuer],
    ['  valid', validity],
    ['  SHA-256', fingerprint],
  ] as const
  return rows.map(row)
}

const row = ([name, text]: readonly [string, string]): string => `  ${name.padEnd(12)} ${text}`
