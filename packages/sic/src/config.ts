/**
 * The configuration of `sic`: every setting once, with its form, its default and what it means.
 *
 * All problems are reported at once, and the process does not start with any: a wrong RP ID or a server on the
 * approval page's own host would quietly give up what the origin of its own is for (sole-control 2).
 */

import { fromBase64url } from '@natsuin/pki/encoding'
import { readPublicKey } from '@natsuin/pki/x509'
import { visibleText } from '@natsuin/protocol/approval'
import {
  besideFile,
  ConfigurationError,
  path,
  readSettings,
  required,
  type SettingTable,
  type SettingValues,
} from '@natsuin/protocol/node'
import { integer, record, type Shape, ShapeError, text } from '@natsuin/protocol/shape'

/** WebAuthn and WebCrypto exist only in secure contexts; browsers count *.localhost among them. */
const secureOrigin: Shape<string> = (value, at = '') => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || url.origin !== value)
    throw new ShapeError(at, 'an origin, e.g. https://approve.example')
  const isLocal = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  if (url.protocol !== 'https:' && !isLocal) throw new ShapeError(at, 'https, except on localhost')
  return url.origin
}

/** base64url, kept as it is written: that is how the page gets it. */
const p256Key: Shape<string> = (value, at = '') => {
  if (typeof value === 'string' && isP256Key(value)) return value
  throw new ShapeError(at, 'base64url of a P-256 SubjectPublicKeyInfo')
}

export const settings = {
  listen: required(
    record({ host: text({ max: 253 }), port: integer({ min: 0, max: 65_535 }) }),
    'Address and TCP port to listen on, e.g. 127.0.0.1 behind a TLS proxy; port 0 takes a free one.',
    { host: '127.0.0.1', port: 8081 },
  ),
  origin: required(
    secureOrigin,
    'The approval origin. Its host name is the WebAuthn RP ID; other Host headers are refused.',
  ),
  bundle: required(path, 'Folder with the built page (node packages/sic/build.ts).'),
  deployment: required(
    record({ samKey: p256Key, serverOrigin: secureOrigin, deployment: visibleText(255) }),
    "Whom the page believes: `samKey`, base64url of the SAM key's DER SubjectPublicKeyInfo; `serverOrigin`, the only origin that the page may talk to; `deployment`, the deployment's name as tickets spell it.",
    { samKey: 'MFkwEwYHKoZIzj0C…', serverOrigin: 'https://sign.example.org', deployment: 'Example' },
  ),
} as const satisfies SettingTable

export type Config = SettingValues<typeof settings>

/** @throws ConfigurationError */
export function loadConfig(file: string): Config {
  const config = readSettings(file, settings)
  if (host(config.origin) === host(config.deployment.serverOrigin)) {
    throw new ConfigurationError(['origin: must not be on the same host as deployment.serverOrigin'])
  }
  return { ...config, bundle: besideFile(file)(config.bundle) }
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
