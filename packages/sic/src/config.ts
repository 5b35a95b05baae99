/**
 * The configuration of `sic`: one table that says of each member what it is and when it is wrong.
 *
 * All problems are reported at once, and the process does not start with any: a wrong RP ID or a server on the
 * approval page's own host would quietly give up what the origin of its own is for (sole-control 2).
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fromBase64url } from '@natsuin/pki/encoding'

export interface Config {
  readonly listen: { readonly host: string; readonly port: number }
  /** Scheme, host and port under which browsers reach this process; its host name is the RP ID. */
  readonly origin: string
  /** Absolute path of the folder with the bundle. */
  readonly bundle: string
  readonly deployment: {
    /** base64url of the DER SubjectPublicKeyInfo of the SAM key. */
    readonly samKey: string
    readonly serverOrigin: string
    /** The deployment's name as tickets spell it. */
    readonly deployment: string
  }
}

/** What is wrong with a configuration; each problem names its member. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

interface Setting {
  readonly documentation: string
  /** What a right value is; `undefined` if this one is right. */
  readonly wrong: (value: unknown) => string | undefined
}

/** Every member, by its path. The text of `--help` is printed from it. */
export const settings: Readonly<Record<string, Setting>> = {
  'listen.host': {
    documentation: 'Address to listen on, e.g. 127.0.0.1 behind a TLS proxy.',
    wrong: value => (typeof value === 'string' && value !== '' ? undefined : 'a host name or address'),
  },
  'listen.port': {
    documentation: 'TCP port, 0 for any free one.',
    wrong: value => (isPort(value) ? undefined : 'an integer from 0 to 65535'),
  },
  origin: {
    documentation:
      'The approval origin. Its host name is the WebAuthn RP ID; other Host headers are refused.',
    wrong: wrongOrigin,
  },
  bundle: {
    documentation: 'Folder with the built page (node packages/sic/build.ts); relative to this file.',
    wrong: value => (typeof value === 'string' && value !== '' ? undefined : 'a path'),
  },
  'deployment.samKey': {
    documentation: 'The SAM key that the page believes: base64url of its DER SubjectPublicKeyInfo (P-256).',
    wrong: value => (isP256Key(value) ? undefined : 'base64url of a P-256 SubjectPublicKeyInfo'),
  },
  'deployment.serverOrigin': {
    documentation: 'Origin of `server`, the only one that the page may talk to.',
    wrong: wrongOrigin,
  },
  'deployment.deployment': {
    documentation: "The deployment's name, as the SAM's tickets spell it.",
    wrong: value =>
      typeof value === 'string' && value !== '' && value.length <= 255 ? undefined : '1 to 255 characters',
  },
}

/** @throws ConfigError */
export async function loadConfig(file: string): Promise<Config> {
  const value = parse(await readFile(file, 'utf8').catch(refuseUnreadable))
  return readConfig(value, dirname(resolve(file)))
}

/**
 * @param folder what a relative path is relative to
 * @throws ConfigError
 */
export function readConfig(value: unknown, folder: string): Config {
  const problems = [...wrongMembers(value), ...unknownMembers(value)]
  if (problems.length > 0) throw new ConfigError(problems)
  const config = value as Config // every member was checked just above, and there are no others
  if (host(config.origin) === host(config.deployment.serverOrigin)) {
    throw new ConfigError(['origin: must not be on the same host as deployment.serverOrigin'])
  }
  return { ...config, bundle: resolve(folder, config.bundle) }
}

function wrongMembers(value: unknown): string[] {
  return Object.entries(settings).flatMap(([path, { wrong }]) => {
    const expected = wrong(path.split('.').reduce<unknown>(memberOf, value))
    return expected === undefined ? [] : [`${path}: expected ${expected}`]
  })
}

function memberOf(value: unknown, name: string): unknown {
  const isRecord = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return isRecord ? Object.entries(value).find(([own]) => own === name)?.[1] : undefined
}

function unknownMembers(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`
    if (Object.hasOwn(settings, at)) return []
    const holds = Object.keys(settings).some(known => known.startsWith(`${at}.`))
    return holds ? unknownMembers(member, at) : [`${at}: unknown`]
  })
}

function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65535
}

function wrongOrigin(value: unknown): string | undefined {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || url.origin !== value) return 'an origin, e.g. https://approve.example'
  // WebAuthn and WebCrypto exist only in secure contexts; browsers count *.localhost among them.
  const isLocal = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  return url.protocol === 'https:' || isLocal ? undefined : 'https, except on localhost'
}

function isP256Key(value: unknown): boolean {
  const der = typeof value === 'string' ? fromBase64url(value) : undefined
  return der !== undefined && der.length === 91 && value?.toString().startsWith(P256_HEAD) === true
}

/** RFC 5480, 2: the SubjectPublicKeyInfo of an uncompressed P-256 point always begins like this (24 bytes). */
const P256_HEAD = 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD'

function host(origin: string): string {
  return new URL(origin).hostname
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ConfigError(['the file is not JSON'])
  }
}

function refuseUnreadable(error: NodeJS.ErrnoException): never {
  throw new ConfigError([`the file cannot be read (${error.code})`])
}
