/**
 * The configuration of `server`: every setting once, with its form, its default and what it means.
 *
 * `load.ts` reads a file against this table; the reference page is printed from it. Paths are relative to the
 * file; secrets are paths, never values.
 */
import { visibleText } from '@natsuin/protocol/approval'
import {
  HEALTH_DOCUMENTATION,
  HEALTH_EXAMPLE,
  healthSetting,
  listenSetting,
  NO_HEALTH,
  oneMember,
  optional,
  path,
  required,
  type SettingTable,
  type SettingValues,
  WEB_LISTEN_DOCUMENTATION,
  WEB_LISTEN_EXAMPLE,
  webListenSetting,
} from '@natsuin/protocol/node'
import { flag, list, optional as mayBeAbsent, oneOf, record, text, variant } from '@natsuin/protocol/shape'

/** An address, or a list with an address of each SAM. */
const oneOrSeveral = (value: unknown, at = '') =>
  Array.isArray(value) ? list(listenSetting, { min: 1, max: 64 })(value, at) : [listenSetting(value, at)]

const origin = text({ max: 300, pattern: /^https?:\/\/[^/?#\s]+$/ })

const kid = text({ max: 64, pattern: /^[A-Za-z0-9_-]+$/ })
const encoded = text({ max: 1024, pattern: /^[A-Za-z0-9_-]+$/ })

/** RFC 7517 and RFC 7518, 6: the public members alone, of the kinds that request objects are signed with. */
const publicKey = variant('kty', {
  EC: record({ kty: oneOf('EC'), crv: oneOf('P-256'), x: encoded, y: encoded, kid }),
  RSA: record({ kty: oneOf('RSA'), n: encoded, e: encoded, kid }),
  OKP: record({ kty: oneOf('OKP'), crv: oneOf('Ed25519'), x: encoded, kid }),
})

const client = record({
  client_id: text({ max: 64, pattern: /^[A-Za-z0-9_-]+$/ }),
  name: visibleText(255),
  redirect_uris: list(text({ max: 2000 }), { min: 1, max: 100 }),
  jwks: mayBeAbsent(record({ keys: list(publicKey, { min: 1, max: 4 }) })),
  public: mayBeAbsent(flag),
  secretFile: mayBeAbsent(path),
})

export const settings = {
  publicUrl: required(
    origin,
    'Scheme, host and port under which browsers and clients reach the server, without a path: the OAuth issuer.',
  ),
  listen: required(webListenSetting, WEB_LISTEN_DOCUMENTATION, WEB_LISTEN_EXAMPLE),
  health: optional(NO_HEALTH, healthSetting, HEALTH_DOCUMENTATION, HEALTH_EXAMPLE),
  store: required(
    oneMember({
      sqlite: record({ sqlite: path }),
      postgres: record({ postgres: record({ urlFile: path }) }),
    }),
    'Where accounts, sessions and requests are kept: an SQLite file, or PostgreSQL by a file with its URL.',
    { sqlite: 'server.db' },
  ),
  sam: required(
    oneOrSeveral,
    'Where the SAM answers: its local socket, or its host and port with mutual TLS (PEM files). A list where there are several.',
    { socket: '/run/natsuin-sam/sam.sock' },
  ),
  authorities: required(
    listenSetting,
    'Where the authorities answer: their local socket, or their host and port with mutual TLS (PEM files).',
    { socket: '/run/natsuin-authorities/authorities.sock' },
  ),
  approvalOrigin: required(origin, 'Scheme, host and port of the approval page.'),
  secretsDirectory: required(
    path,
    'Made by `init`: cookie keys, sealing key, signing key of the OAuth metadata. None of them can make a signature.',
  ),
  webRoot: optional(
    '',
    text({ min: 0, max: 4096 }),
    'The built pages. Empty: the API works and the pages answer 404.',
  ),
  name: required(visibleText(255), 'Commercial name, as CSC `info` says it.'),
  region: required(
    text({ min: 2, max: 2, pattern: /^[A-Z]{2}$/ }),
    'Country in CSC `info`: ISO 3166-1 alpha-2.',
  ),
  description: required(text({ min: 0, max: 255 }), 'Free text in CSC `info`.'),
  lang: optional(
    'en',
    text({ max: 35, pattern: /^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$/ }),
    'Language of `name` and `description`.',
  ),
  clients: required(
    list(client, { max: 10_000 }),
    'The applications that may ask for log-ins and signatures: `client_id` as in the roster of the SAM, `name` as shown at log-in, `redirect_uris` compared exactly, `jwks` with the public keys that it signs request objects with (as in the roster), and either `"public": true` for one that can keep no secret or `secretFile`.',
    [
      {
        client_id: 'desk',
        name: 'Signing desk',
        redirect_uris: ['https://desk.example.org/callback'],
        public: true,
      },
    ],
  ),
  logLevel: optional(
    'info',
    oneOf('debug', 'info', 'warn', 'error'),
    'What is logged, and everything above it.',
  ),
} as const satisfies SettingTable

export type ConfigurationFile = SettingValues<typeof settings>
