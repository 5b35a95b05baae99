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
import { integer, list, oneOf, record, type Shaped, text } from '@natsuin/protocol/shape'
import {
  DELIVERY_DOCUMENTATION,
  DELIVERY_EXAMPLE,
  deliverySetting,
  NO_DELIVERY,
} from '../delivery/setting.ts'
import { clientSetting, clientSpecs } from './client-schema.ts'
import { LIMITS_DOCUMENTATION, limitsSetting } from './limits.ts'
import { logInProvidersSetting } from './log-in-providers.ts'

/** An address, or a list with an address of each SAM. */
const oneOrSeveral = (value: unknown, at = '') =>
  Array.isArray(value) ? list(listenSetting, { min: 1, max: 64 })(value, at) : [listenSetting(value, at)]

const origin = text({ max: 300, pattern: /^https?:\/\/[^/?#\s]+$/ })

/** RFC 9110, 5.1, as Node spells names of headers. */
const header = text({ max: 64, pattern: /^[a-z0-9-]+$/ })

const clientCertificates = oneMember({
  from: record({ from: oneOf('nowhere', 'tls') }),
  header: record({ header }),
})

const NO_CERTIFICATES: Shaped<typeof clientCertificates> = { from: 'nowhere' }

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
  specs: optional(
    '2.0.0.0',
    clientSpecs,
    'What `info` of CSC v2 says to a client that is not known. One that is known is told what it is registered with.',
  ),
  clients: optional(
    [],
    list(clientSetting, { max: 10_000 }),
    'The applications that may ask for log-ins and signatures, registered as [clients.md](clients.md) says.',
    [
      {
        client_id: 'desk',
        name: 'Signing desk',
        redirect_uris: ['https://desk.example.org/callback'],
        public: true,
      },
    ],
  ),
  clientsDirectory: optional(
    '',
    text({ min: 0, max: 4096 }),
    'A directory with further applications, each in a file `<client_id>.json` of the form of an entry of `clients`. It is looked at again while the server runs: a file that is added, changed or removed counts within a second; one that cannot be used leaves the application as it was.',
  ),
  logInProviders: optional(
    [],
    logInProvidersSetting,
    'Identity providers that people may log in with instead of with a passkey of this server: those whose account there the SAM sealed when they enrolled, and nobody else. `issuer` is compared exactly, `clientId` is one that the SAM does not use, `<publicUrl>/log-in/<id>` is its redirect URI there; while `switchOffFile` exists nobody logs in there, and tokens of such log-ins are no good.',
    [
      {
        id: 'example',
        name: 'Example ID',
        issuer: 'https://id.example.org',
        clientId: 'natsuin-log-in',
        secretFile: 'example.secret',
        switchOffFile: 'example.off',
      },
    ],
  ),
  clientCertificates: optional(
    NO_CERTIFICATES,
    clientCertificates,
    'Where certificates of clients are found (RFC 8705): `{"from": "tls"}`, asked for at each connection that ends here; or `{"header": "client-cert"}`, set by the proxies of `listen.proxies`, which have to remove what a client wrote there itself (RFC 9440; base64 alone and URL-encoded PEM are read too). Without it clients show none.',
    { header: 'client-cert' },
  ),
  clientAuthoritiesFile: optional(
    '',
    text({ min: 0, max: 4096 }),
    'Certificates (PEM) of the authorities that issue TLS certificates to clients: for clients that are registered by `tls.subjectDn`. No others count, and none is taken from the system.',
  ),
  limits: optional({}, limitsSetting, LIMITS_DOCUMENTATION, {
    inFlight: 1000,
    perMinute: { client: 300_000 },
  }),
  profile: optional(
    'standard',
    oneOf('standard', 'fapi2'),
    'Which clients may ask for signatures of level 3: `fapi2`, those of that profile alone; `standard`, all of them. A deployment of level 3 in production does not start with anything but `fapi2`.',
  ),
  maxDocumentBytes: optional(
    32 * 1024 * 1024,
    integer({ min: 1024, max: 1024 * 1024 * 1024 }),
    'How long the documents of one `signatures/signDoc` may be together. Memory does not grow with them; PDF and CMS signatures can be of any such length, XML and JSON ones hold documents of at most 16 MiB.',
  ),
  documentsDirectory: optional(
    '',
    text({ min: 0, max: 4096 }),
    'Where documents are while they are signed, removed at the end and at the next start: a directory of this process alone. Empty: a fresh one among the temporary files of the system.',
  ),
  ownHosts: optional(
    [],
    list(text({ max: 300, pattern: /^[^\s/@]+:\d+$/ }), { max: 100 }),
    '`host:port` of servers inside the network that may be asked for revocation information and told that a request has ended (`response_uri`). The authorities may be asked anyway; of all others only public addresses are.',
    ['sign-in.example.internal:8443'],
  ),
  logInClient: optional(
    '',
    text({ min: 0, max: 64 }),
    'The application, out of `clients`, in whose name software acts that logs in by `auth/login` with an application password. Empty: nobody logs in like that.',
  ),
  implicitWaitSeconds: optional(
    90,
    integer({ min: 1, max: 110 }),
    'For how long `credentials/authorize` of CSC API v1 waits for a signer who approves out of band.',
  ),
  codeDelivery: optional(NO_DELIVERY, deliverySetting, DELIVERY_DOCUMENTATION, DELIVERY_EXAMPLE),
  logLevel: optional(
    'info',
    oneOf('debug', 'info', 'warn', 'error'),
    'What is logged, and everything above it.',
  ),
} as const satisfies SettingTable

export type ConfigurationFile = SettingValues<typeof settings>
