/**
 * The configuration files that `natsuin init` writes from the answers: a directory for each process, with no secret
 * in any configuration. A secret has an empty file of its own, open to its owner alone, for the operator to fill.
 */
import { fileURLToPath } from 'node:url'
import type { Answers } from './questions.ts'

export type Owner = 'sam' | 'authorities' | 'server' | 'sic'

export interface PlannedFile {
  /** From the directory of the deployment. */
  readonly path: string
  readonly owner: Owner | 'all'
  readonly content: string
  readonly mode: number
}

export interface Places {
  /** Absolute path of the directory that is written. */
  readonly directory: string
  /** Where databases, keys and copies of heads go. */
  readonly state: string
  /** Where local sockets go. */
  readonly run: string
}

export function plannedFiles(answers: Answers, places: Places): readonly PlannedFile[] {
  const configurations: Readonly<Record<Owner, object>> = {
    sam: samConfiguration(answers, places),
    authorities: authoritiesConfiguration(answers, places),
    server: serverConfiguration(answers, places),
    sic: sicConfiguration(answers, places),
  }
  return [
    ...Object.entries(configurations).map(([owner, configuration]) => ({
      path: `${owner}/${owner}.json`,
      owner: owner as Owner, // keys of the record just above
      content: `${JSON.stringify(configuration, null, 2)}\n`,
      mode: 0o640,
    })),
    {
      path: 'founding.json',
      owner: 'all',
      content: `${JSON.stringify(foundingOf(answers), null, 2)}\n`,
      mode: 0o644,
    },
    clientFile(answers),
    ...secretFiles(answers),
  ]
}

/** What genesis will found, but for people and root, which `natsuin founding` adds. */
function foundingOf(answers: Answers): object {
  const {
    name,
    'max-level': level,
    'server-url': issuer,
    'approval-url': approvalOrigin = '',
    module,
  } = answers
  const { 'client-id': id, 'client-name': client } = answers
  return {
    v: 1,
    deployment: name,
    environment: 'production',
    maxLevel: Number(level),
    rpId: new URL(approvalOrigin).hostname,
    approvalOrigin,
    issuer,
    softwareModule: module === 'software',
    quorum: 2,
    people: [],
    classes: [classOf(Number(level))],
    clients: [{ id, name: client }],
    trustAnchors: [],
    limits: { requestHours: 24, grantHours: 24 },
  }
}

/** Passkeys, P-256, keys that last, five minutes for everything; at level 3 nothing that nobody has seen. */
function classOf(level: number): object {
  return {
    id: `level-${level}`,
    level,
    keyType: 'ec-p256',
    maxSignatures: 100,
    ticketSeconds: 300,
    sadSeconds: 300,
    approvals: ['passkey'],
    bases: level === 3 ? ['seen', 'vouched'] : ['seen', 'vouched', 'unseen'],
    keys: 'lasting',
    proofing: { minLevel: level === 1 ? 1 : 2, maxAgeDays: 90 },
  }
}

/** Registrations of applications, beside `server.json`: what `natsuin client` writes. */
const CLIENTS = 'clients'

/** A public client; `natsuin client` registers those that can prove who they are. */
function clientFile(answers: Answers): PlannedFile {
  const { 'client-id': client_id, 'client-name': name, 'client-redirect': redirect = '' } = answers
  const registration = { client_id, name, redirect_uris: [redirect], public: true }
  return {
    path: `server/${CLIENTS}/${client_id}.json`,
    owner: 'server',
    content: `${JSON.stringify(registration, null, 2)}\n`,
    mode: 0o640,
  }
}

/** Empty: `natsuin check` names those that were not filled. */
function secretFiles({ database, module, tls }: Answers): PlannedFile[] {
  const secret = (owner: Owner, name: string) => ({
    path: `${owner}/${name}`,
    owner,
    content: '',
    mode: 0o600,
  })
  return [
    ...(database === 'postgres' ? [secret('sam', 'store.url'), secret('server', 'store.url')] : []),
    ...(module === 'pkcs11' ? [secret('sam', 'pin'), secret('authorities', 'pin')] : []),
    ...(tls === 'files' ? (['server', 'sic'] as const).map(owner => secret(owner, 'tls-key.pem')) : []),
  ]
}

function samConfiguration(answers: Answers, { directory, state, run }: Places): object {
  return {
    instance: 'sam-1',
    store: storeOf(answers, 'sam', state),
    module: moduleOf(answers, 'sam', state),
    listen: listenOf(answers, 'sam', { directory, run }),
    administration: { socket: `${run}/sam/administration.sock` },
    health: healthOf(answers, 'sam', run),
    checkpointDirectory: `${state}/sam/checkpoints`,
    keyWitnessFile: `${state}/sam/key-witnesses.json`,
    logOrigin: logOriginOf(answers),
    ...(answers['users'] === 'separate' && answers['hosts'] === 'one'
      ? { separateFrom: ['natsuin-server', 'natsuin-sic', 'natsuin-authorities'] }
      : {}),
  }
}

function authoritiesConfiguration(answers: Answers, { directory, state, run }: Places): object {
  const { name, organization, country, 'max-level': level, 'authorities-url': baseUrl = '' } = answers
  return {
    name,
    country,
    organization,
    store: { sqlite: `${state}/authorities/authorities.db` },
    module: moduleOf(answers, 'authorities', state),
    listen: listenOf(answers, 'authorities', { directory, run }),
    public: { ...bindOf(baseUrl, answers, 8082, 'authorities'), baseUrl },
    health: healthOf(answers, 'authorities', run),
    samKeyFile: `${directory}/sam-key.txt`,
    maxLevel: Number(level),
    crlFile: `${state}/authorities/crl/issuing.crl`,
  }
}

function serverConfiguration(answers: Answers, { directory, state, run }: Places): object {
  const { name, country, 'server-url': publicUrl = '', 'approval-url': approvalOrigin } = answers
  return {
    name,
    region: country,
    description: 'Remote signing under the sole control of the signer',
    publicUrl,
    listen: bindOf(publicUrl, answers, 8080, 'server'),
    health: healthOf(answers, 'server', run),
    store: storeOf(answers, 'server', state),
    sam: peerOf(answers, 'sam', { directory, run }),
    authorities: peerOf(answers, 'authorities', { directory, run }),
    approvalOrigin,
    secretsDirectory: `${state}/server/secrets`,
    webRoot: bundleOf('web'),
    clientsDirectory: CLIENTS,
    ...(answers['max-level'] === '3' && { profile: 'fapi2' }),
  }
}

function sicConfiguration(answers: Answers, { directory, run }: Places): object {
  const { name, 'server-url': serverOrigin, 'approval-url': origin = '' } = answers
  return {
    listen: bindOf(origin, answers, 8081, 'sic'),
    health: healthOf(answers, 'sic', run),
    origin,
    bundle: bundleOf('sic'),
    deployment: { samKeyFile: `${directory}/sam-key.txt`, serverOrigin, deployment: name },
  }
}

function storeOf({ database }: Answers, owner: 'sam' | 'server', state: string): object {
  if (database === 'postgres') return { postgres: { urlFile: 'store.url' } }
  return { sqlite: `${state}/${owner}/${owner}.db` }
}

/** Each has its own keys: a directory, or a token of its own. */
function moduleOf(answers: Answers, owner: 'sam' | 'authorities', state: string): object {
  if (answers['module'] === 'software') return { software: { directory: `${state}/${owner}/keys` } }
  const { 'module-path': modulePath } = answers
  return { pkcs11: { modulePath, tokenLabel: answers[`${owner}-token`], pinFile: 'pin' } }
}

type Doors = Pick<Places, 'directory' | 'run'>

/** Where `server` asks: a local socket, open to a group when the users differ, or mutual TLS. */
function listenOf(answers: Answers, owner: 'sam' | 'authorities', { run }: Doors): object {
  if (answers['hosts'] === 'several') {
    return { host: '0.0.0.0', port: Number(answers[`${owner}-port`]), tls: tlsOf(owner) }
  }
  const socket = `${run}/${owner}/${owner}.sock`
  return answers['users'] === 'separate' ? { socket, group: true } : { socket }
}

function peerOf(answers: Answers, owner: 'sam' | 'authorities', { run }: Doors): object {
  if (answers['hosts'] === 'one') return { socket: `${run}/${owner}/${owner}.sock` }
  return { host: answers[`${owner}-host`], port: Number(answers[`${owner}-port`]), tls: tlsOf('server') }
}

const tlsOf = (owner: Owner) => ({
  certificateFile: `${owner}-peer.pem`,
  keyFile: `${owner}-peer-key.pem`,
  authorityFile: 'internal-ca.pem',
})

const HEALTH_PORTS = { sam: 9101, authorities: 9102, server: 9103, sic: 9104 } as const

/** Ports of the loopback address for Prometheus; on localhost, where another deployment may run too, sockets, and for a SAM without a network. */
function healthOf({ tls, users, hosts }: Answers, owner: Owner, run: string): object {
  const hasNoNetwork = owner === 'sam' && users === 'separate' && hosts === 'one'
  if (tls === 'none' || hasNoNetwork) return { socket: `${run}/${owner}/health.sock` }
  return { host: '127.0.0.1', port: HEALTH_PORTS[owner] }
}

/** The port of the public address where TLS ends here or nobody is in front; else one for the proxy. */
function bindOf(publicUrl: string, answers: Answers, forProxy: number, owner: Owner): object {
  const { protocol, port } = new URL(publicUrl)
  if (answers['tls'] === 'proxy') return { ...proxied(answers), port: forProxy }
  const own = Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port)
  if (answers['tls'] === 'none') return { host: '127.0.0.1', port: own }
  if (owner === 'authorities') return { host: '0.0.0.0', port: own }
  return { host: '0.0.0.0', port: own, tls: { certificateFile: 'tls.pem', keyFile: 'tls-key.pem' } }
}

function proxied({ proxies = '' }: Answers): { host: string; proxies: string[] } {
  const all = proxies.split(',').map(one => one.trim())
  return { host: all.every(one => one === '127.0.0.1') ? '127.0.0.1' : '0.0.0.0', proxies: all }
}

/** C2SP tlog-checkpoint: a name without a scheme that nobody else uses. */
function logOriginOf({ name = '', 'server-url': server = '' }: Answers): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return `${new URL(server).hostname}/${words === '' ? 'natsuin' : words}`
}

function bundleOf(name: 'sic' | 'web'): string {
  return fileURLToPath(new URL(`../../../${name}/dist`, import.meta.url))
}
