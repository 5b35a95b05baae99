/** What the commands about documents have in common on the command line. */
import { readFile } from 'node:fs/promises'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { guardedExchange, nodePlatform } from '@natsuin/ades/node'
import { crlBy, firstOf, ocspBy, remembered } from '@natsuin/ades/revocation'
import {
  firstTimeStamp,
  type TimeStampSource,
  timeStampBy,
  timeStampExchange,
} from '@natsuin/ades/time-stamping'
import { fromPem, parseCertificate } from '@natsuin/pki/x509'
import { reading, UsageError } from '../command.ts'

export const AUTHORITY_OPTIONS = {
  tsa: { type: 'string', multiple: true, default: [] as string[] },
  trust: { type: 'string', multiple: true, default: [] as string[] },
  'own-host': { type: 'string', multiple: true, default: [] as string[] },
  'password-file': { type: 'string' },
  output: { type: 'string' },
} as const

export const AUTHORITY_HELP = `  --tsa       URL of a time-stamping authority (RFC 3161). Several are asked in their order until one answers.
  --trust     PEM file with the roots in which the paths of all certificates shall end. May be given several times.
  --own-host  host:port of a server of your own that may be asked although its address is inside your network.
              Without it only public addresses are: OCSP and CRL addresses come out of certificates.
  --password-file  file with the password of an encrypted document, in its first line`

export interface Authorities {
  readonly tsa: readonly string[]
  readonly trust: readonly string[]
  readonly 'own-host': readonly string[]
  readonly 'password-file'?: string | undefined
}

/** What the library asks of the world. */
export async function authoritiesOf({ tsa, trust, 'own-host': ownHosts, ...values }: Authorities) {
  const platform = nodePlatform
  const exchange = guardedExchange({ ownHosts })
  const stamps = tsa.map(url => timeStampBy({ platform, exchange: timeStampExchange(url, exchange) }))
  const trustAnchors = (await Promise.all(trust.map(certificatesIn))).flat()
  const revocation = remembered(firstOf(ocspBy(exchange), crlBy(exchange)), { platform })
  const password = await passwordIn(values['password-file'])
  const opening = password === undefined ? {} : { password }
  return { platform, opening, trustAnchors, revocation, ...timeStampOf(stamps) }
}

async function passwordIn(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  const text = await reading(path, () => readFile(path, 'utf8'))
  return text.split(/\r?\n/)[0]
}

function timeStampOf(stamps: readonly TimeStampSource[]): { readonly timeStamp?: TimeStampSource } {
  return stamps.length === 0 ? {} : { timeStamp: firstTimeStamp(...stamps) }
}

/** DER each. @throws UsageError when the file has no certificate */
export async function certificatesIn(path: string): Promise<readonly Uint8Array[]> {
  const certificates = fromPem('CERTIFICATE', await reading(path, () => readFile(path, 'utf8')))
  if (certificates.length === 0) throw new UsageError(`${path}: there is no certificate in PEM.`)
  for (const der of certificates) parseCertificate(der)
  return certificates
}

const LEVELS = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const

export type Level = (typeof LEVELS)[number]

export function levelOf(text: string, lowest: Level): Level {
  const level = LEVELS.find(name => name === text)
  const allowed = LEVELS.slice(LEVELS.indexOf(lowest))
  if (level === undefined || !allowed.includes(level))
    throw new UsageError(`--level is one of ${allowed.join(', ')}.`)
  return level
}

/** What a level takes must be named on the command line. */
export function checkAuthorities(level: Level, { tsa, trust }: Authorities): void {
  if (level !== 'B-B' && tsa.length === 0) throw new UsageError(`--tsa is needed for level ${level}.`)
  const lasts = level === 'B-LT' || level === 'B-LTA'
  if (lasts && trust.length === 0) throw new UsageError(`--trust is needed for level ${level}.`)
}

/** The one file that a command is about, with its options. @throws UsageError */
export function parseDocumentArguments<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
) {
  const { values, positionals } = parsed(args, options)
  const [path, surplus] = positionals
  if (path === undefined || surplus !== undefined) throw new UsageError('One file is needed.')
  return { values, path }
}

function parsed<T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    throw new UsageError(error instanceof TypeError ? error.message : String(error))
  }
}
