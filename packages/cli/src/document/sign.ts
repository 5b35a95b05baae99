/** natsuin sign — sign a PDF with a key behind any program, at any level. */
import { basename, dirname, extname, join } from 'node:path'
import { completePades, type PreparedPades, preparePades } from '@natsuin/ades/pades'
import type { ByteSource } from '@natsuin/ades/pdf'
import { tokenBytesOf } from '@natsuin/ades/time-stamping'
import { keyTypes, type SignatureAlgorithm, signsMessages } from '@natsuin/pki/algorithms'
import { type PublicKey, parseCertificate } from '@natsuin/pki/x509'
import { type Command, UsageError } from '../command.ts'
import { APPEARANCE_OPTIONS, appearanceOf } from './appearance.ts'
import {
  AUTHORITY_HELP,
  AUTHORITY_OPTIONS,
  authoritiesOf,
  certificatesIn,
  checkAuthorities,
  levelOf,
  parseDocumentArguments,
} from './arguments.ts'
import { onDocument } from './on-document.ts'
import type { Progress } from './progress.ts'
import { signByProgram } from './signing-program.ts'
import { writeAppended } from './write-document.ts'

export const sign: Command = {
  name: 'sign',
  usage:
    '<document.pdf> --certificate <pem> --sign-with <program> [--level <level>] [--tsa <url>]… [options]',
  help: `Signs a PDF (PAdES) by appending to it. The key stays where it is: a program gets the hash on standard input
and writes the signature value to standard output.

  --certificate  PEM file: the signing certificate first, then its chain
  --sign-with    the program, for the shell: "openssl pkeyutl -sign -inkey key.pem", or what reaches your key.
                 An Ed25519 key gets the signed attributes themselves instead of a hash.
  --algorithm    where the key has a choice: rsa-pss-sha256 (unless said otherwise), rsa-sha256, …
  --level        B-B (unless said otherwise), B-T, B-LT or B-LTA
${AUTHORITY_HELP}
  --field        the signature field: an empty one, or a new one
  --reason, --location, --contact  what the signer says
  --text, --font, --image  show the signature: text in the glyphs of a TrueType file, a PNG or JPEG
  --page, --rectangle      where: the page, from 1 on, and left,bottom,right,top in points
  --output       the signed document; <document>-signed.pdf unless said otherwise

Exit status: 0 signed, 1 refused with a reason, 2 wrong usage or a file that cannot be read.`,

  async run(args, terminal) {
    const { values, path } = parseDocumentArguments(args, OPTIONS)
    const request = await requestOf(values, path)
    return onDocument(path, terminal, (document, progress) => signDocument(document, request, progress))
  },
}

const OPTIONS = {
  ...AUTHORITY_OPTIONS,
  certificate: { type: 'string' },
  'sign-with': { type: 'string' },
  algorithm: { type: 'string' },
  level: { type: 'string', default: 'B-B' },
  field: { type: 'string' },
  reason: { type: 'string' },
  location: { type: 'string' },
  contact: { type: 'string' },
  ...APPEARANCE_OPTIONS,
} as const

type Values = ReturnType<typeof parseDocumentArguments<typeof OPTIONS>>['values']
type Request = Awaited<ReturnType<typeof requestOf>>

async function requestOf(values: Values, path: string) {
  const { certificate, 'sign-with': program, field, reason, location, contact } = values
  if (certificate === undefined) throw new UsageError('--certificate is needed.')
  if (program === undefined) throw new UsageError('--sign-with is needed.')
  const level = levelOf(values.level, 'B-B')
  checkAuthorities(level, values)
  return {
    level,
    path,
    program,
    output: values.output ?? signedName(path),
    signer: await signerOf(certificate, values.algorithm),
    description: { fieldName: field, reason, location, contactInfo: contact },
    appearance: await appearanceOf(values),
    authorities: await authoritiesOf(values),
  }
}

async function signDocument(document: ByteSource, request: Request, progress: Progress): Promise<string> {
  const { level, path, output, program, authorities } = request
  progress.step('hashing')
  const prepared = await prepareAs(document, request)
  progress.end()
  const value = await askProgram(prepared, program)
  progress.step(level === 'B-B' ? 'completing' : 'time-stamps and validation data')
  const update = await completePades(prepared, value, { ...authorities, ...lastingAt(document, request) })
  await writeAppended(path, output, update)
  return `✔ Signed at level ${level}: ${output}`
}

async function prepareAs(document: ByteSource, request: Request): Promise<PreparedPades> {
  const { level, signer, description, appearance, authorities } = request
  const { platform, opening, timeStamp } = authorities
  const moment = { signingTime: new Date(), withTimeStamp: level !== 'B-B' }
  const room = timeStamp === undefined ? {} : { timeStampTokenBytes: await tokenBytesOf(timeStamp) }
  const wishes = { ...signer, ...description, ...moment, ...room, ...opening }
  return preparePades(document, { ...wishes, appearance, platform })
}

function lastingAt(document: ByteSource, { level, authorities }: Request) {
  const { trustAnchors, revocation, opening } = authorities
  if (level === 'B-B' || level === 'B-T') return {}
  return { lasting: { document, level, at: new Date(), ...opening, trustAnchors, revocation } }
}

async function askProgram(prepared: PreparedPades, program: string): Promise<Uint8Array> {
  const input = signsMessages(prepared.signatureAlgorithm) ? prepared.signedAttributes : prepared.dtbsr
  return signByProgram(program, input)
}

async function signerOf(path: string, algorithm: string | undefined) {
  const [signingCertificate, ...chain] = await certificatesIn(path)
  if (signingCertificate === undefined) throw new UsageError(`${path}: there is no certificate in PEM.`)
  const { publicKey } = parseCertificate(signingCertificate)
  return { signingCertificate, chain, signatureAlgorithm: algorithmOf(publicKey, algorithm) }
}

function algorithmOf(key: PublicKey, wanted: string | undefined): SignatureAlgorithm {
  const type = Object.values(keyTypes).find(
    ({ family, curve }) => family === key.kind && (key.kind !== 'ec' || curve === key.curve),
  )
  if (type === undefined) throw new UsageError('--certificate: a kind of key that nobody signs with.')
  const algorithm = wanted === undefined ? type.signs[0] : type.signs.find(name => name === wanted)
  if (algorithm === undefined) throw new UsageError(`--algorithm is one of ${type.signs.join(', ')}.`)
  return algorithm
}

function signedName(path: string): string {
  const extension = extname(path)
  return join(dirname(path), `${basename(path, extension)}-signed${extension}`)
}
