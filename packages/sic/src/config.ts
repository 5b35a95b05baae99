/**
 * The configuration of `sic`: every setting once, with its form, its default and what it means.
 *
 * All problems are reported at once, and the process does not start with any: a wrong RP ID or a server on the
 * approval page's own host would quietly give up what the origin of its own is for (sole-control 2).
 */
import { existsSync } from 'node:fs'
import { fromBase64url } from '@natsuin/pki/encoding'
import { readPublicKey } from '@natsuin/pki/x509'
import { visibleText } from '@natsuin/protocol/approval'
import {
  besideFile,
  ConfigurationError,
  HEALTH_DOCUMENTATION,
  HEALTH_EXAMPLE,
  healthSetting,
  NO_HEALTH,
  optional,
  path,
  problemsOfWebListen,
  readSettings,
  readText,
  required,
  resolveHealth,
  resolveWebListen,
  type SettingTable,
  type SettingValues,
  WEB_LISTEN_DOCUMENTATION,
  WEB_LISTEN_EXAMPLE,
  webListenSetting,
} from '@natsuin/protocol/node'
import { record, type Shape, ShapeError } from '@natsuin/protocol/shape'

/** WebAuthn and WebCrypto exist only in secure contexts; browsers count *.localhost among them. */
const secureOrigin: Shape<string> = (value, at = '') => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || url.origin !== value)
    throw new ShapeError(at, 'an origin, e.g. https://approve.example')
  const isLocal = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  if (url.protocol !== 'https:' && !isLocal) throw new ShapeError(at, 'https, except on localhost')
  return url.origin
}

export const settings = {
  listen: required(webListenSetting, WEB_LISTEN_DOCUMENTATION, WEB_LISTEN_EXAMPLE),
  health: optional(NO_HEALTH, healthSetting, HEALTH_DOCUMENTATION, HEALTH_EXAMPLE),
  origin: required(
    secureOrigin,
    'The approval origin. Its host name is the WebAuthn RP ID; other Host headers are refused.',
  ),
  bundle: required(path, 'Folder with the built page (node packages/sic/build.ts).'),
  deployment: required(
    record({ samKeyFile: path, serverOrigin: secureOrigin, deployment: visibleText(255) }),
    "Whom the page believes: `samKeyFile`, a file with the base64url of the SAM key's DER SubjectPublicKeyInfo, as genesis told it; while there is no such file yet, the page registers passkeys of people who are to be in the roster, and does nothing else; `serverOrigin`, the only origin that the page may talk to; `deployment`, the deployment's name as tickets spell it.",
    { samKeyFile: 'sam-key.txt', serverOrigin: 'https://sign.example.org', deployment: 'Example' },
  ),
} as const satisfies SettingTable

/** What the process works with; `deployment` is what the page gets. */
export type Config = Omit<SettingValues<typeof settings>, 'deployment'> & { readonly deployment: Deployment }

export interface Deployment {
  /** base64url of the DER SubjectPublicKeyInfo of the SAM key; absent before genesis. */
  readonly samKey?: string
  readonly serverOrigin: string
  readonly deployment: string
}

/** @throws ConfigurationError */
export function loadConfig(file: string): Config {
  const at = besideFile(file)
  const { deployment, ...settled } = readSettings(file, settings)
  const { samKeyFile, ...told } = deployment
  const config = {
    ...settled,
    bundle: at(settled.bundle),
    listen: resolveWebListen(settled.listen, at),
    health: resolveHealth(settled.health, at),
    deployment: { ...samKeyIn(at(samKeyFile)), ...told },
  }
  const problems = [...problemsOf(config)]
  if (problems.length > 0) throw new ConfigurationError(problems)
  return config
}

/** Genesis writes the file, and people register before that. @throws ConfigurationError */
function samKeyIn(file: string): Pick<Deployment, 'samKey'> {
  return existsSync(file) ? { samKey: readText(file, 'deployment.samKeyFile').trim() } : {}
}

function* problemsOf({ listen, origin, deployment }: Config): Generator<string> {
  if (host(origin) === host(deployment.serverOrigin)) {
    yield 'origin: must not be on the same host as deployment.serverOrigin'
  }
  if (deployment.samKey !== undefined && !isP256Key(deployment.samKey))
    yield 'deployment.samKeyFile: not base64url of a P-256 SubjectPublicKeyInfo'
  yield* problemsOfWebListen('listen', listen, { publicUrl: origin, clear: 'refused' })
}

function isP256Key(text: string): boolean {
  try {
    return readPublicKey(fromBase64url(text) ?? new Uint8Array()).keyType === 'ec-p256'
  } catch {
    return false
  }
}

function host(origin: string): string {
  return new URL(origin).hostname
}
