/**
 * The configuration of `authorities`: every setting once, with its form, its default and what it means.
 *
 * `load.ts` reads a file against this table; the reference page is printed from it. There is no default for
 * anything that names a key, a place or a pinned public key.
 */
import { visibleText } from '@natsuin/protocol/approval'
import {
  HEALTH_DOCUMENTATION,
  HEALTH_EXAMPLE,
  healthSetting,
  listenSetting,
  moduleSetting,
  NO_HEALTH,
  optional,
  path,
  required,
  type SettingTable,
  type SettingValues,
} from '@natsuin/protocol/node'
import { integer, list, optional as mayBeAbsent, oneOf, record, text } from '@natsuin/protocol/shape'

const port = integer({ min: 0, max: 65_535 })

export const settings = {
  name: required(
    visibleText(53),
    'Name of the service. The authorities are called after it, and it is the deployment whose key attestations are certified unless `deployment` says otherwise.',
  ),
  deployment: optional(
    '',
    visibleText(255),
    "The deployment name in the SAM's roster. Attestations of another one are refused. Empty: the same as `name`.",
  ),
  country: required(
    text({ min: 2, max: 2, pattern: /^[A-Z]{2}$/ }),
    'Country in the names of the authorities: ISO 3166-1, two capital letters.',
  ),
  organization: required(visibleText(64), 'Organization in the names of the authorities.'),
  store: required(
    record({ sqlite: path }),
    'The database of sealed records. `found` creates it; `start` refuses to make one.',
    { sqlite: 'authorities.db' },
  ),
  module: required(
    moduleSetting,
    'The crypto module with the keys of the authorities, a partition of its own: a directory of the software module (level 1), or a PKCS#11 library with a token and its PIN, in a file or in shares that people bring ([hsm](hsm.md)).',
    { software: { directory: 'keys' } },
  ),
  listen: required(
    listenSetting,
    'Where `server` asks for certificates: a local socket, or host and port with mutual TLS (PEM files). `"group": true` opens the socket to the group of its directory, for a `server` of another user.',
    {
      host: '10.0.0.3',
      port: 8443,
      tls: { certificateFile: 'authorities.pem', keyFile: 'authorities-key.pem', authorityFile: 'ca.pem' },
    },
  ),
  public: required(
    record({
      host: text({ max: 253 }),
      port,
      tls: mayBeAbsent(record({ certificateFile: path, keyFile: path })),
      proxies: mayBeAbsent(list(text({ max: 45 }), { min: 1, max: 100 })),
      baseUrl: text({ max: 200, pattern: /^https?:\/\/[^/?#\s]+(\/[^?#\s]*[^/?#\s])?$/ }),
    }),
    'Where everyone gets certificates, CRLs, OCSP answers and time-stamps. `baseUrl`, without a final slash, is what certificates say; it must lead here for as long as they are valid. In clear or over TLS: what is served is signed. `tls` and `proxies` as in `listen` of `server`.',
    { host: '127.0.0.1', port: 8082, baseUrl: 'http://pki.example.org' },
  ),
  health: optional(NO_HEALTH, healthSetting, HEALTH_DOCUMENTATION, HEALTH_EXAMPLE),
  samKeyFile: required(
    path,
    'The pinned public key of the SAM: base64url of its DER SubjectPublicKeyInfo. Needed by `start`, not by `found`.',
  ),
  maxLevel: required(
    oneOf(1, 2, 3),
    'Attestations of a higher level are refused. Above 1 a software module is accepted in test environments only.',
  ),
  crlFile: required(
    path,
    'The newest CRL of the issuing CA, DER. Keep it away from the database: it is what a database restored from yesterday is compared with.',
  ),
  rootCrlFile: optional('', path, 'The newest CRL of the root, DER. Empty: `root.crl` beside `crlFile`.'),
  signerValidityDays: optional(
    730,
    integer({ min: 1, max: 1095 }),
    "Validity of signers' certificates in days; cut to the issuing CA's own end.",
  ),
  crlValidityHours: optional(
    24,
    integer({ min: 1, max: 168 }),
    'From thisUpdate to nextUpdate of the issuing CRL, in hours. A new one is made at each revocation and at half of this time.',
  ),
  ocspValiditySeconds: optional(
    600,
    integer({ min: 10, max: 86_400 }),
    'From thisUpdate to nextUpdate of an OCSP answer, in seconds.',
  ),
  requestsPerMinute: optional(
    6000,
    integer({ min: 1, max: 100_000_000 }),
    'How many requests of one address the public door answers in a minute, counted in each process; more get 429 with `Retry-After`. Of an IPv6 address its network of 64 bits counts, of a proxy whom it names in `X-Forwarded-For`.',
  ),
  clockToleranceMilliseconds: optional(
    500,
    integer({ min: 10, max: 900 }),
    'How far the wall clock may move against the monotonic clock before time-stamping stops. Below the stated accuracy of one second.',
  ),
} as const satisfies SettingTable

export type Configuration = SettingValues<typeof settings>
