/**
 * The configuration of `sam`: every setting once, with its form, its default and what it means.
 *
 * `load.ts` reads a file against this table; the reference page is printed from it. There is no default for
 * anything that names a key or a place.
 */
import { identifier } from '@natsuin/protocol/approval'
import {
  HEALTH_DOCUMENTATION,
  HEALTH_EXAMPLE,
  healthSetting,
  listenSetting,
  moduleSetting,
  NO_HEALTH,
  oneMember,
  optional,
  path,
  required,
  type SettingTable,
  type SettingValues,
} from '@natsuin/protocol/node'
import { integer, list, record, text } from '@natsuin/protocol/shape'

const storeSetting = oneMember({
  sqlite: record({ sqlite: path }),
  postgres: record({ postgres: record({ urlFile: path }) }),
})

export const settings = {
  instance: required(identifier, 'Name of this SAM in tickets and in the logs.'),
  store: required(
    storeSetting,
    'The database of sealed records and of the logs: an SQLite file, or PostgreSQL by a file with its URL. `genesis` creates it; `start` refuses to make one. The SAM alone has its database role.',
    { postgres: { urlFile: 'store.url' } },
  ),
  module: required(
    moduleSetting,
    "The crypto module with the SAM's own keys, a partition of its own: a directory of the software module (level 1), or a PKCS#11 library with a token and its PIN, in a file or in shares that people bring ([hsm](hsm.md)).",
    { pkcs11: { modulePath: '/usr/lib/softhsm/libsofthsm2.so', tokenLabel: 'natsuin-sam', pinFile: 'pin' } },
  ),
  listen: required(
    listenSetting,
    'Where `server` asks: a local socket, or host and port with mutual TLS (PEM files). `"group": true` opens the socket to the group of its directory, for a `server` of another user.',
    { socket: '/run/natsuin-sam/sam.sock' },
  ),
  administration: optional(
    { socket: '' },
    record({ socket: text({ min: 0, max: 4096 }) }),
    'The administrative channel: a local socket that `natsuin sam` asks, for the users of this host who may open it. Without one there is none.',
    { socket: 'sam-administration.sock' },
  ),
  checkpointDirectory: required(
    path,
    "The newest signed heads of the state log and of this SAM's activity log. Keep it away from the database: at start the logs must extend them.",
  ),
  archiveDirectory: optional(
    '',
    text({ min: 0, max: 4096 }),
    'Where leaves of the activity log go that `natsuin audit archive` takes out of the database. An empty path: nowhere. With several SAMs, a directory that all of them read.',
  ),
  logOrigin: required(
    text({ max: 255, pattern: /^[^\s+]+$/ }),
    'Name of the logs in their checkpoints: a URL without a scheme (C2SP tlog-checkpoint), to which `/state` and `/activity/` with the instance are added.',
  ),
  witnesses: optional(
    [],
    list(
      record({
        url: text({ max: 2000, pattern: /^https?:\/\/[^?#\s]+[^/?#\s]$/ }),
        vkey: text({ max: 400 }),
      }),
      {
        max: 16,
      },
    ),
    'Those who cosign the heads of the logs (C2SP tlog-witness): the address to which `/add-checkpoint` is added, and the verifier key. What takes power away waits for their cosignatures, and the SAM does not start from a state that is older than one that they have seen. A production deployment of level 3 needs one.',
    [{ url: 'https://witness.example.org', vkey: 'witness.example.org+a1b2c3d4+BA…' }],
  ),
  witnessQuorum: optional(1, integer({ min: 1, max: 16 }), 'How many of the witnesses have to cosign.'),
  keyWitnessFile: optional(
    '',
    text({ min: 0, max: 4096 }),
    'What keys of its own the SAM recognises of which copies left the module, or that came back from a backup: a file that `genesis`, rotations and restorations write. Needed where a token has such keys; whoever can replace it can have other keys accepted.',
  ),
  separateFrom: optional(
    [],
    list(text({ max: 32, pattern: /^[a-z_][a-z0-9_-]*$/ }), { max: 20 }),
    'Users of this machine that the other processes run as. Above level 1 the SAM does not start if one of them could read what it keeps secret or replace what it relies on; in production, a SAM with a local socket has to name them.',
    ['natsuin-server', 'natsuin-sic', 'natsuin-authorities'],
  ),
  health: optional(NO_HEALTH, healthSetting, HEALTH_DOCUMENTATION, HEALTH_EXAMPLE),
  failpoints: optional(
    { socket: '' },
    record({ socket: text({ min: 0, max: 4096 }) }),
    'For crash tests: a local socket that is told of every failpoint and says when to go on. Refused unless the deployment was founded as `test`.',
    { socket: 'failpoints.sock' },
  ),
  ticketSeconds: optional(
    300,
    integer({ min: 10, max: 3600 }),
    'Lifetime of tickets to enrol, to grant and to administer, in seconds. Tickets to approve live as long as their class says.',
  ),
  maxTickets: optional(
    1_000_000,
    integer({ min: 100, max: 10_000_000 }),
    'Tickets kept in memory; beyond it the oldest open ones are void.',
  ),
  retryHours: optional(
    24,
    integer({ min: 0, max: 720 }),
    'For how many hours after the expiry of a SAD a repeated request still gets the stored signature values.',
  ),
  retentionDays: optional(
    2557,
    integer({ min: 1, max: 36_525 }),
    'For how many days after the end of his last certificate the records of a signer cannot be erased; seven years (TS 119 431-1, OVR-6.4.6-01).',
  ),
  refusalsPerSecond: optional(
    50,
    integer({ min: 1, max: 10_000 }),
    'Refusals logged per second; those beyond are answered and not logged.',
  ),
  checkpointSeconds: optional(
    1,
    integer({ min: 1, max: 60 }),
    'How often the newest heads are copied to `checkpointDirectory`, in seconds. Revocations wait for their copy.',
  ),
  driftMilliseconds: optional(
    2000,
    integer({ min: 10, max: 60_000 }),
    'How far the wall clock may part from the monotonic clock. Beyond it nothing is authorised at level 3.',
  ),
} as const satisfies SettingTable

export type Configuration = SettingValues<typeof settings>
